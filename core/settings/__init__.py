"""Typed, frozen settings: parameters, each camera, each channel. core.settings_store has the files."""

from core.settings.camera import OVERRIDABLE, CameraSettings
from core.settings.email import EmailSettings, MailRecipient
from core.settings.parameters import Parameters, WorkingWeek
from core.settings.payroll import PayrollColumn, PayrollSettings
from core.settings.problems import InvalidSettings, Problem
from core.settings.source_url import SourceKind, display_url, source_kind
from core.settings.time_zone import system_time_zone
from core.settings.webhook import WebhookSettings
from core.settings.whatsapp import Supervisor, WhatsAppSettings

__all__ = [
    "OVERRIDABLE",
    "CameraSettings",
    "EmailSettings",
    "InvalidSettings",
    "MailRecipient",
    "Parameters",
    "PayrollColumn",
    "PayrollSettings",
    "Problem",
    "SourceKind",
    "Supervisor",
    "WebhookSettings",
    "WhatsAppSettings",
    "WorkingWeek",
    "display_url",
    "source_kind",
    "system_time_zone",
]
