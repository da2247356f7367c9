"""People's days judged from the recorded facts: visits, coverage, and which cameras cover whom.

Read only: the answers are made anew from the facts whenever they are asked for.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.domain.calendar import Calendar
from core.domain.schedule import ONE_DAY, day_bounds
from core.domain.spans import Span, Spans, clip, intersection, union
from core.domain.states import CoverageState
from core.domain.workday import DayFacts, DayRules, WorkDay, judge
from core.storage.enrolments import known_times
from core.storage.models import Camera, CameraCoverage, Employee, Visit, VisitCamera

COVERING_DAYS = timedelta(days=14)
"""A camera that saw somebody covers him for so long."""


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
    employee_id: int
    code: str
    name: str
    department: str | None
    work: WorkDay


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
    people = _people(session, first, last, book.zone, departments)
    record = _Record(session, first, last, book.zone)
    return [
        PersonDay(person.id, person.code, person.name, person.department, judge(facts, book.rules))
        for person in people
        for facts in _days(person, first, last, book.calendar, record, now)
    ]


def _people(
    session: Session, first: date, last: date, zone: ZoneInfo, departments: Collection[str]
) -> list[Employee]:
    start, end = day_bounds(first, zone)[0], day_bounds(last, zone)[1]
    query = (
        select(Employee)
        .where(Employee.created_at < end)
        .where(or_(Employee.deactivated_at.is_(None), Employee.deactivated_at >= start))
    )
    if departments:
        query = query.where(Employee.department.in_(sorted(departments)))
    return list(session.scalars(query.order_by(Employee.name, Employee.id)))


def _days(
    person: Employee, first: date, last: date, calendar: Calendar, record: "_Record", now: datetime
) -> Iterator[DayFacts]:
    roster = calendar.roster
    seen: dict[date, list[Span]] = {}
    for span in record.visits.get(person.id, ()):
        seen.setdefault(roster.day_of(person.id, person.department, span[0]), []).append(span)
    day = first
    while day <= last:
        bounds = roster.day_bounds(person.id, person.department, day)
        employed = person.created_at < bounds[1] and (
            person.deactivated_at is None or person.deactivated_at > bounds[0]
        )
        if bounds[0] <= now and (employed or day in seen):
            yield DayFacts(
                day=day,
                bounds=bounds,
                shift=roster.shift_on(person.id, person.department, day),
                seen=tuple(seen.get(day, ())),
                observable=record.observable(person.id, bounds),
                now=now,
                holiday=calendar.holiday_on(day, person.department),
                leave=calendar.leave_on(person.id, day),
                excused=calendar.excused(person.id),
            )
        day += ONE_DAY


class _Record:
    """What was recorded in some days and the fortnight before, read once for everybody."""

    def __init__(self, session: Session, first: date, last: date, zone: ZoneInfo) -> None:
        start, end = day_bounds(first - ONE_DAY, zone)[0], day_bounds(last + ONE_DAY, zone)[1]
        self.visits = _visits(session, start, end)
        self._observing, self._used = _coverage(session, start, end)
        self._sightings = _sightings(session, start - COVERING_DAYS, end)
        removed = select(Camera.id, Camera.removed_at).where(Camera.removed_at.is_not(None))
        self._removed_at = {camera: at for camera, at in session.execute(removed) if at is not None}
        self._known: dict[tuple[frozenset[int], Span], Spans] = {}
        self._known_times = known_times(session)

    def observable(self, employee_id: int, bounds: Span) -> Spans:
        """When all cameras that cover him were observing and could know him."""
        return intersection(self._observed(employee_id, bounds), self._known_times.get(employee_id, ()))

    def _observed(self, employee_id: int, bounds: Span) -> Spans:
        """When all cameras that cover him were observing; at no time when none covers him."""
        cameras = self._covering(employee_id, bounds)
        if (cameras, bounds) not in self._known:
            self._known[cameras, bounds] = self._all_observing(cameras, bounds)
        return self._known[cameras, bounds]

    def _covering(self, employee_id: int, bounds: Span) -> frozenset[int]:
        """The cameras that saw him within the fortnight up to the day's end, or every one in use that day."""
        since = bounds[1] - COVERING_DAYS
        saw = {
            camera
            for camera, first_seen_at, last_seen_at in self._sightings.get(employee_id, ())
            if first_seen_at < bounds[1] and last_seen_at >= since
        }
        if not saw:
            saw = {camera for camera, spans in self._used.items() if clip(spans, *bounds)}
        return frozenset(camera for camera in saw if not self._was_removed(camera, bounds[0]))

    def _was_removed(self, camera: int, at: datetime) -> bool:
        removed_at = self._removed_at.get(camera)
        return removed_at is not None and removed_at <= at

    def _all_observing(self, cameras: Iterable[int], bounds: Span) -> Spans:
        together: Spans | None = None
        for camera in cameras:
            own = clip(self._observing.get(camera, ()), *bounds)
            removed_at = self._removed_at.get(camera)
            if removed_at is not None and removed_at < bounds[1]:  # from then on the others do
                own = union(clip(own, bounds[0], removed_at), ((removed_at, bounds[1]),))
            together = own if together is None else intersection(together, own)
        return together or ()


def _visits(session: Session, start: datetime, end: datetime) -> Mapping[int, list[Span]]:
    found: dict[int, list[Span]] = {}
    rows = session.execute(
        select(Visit.employee_id, Visit.arrived_at, Visit.last_seen_at)
        .where(Visit.arrived_at >= start, Visit.arrived_at < end)
        .order_by(Visit.arrived_at)
    )
    for employee_id, arrived_at, last_seen_at in rows:
        found.setdefault(employee_id, []).append((arrived_at, last_seen_at))
    return found


def _coverage(
    session: Session, start: datetime, end: datetime
) -> tuple[Mapping[int, Spans], Mapping[int, Spans]]:
    """When each camera was observing, and when it was switched on."""
    observing: dict[int, list[Span]] = {}
    used: dict[int, list[Span]] = {}
    rows = session.execute(
        select(
            CameraCoverage.camera_id, CameraCoverage.state, CameraCoverage.started_at, CameraCoverage.ended_at
        ).where(CameraCoverage.ended_at >= start, CameraCoverage.started_at < end)
    )
    for camera, state, started_at, ended_at in rows:
        if state == CoverageState.OBSERVING:
            observing.setdefault(camera, []).append((started_at, ended_at))
        if state != CoverageState.DISABLED:
            used.setdefault(camera, []).append((started_at, ended_at))
    return {c: union(spans) for c, spans in observing.items()}, {c: union(spans) for c, spans in used.items()}


def _sightings(
    session: Session, start: datetime, end: datetime
) -> Mapping[int, list[tuple[int, datetime, datetime]]]:
    """Which camera saw each employee, from when to when, visit by visit."""
    found: dict[int, list[tuple[int, datetime, datetime]]] = {}
    rows = session.execute(
        select(Visit.employee_id, VisitCamera.camera_id, VisitCamera.first_seen_at, VisitCamera.last_seen_at)
        .join(Visit, Visit.id == VisitCamera.visit_id)
        .where(VisitCamera.last_seen_at >= start, VisitCamera.first_seen_at < end)
    )
    for employee_id, camera, first_seen_at, last_seen_at in rows:
        found.setdefault(employee_id, []).append((camera, first_seen_at, last_seen_at))
    return found
