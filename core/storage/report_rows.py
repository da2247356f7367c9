"""What reports read beside the judged days: corrections, pictures of arrivals and departures, visits."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.domain.states import EvidenceKind
from core.errors import GspeError
from core.storage.day_record import IN_FORCE, LONGEST_VISIT
from core.storage.models import Camera, Correction, Employee, Evidence, Visit


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """A correction in force; null times and status leave what the rules say."""

    employee_id: int
    code: str
    name: str
    department: str | None
    day: date
    first_in_at: datetime | None
    last_out_at: datetime | None
    status: str | None
    note: str
    reason: str
    author: str
    created_at: datetime
    decided_by: str | None


@dataclass(frozen=True, slots=True)
class VisitShot:
    """A visit with one of its pictures; `evidence_id` is null without one, `path` once it was removed."""

    arrived_at: datetime
    last_seen_at: datetime
    kind: str | None
    evidence_id: int | None
    path: str | None
    captured_at: datetime | None
    camera_name: str | None

    @property
    def is_arrival(self) -> bool:
        return self.kind == EvidenceKind.ARRIVAL


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    code: str
    name: str
    department: str | None


def person_by_code(session: Session, code: str, departments: Collection[str] = ()) -> Person:
    """Raises GspeError, code `report_person_unknown`, also for somebody of another department."""
    query = select(Employee.id, Employee.code, Employee.name, Employee.department)
    row = session.execute(query.where(Employee.code == code, *_within(departments))).first()
    if row is None:
        raise GspeError(
            f"there is no employee with the code {code}; use a code of the page Employees",
            code="report_person_unknown",
            employee_code=code,
        )
    return Person(*row)


def people(session: Session, departments: Collection[str] = ()) -> list[Person]:
    """Everybody of whom there may be a report, active or not, in order of name."""
    query = select(Employee.id, Employee.code, Employee.name, Employee.department)
    rows = session.execute(
        query.where(Employee.active.in_([True, False]), *_within(departments)).order_by(
            Employee.name, Employee.id
        )
    )
    return [Person(*row) for row in rows]


def corrections_in_force(
    session: Session,
    first: date,
    last: date,
    departments: Collection[str] = (),
    employee_ids: Collection[int] = (),
) -> list[CorrectionRow]:
    """Those of the days from `first` to `last` that say anything, in order of name and day."""
    query = (
        select(
            Employee.id,
            Employee.code,
            Employee.name,
            Employee.department,
            Correction.day,
            Correction.first_in_at,
            Correction.last_out_at,
            Correction.status,
            Correction.note,
            Correction.reason,
            Correction.author,
            Correction.created_at,
            Correction.decided_by,
        )
        .join(Employee, Employee.id == Correction.employee_id)
        .where(Correction.day >= first, Correction.day <= last)
        .where(IN_FORCE, *_within(departments))
    )
    if employee_ids:
        query = query.where(Correction.employee_id.in_(sorted(employee_ids)))
    ordered = query.order_by(Employee.name, Employee.id, Correction.day, Correction.id)
    return [CorrectionRow(*tuple(row)) for row in session.execute(ordered)]


def visit_shots(session: Session, employee_id: int, start: datetime, end: datetime) -> list[VisitShot]:
    """One person's visits that began in [start, end) with their pictures, in order of time."""
    rows = session.execute(
        select(
            Visit.arrived_at,
            Visit.last_seen_at,
            Evidence.kind,
            Evidence.id,
            Evidence.path,
            Evidence.captured_at,
            Camera.name,
        )
        .outerjoin(Evidence, Evidence.visit_id == Visit.id)
        .outerjoin(Camera, Camera.id == Evidence.camera_id)
        .where(Visit.employee_id == employee_id, Visit.arrived_at >= start, Visit.arrived_at < end)
        .order_by(Visit.arrived_at, Evidence.id)
    )
    return [VisitShot(*row) for row in rows]


def visit_spans(
    session: Session, start: datetime, end: datetime, departments: Collection[str] = ()
) -> list[tuple[int, datetime, datetime]]:
    """Who was seen from when to when: the visits that reach into [start, end), also of the night before."""
    query = select(Visit.employee_id, Visit.arrived_at, Visit.last_seen_at).where(
        Visit.arrived_at >= start - LONGEST_VISIT, Visit.arrived_at < end, Visit.last_seen_at >= start
    )
    if departments:
        query = query.join(Employee, Employee.id == Visit.employee_id).where(*_within(departments))
    return [(row[0], row[1], row[2]) for row in session.execute(query) if row[0] is not None]


def _within(departments: Collection[str]) -> tuple[ColumnElement[Any], ...]:
    return (Employee.department.in_(sorted(departments)),) if departments else ()
