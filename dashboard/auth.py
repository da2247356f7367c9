"""Who is signed in: a signed cookie names a session, the database says whether both still stand.

The cookie carries account id, session epoch and the session's key, signed with a secret of this home. It ends
after 12 hours, when the account is disabled, when the epoch has grown (password change, "sign out
everywhere") and when this very session was ended. Nothing is cached: a check is one look-up by the key.
"""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import streamlit as st
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from core.domain.states import Role
from core.errors import AccessDenied, StorageError
from core.storage import user_sessions
from core.storage.home_secret import home_secret
from core.storage.models import User
from core.storage.retry import run_in_order
from core.storage.user_sessions import SEEN_EVERY, Client, SignedIn
from core.storage.users import KnownDevice
from dashboard.database import reader, site_paths, writer

log = logging.getLogger(__name__)

SESSION_COOKIE = "gspe_session"
CSRF_COOKIE = "gspe_csrf"
SESSION_MAX_AGE_S = 12 * 3600
DEVICE_COOKIE = "gspe_device"
DEVICE_MAX_AGE_S = 180 * 24 * 3600
"""So long a browser that is not used stays a known device of the account that last signed in there."""
LOCK_BUDGET_S = 5.0
"""A person waits: a locked database is said sooner than the worker would."""
RANKS = {role: rank for rank, role in enumerate(Role)}

_ended_unstored: set[str] = set()
"""Hashes of the keys that signed out while nothing could be stored: they stay over until a restart."""
_seen_tried_at: dict[int, datetime] = {}
"""By session, so that a full disk is not tried again with every refresh."""


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


def issue_session(user_id: int, session_epoch: int, client: Client | None = None) -> str:
    """Begins a session and returns its cookie's value. Raises DatabaseBusy and StorageError."""
    key, now = secrets.token_urlsafe(24), datetime.now(UTC)
    _store(lambda session: user_sessions.begin(session, user_id, key, client or Client(), now))
    return _sessions().dumps([user_id, session_epoch, key])


def account_of(cookie: str | None) -> Account | None:
    """The account that a session cookie stands for; None when it is missing, forged, over or ended."""
    found = _signed_in(cookie)
    return None if found is None else _account(found)


def device_of(cookie: str | None) -> KnownDevice | None:
    """The account that last signed in on this browser. It opens nothing: it only has its own lock."""
    content = _loads(_devices(), cookie, DEVICE_MAX_AGE_S) if cookie else None
    return None if content is None else KnownDevice(content[0], content[1])


def issue_device(user_id: int, known: KnownDevice | None) -> str:
    """The cookie value for the browser on which this account signs in now."""
    same = known is not None and known.user_id == user_id
    return _devices().dumps([user_id, known.id if known and same else secrets.token_urlsafe(12)])


def end_session(cookie: str | None) -> None:
    """Ends the session of this cookie wherever it is open; other sessions of the account go on.

    Raises DatabaseBusy and StorageError when that cannot be stored; until the next start it has ended all the
    same.
    """
    key_sha256 = session_key(cookie)
    if key_sha256 is None:
        return
    try:
        _store(lambda session: user_sessions.sign_out(session, key_sha256, datetime.now(UTC)))
    except StorageError:
        _ended_unstored.add(key_sha256)
        raise


def session_key(cookie: str | None) -> str | None:
    """The hash by which the database knows a cookie's session, whether it still stands or not."""
    session = _session_of(cookie)
    return None if session is None else user_sessions.hash_of(session[2])


def account_behind(user_id: int, key_sha256: str) -> Account | None:
    """Whose session a link was made in; None once that session has ended."""
    if key_sha256 in _ended_unstored:
        return None
    with Session(reader()) as database:
        user = database.get(User, user_id)
        epoch = user.session_epoch if user is not None else 0
        found = user_sessions.find(database, key_sha256, epoch, datetime.now(UTC))
    return _account(found) if found is not None and found.user_id == user_id else None


def current_account() -> Account | None:
    """Who looks at the page that is being built; None when nobody is signed in."""
    found = _signed_in(st.context.cookies.get(SESSION_COOKIE))
    if found is None:
        return None
    _note_seen(found, datetime.now(UTC))
    return _account(found)


def require(role: Role) -> Account:
    """The signed-in account, for the first line of every function that changes something.

    Raises AccessDenied when nobody is signed in, the password must be changed first or the role is too low.
    """
    account = current_account()
    if account is None or account.must_change_password:
        raise AccessDenied("sign in first", code="not_signed_in")
    refuse_below(account, role)
    return account


def refuse_below(account: Account, role: Role) -> None:
    """Raises AccessDenied, code `role_too_low`."""
    if not account.may(role):
        raise AccessDenied(f"this needs the role {role}", code="role_too_low", role=str(role))


def signer(salt: str) -> URLSafeTimedSerializer:
    """What signs texts of one purpose with this home's secret."""
    return URLSafeTimedSerializer(home_secret(site_paths().run), salt=salt)


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


def _signed_in(cookie: str | None) -> SignedIn | None:
    session = _session_of(cookie)
    if session is None:
        return None
    _, epoch, key = session
    key_sha256 = user_sessions.hash_of(key)
    if key_sha256 in _ended_unstored:
        return None
    with Session(reader()) as database:
        return user_sessions.find(database, key_sha256, epoch, datetime.now(UTC))


def _account(found: SignedIn) -> Account:
    departments = tuple(found.departments)
    return Account(
        found.user_id,
        found.username,
        Role(found.role),
        departments,
        found.language,
        found.must_change_password,
    )


def _note_seen(found: SignedIn, now: datetime) -> None:
    """To a few minutes. That it cannot be stored keeps nobody from his page."""
    tried_at = _seen_tried_at.get(found.session_id, found.last_seen_at)
    if now - max(tried_at, found.last_seen_at) < SEEN_EVERY:
        return
    _seen_tried_at[found.session_id] = now
    try:
        _store(partial(user_sessions.note_seen, session_id=found.session_id, now=now), budget_s=0.0)
    except StorageError as error:
        log.warning("when a session was last used could not be noted: %s", error)


def _store(work: Callable[[Session], object], budget_s: float | None = None) -> None:
    run_in_order(writer(), work, budget_s=LOCK_BUDGET_S if budget_s is None else budget_s)


def _session_of(cookie: str | None) -> tuple[int, int, str] | None:
    content = _loads(_sessions(), cookie) if cookie else None
    return None if content is None else (content[0], content[1], content[2])


def _loads(serializer: URLSafeTimedSerializer, value: str, max_age_s: int = SESSION_MAX_AGE_S) -> Any:
    try:
        return serializer.loads(value, max_age=max_age_s)
    except BadSignature:
        return None


def _sessions() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(home_secret(site_paths().run), salt="session")


def _devices() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(home_secret(site_paths().run), salt="device")


def _csrf() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(home_secret(site_paths().run), salt="csrf")
