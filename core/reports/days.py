"""Where reports take days from: as they are stored once they are over, else judged now."""

from collections.abc import Collection
from datetime import date, datetime

import pandas as pd
from sqlalchemy.orm import Session

from core.domain.schedule import ONE_DAY
from core.reports.frame import day_frame, stored_frame
from core.reports.periods import Period
from core.settings import Parameters
from core.storage import day_rounds, judged_days
from core.storage.judged_days import StoredDay
from core.storage.month_locks import locked_months, month_of
from core.storage.rulebook import read_rulebook
from core.storage.work_days import Only, PersonDay, prepare


def frame_of(
    session: Session,
    period: Period,
    parameters: Parameters,
    now: datetime,
    departments: Collection[str] = (),
    employee_ids: Collection[int] = (),
) -> pd.DataFrame:
    """The days of `days_of` as a `day_frame`, those that are over straight from their rows."""
    rows = judged_days.raw_final(session, period.first, period.last, departments, employee_ids)
    stored = stored_frame(rows, parameters.zone)
    begun = _not_over(session, period)
    if begun is None:
        return stored
    live = _live(session, begun, parameters, now, Only(departments, employee_ids or None))
    known = {(row[0], date.fromisoformat(row[1])) for row in rows if row[1] >= begun.first.isoformat()}
    days = [day for key, day in live.items() if key not in known]
    corrected = {key for key, day in live.items() if day.correction_id is not None}
    parts = [part for part in (stored, day_frame(days, corrected, parameters.zone)) if not part.empty]
    if not parts:
        return stored
    return pd.concat(parts).sort_values(["name", "employee_id", "day"], ignore_index=True)


def days_of(
    session: Session,
    period: Period,
    parameters: Parameters,
    now: datetime,
    departments: Collection[str] = (),
    employee_ids: Collection[int] = (),
) -> list[PersonDay]:
    """The days of the period that have begun, in order of name and day.

    departments and employee_ids: only these; empty: all.
    """
    stored = {
        (row.employee_id, row.work.day): _of_row(row)
        for row in _stored(session, period, departments, employee_ids)
        if row.work.is_final
    }
    found = dict(stored)
    begun = _not_over(session, period)
    if begun is not None:
        found = _live(session, begun, parameters, now, Only(departments, employee_ids or None)) | stored
    return sorted(found.values(), key=lambda day: (day.name, day.employee_id, day.work.day))


def _live(
    session: Session, period: Period, parameters: Parameters, now: datetime, only: Only
) -> dict[tuple[int, date], PersonDay]:
    book = read_rulebook(session, period.first, period.last, parameters)
    bench = prepare(session, period.first, period.last, book, now, only)
    return {(day.employee_id, day.work.day): day for day in bench.judged(bench.people)}


def _stored(
    session: Session, period: Period, departments: Collection[str], employee_ids: Collection[int]
) -> list[StoredDay]:
    if not employee_ids:
        return judged_days.between(session, period.first, period.last, departments)
    return [
        row
        for employee_id in sorted(employee_ids)
        for row in judged_days.of_employee(session, employee_id, period.first, period.last)
        if not departments or row.department in departments
    ]


def _not_over(session: Session, period: Period) -> Period | None:
    """From the first to the last day that is not stored for everybody and for good."""
    done = day_rounds.completed(session, period.first, period.last)
    locked = locked_months(session)
    days = [period.first + n * ONE_DAY for n in range((period.last - period.first).days + 1)]
    waiting = [day for day in days if day not in done and month_of(day) not in locked]
    return Period(waiting[0], waiting[-1]) if waiting else None


def _of_row(row: StoredDay) -> PersonDay:
    return PersonDay(row.employee_id, row.code, row.name, row.department, row.work, None, row.correction_id)
