"""Judged days as rows: a projection that pages read quickly and that can be written again at any time.

A day that is over is written once; another rule changes it only when somebody recomputes it. Days of a
locked month are never written.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ColumnElement, Date, Select, String, select, type_coerce
from sqlalchemy.orm import Session

from core.domain.day_changes import in_whole_seconds
from core.domain.states import DayStatus, LeaveKind
from core.domain.workday import Reason, WorkDay
from core.storage.day_record import IN_FORCE
from core.storage.models import Correction, Employee, JudgedDay, UtcDateTime
from core.storage.month_locks import locked_months, month_of
from core.storage.work_days import PersonDay

DURATIONS = {
    "working_s": "working",
    "present_s": "present",
    "seen_s": "seen",
    "not_seen_s": "not_seen",
    "not_observable_s": "not_observable",
    "late_s": "late_by",
    "left_early_s": "left_early_by",
    "overtime_s": "overtime",
}
"""Columns in seconds, and what of a `WorkDay` each holds."""

RAW: dict[str, Any] = {
    "employee_id": JudgedDay.employee_id,
    "day": JudgedDay.day,
    "code": Employee.code,
    "name": Employee.name,
    "department": Employee.department,
    "first_in": JudgedDay.first_in_at,
    "last_out": JudgedDay.last_out_at,
    "status": JudgedDay.status,
    "reasons": JudgedDay.reasons,
    "correction_id": JudgedDay.correction_id,
    **{figure: getattr(JudgedDay, name) for name, figure in DURATIONS.items()},
}
"""What `raw_final` reads, by the names of a `WorkDay`."""

_COLUMNS = [column for column in JudgedDay.__table__.c if column.name not in {"id", "department"}]
"""Read one by one, which is quicker than whole objects; the department is the employee's present one."""


@dataclass(frozen=True, slots=True)
class StoredDay:
    """As `PersonDay`, read from its row: `work` has no timeline. department: his present one."""

    employee_id: int
    code: str
    name: str
    department: str | None
    work: WorkDay
    shift_name: str | None
    start_at: datetime | None
    end_at: datetime | None
    correction_id: int | None
    judged_at: datetime


def store(session: Session, days: Sequence[PersonDay], now: datetime, *, also_final: bool = False) -> int:
    """Inserts and updates the rows that differ, and returns how many did.

    also_final: write again what was final already. A day that was judged by a correction which is not the
    one in force any more is left out: whoever changed the correction has judged it since.
    """
    locked = locked_months(session)
    days = [day for day in days if month_of(day.work.day) not in locked]
    if not days:
        return 0
    first, last = min(day.work.day for day in days), max(day.work.day for day in days)
    known = rows_of(session, {day.employee_id for day in days}, first, last)
    in_force = _in_force(session, first, last)
    written = 0
    for day in days:
        key = day.employee_id, day.work.day
        row = known.get(key)
        if in_force.get(key) != day.correction_id or (row and row.is_final and not also_final):
            continue
        written += _write(session, row, day, now)
    session.flush()
    return written


def of_day(session: Session, day: date, departments: Collection[str] = ()) -> list[StoredDay]:
    """Everybody's rows of one attendance day, in order of name."""
    return between(session, day, day, departments)


def between(session: Session, first: date, last: date, departments: Collection[str] = ()) -> list[StoredDay]:
    """Rows from `first` to `last`, inclusive, in order of name and day. departments: empty means all."""
    query = _query().where(JudgedDay.day.between(first, last), *_within(departments))
    return [_stored(row) for row in session.execute(query)]


def of_employee(session: Session, employee_id: int, first: date, last: date) -> list[StoredDay]:
    query = _query().where(JudgedDay.employee_id == employee_id, JudgedDay.day.between(first, last))
    return [_stored(row) for row in session.execute(query)]


def raw_final(
    session: Session,
    first: date,
    last: date,
    departments: Collection[str] = (),
    people: Collection[int] = (),
) -> list[tuple[Any, ...]]:
    """The final rows between two dates as the database holds them, `RAW` columns, in order of name and day.

    Times are UTC texts, lengths seconds, reasons JSON: a month of a thousand people is made into a table
    quicker than into so many objects.
    """
    query = (
        select(*(type_coerce(column, String) if _is_converted(column) else column for column in RAW.values()))
        .join(Employee, Employee.id == JudgedDay.employee_id)
        .where(JudgedDay.day.between(first, last), JudgedDay.is_final.is_(True), *_within(departments))
        .order_by(Employee.name, Employee.id, JudgedDay.day)
    )
    if people:
        query = query.where(JudgedDay.employee_id.in_(sorted(people)))
    return [tuple(row) for row in session.connection().execute(query)]


def reasons_of(told: str) -> tuple[Reason, ...]:
    """From the JSON of a row."""
    return tuple(_to_reason(one) for one in json.loads(told))


