"""People's days judged from the recorded facts: visits, coverage, and which cameras cover whom.

Read only: the answers are made anew from the facts whenever they are asked for.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from core.domain.calendar import Calendar
from core.domain.schedule import ONE_DAY, day_bounds
from core.domain.shifts import ShiftDay
from core.domain.spans import Span
from core.domain.workday import DayCorrection, DayFacts, DayRules, WorkDay, judge
from core.storage.day_record import DayRecord
from core.storage.models import Employee

SETTLES_AFTER = timedelta(minutes=1)
"""The last facts of a day are committed a moment after its end."""


@dataclass(frozen=True)
class Rulebook:
    """By what days are judged."""

    calendar: Calendar
    rules: DayRules

    @property
    def zone(self) -> ZoneInfo:
        return self.calendar.roster.zone


@dataclass(frozen=True, slots=True)
class PersonDay:
    """shift: as planned, also on a holiday or on leave. correction_id: of the one in force."""

    employee_id: int
    code: str
    name: str
    department: str | None
    work: WorkDay
    shift: ShiftDay | None = None
    correction_id: int | None = None


@dataclass(frozen=True, slots=True)
class Only:
    """Of whom days are judged: people of these departments, empty for all; these people, None for all."""

    departments: Collection[str] = ()
    people: Collection[int] | None = None


EVERYBODY = Only()


@dataclass(frozen=True)
class Bench:
    """Everything that judging some days takes, read before; judging asks the database for nothing more."""

    first: date
    last: date
    book: Rulebook
    people: list[Employee]
    record: DayRecord
    now: datetime

    def parts(self, size: int) -> Iterator[list[Employee]]:
        """The people in order, so many at a time."""
        return (self.people[at : at + size] for at in range(0, len(self.people), size))

    def judged(self, people: Iterable[Employee]) -> Iterator[PersonDay]:
        """Every day of these people that has begun, each by the correction in force."""
        for person in people:
            for facts in self.facts_of(person):
                yield self.judge(person, facts, *self.record.correction(person.id, facts.day))

    def facts_of(self, person: Employee) -> Iterator[DayFacts]:
        """His days that have begun, without corrections."""
        return _days(person, self)

    def judge(
        self, person: Employee, facts: DayFacts, correction_id: int | None, correction: DayCorrection
    ) -> PersonDay:
        work = judge(replace(facts, correction=correction), self.book.rules)
        return PersonDay(
            person.id,
            person.code,
            person.name,
            person.department,
            replace(work, is_final=work.is_final and self._is_settled(person.id, facts)),
            facts.shift,
            correction_id,
        )

    def _is_settled(self, employee_id: int, facts: DayFacts) -> bool:
        """Whether no fact of the day can come any more: a visit that goes on after it is still the day's."""
        open_until = self.record.open_until.get(employee_id)
        goes_on = open_until is not None and any(end == open_until for _, end in facts.seen)
        return not goes_on and self.now >= facts.bounds[1] + SETTLES_AFTER


def work_days(
    session: Session,
    first: date,
    last: date,
    book: Rulebook,
    now: datetime,
    departments: Collection[str] = (),
) -> list[PersonDay]:
    """Every day from `first` to `last` of everybody who was employed on it, in order of name and day.

    departments: only people of these; empty: all. Days that have not begun are left out.
    """
    bench = prepare(session, first, last, book, now, Only(departments))
    return list(bench.judged(bench.people))


def timeline_of(
    session: Session, employee_id: int, day: date, book: Rulebook, now: datetime
) -> PersonDay | None:
    """One person's day with its timeline; None where he was not employed, or the day has not begun."""
    bench = prepare(session, day, day, book, now, Only(people=(employee_id,)))
    return next(bench.judged(bench.people), None)


def prepare(
    session: Session,
    first: date,
    last: date,
    book: Rulebook,
    now: datetime,
    only: Only = EVERYBODY,
) -> Bench:
    """Reads what judging takes."""
    record = DayRecord(session, first, last, book.zone, only.people)
    query = select(Employee).where(_concerned(first, last, record))
    if only.departments:
        query = query.where(Employee.department.in_(sorted(only.departments)))
    if only.people is not None:
        query = query.where(Employee.id.in_(sorted(only.people)))
    found = list(session.scalars(query.order_by(Employee.name, Employee.id)))
    return Bench(first, last, book, found, record, now)


def _concerned(first: date, last: date, record: DayRecord) -> ColumnElement[bool]:
    """Who was employed then, or seen whatever his row says; `_days` looks at each day."""
    start, end = day_bounds(first - ONE_DAY, record.zone)[0], day_bounds(last + ONE_DAY, record.zone)[1]
    stayed = or_(Employee.deactivated_at.is_(None), Employee.deactivated_at >= start)
    return or_(and_(Employee.created_at < end, stayed), Employee.id.in_(sorted(record.visits)))


def _days(person: Employee, bench: Bench) -> Iterator[DayFacts]:
    calendar, record, now = bench.book.calendar, bench.record, bench.now
    roster = calendar.roster
    seen: dict[date, list[Span]] = {}
    for visit in record.visits.get(person.id, ()):
        for day, span in calendar.split(person.id, person.department, visit):
            seen.setdefault(day, []).append(span)
    day = bench.first
    while day <= bench.last:
        bounds = roster.day_bounds(person.id, person.department, day)
        if bounds[0] <= now and (employed(person, bounds) or day in seen):
            yield DayFacts(
                day=day,
                bounds=bounds,
                shift=roster.shift_on(person.id, person.department, day),
                seen=tuple(seen.get(day, ())),
                observable=record.observable(person.id, bounds),
                blind=record.blind(person.id),
                now=now,
                holiday=calendar.holiday_on(day, person.department),
                leave=calendar.leave_on(person.id, day),
                excused=calendar.excused(person.id),
            )
        day += ONE_DAY


def employed(person: Employee, bounds: Span) -> bool:
    """Whether he was for any part of a day."""
    left_at = person.deactivated_at
    was_there = person.created_at < bounds[1] and (left_at is None or left_at > bounds[0])
    away = [(time.started_at, time.ended_at) for time in person.inactive_times]
    return was_there and not any(start <= bounds[0] and bounds[1] <= end for start, end in away)
