"""The channels as the settings have them: whom they reach, and what sends. A broken file changes nothing."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from core.domain.recipients import Recipient
from core.domain.states import Channel
from core.errors import SettingsError
from core.settings import (
    EmailSettings,
    MailRecipient,
    Parameters,
    Supervisor,
    WebhookSettings,
    WhatsAppSettings,
)
from core.settings.model import SettingsModel
from core.settings_store import Loaded, SettingsStore
from worker.notify.mail import Mail
from worker.notify.messages import Sender
from worker.notify.webhook import Webhook
from worker.notify.whatsapp import WhatsApp

log = logging.getLogger(__name__)

Settings = TypeVar("Settings", bound=SettingsModel)


@dataclass(frozen=True)
class NotifierSettings:
    """The latest usable settings."""

    parameters: Parameters = field(default_factory=Parameters)
    whatsapp: WhatsAppSettings = field(default_factory=WhatsAppSettings)
    email: EmailSettings = field(default_factory=EmailSettings)
    webhook: WebhookSettings = field(default_factory=WebhookSettings)

    @property
    def group(self) -> timedelta:
        return timedelta(seconds=self.parameters.group_alerts_sec)

    @property
    def escalate_after(self) -> timedelta:
        """Zero: nothing escalates."""
        return timedelta(minutes=self.parameters.escalate_after_min)

    def recipients(self) -> list[Recipient]:
        """Everybody whom a channel that is enabled reaches."""
        found = []
        if self.whatsapp.enabled:
            found += [_person(Channel.WHATSAPP, one, one.phone) for one in self.whatsapp.supervisors]
        if self.email.enabled:
            found += [_person(Channel.EMAIL, one, one.address) for one in self.email.recipients]
        if self.webhook.enabled:
            endpoint, limits = self.webhook.endpoint, self.webhook.departments
            found.append(Recipient(Channel.WEBHOOK, endpoint, endpoint, "en", limits, None))
        return found

    def senders(self, environ: Mapping[str, str]) -> dict[Channel, Sender]:
        """What sends by each channel that is enabled."""
        senders: list[tuple[bool, Sender]] = [
            (self.whatsapp.enabled, WhatsApp(self.whatsapp, environ)),
            (self.email.enabled, Mail(self.email, environ)),
            (self.webhook.enabled, Webhook(self.webhook, environ)),
        ]
        return {sender.channel: sender for enabled, sender in senders if enabled}


@dataclass
class ChannelWatch:
    """Reads the settings of one home anew when a file changes."""

    store: SettingsStore
    settings: NotifierSettings = field(default_factory=NotifierSettings)
    _fingerprint: str = ""
    _problems: frozenset[str] = frozenset()

    def look(self) -> bool:
        """Whether a file changed. What cannot be used is told to the log, once, and keeps the old values."""
        try:
            fingerprint = self.store.fingerprint()
        except SettingsError as error:
            self._tell({str(error)})
            return False
        if fingerprint == self._fingerprint:
            return False
        self._fingerprint = fingerprint
        problems: set[str] = set()
        old = self.settings
        self.settings = NotifierSettings(
            _usable(self.store.load_parameters, old.parameters, problems),
            _usable(self.store.load_whatsapp, old.whatsapp, problems),
            _usable(self.store.load_email, old.email, problems),
            _usable(self.store.load_webhook, old.webhook, problems),
        )
        self._tell(problems)
        return True

    def _tell(self, problems: set[str]) -> None:
        for problem in sorted(problems - self._problems):
            log.error("settings not taken, earlier ones stay: %s", problem)
        if self._problems and not problems:
            log.info("every settings file can be used again")
        self._problems = frozenset(problems)


def _usable(load: Callable[[], Loaded[Settings]], old: Settings, problems: set[str]) -> Settings:
    try:
        return load().value
    except SettingsError as error:
        problems.add(str(error))
        return old


def _person(channel: Channel, one: Supervisor | MailRecipient, address: str) -> Recipient:
    name = " ".join(one.name.split())  # of one line, as headers must be
    return Recipient(channel, name, address, one.language, one.departments, one.level)
