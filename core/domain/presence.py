"""Who is here: sightings and observed time become visits, presence and absence alerts.

Every clock runs from a person's last sighting and only while all the cameras that cover him observe, so a
dead camera, a stopped worker or a power cut makes nobody absent.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.domain.coverage import CoverageLedger
from core.domain.events import (
    AbsenceAlerted,
    AbsenceEnded,
    PresenceChanged,
    PresenceEvent,
    Sighting,
    VisitClosed,
    VisitExtended,
    VisitOpened,
)
from core.domain.schedule import WorkingHours, attendance_day
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
    working_hours: WorkingHours
    zone: ZoneInfo


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


@dataclass(slots=True)
class _Person:
    employee_id: int
    state: PresenceState
    since: datetime
    cameras: frozenset[int]
    last_seen_at: datetime | None = None
    last_camera_id: int | None = None
    arrived_at: datetime | None = None
    """Start of the open visit; None when he is not here."""
    unseen_s: float = 0.0
    """Observed seconds since the last sighting, accounted up to clock_at."""
    clock_at: datetime | None = None
    alerted_absence_at: datetime | None = None
    last_alert_opened_at: datetime | None = None
    alert_may_be_open: bool = False
    unsaved: dict[int, tuple[datetime, datetime]] = field(default_factory=dict)
    """By camera: first and last sighting since the last flush."""


class PresenceMonitor:
    """The state of every active employee. Pure: time comes in with sightings and ticks."""

    def __init__(self, rules: PresenceRules, coverage: CoverageLedger) -> None:
        self.rules = rules
        self._coverage = coverage
        self._people: dict[int, _Person] = {}

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
            self._people[memory.employee_id] = person

    def set_people(self, cameras_of: Mapping[int, frozenset[int]], now: datetime) -> list[PresenceEvent]:
        """The active employees, each with the cameras that cover him; whoever is missing is deactivated."""
        events: list[PresenceEvent] = []
        for employee_id in sorted(self._people.keys() - cameras_of.keys()):
            events += self._remove(self._people.pop(employee_id), now)
        for employee_id, cameras in sorted(cameras_of.items()):
            if employee_id in self._people:
                self._people[employee_id].cameras = cameras
                continue
            state = PresenceState.OFF if self._observed_now(cameras) else PresenceState.UNOBSERVED
            self._people[employee_id] = _Person(employee_id, state, now, cameras)
            events.append(PresenceChanged(employee_id, state, now))
        return events

    def observe(self, sighting: Sighting) -> list[PresenceEvent]:
        """An employee was seen. Sightings of people who are not active change nothing."""
        person = self._people.get(sighting.employee_id)
        if person is None:
            return []
        events: list[PresenceEvent] = []
        self._advance_clock(person, sighting.seen_at)
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
            self._advance_clock(person, now)
            events += self._check_visit(person, now)
            events += self._check_observed(person, now)
            events += self._check_absence(person, now)
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
        return min([now, *(p.clock_at for p in self._people.values() if p.clock_at and self._clock_runs(p))])

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
        person.last_seen_at = person.clock_at = seen_at
        person.last_camera_id = sighting.camera_id
        person.unseen_s = 0.0

    def _clock_runs(self, person: _Person) -> bool:
        """Until the absence is alerted, or the person's last sighting is too old to matter."""
        return person.last_seen_at is not None and not _alerted(person)

    def _advance_clock(self, person: _Person, now: datetime) -> None:
        if person.clock_at is None or not self._clock_runs(person):
            return
        frontier = self._coverage.frontier(person.cameras, now)
        if frontier > person.clock_at:
            person.unseen_s += self._coverage.observed_s(person.cameras, person.clock_at, frontier)
            person.clock_at = frontier

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
        last = person.last_seen_at
        if last is None or person.arrived_at is not None:
            return []
        if person.alert_may_be_open:
            if self._same_day(last, now):
                return []
            return [self._end_absence(person, now, AlertResolution.DAY_ENDED)]
        if person.unseen_s < self.rules.tracking_timeout_s or _alerted(person):
            return []
        if not self._may_alert(person, now):
            return []
        person.alerted_absence_at, person.last_alert_opened_at, person.alert_may_be_open = last, now, True
        assert person.last_camera_id is not None
        return [AbsenceAlerted(person.employee_id, person.last_camera_id, last, now)]

    def _may_alert(self, person: _Person, now: datetime) -> bool:
        opened = person.last_alert_opened_at
        if opened is not None and (now - opened).total_seconds() < self.rules.alert_min_interval_s:
            return False
        if not self._observed_now(person.cameras):
            return False
        if not self.rules.working_hours.contains(now, self.rules.zone):
            return False
        assert person.last_seen_at is not None
        return self._same_day(person.last_seen_at, now)

    def _remove(self, person: _Person, now: datetime) -> list[PresenceEvent]:
        events: list[PresenceEvent] = []
        if person.arrived_at is not None:
            events += self._close_visit(person, VisitClosedBy.DEACTIVATED)
        if person.alert_may_be_open:
            events.append(self._end_absence(person, now, AlertResolution.DEACTIVATED))
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

    def _change(self, person: _Person, state: PresenceState, since: datetime) -> PresenceChanged:
        person.state, person.since = state, since
        return PresenceChanged(person.employee_id, state, since)

    def _same_day(self, first: datetime, second: datetime) -> bool:
        return attendance_day(first, self.rules.zone) == attendance_day(second, self.rules.zone)

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
