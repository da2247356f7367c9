"""What the page on working time lists: assignments, holidays, leave and excused hours that are not over."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from core.storage.models import Employee, ExcusedAbsence, Holiday, Leave, ShiftAssignment, ShiftPlan


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """Of an employee, whose name it has, or of a department."""

    id: int
    shift: str
    name: str | None
    department: str | None
    first_date: date
    last_date: date | None


@dataclass(frozen=True, slots=True)
class HolidayRow:
    id: int
    day: date
    name: str
    department: str | None


@dataclass(frozen=True, slots=True)
class LeaveRow:
    id: int
    name: str
    kind: str
    first_date: date
    last_date: date
    note: str


@dataclass(frozen=True, slots=True)
class ExcuseRow:
    id: int
    name: str
    started_at: datetime
    ended_at: datetime
    reason: str


def assignments(session: Session, since: date, departments: Collection[str] = ()) -> list[AssignmentRow]:
    """Those that hold on `since` or later, in order of shift and name."""
    query = (
        select(
            ShiftAssignment.id,
            ShiftPlan.name,
            Employee.name,
            ShiftAssignment.department,
            ShiftAssignment.first_date,
            ShiftAssignment.last_date,
        )
        .join(ShiftPlan, ShiftPlan.id == ShiftAssignment.shift_id)
        .outerjoin(Employee, Employee.id == ShiftAssignment.employee_id)
        .where(or_(ShiftAssignment.last_date.is_(None), ShiftAssignment.last_date >= since))
        .order_by(ShiftPlan.name, ShiftAssignment.department, Employee.name, ShiftAssignment.id)
    )
    if departments:
        wanted = sorted(departments)
        query = query.where(or_(ShiftAssignment.department.in_(wanted), Employee.department.in_(wanted)))
    return [AssignmentRow(*row) for row in session.execute(query)]


def holidays(session: Session, since: date, departments: Collection[str] = ()) -> list[HolidayRow]:
    """Everybody's and those of these departments, the next first."""
    query = select(Holiday.id, Holiday.day, Holiday.name, Holiday.department).where(Holiday.day >= since)
    if departments:
        query = query.where(or_(Holiday.department.is_(None), Holiday.department.in_(sorted(departments))))
    return [HolidayRow(*row) for row in session.execute(query.order_by(Holiday.day, Holiday.id))]


def leaves(session: Session, since: date, departments: Collection[str] = ()) -> list[LeaveRow]:
    query = (
        select(Leave.id, Employee.name, Leave.kind, Leave.first_date, Leave.last_date, Leave.note)
        .join(Employee, Employee.id == Leave.employee_id)
        .where(Leave.last_date >= since, *_within(departments))
    )
    return [LeaveRow(*row) for row in session.execute(query.order_by(Leave.first_date, Leave.id))]


def excuses(session: Session, since: datetime, departments: Collection[str] = ()) -> list[ExcuseRow]:
    columns = (ExcusedAbsence.id, Employee.name, ExcusedAbsence.started_at, ExcusedAbsence.ended_at)
    query = (
        select(*columns, ExcusedAbsence.reason)
        .join(Employee, Employee.id == ExcusedAbsence.employee_id)
        .where(ExcusedAbsence.ended_at >= since, *_within(departments))
    )
    ordered = query.order_by(ExcusedAbsence.started_at, ExcusedAbsence.id)
    return [ExcuseRow(*row) for row in session.execute(ordered)]


def _within(departments: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return (Employee.department.in_(sorted(departments)),) if departments else ()
