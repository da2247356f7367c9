"""The system's own answers about a month that was written to its database."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from benchmarks.month.scenario import Month
from benchmarks.month.writer import at, parameters
from core.domain.workday import WorkDay
from core.storage import judged_days as rows
from core.storage.judged_days import StoredDay
from core.storage.rulebook import read_rulebook
from core.storage.work_days import PersonDay, work_days

Judged = dict[tuple[str, date], WorkDay]


def judge(month: Month, engine: Engine) -> list[PersonDay]:
    """Every day as the rules judge it from the database."""
    with Session(engine) as session:
        book = read_rulebook(session, month.first, month.last, parameters(month))
        return work_days(session, month.first, month.last, book, at(month.now_s))


def store(month: Month, engine: Engine, days: list[PersonDay]) -> int:
    """Keeps judged days as rows; how many of them were others before."""
    with Session(engine) as session, session.begin():
        return rows.store(session, days, at(month.now_s), also_final=True)


def stored(month: Month, engine: Engine) -> list[StoredDay]:
    with Session(engine) as session:
        return rows.between(session, month.first, month.last)


def by_person_and_day(days: Iterable[PersonDay | StoredDay]) -> Judged:
    return {(day.code, day.work.day): day.work for day in days}
