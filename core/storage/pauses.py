"""Site pauses: times in which nobody is expected anywhere, each with who, why and until when.

A pause keeps alerts about people back. It changes neither visits nor how a day is judged; only one that
stops recognition leaves coverage that says `paused`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.spans import Spans, clip, union
from core.errors import GspeError
from core.storage import audit
from core.storage.employees import MAX_LENGTH, clean_text
from core.storage.models import SitePause

LONGEST = timedelta(days=7)
"""A pause that somebody forgot ends by itself."""
LISTED = 20


@dataclass(frozen=True, slots=True)
class PauseRow:
    id: int
    started_at: datetime
    until_at: datetime
    reason: str
    paused_by: str
    stops_recognition: bool
    lifted_at: datetime | None
    lifted_by: str | None

    def holds_at(self, at: datetime) -> bool:
        return self.started_at <= at < min(self.until_at, self.lifted_at or self.until_at)


def begin(
    session: Session,
    until: datetime,
    reason: str,
    *,
    stops_recognition: bool,
    actor: str,
    now: datetime,
) -> SitePause:
    """From now to `until`. Raises GspeError, code `pause_invalid`."""
    why = clean_text(reason)
    if not (now < until <= now + LONGEST and 0 < len(why) <= MAX_LENGTH):
        raise GspeError(
            "a pause needs a reason of at most 200 characters and an end within the next 7 days",
            code="pause_invalid",
        )
    pause = SitePause(started_at=now, until_at=until, reason=why, paused_by=actor)
    pause.stops_recognition = stops_recognition
    session.add(pause)
    session.flush()
    params = {"until": until.isoformat(), "reason": why, "stops_recognition": stops_recognition}
    audit.append(session, now, actor, "pause.begun", f"site_pauses:{pause.id}", params)
    return pause


def lift(session: Session, pause_id: int, *, actor: str, now: datetime) -> None:
    """Ends a pause before its time. Raises GspeError, code `pause_over`, for one that is not in force."""
    pause = session.get(SitePause, pause_id)
    if pause is None or pause not in in_force(session, now):
        raise GspeError("this pause is over already; reload the page", code="pause_over")
    pause.lifted_at, pause.lifted_by = now, actor
    audit.append(session, now, actor, "pause.lifted", f"site_pauses:{pause_id}", {"reason": pause.reason})


def in_force(session: Session, at: datetime) -> list[SitePause]:
    """The pauses that hold at an instant, the oldest first."""
    query = select(SitePause).where(SitePause.until_at > at, SitePause.started_at <= at)
    rows = session.scalars(query.order_by(SitePause.id))
    return [row for row in rows if row.lifted_at is None or row.lifted_at > at]


def between(session: Session, start: datetime, end: datetime) -> Spans:
    """When any pause held between two instants; one that was lifted ends then."""
    rows = session.scalars(select(SitePause).where(SitePause.until_at > start, SitePause.started_at < end))
    return clip(union(_span(row) for row in rows), start, end)


def recent(session: Session) -> list[PauseRow]:
    """The last pauses by when they end or would have ended, the latest first."""
    rows = session.scalars(select(SitePause).order_by(SitePause.until_at.desc()).limit(LISTED))
    return _rows(rows)


def _span(pause: SitePause) -> tuple[datetime, datetime]:
    return pause.started_at, min(pause.until_at, pause.lifted_at or pause.until_at)


def _rows(pauses: Iterable[SitePause]) -> list[PauseRow]:
    return [
        PauseRow(
            pause.id,
            pause.started_at,
            pause.until_at,
            pause.reason,
            pause.paused_by,
            pause.stops_recognition,
            pause.lifted_at,
            pause.lifted_by,
        )
        for pause in pauses
    ]
