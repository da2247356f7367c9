"""Attendance rows: written from visits and evidence only, so that a rebuild writes the same."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.domain.attendance import AttendanceDay, VisitFact, project
from core.domain.schedule import attendance_day, day_bounds
from core.domain.states import EvidenceKind
from core.storage.models import Attendance, Evidence, Visit


@dataclass(frozen=True, slots=True, order=True)
class DayKey:
    employee_id: int
    attendance_date: date


def project_days(
    session: Session, visit_ids: Collection[int], zone: ZoneInfo, last_out_delay_s: float
) -> list[DayKey]:
    """Projects again the days to which these visits belong and returns them."""
    if not visit_ids:
        return []
    touched = session.execute(select(Visit.employee_id, Visit.arrived_at).where(Visit.id.in_(visit_ids)))
    keys = sorted({DayKey(employee_id, attendance_day(at, zone)) for employee_id, at in touched})
    for key in keys:
        _write(session, key.employee_id, _days(session, key, zone, last_out_delay_s))
    return keys


def days_with_rows(session: Session, first: date, last: date, zone: ZoneInfo) -> list[date]:
    """The days from `first` to `last` on which a visit began or for which there is an attendance row."""
    rows = (
        select(Attendance.attendance_date).where(Attendance.attendance_date.between(first, last)).distinct()
    )
    days = set(session.scalars(rows))
    at, end = day_bounds(first, zone)[0], day_bounds(last, zone)[1]
    next_arrival = select(func.min(Visit.arrived_at))
    while arrival := session.scalar(next_arrival.where(Visit.arrived_at >= at, Visit.arrived_at < end)):
        days.add(attendance_day(arrival, zone))
        at = day_bounds(attendance_day(arrival, zone), zone)[1]
    return sorted(days)


def rebuild(
    session: Session, first: date, last: date, zone: ZoneInfo, last_out_delay_s: float
) -> list[DayKey]:
    """Projects every attendance day from `first` to `last` again; days without a visit lose their row."""
    start, end = day_bounds(first, zone)[0], day_bounds(last, zone)[1]
    visits = session.execute(
        select(Visit.employee_id, Visit.arrived_at).where(Visit.arrived_at >= start, Visit.arrived_at < end)
    )
    keys = sorted({DayKey(employee_id, attendance_day(at, zone)) for employee_id, at in visits})
    written = set(keys)
    in_range = Attendance.attendance_date.between(first, last)
    for row in session.scalars(select(Attendance).where(in_range)).all():
        if DayKey(row.employee_id, row.attendance_date) not in written:
            session.execute(delete(Attendance).where(Attendance.id == row.id))
    for key in keys:
        _write(session, key.employee_id, _days(session, key, zone, last_out_delay_s))
    return keys


def _days(session: Session, key: DayKey, zone: ZoneInfo, last_out_delay_s: float) -> list[AttendanceDay]:
    start, end = day_bounds(key.attendance_date, zone)
    visits = session.scalars(
        select(Visit)
        .where(Visit.employee_id == key.employee_id, Visit.arrived_at >= start, Visit.arrived_at < end)
        .order_by(Visit.arrived_at)
    )
    facts = (VisitFact(v.id, v.arrived_at, v.last_seen_at, v.departed_at) for v in visits)
    return project(facts, zone, last_out_delay_s)


def _write(session: Session, employee_id: int, days: Iterable[AttendanceDay]) -> None:
    for day in days:
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
