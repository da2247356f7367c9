"""Who is signed in: a signed cookie names a session, the database says whether its account still stands.

The cookie carries account id, session epoch and a session id, signed with a secret of this home. It ends
after 12 hours, when the account is disabled, when the epoch has grown (password change, "sign out
everywhere") and when this very session signed out. Nothing is cached: a check is one look-up by primary
key.
"""

import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.states import Role
from core.errors import AccessDenied
from core.storage.files import write_atomically
from core.storage.models import User
from core.storage.users import KnownDevice
from dashboard.database import reader, site_paths
from dashboard.ended_sessions import ended_sessions

SESSION_COOKIE = "gspe_session"
CSRF_COOKIE = "gspe_csrf"
SESSION_MAX_AGE_S = 12 * 3600
DEVICE_COOKIE = "gspe_device"
DEVICE_MAX_AGE_S = 180 * 24 * 3600
"""So long a browser that is not used stays a known device of the account that last signed in there."""
RANKS = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True)
class Account:
    """A signed-in person as the database has him now."""

    id: int
    username: str
    role: Role
    departments: tuple[str, ...]
    """The departments he may see; empty: all."""
    language: str
    must_change_password: bool

    def may(self, role: Role) -> bool:
        """Whether he has this role or a higher one."""
        return RANKS[self.role] >= RANKS[role]


def issue_session(user_id: int, session_epoch: int) -> str:
    """The cookie value of a new session."""
    return _sessions().dumps([user_id, session_epoch, secrets.token_urlsafe(12)])


def account_of(cookie: str | None) -> Account | None:
    """The account that a session cookie stands for; None when it is missing, forged, over or revoked."""
    session = _session_of(cookie)
    if session is None:
        return None
    user_id, epoch, session_id = session
    if session_id in ended_sessions(site_paths()):
        return None
    with Session(reader()) as database:
        row = database.execute(
            select(
                User.id,
                User.username,
                User.role,
                User.departments,
                User.language,
                User.must_change_password,
            ).where(User.id == user_id, User.active.is_(True), User.session_epoch == epoch)
        ).first()
    if row is None:
        return None
    return Account(row.id, row.username, Role(row.role), tuple(row.departments), *row[4:])


def device_of(cookie: str | None) -> KnownDevice | None:
    """The account that last signed in on this browser. It opens nothing: it only has its own lock."""
    content = _loads(_devices(), cookie, DEVICE_MAX_AGE_S) if cookie else None
    return None if content is None else KnownDevice(content[0], content[1])


def issue_device(user_id: int, known: KnownDevice | None) -> str:
    """The cookie value for the browser on which this account signs in now."""
    same = known is not None and known.user_id == user_id
    return _devices().dumps([user_id, known.id if known and same else secrets.token_urlsafe(12)])


def end_session(cookie: str | None) -> int | None:
    """Ends the session of this cookie wherever it is open; other sessions of the account go on.

    Returns whose it was; None when there was none, or it had ended before.
    """
    session = _session_of(cookie)
    if session is None or session[2] in ended_sessions(site_paths()):
        return None
    ended_sessions(site_paths()).add(session[2])
    return session[0]


def current_account() -> Account | None:
    """Who looks at the page that is being built; None when nobody is signed in."""
    return account_of(st.context.cookies.get(SESSION_COOKIE))


def require(role: Role) -> Account:
    """The signed-in account, for the first line of every function that changes something.

    Raises AccessDenied when nobody is signed in, the password must be changed first or the role is too low.
    """
    account = current_account()
    if account is None or account.must_change_password:
        raise AccessDenied("sign in first", code="not_signed_in")
    if not account.may(role):
        raise AccessDenied(f"this needs the role {role}", code="role_too_low", role=str(role))
    return account


def signer(salt: str) -> URLSafeTimedSerializer:
    """What signs texts of one purpose with this home's secret."""
    return URLSafeTimedSerializer(_secret(site_paths().run), salt=salt)


def new_csrf_token() -> str:
    """A token for the browser's cookie, which every form has to repeat."""
    return _csrf().dumps(secrets.token_urlsafe(12))


def csrf_token() -> str | None:
    """The token that forms of the page being built must carry; None when the browser keeps no cookies."""
    return st.context.cookies.get(CSRF_COOKIE)


def csrf_matches(cookie: str | None, field: str | None) -> bool:
    """Whether a form repeats the cookie's token and the token is ours."""
    if not cookie or not field or not secrets.compare_digest(cookie.encode(), field.encode()):
        return False
    return _loads(_csrf(), cookie) is not None


def _session_of(cookie: str | None) -> tuple[int, int, str] | None:
    content = _loads(_sessions(), cookie) if cookie else None
    return None if content is None else (content[0], content[1], content[2])


def _loads(serializer: URLSafeTimedSerializer, value: str, max_age_s: int = SESSION_MAX_AGE_S) -> Any:
    try:
        return serializer.loads(value, max_age=max_age_s)
    except BadSignature:
        return None


def _sessions() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_secret(site_paths().run), salt="session")


def _devices() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_secret(site_paths().run), salt="device")


def _csrf() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_secret(site_paths().run), salt="csrf")


@lru_cache(maxsize=4)
def _secret(folder: Path) -> str:
    """The home's signing secret, made at the first start; readable by the owner only."""
    path = folder / "cookie.secret"
    if not path.exists():
        write_atomically(path, secrets.token_urlsafe(32).encode())
    return path.read_text()
