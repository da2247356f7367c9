"""What follows when somebody says whose a visit was: attendance rows and judged days, written with the deed.

A preview is the deed itself, taken back at its end, so that the two cannot differ.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from core.domain.day_changes import changes, in_whole_seconds
from core.domain.schedule import ONE_DAY, attendance_day
from core.domain.spans import Span
from core.domain.workday import WorkDay
from core.errors import GspeError
from core.paths import SitePaths
from core.storage import judged_days
from core.storage.capture_links import CaptureLinks, links_of
from core.storage.corrections import Deed
from core.storage.day_record import COVERING_DAYS
from core.storage.models import Employee, JudgedDay
from core.storage.month_locks import refuse_locked
from core.storage.presence_row import follow_visits
from core.storage.projection import DayKey, rebuild
from core.storage.rulebook import attendance_rules, read_rulebook
from core.storage.work_days import Only, PersonDay, prepare

Spans = Mapping[int, Sequence[Span]]
"""Of each person the visits that come, go or move."""
Days = Mapping[DayKey, PersonDay]


@dataclass(frozen=True, slots=True)
class RepairedDay:
    """One day that becomes another. None: it was not there, or is not there any more."""

    employee_id: int
    code: str
    name: str
    department: str | None
    day: date
    before: WorkDay | None
    after: WorkDay | None


@dataclass(frozen=True, slots=True)
class Repair:
    """changed: in order of name and day. attendance: the days whose first in and last out were made anew."""

    changed: list[RepairedDay]
    attendance: list[DayKey]


def repaired(session: Session, concerned: Spans, deed: Deed, change: Callable[[], None]) -> Repair:
    """Carries out `change`, which adds or moves just these visits, and writes again what follows from them.

    That is their own days, and as a camera that saw a person covers him for a fortnight, any day up to then.
    Corrections stay. Raises GspeError, code `month_locked` when a day of a locked month is concerned, or
    `correction_rules_changed` when a day that would change was judged by other rules than those of now.
    """
    first, last = _reach(concerned, deed)
    before = _judged(session, first, last, concerned, deed)
    own = _own_days(session, concerned, first, last, deed)
    for key in own:
        refuse_locked(session, key.attendance_date)
    change()
    session.flush()
    for employee_id in concerned:
        follow_visits(session, employee_id)
    rules = attendance_rules(deed.parameters)
    for key in own:
        rebuild(session, key.attendance_date, key.attendance_date, rules, [key.employee_id])
    changed = _store(session, before, _judged(session, first, last, concerned, deed), deed)
    return Repair(changed, own)


@contextmanager
def taken_back(session: Session) -> Iterator[None]:
    """What is written within is undone at the end."""
    trial = session.begin_nested()
    try:
        yield
    finally:
        trial.rollback()


def point_links(engine: Engine, paths: SitePaths, repair: Repair) -> None:
    """After the commit: the links to the pictures of first in and last out follow the rows."""
    with Session(engine) as session:
        links = links_of(session, paths, repair.attendance)
    CaptureLinks().point(links)


def _reach(concerned: Spans, deed: Deed) -> tuple[date, date]:
    """The first and the last day that may change."""
    zone = deed.parameters.zone
    spans = [span for spans in concerned.values() for span in spans] or [(deed.now, deed.now)]
    first = attendance_day(min(start for start, _ in spans), zone) - ONE_DAY
    latest = attendance_day(max(end for _, end in spans) + COVERING_DAYS, zone) + ONE_DAY
    return first, max(first, min(latest, attendance_day(deed.now, zone) + ONE_DAY))


def _judged(session: Session, first: date, last: date, concerned: Spans, deed: Deed) -> Days:
    """By the rules and facts of now."""
    book = read_rulebook(session, first, last, deed.parameters)
    bench = prepare(session, first, last, book, deed.now, Only(people=sorted(concerned)))
    return {DayKey(day.employee_id, day.work.day): day for day in bench.judged(bench.people)}


def _own_days(session: Session, concerned: Spans, first: date, last: date, deed: Deed) -> list[DayKey]:
    calendar = read_rulebook(session, first, last, deed.parameters).calendar
    rows = session.execute(select(Employee.id, Employee.department).where(Employee.id.in_(sorted(concerned))))
    return sorted(
        {
            DayKey(employee_id, day)
            for employee_id, department in rows
            for span in concerned[employee_id]
            for day, _ in calendar.split(employee_id, department, span)
        }
    )


def _store(session: Session, before: Days, after: Days, deed: Deed) -> list[RepairedDay]:
    different = [
        key for key in sorted({*before, *after}) if _columns(before.get(key)) != _columns(after.get(key))
    ]
    for key in different:
        refuse_locked(session, key.attendance_date)
        _refuse_other_rules(session, key, before.get(key))
    kept = [after[key] for key in different if key in after]
    judged_days.store(session, kept, deed.now, also_final=True)
    for key in different:
        if key not in after:
            theirs = (JudgedDay.employee_id == key.employee_id, JudgedDay.day == key.attendance_date)
            session.execute(delete(JudgedDay).where(*theirs))
    found = [_repaired(key, before.get(key), after.get(key)) for key in different]
    return sorted(found, key=lambda day: (day.name, day.employee_id, day.day))


def _refuse_other_rules(session: Session, key: DayKey, before: PersonDay | None) -> None:
    """A day is not judged by new rules unseen, as with a correction."""
    day = key.attendance_date
    stored = judged_days.of_employee(session, key.employee_id, day, day)
    if not stored or not stored[0].work.is_final:
        return
    if before is None or changes(stored[0].work, in_whole_seconds(before.work)):
        raise GspeError(
            f"another rule would judge {day} otherwise; HR has to judge it again on the page Working time",
            code="correction_rules_changed",
        )


def _repaired(key: DayKey, before: PersonDay | None, after: PersonDay | None) -> RepairedDay:
    person = after or before
    assert person is not None
    return RepairedDay(
        key.employee_id,
        person.code,
        person.name,
        person.department,
        key.attendance_date,
        in_whole_seconds(before.work) if before else None,
        in_whole_seconds(after.work) if after else None,
    )


def _columns(day: PersonDay | None) -> dict[str, Any] | None:
    return judged_days.columns_of(day) if day is not None else None
