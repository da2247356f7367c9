"""The system's own answers about a month that was written to its database."""

from datetime import date

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from benchmarks.month.scenario import Month
from benchmarks.month.writer import at, parameters
from core.domain.workday import WorkDay
from core.storage import judged_days as rows
from core.storage import work_days as judged
from core.storage.rulebook import read_rulebook

Judged = dict[tuple[str, date], WorkDay]


def judged_days(month: Month, engine: Engine) -> Judged:
    """Every day as the rules judge it from the database, without its timeline."""
    with Session(engine) as session:
        book = read_rulebook(session, month.first, month.last, parameters(month))
        days = judged.work_days(session, month.first, month.last, book, at(month.now_s))
        return {(day.code, day.work.day): day.work for day in days}


def stored_days(month: Month, engine: Engine) -> tuple[Judged, int]:
    """The same from the rows that judged days are stored in, and how many rows storing twice changes."""
    with Session(engine) as session, session.begin():
        book = read_rulebook(session, month.first, month.last, parameters(month))
        days = judged.work_days(session, month.first, month.last, book, at(month.now_s))
        rows.store(session, days, at(month.now_s))
    with Session(engine) as session, session.begin():
        days = judged.work_days(session, month.first, month.last, book, at(month.now_s))
        changed = rows.store(session, days, at(month.now_s), also_final=True)
        found = {(one.code, one.work.day): one.work for one in rows.between(session, month.first, month.last)}
    return found, changed