def unfinished(session: Session, until: date) -> dict[date, set[int]]:
    """Who has days up to `until` that are not final, day by day."""
    found: dict[date, set[int]] = {}
    rows = select(JudgedDay.day, JudgedDay.employee_id).where(
        JudgedDay.is_final.is_(False), JudgedDay.day <= until
    )
    for day, employee_id in session.execute(rows):
        found.setdefault(day, set()).add(employee_id)
    return found


def has_final(session: Session, first: date, last: date) -> bool:
    """Whether any row between two dates, inclusive, is final."""
    rows = select(JudgedDay.id).where(JudgedDay.day.between(first, last), JudgedDay.is_final.is_(True))
    return session.scalar(rows.limit(1)) is not None


def finished(session: Session, day: date) -> set[int]:
    """Whose row of a day is final."""
    rows = select(JudgedDay.employee_id).where(JudgedDay.day == day, JudgedDay.is_final.is_(True))
    return set(session.scalars(rows))


def columns_of(day: PersonDay) -> dict[str, Any]:
    """The row of a day without id and `judged_at`."""
    work, shift = in_whole_seconds(day.work), day.shift
    return {
        "employee_id": day.employee_id,
        "day": work.day,
        "department": day.department,
        "shift_name": shift.shift.name if shift else None,
        "start_at": shift.start_at if shift else None,
        "end_at": shift.end_at if shift else None,
        "status": str(work.status),
        "is_final": work.is_final,
        "first_in_at": work.first_in_at,
        "last_out_at": work.last_out_at,
        **{name: int(getattr(work, figure).total_seconds()) for name, figure in DURATIONS.items()},
        "reasons": [_reason_json(reason) for reason in work.reasons],
        "correction_id": day.correction_id,
    }


def _write(session: Session, row: JudgedDay | None, day: PersonDay, now: datetime) -> bool:
    """Whether it differed."""
    columns = columns_of(day)
    if row is None:
        session.add(JudgedDay(**columns, judged_at=now))
        return True
    different = {name: value for name, value in columns.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    if different:
        row.judged_at = now
    return bool(different)


def rows_of(
    session: Session, people: Collection[int], first: date, last: date
) -> dict[tuple[int, date], JudgedDay]:
    rows = session.scalars(
        select(JudgedDay).where(JudgedDay.employee_id.in_(sorted(people)), JudgedDay.day.between(first, last))
    )
    return {(row.employee_id, row.day): row for row in rows}


def _in_force(session: Session, first: date, last: date) -> dict[tuple[int, date], int]:
    rows = session.execute(
        select(Correction.employee_id, Correction.day, Correction.id).where(
            Correction.day.between(first, last), IN_FORCE
        )
    )
    return {(employee_id, day): correction_id for employee_id, day, correction_id in rows}


def _query() -> Select[*tuple[Any, ...]]:
    return (
        select(*_COLUMNS, Employee.code, Employee.name, Employee.department)
        .join(Employee, Employee.id == JudgedDay.employee_id)
        .order_by(Employee.name, Employee.id, JudgedDay.day)
    )


def _is_converted(column: Any) -> bool:
    """Whether SQLAlchemy would make an object of what the database holds."""
    return isinstance(column.type, UtcDateTime | Date | JSON)


def _within(departments: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return (Employee.department.in_(sorted(departments)),) if departments else ()


def _stored(row: Any) -> StoredDay:
    return StoredDay(
        row.employee_id,
        row.code,
        row.name,
        row.department,
        to_work_day(row),
        row.shift_name,
        row.start_at,
        row.end_at,
        row.correction_id,
        row.judged_at,
    )


def to_work_day(row: Any) -> WorkDay:
    """What a `JudgedDay`, or a row with its columns, says: in whole seconds and without timeline."""
    durations = {figure: timedelta(seconds=getattr(row, name)) for name, figure in DURATIONS.items()}
    working, dark = row.working_s, row.not_observable_s
    return WorkDay(
        day=row.day,
        status=DayStatus(row.status),
        is_final=row.is_final,
        first_in_at=row.first_in_at,
        last_out_at=row.last_out_at,
        **durations,
        coverage=(working - dark) / working if working else None,
        timeline=(),
        reasons=tuple(_to_reason(reason) for reason in row.reasons),
    )


def _reason_json(reason: Reason) -> dict[str, Any]:
    return {"code": reason.code, "params": {name: _plain(value) for name, value in reason.params.items()}}


def _plain(value: object) -> object:
    match value:
        case datetime():
            return {"at": value.isoformat()}
        case timedelta():
            return {"s": int(value.total_seconds())}
        case LeaveKind():
            return {"leave": str(value)}
    return value


def _to_reason(told: dict[str, Any]) -> Reason:
    return Reason(told["code"], {name: _told(value) for name, value in told["params"].items()})


def _told(value: object) -> object:
    match value:
        case {"at": str(at)}:
            return datetime.fromisoformat(at)
        case {"s": seconds}:
            return timedelta(seconds=seconds)
        case {"leave": str(kind)}:
            return LeaveKind(kind)
    return value
