"""Meta's word on what became of WhatsApp messages: signed posts, taken only where their secrets are set.

The one route without a session: the verify token and the signature stand for it.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from core.domain.delivery import Cause, meta_cause
from core.domain.states import Channel
from core.errors import SettingsError, StorageError
from core.logs import redact
from core.masking import mask_addresses
from core.settings import WhatsAppSettings
from core.storage import deliveries
from core.storage.retry import run_in_order
from dashboard import data
from dashboard.database import writer

LONGEST_BODY = 262_144
LONGEST_DETAIL = 200
LOCK_BUDGET_S = 5.0
ARRIVED = ("delivered", "read")
"""`sent` says no more than that Meta passed it on: the message stays accepted."""


@dataclass(frozen=True)
class Status:
    """What became of one message; failure None: it arrived."""

    message_id: str
    failure: tuple[Cause, str] | None


def whatsapp_routes() -> list[BaseRoute]:
    return [
        Route("/api/whatsapp/webhook", _verify, methods=["GET"]),
        Route("/api/whatsapp/webhook", _receive, methods=["POST"]),
    ]


def _verify(request: Request) -> Response:
    """Meta's handshake: the challenge is repeated to who knows the verify token."""
    token = _secret("verify_token_env")
    asked = request.query_params
    if token is None or _secret("app_secret_env") is None:
        return PlainTextResponse("not found", 404)
    known = hmac.compare_digest(asked.get("hub.verify_token", "").encode(), token.encode())
    if asked.get("hub.mode") != "subscribe" or not known:
        return PlainTextResponse("forbidden", 403)
    return PlainTextResponse(asked.get("hub.challenge", ""))


async def _receive(request: Request) -> Response:
    """503 asks Meta to say it again: the database takes nothing, or the message's number is not known yet."""
    secret = await run_in_threadpool(_secret, "app_secret_env")
    if secret is None or await run_in_threadpool(_secret, "verify_token_env") is None:
        return PlainTextResponse("not found", 404)
    body = await _bounded_body(request)
    if body is None:
        return PlainTextResponse("too large", 413)
    if not _is_signed(body, request.headers.get("x-hub-signature-256", ""), secret):
        return PlainTextResponse("forbidden", 403)
    try:
        taken = await run_in_threadpool(_take, list(statuses(json.loads(body))))
    except ValueError:
        return PlainTextResponse("not JSON", 400)
    except StorageError:
        taken = False
    return PlainTextResponse("ok") if taken else PlainTextResponse("later", 503)


async def _bounded_body(request: Request) -> bytes | None:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST_BODY:
            return None
    return body


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    expected = f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"
    return hmac.compare_digest(signature.encode(), expected.encode())


def statuses(content: Any) -> Iterator[Status]:
    """Those of a notification that say something new; whatever else it holds is passed over."""
    for entry in _list(content, "entry"):
        for change in _list(entry, "changes"):
            value = change.get("value") if isinstance(change, dict) else None
            for status in _list(value, "statuses"):
                message_id, state = status.get("id"), status.get("status")
                if not isinstance(message_id, str):
                    continue
                if state in ARRIVED:
                    yield Status(message_id, None)
                elif state == "failed":
                    yield Status(message_id, _failure(_list(status, "errors")))


def _failure(errors: list[dict[str, Any]]) -> tuple[Cause, str]:
    error = errors[0] if errors else {}
    code, told = error.get("code"), error.get("error_data")
    details = told.get("details") if isinstance(told, dict) else None
    said = f"({code}) {details or error.get('title') or ''}" if code is not None else ""
    cause = meta_cause(code, 400) if isinstance(code, int) else Cause.NOT_DELIVERED
    known = Cause.NOT_DELIVERED if cause is Cause.BAD_REQUEST else cause
    return known, redact(mask_addresses(" ".join(said.split())))[:LONGEST_DETAIL]


def _take(found: list[Status]) -> bool:
    now = datetime.now(UTC)
    return run_in_order(writer(), lambda session: _note(session, found, now), budget_s=LOCK_BUDGET_S)


def _note(session: Session, found: list[Status], now: datetime) -> bool:
    """False when a message is not known and one is on its way that may be it."""
    known = [deliveries.note_status(session, one.message_id, now, failure=one.failure) for one in found]
    return all(known) or not deliveries.is_sending(session, Channel.WHATSAPP)


def _list(content: Any, key: str) -> list[dict[str, Any]]:
    found = content.get(key) if isinstance(content, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _secret(key: str) -> str | None:
    """What the variable holds that the settings name for it; None when it is not set."""
    try:
        settings = data.settings_store().load_whatsapp().value
    except SettingsError:
        settings = WhatsAppSettings()
    return os.environ.get(getattr(settings, key), "").strip() or None
