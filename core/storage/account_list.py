"""The accounts as the page Users lists them."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from core.domain.states import Role
from core.storage import user_sessions, users


@dataclass(frozen=True)
class AccountRow:
    """sessions: how many browsers are signed in. locked_until: None for an account that nothing locks."""

    id: int
    username: str
    role: Role
    departments: tuple[str, ...]
    language: str
    active: bool
    must_change_password: bool
    last_sign_in_at: datetime | None
    locked_until: datetime | None
    sessions: int


def accounts(session: Session, now: datetime) -> list[AccountRow]:
    """All, by name, the disabled ones last."""
    signed_in = Counter(row.user_id for row in user_sessions.open_sessions(session, now))
    rows = [
        AccountRow(
            user.id,
            user.username,
            Role(user.role),
            tuple(user.departments),
            user.language,
            user.active,
            user.must_change_password,
            user.last_sign_in_at,
            users.locked_until(session, user, now),
            signed_in[user.id],
        )
        for user in users.list_accounts(session)
    ]
    return sorted(rows, key=lambda row: not row.active)
