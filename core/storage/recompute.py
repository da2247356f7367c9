"""Judges days that are over once more: first as a preview of what changes, then for good.

Another shift, holiday, leave or setting changes no stored day by itself. Locked months are left out.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from sqlalchemy.orm import Session

from core.domain.day_changes import FigureChange, changes, deciding, in_whole_seconds
from core.domain.schedule import ONE_DAY
from core.domain.workday import Reason, WorkDay
from core.errors import GspeError
from core.settings import Parameters
from core.storage import audit, judged_days
from core.storage.month_locks import last_day_of, locked_months, month_of
from core.storage.projection import rebuild
from core.storage.rulebook import attendance_rules, read_rulebook
from core.storage.work_days import EVERYBODY, Bench, Only, PersonDay, prepare

PEOPLE_AT_ONCE = 100
"""A transaction writes the days of so many, of one month."""

Commit = Callable[[Callable[[Session], int]], int]
"""Runs work in a transaction of its own and returns what it returned."""


@dataclass(frozen=True)
class Range:
    """Which days, of whom, by which settings, as of when."""

    first: date
    last: date
    parameters: Parameters
    now: datetime
    only: Only = EVERYBODY


@dataclass(frozen=True, slots=True)
class DayChange:
    """What of one stored day would be another. reasons: the rules that decide it now."""

    employee_id: int
    code: str
    name: str
    department: str | None
    day: date
    figures: tuple[FigureChange, ...]
    reasons: tuple[Reason, ...]


@dataclass(slots=True)
class Preview:
    """judged: how many days were looked at. locked: the months that were left out."""

    judged: int = 0
    changes: list[DayChange] = field(default_factory=list)
    locked: list[date] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    judged: int = 0
    changed: int = 0
    locked: list[date] = field(default_factory=list)


def preview(session: Session, span: Range) -> Preview:
    """What `apply` would change. Raises GspeError, code `recompute_order`."""
    found = Preview()
    for first, last in _open_parts(session, span, found.locked):
        bench = _bench(session, span, first, last)
        for chunk in bench.parts(PEOPLE_AT_ONCE):
            stored = _stored(session, first, last, [person.id for person in chunk])
            for day in bench.judged(chunk):
                found.judged += 1
                change = _change(stored.get((day.employee_id, day.work.day)), day)
                if change is not None:
                    found.changes.append(change)
    found.changes.sort(key=lambda change: (change.day, change.name, change.employee_id))
    return found


def apply(session: Session, commit: Commit, span: Range, actor: str) -> Outcome:
    """Writes what differs, a part of the people and one month at a time, each with its audit row.

    session: for reading. Raises GspeError, code `recompute_order`.
    """
    outcome = Outcome()
    for first, last in _open_parts(session, span, outcome.locked):
        bench = _bench(session, span, first, last)
        for chunk in bench.parts(PEOPLE_AT_ONCE):
            days = list(bench.judged(chunk))
            outcome.judged += len(days)
            outcome.changed += commit(partial(_write, days=days, span=span, actor=actor))
    params = {"judged": outcome.judged, "changed": outcome.changed, "last": span.last.isoformat()}
    params |= {"locked": [f"{month:%Y-%m}" for month in outcome.locked]}
    commit(partial(_note, subject=f"work_days:{span.first}", params=params, span=span, actor=actor))
    return outcome


def _open_parts(session: Session, span: Range, locked: list[date]) -> Iterator[tuple[date, date]]:
    """The span month by month, without those that are locked, which are noted instead."""
    if span.last < span.first:
        raise GspeError("the last day lies before the first; exchange them", code="recompute_order")
    closed, first = locked_months(session), span.first
    while first <= span.last:
        last = min(span.last, last_day_of(first))
        if month_of(first) in closed:
            locked.append(month_of(first))
        else:
            yield first, last
        first = last + ONE_DAY


def _bench(session: Session, span: Range, first: date, last: date) -> Bench:
    book = read_rulebook(session, first, last, span.parameters)
    return prepare(session, first, last, book, span.now, span.only)


def _stored(
    session: Session, first: date, last: date, people: list[int]
) -> Mapping[tuple[int, date], WorkDay]:
    rows = judged_days.rows_of(session, people, first, last)
    return {key: judged_days.to_work_day(row) for key, row in rows.items()}


def _change(before: WorkDay | None, day: PersonDay) -> DayChange | None:
    after = in_whole_seconds(day.work)
    figures = changes(before, after)
    if not figures:
        return None
    return DayChange(
        day.employee_id,
        day.code,
        day.name,
        day.department,
        after.day,
        tuple(figures),
        deciding(before, after),
    )


def _write(session: Session, *, days: list[PersonDay], span: Range, actor: str) -> int:
    changed = judged_days.store(session, days, span.now, also_final=True)
    dates, people = {day.work.day for day in days}, {day.employee_id for day in days}
    if days:  # which visits are whose day follows the shifts as well
        rebuild(session, min(dates), max(dates), attendance_rules(span.parameters), people)
    if changed:
        params = {"judged": len(days), "changed": changed, "people": len(people)}
        subject = f"work_days:{days[0].work.day:%Y-%m}"
        audit.append(session, span.now, actor, "days.rewritten", subject, params)
    return changed


def _note(session: Session, *, subject: str, params: Mapping[str, object], span: Range, actor: str) -> int:
    audit.append(session, span.now, actor, "days.recomputed", subject, params)
    return 0
