"""Shifts, assignments, holidays, leave and excused hours: written with their audit row, read as a calendar.

A change of these changes how days are judged, also past ones, and none of the facts.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, TypeVar

from sqlalchemy import inspect, or_, select
from sqlalchemy.orm import Session

from core.domain.calendar import Calendar, FreeDay, LeaveDays
from core.domain.schedule import ONE_DAY, Span, day_bounds
from core.domain.shifts import Assignment, Roster, Shift, SiteHours
from core.domain.spans import Spans, union
from core.domain.states import LeaveKind
from core.errors import GspeError
from core.storage import audit, pauses
from core.storage.employees import MAX_LENGTH, clean_text, find_employee
from core.storage.models import (
    Base,
    ExcusedAbsence,
    Holiday,
    Leave,
    ShiftAssignment,
    ShiftPlan,
)

KINDS: Mapping[type[Base], str] = {
    ShiftPlan: "shift",
    ShiftAssignment: "assignment",
    Holiday: "holiday",
    Leave: "leave",
    ExcusedAbsence: "excuse",
}
"""What can be added here, as the audit trail names it."""

E = TypeVar("E", bound=Base)
MOST_GRACE_MIN = 12 * 60


def read_calendar(session: Session, first: date, last: date, site: SiteHours) -> Calendar:
    """Who is expected when between two dates, a day around them included."""
    first, last = first - ONE_DAY, last + ONE_DAY
    start, end = day_bounds(first, site.zone)[0], day_bounds(last, site.zone)[1]
    return Calendar(
        Roster(_assignments(session, first, last), site),
        [
            FreeDay(row.day, row.name, row.department)
            for row in session.scalars(select(Holiday).where(Holiday.day.between(first, last)))
        ],
        [
            LeaveDays(row.employee_id, LeaveKind(row.kind), row.first_date, row.last_date)
            for row in _leaves(session, first, last)
        ],
        _excused(session, start, end),
        pauses.between(session, start, end),
    )


def read_roster(session: Session, first: date, last: date, site: SiteHours) -> Roster:
    """Who works which shift between two dates, a day around them included."""
    return Roster(_assignments(session, first - ONE_DAY, last + ONE_DAY), site)


def shifts(session: Session) -> list[Shift]:
    """Those that can be assigned, in order of name."""
    rows = session.scalars(select(ShiftPlan).where(ShiftPlan.retired_at.is_(None)).order_by(ShiftPlan.name))
    return [to_shift(row) for row in rows]


def add(session: Session, row: E, *, actor: str, now: datetime) -> E:
    """Stores a new entry, its texts trimmed.

    Raises GspeError, code `shift_invalid`, `shift_name_taken`, `shift_unknown`, `assignment_invalid`,
    `working_time_incomplete`, `working_time_invalid` or `employee_unknown`.
    """
    match row:
        case ShiftPlan():
            _check_shift(session, row)
        case ShiftAssignment():
            _check_assignment(session, row)
        case Holiday():
            _refuse_gaps(row.day)
            row.name = _told(row.name)
        case Leave():
            _refuse_gaps(row.employee_id, row.first_date, row.last_date)
            find_employee(session, row.employee_id)
            _refuse_disorder(row.first_date <= row.last_date)
            row.note = clean_text(row.note or "")[:MAX_LENGTH]
        case ExcusedAbsence():
            _refuse_gaps(row.employee_id, row.started_at, row.ended_at)
            find_employee(session, row.employee_id)
            _refuse_disorder(row.started_at < row.ended_at)
            row.reason = _told(row.reason)
    session.add(row)
    session.flush()
    audit.append(session, now, actor, f"{KINDS[type(row)]}.added", _subject(row), _values(row))
    return row


def remove(session: Session, kind: type[Base], row_id: int, *, actor: str, now: datetime) -> None:
    """Takes an entry back; the audit trail keeps what it was. A shift is retired instead.

    Raises GspeError, code `working_time_unknown`.
    """
    row = session.get(kind, row_id)
    if row is None or kind is ShiftPlan:
        raise GspeError("this entry is gone already; reload the page", code="working_time_unknown")
    audit.append(session, now, actor, f"{KINDS[kind]}.removed", _subject(row), _values(row))
    session.delete(row)


def retire_shift(session: Session, shift_id: int, *, actor: str, now: datetime) -> None:
    """From now on it can be given to nobody. Its assignments go on until they end.

    Raises GspeError, code `shift_unknown`.
    """
    plan = _plan(session, shift_id)
    plan.retired_at = now
    audit.append(session, now, actor, "shift.retired", _subject(plan), {"name": plan.name})


def to_shift(row: ShiftPlan) -> Shift:
    """Raises ValueError for what is no shift."""
    return Shift(
        row.id or 0,
        row.name,
        time.fromisoformat(row.start),
        time.fromisoformat(row.end),
        tuple(Span(time.fromisoformat(start), time.fromisoformat(end)) for start, end in row.breaks or ()),
        row.late_grace_min or 0,
        row.early_grace_min or 0,
        frozenset(row.weekdays),
    )


def _assignments(session: Session, first: date, last: date) -> list[Assignment]:
    rows = session.execute(
        select(ShiftAssignment, ShiftPlan)
        .join(ShiftPlan, ShiftPlan.id == ShiftAssignment.shift_id)
        .where(ShiftAssignment.first_date <= last)
        .where(or_(ShiftAssignment.last_date.is_(None), ShiftAssignment.last_date >= first))
    )
    return [
        Assignment(row.id, to_shift(plan), row.first_date, row.last_date, row.employee_id, row.department)
        for row, plan in rows
    ]


def _leaves(session: Session, first: date, last: date) -> list[Leave]:
    """In the order in which they were given; sorted here, so that the dates' index finds them."""
    rows = session.scalars(select(Leave).where(Leave.last_date >= first, Leave.first_date <= last))
    return sorted(rows, key=lambda row: row.id)


