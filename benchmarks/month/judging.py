"""The system's own answers about a month that was written to its database.

What judges from the tables alone is `core.storage.work_days`. As long as it reads neither corrections nor
ties, they reach the judge here: corrections by hand, and ties not at all (`READS_TIES`).
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from importlib.util import find_spec

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from benchmarks.month.scenario import Month
from benchmarks.month.writer import at, parameters
from core.domain.states import DayStatus
from core.domain.workday import DayCorrection, WorkDay, judge
from core.storage import work_days as judged
from core.storage.rulebook import read_rulebook

READS_ALL = find_spec("core.storage.judged_days") is not None
"""Whether corrections and ties are read from their tables, and judged days stored."""

Judged = dict[tuple[str, date], WorkDay]


def told(month: Month) -> Month:
    """The month as far as the system can read it."""
    return month if READS_ALL else replace(month, ties=())


def judged_days(month: Month, engine: Engine) -> Judged:
    """Every day as the rules judge it from the database, without its timeline."""
    with Session(engine) as session:
        book = read_rulebook(session, month.first, month.last, parameters(month))
        days = judged.work_days(session, month.first, month.last, book, at(month.now_s))
        found = {(day.code, day.work.day): day.work for day in days}
        if not READS_ALL:
            found |= dict(_corrected(month, session, book))
    return found


def _corrected(
    month: Month, session: Session, book: judged.Rulebook
) -> Iterator[tuple[tuple[str, date], WorkDay]]:
    """The corrected days, judged once more with what somebody answers for."""
    answers = {(one.person, one.day): one for one in month.answers if one.state == "in_force"}
    now, zone = at(month.now_s), book.zone
    record = judged._Record(session, month.first, month.last, zone)
    for person in judged._people(session, month.first, month.last, zone, ()):
        for facts in judged._days(person, month.first, month.last, book.calendar, record, now):
            answer = answers.get((person.code, facts.day))
            if answer is None:
                continue
            correction = DayCorrection(
                None if answer.first_in_s is None else at(answer.first_in_s),
                None if answer.last_out_s is None else at(answer.last_out_s),
                None if answer.status is None else DayStatus(answer.status),
            )
            yield (person.code, facts.day), judge(replace(facts, correction=correction), book.rules)


def stored_days(month: Month, engine: Engine) -> tuple[Judged, int]:
    """The same from the rows that judged days are stored in, and how many rows storing twice changes."""
    from core.storage import judged_days as rows  # noqa: PLC0415  it comes with the stored days

    with Session(engine) as session, session.begin():
        book = read_rulebook(session, month.first, month.last, parameters(month))
        days = judged.work_days(session, month.first, month.last, book, at(month.now_s))
        rows.store(session, days, at(month.now_s))
    with Session(engine) as session, session.begin():
        days = judged.work_days(session, month.first, month.last, book, at(month.now_s))
        changed = rows.store(session, days, at(month.now_s), also_final=True)
        found = {(one.code, one.work.day): one.work for one in rows.between(session, month.first, month.last)}
    return found, changed
