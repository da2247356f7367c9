"""Who looked at whose picture: one row of the audit trail an account, kind of picture, subject and hour.

So the trail says who saw whom and when, and neither a page that refreshes nor a look at twenty pictures of
one person floods it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.storage import audit
from core.storage.models import AuditLog

PICTURE = "picture.viewed"
PAGE = "faces.viewed"
"""A page or the live pictures, which show many people at once."""


def note_view(session: Session, actor: str, action: str, subject: str, kind: str, at: datetime) -> bool:
    """Whether this was the first view of the hour, which alone is noted."""
    same = select(AuditLog.params).where(
        AuditLog.at >= hour_of(at),
        AuditLog.actor == actor,
        AuditLog.action == action,
        AuditLog.subject == subject,
    )
    seen: list[dict[str, Any]] = list(session.scalars(same))
    if any(params.get("kind") == kind for params in seen):
        return False
    audit.append(session, at, actor, action, subject, {"kind": kind})
    return True


def hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
