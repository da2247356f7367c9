"""Pauses of the site: when nobody is expected anywhere."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.domain.spans import Spans, clip, union
from core.storage.models import SitePause


def in_force(session: Session, now: datetime) -> Sequence[SitePause]:
    """Those that hold at an instant, the longest first."""
    return session.scalars(
        select(SitePause)
        .where(SitePause.started_at <= now, SitePause.until_at > now)
        .where(or_(SitePause.lifted_at.is_(None), SitePause.lifted_at > now))
        .order_by(SitePause.until_at.desc(), SitePause.id)
    ).all()


def between(session: Session, start: datetime, end: datetime) -> Spans:
    """When the site was or will be paused between two instants, however often at once."""
    rows = session.scalars(
        select(SitePause).where(SitePause.until_at > start, SitePause.started_at < end)
    ).all()
    ends = (min(row.until_at, row.lifted_at or row.until_at) for row in rows)
    return clip(union((row.started_at, end_at) for row, end_at in zip(rows, ends, strict=True)), start, end)
