"""The settings files of a site, beside those of its cameras, and what each holds."""

from enum import StrEnum

from core.settings.email import EmailSettings
from core.settings.model import SettingsModel
from core.settings.parameters import Parameters
from core.settings.payroll import PayrollSettings
from core.settings.webhook import WebhookSettings
from core.settings.whatsapp import WhatsAppSettings


class SettingsFile(StrEnum):
    """The value is the attribute of SitePaths that says where it lies."""

    PARAMETERS = "parameters"
    WHATSAPP = "whatsapp"
    EMAIL = "email"
    WEBHOOK = "webhook"
    PAYROLL = "payroll"


MODELS: dict[SettingsFile, type[SettingsModel]] = {
    SettingsFile.PARAMETERS: Parameters,
    SettingsFile.WHATSAPP: WhatsAppSettings,
    SettingsFile.EMAIL: EmailSettings,
    SettingsFile.WEBHOOK: WebhookSettings,
    SettingsFile.PAYROLL: PayrollSettings,
}

UNTOLD_KEYS = frozenset({"url", "supervisors", "recipients"})
"""Whose values no audit row holds: a secret may be in the first, people's addresses in the others."""
SECRET_KEYS = frozenset({"url"})
"""Whose values no page shows either."""
