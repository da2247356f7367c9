"""The channels as they are set up, for administrators: on or off, and whether their secrets are there.

Secrets themselves are looked at for their presence only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from core.domain.states import Channel
from core.errors import SettingsError
from core.settings import EmailSettings, WebhookSettings, WhatsAppSettings
from core.settings_store import Loaded
from dashboard import data
from dashboard.bars import environment

Settings = TypeVar("Settings", WhatsAppSettings, EmailSettings, WebhookSettings)


@dataclass(frozen=True)
class ChannelSetup:
    """recipients: how many; secrets: the variables that sending needs, each with whether it is set.

    optional: the variables without which it works too. problem: why the settings file cannot be used.
    """

    channel: Channel
    enabled: bool = False
    recipients: int = 0
    secrets: Mapping[str, bool] | None = None
    optional: Mapping[str, bool] | None = None
    problem: SettingsError | None = None


def channel_setups() -> list[ChannelSetup]:
    """One for each channel, in their order."""
    store = data.settings_store()
    return [
        _read(Channel.WHATSAPP, store.load_whatsapp, _whatsapp),
        _read(Channel.EMAIL, store.load_email, _email),
        _read(Channel.WEBHOOK, store.load_webhook, _webhook),
    ]


def _read(
    channel: Channel, load: Callable[[], Loaded[Settings]], describe: Callable[[Settings], ChannelSetup]
) -> ChannelSetup:
    try:
        return describe(load().value)
    except SettingsError as error:
        return ChannelSetup(channel, problem=error)


def _whatsapp(settings: WhatsAppSettings) -> ChannelSetup:
    reports = _present(settings.app_secret_env, settings.verify_token_env)
    secrets = _present(settings.access_token_env)
    return ChannelSetup(Channel.WHATSAPP, settings.enabled, len(settings.supervisors), secrets, reports)


def _email(settings: EmailSettings) -> ChannelSetup:
    secrets = _present(settings.password_env) if settings.username else {}
    return ChannelSetup(Channel.EMAIL, settings.enabled, len(settings.recipients), secrets)


def _webhook(settings: WebhookSettings) -> ChannelSetup:
    secrets = _present(settings.secret_env)
    return ChannelSetup(Channel.WEBHOOK, settings.enabled, int(settings.url is not None), secrets)


def _present(*names: str) -> dict[str, bool]:
    environ = environment()
    return {name: bool(environ.get(name, "").strip()) for name in names}
