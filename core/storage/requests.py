"""What the dashboard asks of the worker, and the photos that wait with it."""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.states import RequestKind
from core.errors import GspeError
from core.paths import SitePaths
from core.storage.files import write_atomically
from core.storage.models import WorkerRequest

MAX_INTERRUPTIONS = 2
"""How often a request may meet a worker's end before it is given up as the likely cause."""
ORPHAN_AGE_S = 3600
"""A photo is stored before its request; one that no request names after this long was left behind."""

_PHOTO_NAME = re.compile(r"[0-9a-f]{32}")
_OPEN = WorkerRequest.finished_at.is_(None)


@dataclass(frozen=True)
class ClaimedRequest:
    id: int
    kind: RequestKind
    payload: dict[str, Any]
    requested_by: str
    requested_at: datetime
    expires_at: datetime


def submit(
    session: Session,
    kind: RequestKind,
    payload: Mapping[str, Any],
    requested_by: str,
    now: datetime,
    expires_in_s: float,
) -> int:
    """Queues a request and returns its id. No secret belongs into `payload`; photos are named, not held."""
    request = WorkerRequest(
        kind=kind,
        payload=dict(payload),
        requested_by=requested_by,
        requested_at=now,
        expires_at=now + timedelta(seconds=expires_in_s),
    )
    session.add(request)
    session.flush()
    return request.id


def has_waiting(session: Session) -> bool:
    """A look without a lock, for the worker's polling: is there anything to claim?"""
    waiting = select(WorkerRequest.id).where(_OPEN, WorkerRequest.claimed_at.is_(None))
    return session.scalar(waiting.limit(1)) is not None


def claim_next(session: Session, now: datetime) -> ClaimedRequest | None:
    """The oldest request that nobody has claimed, now claimed; expired ones are finished on the way."""
    waiting = select(WorkerRequest).where(_OPEN, WorkerRequest.claimed_at.is_(None))
    for request in session.scalars(waiting.order_by(WorkerRequest.id)).all():
        if request.expires_at <= now:
            finish(session, request.id, {"code": "expired"}, now)
            continue
        request.claimed_at = now
        return ClaimedRequest(
            id=request.id,
            kind=RequestKind(request.kind),
            payload=request.payload,
            requested_by=request.requested_by,
            requested_at=request.requested_at,
            expires_at=request.expires_at,
        )
    return None


def finish(session: Session, request_id: int, result: Mapping[str, Any], now: datetime) -> None:
    """Stores the answer; a second answer to the same request is a mistake of the caller."""
    request = _find(session, request_id)
    if request.finished_at is not None:
        raise ValueError(f"request {request_id} was finished at {request.finished_at}")
    request.result = dict(result)
    request.finished_at = now


def refuse_waiting_photos(session: Session, employee_id: int, code: str, now: datetime) -> list[str]:
    """Answers somebody's photos that no worker has claimed yet; returns their names, to be removed.

    The worker refuses one that is claimed: before it stores anything it asks for the basis once more.
    """
    waiting = select(WorkerRequest).where(
        _OPEN, WorkerRequest.claimed_at.is_(None), WorkerRequest.kind == RequestKind.ENROL
    )
    his = [row for row in session.scalars(waiting) if row.payload["employee_id"] == employee_id]
    for request in his:
        finish(session, request.id, {"code": code}, now)
    return [request.payload["photo"] for request in his]


def result_of(session: Session, request_id: int) -> dict[str, Any] | None:
    """The answer, or None while there is none. Raises GspeError with code `request_unknown`."""
    request = _find(session, request_id)
    return None if request.finished_at is None else request.result


def release_claims(session: Session, now: datetime) -> int:
    """At the worker's start: what an earlier worker claimed and never finished waits again.

    A request that met a worker's end too often is finished with code `worker_crashed` instead, so that a
    photo that kills the worker does not do so for ever. Returns how many wait again.
    """
    released = 0
    claimed = select(WorkerRequest).where(_OPEN, WorkerRequest.claimed_at.is_not(None))
    for request in session.scalars(claimed).all():
        interruptions = (request.result or {}).get("interruptions", 0) + 1
        if interruptions > MAX_INTERRUPTIONS:
            finish(session, request.id, {"code": "worker_crashed"}, now)
            continue
        request.result = {"interruptions": interruptions}
        request.claimed_at = None
        released += 1
    return released


def _find(session: Session, request_id: int) -> WorkerRequest:
    request = session.get(WorkerRequest, request_id)
    if request is None:
        raise GspeError(
            f"there is no request {request_id}; send it again", code="request_unknown", request_id=request_id
        )
    return request


def store_request_photo(paths: SitePaths, content: bytes) -> str:
    """Keeps an upload, mode 0600, until the worker has looked at it; the name goes into the payload."""
    name = secrets.token_hex(16)
    write_atomically(paths.requests / name, content)
    return name


def read_request_photo(paths: SitePaths, name: str) -> bytes:
    """Raises GspeError with code `photo_gone` when it was removed, ValueError for what is no photo's name."""
    try:
        return _photo_path(paths, name).read_bytes()
    except FileNotFoundError:
        raise GspeError("the uploaded photo is gone; upload it again", code="photo_gone") from None


def remove_request_photo(paths: SitePaths, name: str) -> None:
    _photo_path(paths, name).unlink(missing_ok=True)


def sweep_request_photos(session: Session, paths: SitePaths, now: datetime) -> int:
    """Removes photos that no open request names, left by a crash or an expiry; returns how many."""
    payloads = [
        json.dumps(payload) for payload in session.scalars(select(WorkerRequest.payload).where(_OPEN))
    ]
    orphans = [
        photo
        for photo in paths.requests.iterdir()
        if _age_s(photo, now) > ORPHAN_AGE_S and not any(photo.name in payload for payload in payloads)
    ]
    for photo in orphans:
        photo.unlink(missing_ok=True)
    return len(orphans)


def _age_s(photo: Path, now: datetime) -> float:
    """0 for what is no file, or was removed since it was listed."""
    try:
        return now.timestamp() - photo.stat().st_mtime if photo.is_file() else 0.0
    except FileNotFoundError:
        return 0.0


def _photo_path(paths: SitePaths, name: str) -> Path:
    if not _PHOTO_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a request's photo")
    return paths.requests / name
