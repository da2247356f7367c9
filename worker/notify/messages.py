"""What a channel is given to send, and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from core.domain.delivery import Cause
from core.domain.recipients import Recipient
from core.domain.states import Channel
from core.logs import redact
from core.masking import mask_addresses
from core.storage.deliveries import Told
from core.telling import Voice

LONGEST_DETAIL = 200


@dataclass(frozen=True)
class Message:
    """One message to one recipient, about one matter or several. thread: the mark of a message repeated."""

    recipient: Recipient
    told: Sequence[Told]
    voice: Voice
    site: str
    thread: str | None = None

    @property
    def delivery_ids(self) -> list[int]:
        return [one.delivery_id for one in self.told]


@dataclass(frozen=True)
class Accepted:
    """The channel took it. delivered: its receiver himself has answered."""

    message_id: str | None = None
    delivered: bool = False


@dataclass(frozen=True)
class Refused:
    """detail: what the channel said, without secrets. secret: what must not be in it, whatever was said."""

    cause: Cause
    detail: str = ""
    secret: str = field(default="", repr=False)

    @property
    def said(self) -> str:
        """The detail on one line, with whatever looks like a secret or an address of somebody masked."""
        said = self.detail.replace(self.secret, "***") if self.secret else self.detail
        return redact(mask_addresses(" ".join(said.split())))[:LONGEST_DETAIL]


Answer = Accepted | Refused


class Sender(Protocol):
    """One channel. `send` takes its time and answers also when it failed."""

    @property
    def channel(self) -> Channel: ...

    def send(self, message: Message) -> Answer: ...
