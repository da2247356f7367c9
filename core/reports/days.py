"""Where reports and charts take people's days from, whatever made them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from core.reports.periods import Period
from core.settings import Parameters
from core.storage.rulebook import read_rulebook
from core.storage.work_days import PersonDay, work_days


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
    book = read_rulebook(session, period.first, period.last, parameters)
    days = work_days(session, period.first, period.last, book, now, departments)
    return [day for day in days if not employee_ids or day.employee_id in employee_ids]
