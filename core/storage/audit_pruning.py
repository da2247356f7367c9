"""The oldest part of the audit trail goes when its time is over, and what stays says so.

Only a piece from the beginning can go. The row about it holds the hash of the last row that went, which the
first row that stays holds too: `audit.verify` accepts exactly that beginning.
"""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.storage import audit
from core.storage.models import AuditLog

CHUNK = 5000
"""Rows a transaction."""


def rows_before(session: Session, over_at: datetime) -> tuple[datetime | None, int]:
    """When the oldest row was written of those that can go, and how many they are."""
    last_id = _last_that_goes(session, over_at)
    over = select(func.min(AuditLog.at), func.count(AuditLog.id)).where(AuditLog.id <= last_id)
    oldest, rows = session.execute(over).one()
    return oldest, rows


def prune(session: Session, over_at: datetime, now: datetime) -> tuple[datetime | None, int]:
    """Removes the oldest rows written before `over_at`, at most CHUNK; says which as `rows_before`."""
    last_id = _last_that_goes(session, over_at)
    ids = select(AuditLog.id).where(AuditLog.id <= last_id).order_by(AuditLog.id).limit(CHUNK)
    going = session.scalars(select(AuditLog).where(AuditLog.id.in_(ids)).order_by(AuditLog.id)).all()
    if not going:
        return None, 0
    last = going[-1]
    params = {
        "rows": len(going),
        "through_id": last.id,
        "last_hash": last.hash,
        "over_at": over_at.isoformat(),
    }
    oldest = min(row.at for row in going)
    audit.append(session, now, audit.SYSTEM, audit.PRUNED, "audit_log", params)
    session.execute(delete(AuditLog).where(AuditLog.id <= last.id))
    return oldest, len(going)


def _last_that_goes(session: Session, over_at: datetime) -> int:
    """The row before the first that must stay; a clock that was set back keeps what lies behind it."""
    newest = session.scalar(select(func.max(AuditLog.id))) or 0
    first_kept = session.scalar(
        select(AuditLog.id).where(AuditLog.at >= over_at).order_by(AuditLog.id).limit(1)
    )
    return newest if first_kept is None else first_kept - 1
