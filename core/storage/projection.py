"""Attendance rows: written from visits and evidence only, so that a rebuild writes the same.

The day of a visit follows the shift of whom it is about, so that a night shift is one day.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.domain.attendance import AttendanceDay, VisitFact, project
from core.domain.schedule import ONE_DAY, attendance_day, day_bounds
from core.domain.shifts import SiteHours
from core.domain.states import EvidenceKind
from core.storage.models import Attendance, Employee, Evidence, Visit
from core.storage.working_time import read_roster


@dataclass(frozen=True, slots=True, order=True)
class DayKey:
    employee_id: int
    attendance_date: date


@dataclass(frozen=True)
class AttendanceRules:
    """last_out_delay_s: for so long after a departure the last out may still move."""

    site: SiteHours
    last_out_delay_s: float


class Projector:
    """Attendance of the days between two dates."""

    def __init__(self, session: Session, first: date, last: date, rules: AttendanceRules) -> None:
        self._session = session
        self._rules = rules
        self._roster = read_roster(session, first, last, rules.site)
        self._departments: dict[int, str | None] = {}

    def keys(self, visits: Iterable[tuple[int, datetime]]) -> list[DayKey]:
        """The days on which these visits, each an employee and his arrival, count."""
        return sorted({DayKey(person, self._day_of(person, at)) for person, at in visits})

    def write(self, key: DayKey) -> None:
        person, department = key.employee_id, self._department(key.employee_id)
        start, end = self._roster.day_bounds(person, department, key.attendance_date)
        visits = self._session.scalars(
            select(Visit)
            .where(Visit.employee_id == person, Visit.arrived_at >= start, Visit.arrived_at < end)
            .order_by(Visit.arrived_at)
        )
        facts = (VisitFact(v.id, v.arrived_at, v.last_seen_at, v.departed_at) for v in visits)
        for day in project(facts, partial(self._day_of, person), self._rules.last_out_delay_s):
            _write(self._session, person, day)

    def _day_of(self, employee_id: int, at: datetime) -> date:
        return self._roster.day_of(employee_id, self._department(employee_id), at)

    def _department(self, employee_id: int) -> str | None:
        if employee_id not in self._departments:
            self._departments[employee_id] = self._session.scalar(
                select(Employee.department).where(Employee.id == employee_id)
            )
        return self._departments[employee_id]


def project_days(session: Session, visit_ids: Collection[int], rules: AttendanceRules) -> list[DayKey]:
    """Projects again the days to which these visits belong and returns them."""
    if not visit_ids:
        return []
    touched = session.execute(
        select(Visit.employee_id, Visit.arrived_at).where(Visit.id.in_(visit_ids))
    ).all()
    days = [attendance_day(at, rules.site.zone) for _, at in touched]
    projector = Projector(session, min(days) - ONE_DAY, max(days) + ONE_DAY, rules)
    keys = projector.keys((person, at) for person, at in touched)
    for key in keys:
        projector.write(key)
    return keys


def days_with_rows(session: Session, first: date, last: date, site: SiteHours) -> list[date]:
    """The days from `first` to `last` near which a visit began or for which there is an attendance row."""
    rows = (
        select(Attendance.attendance_date).where(Attendance.attendance_date.between(first, last)).distinct()
    )
    days = set(session.scalars(rows))
    at, end = day_bounds(first - ONE_DAY, site.zone)[0], day_bounds(last + ONE_DAY, site.zone)[1]
    next_arrival = select(func.min(Visit.arrived_at))
    while arrival := session.scalar(next_arrival.where(Visit.arrived_at >= at, Visit.arrived_at < end)):
        day = attendance_day(arrival, site.zone)
        days |= {day - ONE_DAY, day, day + ONE_DAY}
        at = day_bounds(day, site.zone)[1]
    return sorted(day for day in days if first <= day <= last)


def rebuild(session: Session, first: date, last: date, rules: AttendanceRules) -> list[DayKey]:
    """Projects every attendance day from `first` to `last` again; days without a visit lose their row."""
    zone = rules.site.zone
    start, end = day_bounds(first - ONE_DAY, zone)[0], day_bounds(last + ONE_DAY, zone)[1]
    visits = session.execute(
        select(Visit.employee_id, Visit.arrived_at).where(Visit.arrived_at >= start, Visit.arrived_at < end)
    )
    projector = Projector(session, first, last, rules)
    keys = [
        key
        for key in projector.keys((person, at) for person, at in visits)
        if first <= key.attendance_date <= last
    ]
    written = set(keys)
    in_range = Attendance.attendance_date.between(first, last)
    for row in session.scalars(select(Attendance).where(in_range)).all():
        if DayKey(row.employee_id, row.attendance_date) not in written:
            session.execute(delete(Attendance).where(Attendance.id == row.id))
    for key in keys:
        projector.write(key)
    return keys


def _write(session: Session, employee_id: int, day: AttendanceDay) -> None:
    row = session.scalars(
        select(Attendance).where(
            Attendance.employee_id == employee_id, Attendance.attendance_date == day.attendance_date
        )
    ).one_or_none()
    if row is None:
        row = Attendance(employee_id=employee_id, attendance_date=day.attendance_date)
        session.add(row)
    row.first_in_at, row.last_out_at = day.first_in_at, day.last_out_at
    row.last_out_final_at, row.visit_count = day.last_out_final_at, day.visit_count
    row.first_in_evidence_id = _evidence(session, day.first_in_visit_id, EvidenceKind.ARRIVAL)
    row.last_out_evidence_id = _evidence(session, day.last_out_visit_id, EvidenceKind.DEPARTURE)
    session.flush()


def _evidence(session: Session, visit_id: int, kind: EvidenceKind) -> int | None:
    return session.scalars(
        select(Evidence.id).where(Evidence.visit_id == visit_id, Evidence.kind == kind)
    ).one_or_none()
