"""Attendance rows: written from visits and evidence only, so that a rebuild writes the same.

The day of a visit follows the shift of whom it is about, so that a night shift is one day.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from core.domain.attendance import AttendanceDay, VisitFact, project
from core.domain.schedule import ONE_DAY, attendance_day, day_bounds
from core.domain.shifts import SiteHours
from core.domain.states import EvidenceKind
from core.storage.models import Attendance, Employee, Evidence, Visit
from core.storage.working_time import read_roster

ASKED_AT_ONCE = 500


@dataclass(frozen=True, slots=True, order=True)
class DayKey:
    employee_id: int
    attendance_date: date


@dataclass(frozen=True)
class AttendanceRules:
    """last_out_delay_s: for so long after a departure the last out may still move."""

    site: SiteHours
    last_out_delay_s: float


def project_days(session: Session, visit_ids: Collection[int], rules: AttendanceRules) -> list[DayKey]:
    """Projects again the days to which these visits belong and returns them."""
    if not visit_ids:
        return []
    rows = session.execute(select(Visit.employee_id, Visit.arrived_at).where(Visit.id.in_(visit_ids)))
    touched = [(person, at) for person, at in rows if person is not None]
    if not touched:
        return []
    days = [attendance_day(at, rules.site.zone) for _, at in touched]
    cut = _DayCut(session, min(days) - ONE_DAY, max(days) + ONE_DAY, rules)
    keys = sorted({DayKey(person, cut.day_of(person, at)) for person, at in touched})
    for day, of_day in groupby(sorted(keys, key=_date_of), key=_date_of):
        _project(session, cut, day, day, [key.employee_id for key in of_day])
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


def rebuild(
    session: Session,
    first: date,
    last: date,
    rules: AttendanceRules,
    people: Collection[int] | None = None,
) -> list[DayKey]:
    """Projects every attendance day from `first` to `last` again, of these people or of everybody.

    Days without a visit lose their row; rows that are right are not touched.
    """
    return _project(session, _DayCut(session, first, last, rules), first, last, people)


def _date_of(key: DayKey) -> date:
    return key.attendance_date


class _DayCut:
    """To which attendance day of whom an instant belongs, for the days between two dates."""

    def __init__(self, session: Session, first: date, last: date, rules: AttendanceRules) -> None:
        self.rules = rules
        self._session = session
        self._roster = read_roster(session, first, last, rules.site)
        self._departments: dict[int, str | None] = {}

    def day_of(self, employee_id: int, at: datetime) -> date:
        if employee_id not in self._departments:
            self._departments[employee_id] = self._session.scalar(
                select(Employee.department).where(Employee.id == employee_id)
            )
        return self._roster.day_of(employee_id, self._departments[employee_id], at)


def _project(
    session: Session, cut: _DayCut, first: date, last: date, people: Collection[int] | None
) -> list[DayKey]:
    days: dict[DayKey, AttendanceDay] = {}
    for person, visits in _visits(session, cut.rules, first, last, people).items():
        for day in project(visits, partial(cut.day_of, person), cut.rules.last_out_delay_s):
            if first <= day.attendance_date <= last:
                days[DayKey(person, day.attendance_date)] = day
    evidence = _evidence(session, days.values())
    rows = _rows(session, first, last, people)
    for key in rows.keys() - days.keys():
        session.delete(rows[key])
    for key, day in sorted(days.items()):
        row = rows.get(key)
        if row is None:
            row = Attendance(employee_id=key.employee_id, attendance_date=key.attendance_date)
            session.add(row)
        row.first_in_at, row.last_out_at = day.first_in_at, day.last_out_at
        row.last_out_final_at, row.visit_count = day.last_out_final_at, day.visit_count
        row.first_in_evidence_id = evidence.get((day.first_in_visit_id, EvidenceKind.ARRIVAL))
        row.last_out_evidence_id = evidence.get((day.last_out_visit_id, EvidenceKind.DEPARTURE))
    session.flush()
    return sorted(days)


def _visits(
    session: Session, rules: AttendanceRules, first: date, last: date, people: Collection[int] | None
) -> Mapping[int, list[VisitFact]]:
    """Those that may belong to the days, which need not begin at midnight; each person's in order."""
    start = day_bounds(first - ONE_DAY, rules.site.zone)[0]
    end = day_bounds(last + ONE_DAY, rules.site.zone)[1]
    query = select(Visit.employee_id, Visit.id, Visit.arrived_at, Visit.last_seen_at, Visit.departed_at)
    rows = session.execute(
        query.where(
            Visit.arrived_at >= start,
            Visit.arrived_at < end,
            Visit.employee_id.is_not(None),
            *_only(Visit.employee_id, people),
        ).order_by(Visit.arrived_at, Visit.id)
    )
    found: dict[int, list[VisitFact]] = {}
    for row in rows:
        visit = VisitFact(row.id, row.arrived_at, row.last_seen_at, row.departed_at)
        found.setdefault(row.employee_id, []).append(visit)
    return found


def _evidence(session: Session, days: Iterable[AttendanceDay]) -> Mapping[tuple[int, str], int]:
    """The pictures of the visits that begin and end the days, by visit and kind."""
    visits = sorted({visit for day in days for visit in (day.first_in_visit_id, day.last_out_visit_id)})
    found: dict[tuple[int, str], int] = {}
    for at in range(0, len(visits), ASKED_AT_ONCE):
        rows = session.execute(
            select(Evidence.visit_id, Evidence.kind, Evidence.id).where(
                Evidence.visit_id.in_(visits[at : at + ASKED_AT_ONCE])
            )
        )
        found |= {(visit, kind): number for visit, kind, number in rows}
    return found


def _rows(
    session: Session, first: date, last: date, people: Collection[int] | None
) -> Mapping[DayKey, Attendance]:
    query = select(Attendance).where(
        Attendance.attendance_date.between(first, last), *_only(Attendance.employee_id, people)
    )
    return {DayKey(row.employee_id, row.attendance_date): row for row in session.scalars(query)}


def _only(column: Any, people: Collection[int] | None) -> tuple[ColumnElement[bool], ...]:
    return () if people is None else (column.in_(sorted(people)),)
