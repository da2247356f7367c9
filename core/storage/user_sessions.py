"""Signed-in browsers: begun, seen, listed and ended. A cookie holds a key; a row holds only its hash.

The functions that change something work in the caller's transaction, which must be a writer's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import CursorResult, Select, delete, select, update
from sqlalchemy.orm import Session

from core.storage import audit
from core.storage.models import User, UserSession

LASTS = timedelta(hours=12)
"""As long as the cookie."""
SEEN_EVERY = timedelta(minutes=5)
FORGOTTEN_AFTER = timedelta(days=30)
"""Addresses and browsers of people are kept no longer."""
LONGEST_BROWSER, LONGEST_ADDRESS = 60, 45


@dataclass(frozen=True)
class Client:
    """From where somebody signs in: what the browser calls itself, shortened, and its IP address."""

    browser: str = ""
    address: str = ""


@dataclass(frozen=True)
class SessionRow:
    id: int
    user_id: int
    key_sha256: str
    browser: str
    address: str
    started_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True)
class SignedIn:
    """The account behind a session, as it is now."""

    session_id: int
    last_seen_at: datetime
    user_id: int
    username: str
    role: str
    departments: list[str]
    language: str
    must_change_password: bool


def hash_of(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def begin(session: Session, user_id: int, key: str, client: Client, now: datetime) -> None:
    """Adds a session; those of the account that ended long ago are forgotten with it."""
    over = UserSession.started_at < now - FORGOTTEN_AFTER
    session.execute(delete(UserSession).where(UserSession.user_id == user_id, over))
    row = UserSession(user_id=user_id, key_sha256=hash_of(key), started_at=now, last_seen_at=now)
    row.browser, row.address = client.browser[:LONGEST_BROWSER], client.address[:LONGEST_ADDRESS]
    session.add(row)


def find(session: Session, key_sha256: str, epoch: int, now: datetime) -> SignedIn | None:
    """Who is signed in by this key; None when it ended, or the account is disabled or of a later epoch."""
    query = (
        select(
            UserSession.id,
            UserSession.last_seen_at,
            User.id,
            User.username,
            User.role,
            User.departments,
            User.language,
            User.must_change_password,
        )
        .join(User, User.id == UserSession.user_id)
        .where(UserSession.key_sha256 == key_sha256, *_open(now))
        .where(User.active.is_(True), User.session_epoch == epoch)
    )
    row = session.execute(query).first()
    return SignedIn(*row) if row else None


def note_seen(session: Session, session_id: int, now: datetime) -> None:
    """Does nothing when somebody noted it a moment ago."""
    due = UserSession.last_seen_at <= now - SEEN_EVERY
    session.execute(update(UserSession).where(UserSession.id == session_id, due).values(last_seen_at=now))


def open_sessions(session: Session, now: datetime) -> list[SessionRow]:
    """Of every account, the one used last first."""
    return _listed(session, select(UserSession).where(*_open(now)))


def open_sessions_of(session: Session, user_id: int, now: datetime) -> list[SessionRow]:
    return _listed(session, select(UserSession).where(UserSession.user_id == user_id, *_open(now)))


def sign_out(session: Session, key_sha256: str, now: datetime) -> bool:
    """Ends the session of a browser that signs out; False when it had ended before."""
    row = session.scalars(
        select(UserSession).where(UserSession.key_sha256 == key_sha256, *_open(now))
    ).one_or_none()
    if row is None:
        return False
    user = session.get_one(User, row.user_id)
    row.ended_at, row.ended_by = now, user.username
    audit.append(session, now, user.username, "user.signed_out", f"users:{user.id}", {})
    return True


def end(session: Session, session_id: int, *, actor: str, now: datetime) -> bool:
    """Ends one session from elsewhere; False when it had ended before."""
    row = session.scalars(select(UserSession).where(UserSession.id == session_id, *_open(now))).one_or_none()
    if row is None:
        return False
    row.ended_at, row.ended_by = now, actor
    user = session.get_one(User, row.user_id)
    params = {"username": user.username, "browser": row.browser, "address": row.address}
    audit.append(session, now, actor, "user.session_ended", f"users:{user.id}", params)
    return True


def end_all(session: Session, user_id: int, *, actor: str, now: datetime) -> int:
    """Signs an account out everywhere, and returns how many sessions that ended."""
    user = session.get_one(User, user_id)
    ended = close_all(session, user, actor=actor, now=now)
    params = {"username": user.username, "sessions": ended}
    audit.append(session, now, actor, "user.signed_out_everywhere", f"users:{user.id}", params)
    return ended


def close_all(session: Session, user: User, *, actor: str, now: datetime) -> int:
    """For a change that ends every session and tells of itself; cookies end by the epoch as well."""
    user.session_epoch += 1
    of_user = update(UserSession).where(UserSession.user_id == user.id, *_open(now))
    result: CursorResult[Any] = session.execute(of_user.values(ended_at=now, ended_by=actor))  # type: ignore[assignment]
    return result.rowcount


def _open(now: datetime) -> tuple[Any, ...]:
    return UserSession.ended_at.is_(None), UserSession.started_at > now - LASTS


def _listed(session: Session, query: Select[UserSession]) -> list[SessionRow]:
    rows = session.scalars(query.order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())).all()
    return [_row(row) for row in rows]


def _row(row: UserSession) -> SessionRow:
    return SessionRow(
        row.id, row.user_id, row.key_sha256, row.browser, row.address, row.started_at, row.last_seen_at
    )