def _excused(session: Session, start: datetime, end: datetime) -> dict[int, Spans]:
    found: dict[int, Spans] = {}
    rows = session.scalars(
        select(ExcusedAbsence).where(ExcusedAbsence.ended_at > start, ExcusedAbsence.started_at < end)
    )
    for row in rows:
        own = ((row.started_at, row.ended_at),)
        found[row.employee_id] = union(found.get(row.employee_id, ()), own)
    return found


def _check_shift(session: Session, plan: ShiftPlan) -> None:
    plan.name = clean_text(plan.name)
    graces = (plan.late_grace_min or 0, plan.early_grace_min or 0)
    try:
        days = to_shift(plan).weekdays
        fits = all(0 <= grace <= MOST_GRACE_MIN for grace in graces) and days and days <= set(range(7))
        if not fits or not 0 < len(plan.name) <= MAX_LENGTH:
            raise ValueError("name, graces and weekdays")
    except (ValueError, TypeError) as error:
        raise GspeError(
            "a shift needs a name, times as HH:MM, breaks within it that do not overlap, graces of 0 to 720 "
            "minutes and a weekday",
            code="shift_invalid",
        ) from error
    if session.scalar(select(ShiftPlan.id).where(ShiftPlan.name == plan.name)) is not None:
        raise GspeError(
            f"there is a shift {plan.name} already; choose another name",
            code="shift_name_taken",
            name=plan.name,
        )


def _check_assignment(session: Session, row: ShiftAssignment) -> None:
    _refuse_gaps(row.shift_id, row.first_date)
    plan = _plan(session, row.shift_id)
    if row.employee_id is not None:
        find_employee(session, row.employee_id)
    row.department = row.department or None
    is_one = (row.employee_id is None) != (row.department is None)
    ends = row.last_date is None or row.last_date >= row.first_date
    if plan.retired_at is not None or not is_one or not ends:
        raise GspeError(
            "a shift in use goes to one employee or one department, and its last day is not before its first",
            code="assignment_invalid",
        )


def _plan(session: Session, shift_id: int) -> ShiftPlan:
    plan = session.get(ShiftPlan, shift_id)
    if plan is None:
        raise GspeError("there is no such shift; reload the page", code="shift_unknown")
    return plan


def _told(words: str) -> str:
    clean = clean_text(words)
    _refuse_disorder(0 < len(clean) <= MAX_LENGTH)
    return clean


def _refuse_gaps(*values: object) -> None:
    """A form may be sent with a field left empty."""
    if None in values:
        raise GspeError(
            "something is missing: choose the employee, the shift and the days",
            code="working_time_incomplete",
        )


def _refuse_disorder(is_right: bool) -> None:
    if not is_right:
        raise GspeError(
            "an entry needs a name of at most 200 characters, and an end that is not before its start",
            code="working_time_invalid",
        )


def _subject(row: Base) -> str:
    (row_id,) = inspect(row).identity or (None,)
    return f"{row.__tablename__}:{row_id}"


def _values(row: Base) -> dict[str, Any]:
    """As JSON takes them."""
    values = {column.name: getattr(row, column.name) for column in row.__table__.columns}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
        if name != "id" and value is not None
    }
