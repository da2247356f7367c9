"""The pictures behind a person's day: of each visit when he came and when he left."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.schedule import ONE_DAY, day_bounds
from core.domain.states import EvidenceKind, VisitOrigin
from core.storage.models import Camera, Evidence, Visit
from core.storage.rows import Shot
from core.storage.work_days import Rulebook


@dataclass(frozen=True, slots=True)
class VisitRow:
    arrived_at: datetime
    last_seen_at: datetime
    is_open: bool
    camera_name: str
    """Where he came in."""
    arrival: Shot | None
    departure: Shot | None
    visit_id: int = 0
    origin: str = VisitOrigin.WORKER


def visits_of(
    session: Session, employee_id: int, department: str | None, day: date, book: Rulebook
) -> list[VisitRow]:
    """The visits that belong to an attendance day, in order."""
    start, end = day_bounds(day - ONE_DAY, book.zone)[0], day_bounds(day + ONE_DAY, book.zone)[1]
    rows = session.execute(
        select(Visit, Camera.name)
        .join(Camera, Camera.id == Visit.camera_id)
        .where(Visit.employee_id == employee_id, Visit.arrived_at >= start, Visit.arrived_at < end)
        .order_by(Visit.arrived_at)
    ).all()
    own = [
        (visit, camera)
        for visit, camera in rows
        if book.calendar.roster.day_of(employee_id, department, visit.arrived_at) == day
    ]
    shots = _shots(session, [visit.id for visit, _ in own])
    return [
        VisitRow(
            visit.arrived_at,
            visit.last_seen_at,
            visit.departed_at is None,
            camera,
            shots.get((visit.id, EvidenceKind.ARRIVAL)),
            shots.get((visit.id, EvidenceKind.DEPARTURE)),
            visit.id,
            visit.origin,
        )
        for visit, camera in own
    ]


def _shots(session: Session, visits: list[int]) -> dict[tuple[int, str], Shot]:
    rows = session.execute(
        select(Evidence, Camera.name)
        .join(Camera, Camera.id == Evidence.camera_id)
        .where(Evidence.visit_id.in_(visits))
    )
    return {
        (shot.visit_id, shot.kind): Shot(shot.id, shot.path, shot.captured_at, camera)
        for shot, camera in rows
    }
