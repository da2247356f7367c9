"""Who asks, and whether he may: the session cookie of a page, or a token with scopes.

Requests with a cookie that change something repeat the browser's token in X-CSRF-Token and come from our own
pages. Every route names the role and the scope that it takes, which its documentation and its tests read.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

from core.domain.states import Role, Scope
from core.errors import AccessDenied, StorageError
from core.storage import api_tokens
from core.storage.lockout import Failures
from core.storage.models import ApiToken
from core.storage.retry import run_in_order
from dashboard.api.rest.problems import Refused
from dashboard.auth import CSRF_COOKIE, RANKS, SESSION_COOKIE, account_of, csrf_matches
from dashboard.database import reader, writer
from dashboard.origin import same_origin

log = logging.getLogger(__name__)

CSRF_HEADER = "x-csrf-token"
READING = ("GET", "HEAD")
USE_BUDGET_S = 0.0
"""That a token was used is noted when the database takes it at once."""

wrong_tokens = Failures()
"""By address. A token that is right passes whatever its address did before: it cannot be guessed."""

_bearer = HTTPBearer(
    scheme_name="token",
    bearerFormat="gspe_…",
    auto_error=False,
    description="A token that an administrator made; see docs/api.md.",
)
_cookie = APIKeyCookie(
    name=SESSION_COOKIE,
    scheme_name="session",
    auto_error=False,
    description="The session of a page; what changes something also needs X-CSRF-Token (GET /api/csrf).",
)

Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
Cookie = Annotated[str | None, Security(_cookie)]


@dataclass(frozen=True)
class Caller:
    """Who asks. role: of an account. scopes: of a token. id: of the one or the other."""

    username: str
    departments: tuple[str, ...]
    id: int
    role: Role | None = None
    scopes: frozenset[Scope] = frozenset()
    key: str = ""
    """The cookie or the token itself, to ask again whether it still stands."""

    def may(self, role: Role) -> bool:
        return self.role is not None and RANKS[self.role] >= RANKS[role]

    def has(self, role: Role, scope: Scope) -> bool:
        return self.may(role) or scope in self.scopes


class Access:
    """A route's dependency: the account's least role, and the scope that lets a token do the same."""

    def __init__(self, role: Role, *scopes: Scope, whole_site: bool = False) -> None:
        """scopes: any of them is enough. whole_site: not for who is limited to departments."""
        self.role, self.scopes, self.whole_site = role, scopes, whole_site

    def __call__(self, request: Request, bearer: Bearer, cookie: Cookie) -> Caller:
        caller = caller_of(request, bearer, cookie)
        if not (caller.may(self.role) or caller.scopes.intersection(self.scopes)):
            raise self._refusal(caller)
        if self.whole_site and caller.departments:
            raise AccessDenied("this concerns the whole site", code="site_wide_only")
        return caller

    def _refusal(self, caller: Caller) -> AccessDenied:
        if caller.role is not None:
            return AccessDenied(f"this needs the role {self.role}", code="role_too_low", role=str(self.role))
        scopes = ", ".join(self.scopes)
        return AccessDenied(f"this token lacks the scope {scopes}", code="scope_missing", scope=scopes)

    def described(self) -> str:
        """For the documentation."""
        scopes = " or ".join(f"`{scope}`" for scope in self.scopes)
        limits = " Not for accounts and tokens limited to departments." if self.whole_site else ""
        return f"Accounts: {self.role} or higher. Tokens: {scopes}.{limits}"


def caller_of(request: Request, bearer: HTTPAuthorizationCredentials | None, cookie: str | None) -> Caller:
    """Raises Refused, code `token_refused`, `too_many_attempts`, `not_signed_in`, `password_due`,
    `csrf_missing` or `other_site`.
    """
    if bearer is not None:
        return _token_caller(request, bearer.credentials)
    caller = account_caller(cookie)
    if caller is None:
        raise Refused("not_signed_in")
    if request.method not in READING:
        _refuse_foreign_page(request)
    return caller


def account_caller(cookie: str | None) -> Caller | None:
    """Raises Refused, code `password_due`, where the password must be changed first."""
    account = account_of(cookie)
    if account is None:
        return None
    if account.must_change_password:
        raise Refused("password_due")
    return Caller(account.username, account.departments, account.id, role=account.role, key=cookie or "")


def token_caller(secret: str) -> Caller | None:
    now = datetime.now(UTC)
    with Session(reader()) as session:
        token = api_tokens.token_of(session, secret, now)
    if token is None:
        return None
    _note_use(token, now)
    scopes = frozenset(Scope(scope) for scope in token.scopes if scope in list(Scope))
    return Caller(f"token:{token.name}", tuple(token.departments), token.id, scopes=scopes, key=secret)


def still_stands(caller: Caller) -> Caller | None:
    """The same caller with the rights he has now; None once his session or token has ended."""
    try:
        return account_caller(caller.key) if caller.role is not None else token_caller(caller.key)
    except Refused:
        return None


def _token_caller(request: Request, secret: str) -> Caller:
    caller = token_caller(secret)
    if caller is not None:
        return caller
    now = datetime.now(UTC)
    key = ("token", request.client.host if request.client is not None else "")
    locked_until = wrong_tokens.locked_until(key, now)
    if locked_until is None:
        wrong_tokens.add(key, now)
        log.warning("a token that opens nothing was shown from %s", key[1])
        raise Refused("token_refused")
    wait_s = max(1, int((locked_until - now).total_seconds()))
    raise Refused("too_many_attempts", headers={"retry-after": str(wait_s)}, seconds=wait_s)


def _refuse_foreign_page(request: Request) -> None:
    """A browser names the Origin of what changes something; another program may leave it out."""
    if "origin" in request.headers and not same_origin(request):
        raise AccessDenied("this request came from another site", code="other_site")
    if not csrf_matches(request.cookies.get(CSRF_COOKIE), request.headers.get(CSRF_HEADER)):
        raise AccessDenied("repeat the cookie's token in X-CSRF-Token", code="csrf_missing")


def _note_use(token: ApiToken, now: datetime) -> None:
    if not api_tokens.use_is_due(token, now):
        return
    try:
        run_in_order(
            writer(), lambda session: api_tokens.note_use(session, token.id, now), budget_s=USE_BUDGET_S
        )
    except StorageError as error:
        log.warning("the use of the token %s is not noted yet: %s", token.name, error)
