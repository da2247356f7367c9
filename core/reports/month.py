"""A month of everybody: each day, the sums, and what exceeds the allowed hours."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy.orm import Session

from core.domain.schedule import ONE_DAY
from core.domain.summary import Exceeded, HourLimits, Totals, exceeded, total
from core.storage.work_days import PersonDay, Rulebook, work_days


@dataclass(frozen=True)
class PersonMonth:
    """days: those of the month that have begun, oldest first; there is at least one."""

    days: list[PersonDay]
    totals: Totals
    exceeded: list[Exceeded]

    @property
    def person(self) -> PersonDay:
        return self.days[0]


def month_of(
    session: Session,
    month: date,
    book: Rulebook,
    limits: HourLimits,
    now: datetime,
    departments: Collection[str] = (),
) -> list[PersonMonth]:
    """The month in which a date lies, person by person in order of name.

    Limits are judged on whole weeks: those that begin in the month, to their end.
    """
    first, last = month_bounds(month)
    sunday = last + (6 - last.weekday()) * ONE_DAY
    monday = first + (-first.weekday() % 7) * ONE_DAY
    found = []
    judged = work_days(session, first, sunday, book, now, departments)
    for _, days in groupby(judged, key=lambda day: day.employee_id):
        whole = list(days)
        of_month = [day for day in whole if day.work.day <= last]
        if of_month:
            beyond = exceeded((day.work for day in whole if day.work.day >= monday), limits)
            found.append(PersonMonth(of_month, total(day.work for day in of_month), beyond))
    return found


def month_bounds(month: date) -> tuple[date, date]:
    """The first and the last day of the month in which a date lies."""
    first = month.replace(day=1)
    return first, (first + 31 * ONE_DAY).replace(day=1) - ONE_DAY
