"""What an administrator of the whole site does with accounts, their sessions and the tokens of programs.

Who is limited to departments could otherwise make himself an account that is not.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from core.domain.states import Role
from core.storage import account_list, api_tokens, user_sessions, users
from core.storage.account_list import AccountRow
from core.storage.api_tokens import NewToken
from core.storage.models import ApiToken
from core.storage.passwords import generate_password, hash_password
from core.storage.retry import run_in_order
from core.storage.user_sessions import SessionRow
from core.storage.users import AccountChange, NewAccount
from dashboard.database import reader
from dashboard.record_commands import require_whole_site
from dashboard.writes import LOCK_BUDGET_S, write

T = TypeVar("T")


def list_users(now: datetime) -> list[AccountRow]:
    return _read(lambda session: account_list.accounts(session, now))


def sessions_of(user_id: int, now: datetime) -> list[SessionRow]:
    return _read(lambda session: user_sessions.open_sessions_of(session, user_id, now))


def add_user(username: str, role: Role, departments: tuple[str, ...], language: str) -> tuple[str, str]:
    """The name as it is stored, and the password that was made up, which is shown only now.

    Raises AccountError, code `username_taken` or `username_invalid`.
    """
    actor = require_whole_site().username
    name, password = users.normal_username(username), generate_password()
    account = NewAccount(name, hash_password(password, name), role, departments, language)
    write(lambda session, now: users.add_account(session, account, now, actor).id)
    return name, password


def change_user(username: str, change: AccountChange) -> None:
    """Raises AccountError, code `last_admin` or `unknown_account`."""
    actor = require_whole_site().username
    write(lambda session, now: users.change_account(session, username, change, now, actor))


def reset_password(username: str) -> str:
    """The password that was made up; its owner replaces it when he signs in. Ends his sessions."""
    actor = require_whole_site().username
    password = generate_password()
    password_hash = hash_password(password, username)
    write(
        lambda session, now: users.set_password(
            session, username, password_hash, now, actor, must_change=True
        )
    )
    return password


def unlock(username: str) -> None:
    actor = require_whole_site().username
    write(lambda session, now: users.unlock(session, username, now, actor))


def set_active(username: str, *, active: bool) -> None:
    """Raises AccountError, code `last_admin`."""
    actor = require_whole_site().username
    write(lambda session, now: users.set_active(session, username, active, now, actor))


def end_session(session_id: int) -> None:
    actor = require_whole_site().username
    write(lambda session, now: user_sessions.end(session, session_id, actor=actor, now=now))


def end_sessions(user_id: int) -> None:
    actor = require_whole_site().username
    write(lambda session, now: user_sessions.end_all(session, user_id, actor=actor, now=now))


def list_tokens() -> list[ApiToken]:
    return _read(api_tokens.tokens)


def make_token(token: NewToken) -> str:
    """The secret, which is shown only now. Raises AccountError, code `token_…`."""
    actor = require_whole_site().username
    return write(lambda session, now: api_tokens.create(session, token, actor=actor, now=now))


def revoke_token(token_id: int) -> None:
    actor = require_whole_site().username
    write(lambda session, now: api_tokens.revoke(session, token_id, actor=actor, now=now))


def _read(work: Callable[[Session], T]) -> T:
    """Not from the pages' shared answers: of accounts the present counts."""
    require_whole_site()
    return run_in_order(reader(), work, budget_s=LOCK_BUDGET_S)
