"""What a signed-in person changes about his own account."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from core.domain.states import Role
from core.i18n import LANGUAGES
from core.storage import user_sessions, users
from core.storage.models import User
from core.storage.passwords import hash_password
from core.storage.retry import run_in_order
from core.storage.user_sessions import SessionRow
from dashboard.auth import Account, require
from dashboard.database import reader, writer
from dashboard.writes import write

LOCK_BUDGET_S = 5.0
"""A person waits: a locked database is said sooner than the worker would."""


def change_language(account: Account, language: str) -> None:
    if language not in LANGUAGES:
        raise ValueError(f"no catalogue for the language {language!r}")

    def change(session: Session) -> None:
        session.get_one(User, account.id).language = language

    run_in_order(writer(), change, budget_s=LOCK_BUDGET_S)


def keep_live_wall(account: Account, wall: dict[str, Any]) -> None:
    """Raises StorageError when the database does not answer in time."""

    def change(session: Session) -> None:
        session.get_one(User, account.id).live_wall = wall

    run_in_order(writer(), change, budget_s=LOCK_BUDGET_S)


def live_wall_of(account: Account) -> dict[str, Any]:
    """As `keep_live_wall` kept it; empty before."""
    with Session(reader()) as session:
        return session.get_one(User, account.id).live_wall


def change_password(account: Account, new_password: str) -> int:
    """Ends every session of the account; returns the epoch that a new session needs.

    Raises AccountError, code `password_…`, for a password that is too easy to guess.
    """
    password_hash = hash_password(new_password, account.username)

    def change(session: Session) -> int:
        now, name = datetime.now(UTC), account.username
        users.set_password(session, name, password_hash, now, name, must_change=False)
        return session.get_one(User, account.id).session_epoch

    return run_in_order(writer(), change, budget_s=LOCK_BUDGET_S)


def end_all_sessions(account: Account) -> None:
    """Signs the account out on every device."""

    def end(session: Session) -> None:
        user_sessions.end_all(session, account.id, actor=account.username, now=datetime.now(UTC))

    run_in_order(writer(), end, budget_s=LOCK_BUDGET_S)


def own_sessions(account: Account, now: datetime) -> list[SessionRow]:
    """Not from the pages' shared answers: what was ended a moment ago is gone."""
    with Session(reader()) as session:
        return user_sessions.open_sessions_of(session, account.id, now)


def end_own_session(session_id: int) -> None:
    """One of the own ones, on another device. Another account's stays."""
    account = require(Role.VIEWER)

    def end(session: Session, now: datetime) -> None:
        own = user_sessions.open_sessions_of(session, account.id, now)
        if any(one.id == session_id for one in own):
            user_sessions.end(session, session_id, actor=account.username, now=now)

    write(end)
