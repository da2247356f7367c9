"""Tokens of the REST API: what a program shows instead of a password.

A token is shown once, when it is made; only its hash is kept. It ends when it expires or is revoked, and then
stays listed, for the trail calls it by its name. The functions work in the caller's transaction.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.domain.states import Scope
from core.errors import AccountError
from core.storage import audit
from core.storage.employees import clean_text
from core.storage.models import ApiToken

PREFIX = "gspe_"
"""By which a token is known on sight, and masked in logs (core/logs.py)."""
SECRET_BYTES = 24
HINT_LENGTH = 4
LONGEST_NAME = 64
USE_NOTED_EVERY = timedelta(minutes=5)

_FORM = re.compile(rf"{PREFIX}[0-9a-f]{{{2 * SECRET_BYTES}}}")


@dataclass(frozen=True)
class NewToken:
    """name: the program that gets it. departments: those it may see; empty: all. expires_at None: never."""

    name: str
    scopes: Collection[Scope]
    departments: Collection[str] = field(default=())
    expires_at: datetime | None = None


def create(session: Session, token: NewToken, *, actor: str, now: datetime) -> str:
    """Stores the token and returns it, for the only time.

    Raises AccountError, code `token_name_invalid`, `token_name_taken` by one that still opens something,
    `token_without_scope` or `token_expired_already`.
    """
    name = _clean_name(token.name)
    _refuse_useless(session, name, token, now)
    secret = PREFIX + secrets.token_hex(SECRET_BYTES)
    row = ApiToken(
        name=name,
        token_sha256=_hash(secret),
        hint=secret[-HINT_LENGTH:],
        scopes=sorted({str(Scope(scope)) for scope in token.scopes}),
        departments=sorted(set(token.departments)),
        created_at=now,
        created_by=actor,
        expires_at=token.expires_at,
    )
    session.add(row)
    session.flush()
    expires = {"expires_at": token.expires_at.isoformat()} if token.expires_at else {}
    params = {"name": name, "scopes": row.scopes, "departments": row.departments} | expires
    audit.append(session, now, actor, "token.created", _subject(row.id), params)
    return secret


def tokens(session: Session) -> list[ApiToken]:
    """All that were ever made, the newest first."""
    return list(session.scalars(select(ApiToken).order_by(ApiToken.id.desc())))


def revoke(session: Session, token_id: int, *, actor: str, now: datetime) -> None:
    """Ends a token at once; one that has ended stays as it is. Raises AccountError, code `token_unknown`."""
    row = session.get(ApiToken, token_id)
    if row is None:
        raise AccountError("this token is gone; reload the page", code="token_unknown")
    if row.revoked_at is not None:
        return
    row.revoked_at, row.revoked_by = now, actor
    audit.append(session, now, actor, "token.revoked", _subject(token_id), {"name": row.name})


def token_of(session: Session, secret: str, now: datetime) -> ApiToken | None:
    """The token, while it opens something.

    The look-up is by hash, so its time says nothing about how much of a guess was right.
    """
    if _FORM.fullmatch(secret) is None:
        return None
    wanted = _hash(secret)
    row = session.scalars(select(ApiToken).where(ApiToken.token_sha256 == wanted)).one_or_none()
    if row is None or not hmac.compare_digest(row.token_sha256, wanted):
        return None
    return row if is_in_force(row, now) else None


def is_in_force(token: ApiToken, now: datetime) -> bool:
    return token.revoked_at is None and (token.expires_at is None or token.expires_at > now)


def use_is_due(token: ApiToken, now: datetime) -> bool:
    """Whether its use should be noted again: not at each request, which would be a write each."""
    return token.last_used_at is None or now - token.last_used_at >= USE_NOTED_EVERY


def note_use(session: Session, token_id: int, now: datetime) -> None:
    row = session.get(ApiToken, token_id)
    if row is not None and use_is_due(row, now):
        row.last_used_at = now


def _clean_name(name: str) -> str:
    clean = clean_text(name)
    if not 0 < len(clean) <= LONGEST_NAME:
        raise AccountError(
            f"name the program that gets the token, in at most {LONGEST_NAME} characters",
            code="token_name_invalid",
            longest=LONGEST_NAME,
        )
    return clean


def _refuse_useless(session: Session, name: str, token: NewToken, now: datetime) -> None:
    if not token.scopes:
        raise AccountError("choose at least one thing that the token may do", code="token_without_scope")
    if token.expires_at is not None and token.expires_at <= now:
        raise AccountError("choose a time to come for the token's end", code="token_expired_already")
    alive = or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now)
    same = select(ApiToken.id).where(ApiToken.name == name, ApiToken.revoked_at.is_(None), alive)
    if session.scalar(same.limit(1)) is not None:
        raise AccountError(
            f"there is a token {name} already; revoke it or choose another name",
            code="token_name_taken",
            name=name,
        )


def _hash(secret: str) -> str:
    """Of 192 random bits, which need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _subject(token_id: int) -> str:
    return f"api_tokens:{token_id}"
