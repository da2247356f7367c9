"""Where reports take days from: as they are stored once they are over, else judged now."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from core.domain.schedule import ONE_DAY
from core.reports.periods import Period
from core.settings import Parameters
from core.storage import day_rounds, judged_days
from core.storage.judged_days import StoredDay
from core.storage.month_locks import locked_months, month_of
from core.storage.rulebook import read_rulebook
from core.storage.work_days import Only, PersonDay, prepare


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
        book = read_rulebook(session, begun.first, begun.last, parameters)
        only = Only(departments, employee_ids or None)
        bench = prepare(session, begun.first, begun.last, book, now, only)
        live = {(day.employee_id, day.work.day): day for day in bench.judged(bench.people)}
        found = live | stored
    return sorted(found.values(), key=lambda day: (day.name, day.employee_id, day.work.day))


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
