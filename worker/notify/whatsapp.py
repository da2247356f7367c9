"""WhatsApp by Meta's Cloud API."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.delivery import Cause, meta_cause
from core.domain.states import Channel
from core.settings import WhatsAppSettings
from core.telling import digest
from worker.notify.http import Post, Reply, post
from worker.notify.messages import Accepted, Answer, Message, Refused

LONGEST_PARAMETER = 900
"""A template's body has 1024 characters with what stands around its variable."""


@dataclass(frozen=True)
class WhatsApp:
    """environ: where the token is looked up by the name in the settings, each time anew."""

    settings: WhatsAppSettings
    environ: Mapping[str, str]
    channel: Channel = Channel.WHATSAPP

    def send(self, message: Message) -> Answer:
        token = self.environ.get(self.settings.access_token_env, "").strip()
        if not token:
            return Refused(Cause.NO_SECRET, self.settings.access_token_env)
        content = json.dumps(self.content(message), ensure_ascii=False).encode()
        reply = post(Post(self._url(), content, {"Content-Type": "application/json"}, token))
        return reply if isinstance(reply, Refused) else _answer(reply, token)

    def content(self, message: Message) -> dict[str, Any]:
        """The JSON that the API takes."""
        text = _text(message)
        addressed = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": message.recipient.address,
        }
        if self.settings.message_type == "text":
            return {**addressed, "type": "text", "text": {"preview_url": False, "body": text}}
        language = getattr(self.settings.template_languages, message.recipient.language)
        body = {"type": "body", "parameters": [{"type": "text", "text": text}]}
        template = {
            "name": self.settings.template_name,
            "language": {"code": language},
            "components": [body],
        }
        return {**addressed, "type": "template", "template": template}

    def _url(self) -> str:
        base, version = self.settings.base_url, self.settings.api_version
        return f"{base}/{version}/{self.settings.phone_number_id}/messages"


def _text(message: Message) -> str:
    """One line: a template's variable takes neither line breaks nor rows of blanks."""
    prefix = message.voice.say("site", site=" ".join(message.site.split()), message="")
    matters = [(one.kind, one.params) for one in message.told]
    return prefix + " ".join(digest(matters, message.voice, LONGEST_PARAMETER - len(prefix)))


def _answer(reply: Reply, token: str) -> Answer:
    """By error.code, never by its title: 200 with a message's id is the only yes."""
    content = _parsed(reply.body)
    if reply.status == 200:
        message_id = _message_id(content)
        if message_id is not None:
            return Accepted(message_id)
        return Refused(Cause.CUT_OFF)
    error = content.get("error") if isinstance(content.get("error"), dict) else {}
    assert isinstance(error, dict)
    code = error.get("code") if isinstance(error.get("code"), int) else None
    return Refused(meta_cause(code, reply.status), error_detail(error, reply.status), secret=token)


def error_detail(error: Mapping[str, Any], http_status: int | None = None) -> str:
    """Code and details of an error of Meta's."""
    code = error.get("code")
    told = error.get("error_data")
    details = told.get("details") if isinstance(told, dict) else None
    said = details or error.get("message") or error.get("title") or ""
    number = f"({code}) " if code is not None else f"(HTTP {http_status}) " if http_status else ""
    return f"{number}{said}".strip()


def _message_id(content: Mapping[str, Any]) -> str | None:
    messages = content.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    message_id = first.get("id") if isinstance(first, dict) else None
    return message_id if isinstance(message_id, str) and message_id else None


def _parsed(body: bytes) -> dict[str, Any]:
    """Empty for what is no JSON object, as from a proxy in between."""
    try:
        content = json.loads(body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
