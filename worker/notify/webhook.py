"""Another program, by signed HTTP posts in the order of the outbox."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.domain.delivery import Cause
from core.domain.states import Channel
from core.settings import WebhookSettings
from core.storage.deliveries import Told
from worker.notify.http import Post, post
from worker.notify.messages import Accepted, Answer, Message, Refused

TIMESTAMP_HEADER = "X-Gspe-Timestamp"
SIGNATURE_HEADER = "X-Gspe-Signature-256"


@dataclass(frozen=True)
class Webhook:
    """environ: where the key is looked up by the name in the settings, each time anew."""

    settings: WebhookSettings
    environ: Mapping[str, str]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    channel: Channel = Channel.WEBHOOK

    def send(self, message: Message) -> Answer:
        """The first matter of the message; each has a post of its own."""
        key = self.environ.get(self.settings.secret_env, "")
        if not key:
            return Refused(Cause.NO_SECRET, self.settings.secret_env)
        body = json.dumps(content(message.told[0], message.site), ensure_ascii=False).encode()
        timestamp = f"{self.clock().timestamp():.0f}"
        headers = {
            "Content-Type": "application/json",
            TIMESTAMP_HEADER: timestamp,
            SIGNATURE_HEADER: f"sha256={signature(key, timestamp, body)}",
        }
        reply = post(Post(self.settings.url or "", body, headers))
        if isinstance(reply, Refused):
            return reply
        if 200 <= reply.status < 300:
            return Accepted(delivered=True)
        return Refused(Cause.HTTP_STATUS, f"(HTTP {reply.status})")


def content(told: Told, site: str) -> dict[str, Any]:
    """What is posted. cursor grows from message to message; a repeated one has the same."""
    return {
        "cursor": told.outbox_id,
        "kind": told.kind,
        "level": told.level,
        "alert_id": told.alert_id,
        "created_at": told.created_at.isoformat(),
        "site": site,
        "params": told.params,
    }


def signature(key: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over `timestamp.body`, in hex."""
    return hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
