"""Who is here: sightings and observed time become visits, presence and absence alerts.

Every clock runs from a person's last sighting and only while all the cameras that cover him observe, so a
dead camera, a stopped worker or a power cut makes nobody absent. What counts towards an alert runs only while
he is expected, so a break, a day off or a pause makes nobody missed either.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from core.domain.coverage import CoverageLedger
from core.domain.events import (
    AbsenceAlerted,
    AbsenceEnded,
    ArrivalMissed,
    ArrivalSettled,
    PresenceChanged,
    PresenceEvent,
    Sighting,
    VisitClosed,
    VisitExtended,
    VisitOpened,
)
from core.domain.expectation import DayPlan, Expectation
from core.domain.spans import duration, intersection
from core.domain.states import AlertResolution, PresenceState, VisitClosedBy

VISIT_MAX_UNOBSERVED = timedelta(minutes=15)
"""An open visit ends at its last sighting when nothing observed him for this long: nobody can say that it
went on through a longer outage."""


@dataclass(frozen=True)
class PresenceRules:
    """The three times of the settings, in seconds, and when absence matters."""

    present_timeout_s: float
    tracking_timeout_s: float
    alert_min_interval_s: float
    expectation: Expectation


@dataclass(frozen=True, slots=True)
class PersonMemory:
    """What survives a restart, from the presence table and the open visit."""

    employee_id: int
    state: PresenceState
    since: datetime
    last_seen_at: datetime | None
    last_camera_id: int | None
    arrived_at: datetime | None
    alerted_absence_at: datetime | None
    last_alert_opened_at: datetime | None
    not_arrived_date: date | None = None
    known_since: datetime | None = None
    """From when on cameras can know him; what was before is none of his time."""


@dataclass(slots=True)
class _Person:
    employee_id: int
    state: PresenceState
    since: datetime
    cameras: frozenset[int]
    covered: bool = False
    """Whether `cameras` was told; after a restart it is not yet."""
    last_seen_at: datetime | None = None
    last_camera_id: int | None = None
    arrived_at: datetime | None = None
    """Start of the open visit; None when he is not here."""
    known_since: datetime | None = None
    """From when on cameras can know him: what was before is none of his time."""
    unseen_s: float = 0.0
    """Observed seconds of the open visit since the last sighting, accounted up to clock_at."""
    clock_at: datetime | None = None
    plan: DayPlan | None = None
    """Of the attendance day that it is for him."""
    missed_s: float = 0.0
    """Observed seconds in which he was expected, since his last sighting or since the day began, accounted up
    to missed_at."""
    missed_at: datetime | None = None
    alerted_absence_at: datetime | None = None
    last_alert_opened_at: datetime | None = None
    alert_may_be_open: bool = False
    not_arrived_date: date | None = None
    arrival_may_be_missed: bool = False
    """Whether the alert of not_arrived_date may be open."""
    unsaved: dict[int, tuple[datetime, datetime]] = field(default_factory=dict)
    """By camera: first and last sighting since the last flush."""


class PresenceMonitor:
    """The state of every active employee. Pure: time comes in with sightings and ticks."""

    def __init__(self, rules: PresenceRules, coverage: CoverageLedger) -> None:
        self._rules = rules
        self._coverage = coverage
        self._people: dict[int, _Person] = {}

    @property
    def rules(self) -> PresenceRules:
        return self._rules

    @rules.setter
    def rules(self, rules: PresenceRules) -> None:
        """From here on; what counts towards alerts is counted anew by them."""
        self._rules = rules
        for person in self._people.values():
            person.plan = None

    def restore(self, memories: Iterable[PersonMemory]) -> None:
        """Takes up where an earlier run ended; clocks are counted again from recorded coverage."""
        for memory in memories:
            person = _Person(memory.employee_id, memory.state, memory.since, frozenset())
            person.last_seen_at = person.clock_at = memory.last_seen_at
            person.last_camera_id = memory.last_camera_id
            person.arrived_at = memory.arrived_at
            person.alerted_absence_at = memory.alerted_absence_at
            person.last_alert_opened_at = memory.last_alert_opened_at
            person.alert_may_be_open = _alerted(person)
            person.not_arrived_date, person.known_since = memory.not_arrived_date, memory.known_since
            person.arrival_may_be_missed = memory.not_arrived_date is not None
            self._people[memory.employee_id] = person

    def set_people(self, cameras_of: Mapping[int, frozenset[int]], now: datetime) -> list[PresenceEvent]:
        """The active employees, each with the cameras that cover him; whoever is missing is deactivated."""
        events: list[PresenceEvent] = []
        for employee_id in sorted(self._people.keys() - cameras_of.keys()):
            events += self._remove(self._people.pop(employee_id), now)
        for employee_id, cameras in sorted(cameras_of.items()):
            if employee_id in self._people:
                self._cover(self._people[employee_id], cameras, now)
                continue
            state = PresenceState.OFF if self._observed_now(cameras) else PresenceState.UNOBSERVED
            added = _Person(employee_id, state, now, cameras, covered=True, known_since=now)
            self._people[employee_id] = added
            events.append(PresenceChanged(employee_id, state, now))
        return events

    def _cover(self, person: _Person, cameras: frozenset[int], now: datetime) -> None:
        """Whom no camera covered until now is awaited and missed from now on only."""
        if cameras and not person.cameras and person.covered:
            person.known_since, person.plan = now, None
        person.cameras, person.covered = cameras, True

    def observe(self, sighting: Sighting) -> list[PresenceEvent]:
        """An employee was seen. Sightings of people who are not active change nothing."""
        person = self._people.get(sighting.employee_id)
        if person is None:
            return []
        events: list[PresenceEvent] = []
        self._advance_clocks(person, sighting.seen_at)
        if person.arrived_at is not None and self._too_long_unobserved(person, sighting.seen_at):
            events += self._close_visit(person, VisitClosedBy.UNOBSERVED)
        arrives = person.arrived_at is None
        if arrives:
            events += self._arrive(person, sighting)
        self._see(person, sighting)
        if arrives or person.state is not PresenceState.AVAILABLE:
            assert person.arrived_at is not None
            events.append(self._change(person, PresenceState.AVAILABLE, person.arrived_at))
        return events

    def tick(self, now: datetime) -> list[PresenceEvent]:
        """Time has passed and everything seen up to `now` was observed: closes visits, opens alerts."""
        events: list[PresenceEvent] = []
        for person in self._people.values():
            self._advance_clocks(person, now)
            events += self._check_visit(person, now)
            events += self._check_observed(person, now)
            events += self._check_absence(person, now)
            events += self._check_arrival(person, now)
        return events

    def knows(self, employee_id: int) -> bool:
        return employee_id in self._people

    def flush(self, only: Collection[int] | None = None) -> list[VisitExtended]:
        """The sightings since the last flush, to be committed about once a second; `only` of these people."""
        events = []
        for person in self._people.values():
            if only is not None and person.employee_id not in only:
                continue
            for camera_id, (first, last) in sorted(person.unsaved.items()):
                events.append(VisitExtended(person.employee_id, camera_id, first, last))
            person.unsaved.clear()
        return events

    def oldest_clock(self, now: datetime) -> datetime:
        """Coverage before this is needed by nobody's clock."""
        visits = (p.clock_at for p in self._people.values() if p.arrived_at is not None and p.clock_at)
        missed = (self._missed_from(p, p.plan) for p in self._people.values() if p.plan and self._counts(p))
        return min([now, *visits, *missed])

    def _arrive(self, person: _Person, sighting: Sighting) -> list[PresenceEvent]:
        last = person.last_seen_at
        arrived_at = sighting.first_seen_at
        if last is not None and arrived_at <= last:
            arrived_at = max(last, sighting.seen_at)
        events: list[PresenceEvent] = []
        if person.alert_may_be_open:
            assert person.last_alert_opened_at is not None
            ended_at = max(arrived_at, person.last_alert_opened_at)  # named only after the alert had opened
            events.append(self._end_absence(person, ended_at, AlertResolution.RETURNED))
        if person.arrival_may_be_missed:
            events.append(self._settle_arrival(person, sighting.seen_at, AlertResolution.ARRIVED))
        person.arrived_at = arrived_at
        seen_at = max(arrived_at, sighting.seen_at)
        events.append(VisitOpened(person.employee_id, sighting.camera_id, arrived_at, seen_at))
        return events

    def _see(self, person: _Person, sighting: Sighting) -> None:
        assert person.arrived_at is not None
        seen_at = max(sighting.seen_at, person.arrived_at, person.last_seen_at or person.arrived_at)
        begun_at = max(sighting.first_seen_at, person.arrived_at)
        first, last = person.unsaved.get(sighting.camera_id, (begun_at, seen_at))
        person.unsaved[sighting.camera_id] = (min(first, seen_at), max(last, seen_at))
        person.last_seen_at = person.clock_at = person.missed_at = seen_at
        person.last_camera_id = sighting.camera_id
        person.unseen_s = person.missed_s = 0.0

    def _advance_clocks(self, person: _Person, now: datetime) -> None:
        plan = self._plan(person, now)
        frontier = self._coverage.frontier(person.cameras, now)
        if person.arrived_at is not None and person.clock_at is not None and frontier > person.clock_at:
            person.unseen_s += self._coverage.observed_s(person.cameras, person.clock_at, frontier)
            person.clock_at = frontier
        if self._counts(person) and person.missed_at is not None and frontier > person.missed_at:
            observed = self._coverage.observed(person.cameras, person.missed_at, frontier)
            person.missed_s += duration(intersection(observed, plan.expected)).total_seconds()
            person.missed_at = frontier

    def _plan(self, person: _Person, now: datetime) -> DayPlan:
        """Of the attendance day that it is; with a new one, what counts towards alerts begins anew."""
        if person.plan is None or not person.plan.holds(now):
            person.plan = self.rules.expectation.plan(person.employee_id, now)
            person.missed_s, person.missed_at = 0.0, self._missed_from(person, person.plan)
        return person.plan

    def _missed_from(self, person: _Person, plan: DayPlan) -> datetime:
        marks = (plan.bounds[0], person.last_seen_at, person.known_since)
        return max(at for at in marks if at is not None)

    def _counts(self, person: _Person) -> bool:
        """Whether an alert of this day may still come of his being missed."""
        plan = person.plan
        if plan is None or not plan.expected:
            return False
        return not _alerted(person) if _seen_on(person, plan) else self._is_awaited(person, plan)

    def _is_awaited(self, person: _Person, plan: DayPlan) -> bool:
        """Whether his arrival is due on this day and was not alerted yet. Who is new is awaited tomorrow."""
        if plan.arrival_grace is None or not plan.expected or person.not_arrived_date == plan.day:
            return False
        return person.known_since is None or person.known_since <= plan.expected[0][0]

    def _check_visit(self, person: _Person, now: datetime) -> list[PresenceEvent]:
        if person.arrived_at is None:
            return []
        if person.unseen_s >= self.rules.present_timeout_s:
            closed = self._close_visit(person, VisitClosedBy.TIMEOUT)
        elif self._too_long_unobserved(person, now):
            closed = self._close_visit(person, VisitClosedBy.UNOBSERVED)
        else:
            return []
        assert person.last_seen_at is not None
        return [*closed, self._change(person, PresenceState.OFF, person.last_seen_at)]

    def _check_observed(self, person: _Person, now: datetime) -> list[PresenceEvent]:
        observed = self._observed_now(person.cameras)
        if person.state is PresenceState.UNOBSERVED:
            if not observed:
                return []
            back = PresenceState.OFF if person.arrived_at is None else PresenceState.AVAILABLE
            return [self._change(person, back, person.arrived_at or person.last_seen_at or now)]
        if observed or self._seen_lately(person, now):
            return []
        return [self._change(person, PresenceState.UNOBSERVED, now)]

    def _check_absence(self, person: _Person, now: datetime) -> list[PresenceEvent]:
        last, plan = person.last_seen_at, self._plan(person, now)
        if last is None or person.arrived_at is not None:
            return []
        if person.alert_may_be_open:
            resolution = _ended_by_time(_seen_on(person, plan), plan, now)
            return [] if resolution is None else [self._end_absence(person, now, resolution)]
        if not _seen_on(person, plan) or _alerted(person):
            return []
        if person.missed_s < self.rules.tracking_timeout_s or not self._may_alert(person, plan, now):
            return []
        person.alerted_absence_at, person.last_alert_opened_at, person.alert_may_be_open = last, now, True
        assert person.last_camera_id is not None
        return [AbsenceAlerted(person.employee_id, person.last_camera_id, last, now)]

    def _may_alert(self, person: _Person, plan: DayPlan, now: datetime) -> bool:
        opened = person.last_alert_opened_at
        if opened is not None and (now - opened).total_seconds() < self.rules.alert_min_interval_s:
            return False
        return plan.is_expected(now) and self._observed_now(person.cameras)

    def _check_arrival(self, person: _Person, now: datetime) -> list[PresenceEvent]:
        plan = self._plan(person, now)
        if person.arrival_may_be_missed:
            resolution = _ended_by_time(person.not_arrived_date == plan.day, plan, now)
            return [] if resolution is None else [self._settle_arrival(person, now, resolution)]
        if _seen_on(person, plan) or not self._is_awaited(person, plan):
            return []
        assert plan.arrival_grace is not None
        if person.missed_s <= plan.arrival_grace.total_seconds():
            return []
        if not plan.is_expected(now) or not self._observed_now(person.cameras):
            return []
        person.not_arrived_date, person.arrival_may_be_missed = plan.day, True
        return [ArrivalMissed(person.employee_id, plan.day, plan.expected[0][0], now)]

    def _remove(self, person: _Person, now: datetime) -> list[PresenceEvent]:
        events: list[PresenceEvent] = []
        if person.arrived_at is not None:
            events += self._close_visit(person, VisitClosedBy.DEACTIVATED)
        if person.alert_may_be_open:
            events.append(self._end_absence(person, now, AlertResolution.DEACTIVATED))
        if person.arrival_may_be_missed:
            events.append(self._settle_arrival(person, now, AlertResolution.DEACTIVATED))
        events.append(self._change(person, PresenceState.OFF, person.last_seen_at or now))
        return events

    def _close_visit(self, person: _Person, closed_by: VisitClosedBy) -> list[PresenceEvent]:
        assert person.last_seen_at is not None
        events: list[PresenceEvent] = [
            VisitExtended(person.employee_id, camera_id, first, last)
            for camera_id, (first, last) in sorted(person.unsaved.items())
        ]
        person.unsaved.clear()
        person.arrived_at = None
        return [*events, VisitClosed(person.employee_id, person.last_seen_at, closed_by)]

    def _end_absence(self, person: _Person, at: datetime, resolution: AlertResolution) -> AbsenceEnded:
        assert person.last_seen_at is not None
        person.alert_may_be_open = False
        return AbsenceEnded(person.employee_id, person.last_seen_at, at, resolution)

    def _settle_arrival(self, person: _Person, at: datetime, resolution: AlertResolution) -> ArrivalSettled:
        assert person.not_arrived_date is not None
        person.arrival_may_be_missed = False
        return ArrivalSettled(person.employee_id, person.not_arrived_date, at, resolution)

    def _change(self, person: _Person, state: PresenceState, since: datetime) -> PresenceChanged:
        person.state, person.since = state, since
        return PresenceChanged(person.employee_id, state, since)

    def _observed_now(self, cameras: frozenset[int]) -> bool:
        return bool(cameras) and all(self._coverage.observing(camera_id) for camera_id in cameras)

    def _seen_lately(self, person: _Person, now: datetime) -> bool:
        if person.arrived_at is None or person.last_seen_at is None:
            return False
        return (now - person.last_seen_at).total_seconds() <= self.rules.present_timeout_s

    def _too_long_unobserved(self, person: _Person, now: datetime) -> bool:
        assert person.last_seen_at is not None
        unseen = now - person.last_seen_at
        return unseen - timedelta(seconds=person.unseen_s) > VISIT_MAX_UNOBSERVED


def _alerted(person: _Person) -> bool:
    """Whether the present absence has had its alert."""
    return person.last_seen_at is not None and person.alerted_absence_at == person.last_seen_at


def _seen_on(person: _Person, plan: DayPlan) -> bool:
    return person.last_seen_at is not None and person.last_seen_at >= plan.bounds[0]


def _ended_by_time(is_of_today: bool, plan: DayPlan, now: datetime) -> AlertResolution | None:
    """How an alert ends that nobody's return ended; None while it goes on."""
    if not is_of_today:
        return AlertResolution.DAY_ENDED
    return AlertResolution.OFF_DUTY if plan.is_over(now) else None
