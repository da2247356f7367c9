"""One person's visits with all that is known of each: pictures, how they matched, what was said of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from core.domain.schedule import ONE_DAY, day_bounds
from core.storage.models import Camera, Employee, Evidence, Reassignment, Visit
from core.storage.work_days import Rulebook


@dataclass(frozen=True, slots=True)
class MatchedShot:
    """path: None once retention removed it. runner_up_name: None where there is none, or he is not shown."""

    evidence_id: int
    kind: str
    path: str | None
    captured_at: datetime
    camera_name: str
    score: float
    runner_up_score: float | None
    runner_up_name: str | None
    pack_id: str


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody said whose visit it was. Names are None for nobody we know, or one not to be shown."""

    visit_id: int
    from_name: str | None
    to_name: str | None
    reason: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class KnownVisit:
    """owner_id: whose it is now; None: of nobody we know."""

    visit_id: int
    owner_id: int | None
    arrived_at: datetime
    last_seen_at: datetime
    is_open: bool
    origin: str
    camera_name: str
    shots: tuple[MatchedShot, ...] = ()
    said: tuple[Said, ...] = ()
    """The newest first."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whose visits, and whose names the reader may see besides; departments: empty means everybody's."""

    employee_id: int
    department: str | None
    departments: Collection[str] = ()


def visits_of_day(session: Session, person: Person, day: date, book: Rulebook) -> list[KnownVisit]:
    """Those that belong to his attendance day, in order."""
    return _known(
        session, person, _of_day(session, person, day, book, _visits(Visit.employee_id == person.employee_id))
    )


def latest_visits(session: Session, person: Person, count: int) -> list[KnownVisit]:
    """The newest first."""
    query = _visits(Visit.employee_id == person.employee_id)
    rows = session.execute(query.order_by(None).order_by(Visit.arrived_at.desc()).limit(count)).all()
    return _known(session, person, rows)


def taken_visits(session: Session, person: Person, day: date, book: Rulebook) -> list[KnownVisit]:
    """Visits of the day that were his until somebody said that they were not."""
    his = select(Reassignment.visit_id).where(Reassignment.from_employee_id == person.employee_id)
    others = func.coalesce(Visit.employee_id, 0) != person.employee_id
    query = _visits(Visit.id.in_(his)).where(others)
    return _known(session, person, _of_day(session, person, day, book, query))


def _visits(which: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Visit.id,
            Visit.employee_id,
            Visit.arrived_at,
            Visit.last_seen_at,
            Visit.departed_at,
            Visit.origin,
            Camera.name,
        )
        .join(Camera, Camera.id == Visit.camera_id)
        .where(which)
        .order_by(Visit.arrived_at, Visit.id)
    )


def _of_day(
    session: Session, person: Person, day: date, book: Rulebook, query: Select[*tuple[Any, ...]]
) -> list[Any]:
    start, end = day_bounds(day - ONE_DAY, book.zone)[0], day_bounds(day + ONE_DAY, book.zone)[1]
    rows = session.execute(query.where(Visit.arrived_at >= start, Visit.arrived_at < end))
    roster = book.calendar.roster
    return [
        row for row in rows if roster.day_of(person.employee_id, person.department, row.arrived_at) == day
    ]


def _known(session: Session, person: Person, rows: Sequence[Any]) -> list[KnownVisit]:
    ids = [row.id for row in rows]
    shots, said = _shots(session, ids, person.departments), _said(session, ids, person.departments)
    return [
        KnownVisit(
            row.id,
            row.employee_id,
            row.arrived_at,
            row.last_seen_at,
            row.departed_at is None,
            row.origin,
            row.name,
            tuple(shots.get(row.id, ())),
            tuple(said.get(row.id, ())),
        )
        for row in rows
    ]


def _shots(
    session: Session, visits: Collection[int], departments: Collection[str]
) -> dict[int, list[MatchedShot]]:
    other = aliased(Employee)
    rows = session.execute(
        select(Evidence, Camera.name, other.name, other.department)
        .join(Camera, Camera.id == Evidence.camera_id)
        .outerjoin(other, other.id == Evidence.runner_up_id)
        .where(Evidence.visit_id.in_(visits))
        .order_by(Evidence.captured_at, Evidence.id)
    )
    found: dict[int, list[MatchedShot]] = {}
    for shot, camera, name, department in rows:
        seen = name if not departments or department in departments else None
        row = MatchedShot(
            shot.id,
            shot.kind,
            shot.path,
            shot.captured_at,
            camera,
            shot.score,
            shot.runner_up_score,
            seen,
            shot.pack_id,
        )
        found.setdefault(shot.visit_id, []).append(row)
    return found


def _said(session: Session, visits: Collection[int], departments: Collection[str]) -> dict[int, list[Said]]:
    before, after = aliased(Employee), aliased(Employee)
    rows = session.execute(
        select(Reassignment, before.name, before.department, after.name, after.department)
        .outerjoin(before, before.id == Reassignment.from_employee_id)
        .outerjoin(after, after.id == Reassignment.to_employee_id)
        .where(Reassignment.visit_id.in_(visits))
        .order_by(Reassignment.id.desc())
    )
    found: dict[int, list[Said]] = {}
    for row, from_name, from_department, to_name, to_department in rows:
        shown_from = from_name if not departments or from_department in departments else None
        shown_to = to_name if not departments or to_department in departments else None
        one = Said(row.visit_id, shown_from, shown_to, row.reason, row.author, row.at)
        found.setdefault(row.visit_id, []).append(one)
    return found
