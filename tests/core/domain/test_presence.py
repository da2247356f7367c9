"""Presence told as stories: who is seen when, what the cameras observe, and what is learned."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.calendar import Calendar, FreeDay, LeaveDays
from core.domain.coverage import CoverageInterval, CoverageLedger
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
from core.domain.expectation import Expectation
from core.domain.presence import PersonMemory, PresenceMonitor, PresenceRules
from core.domain.schedule import WorkingHours
from core.domain.shifts import Roster, SiteHours
from core.domain.states import AlertResolution, CoverageState, LeaveKind, PresenceState, VisitClosedBy

ZONE = ZoneInfo("Asia/Jakarta")
MORNING = datetime(2026, 11, 23, 9, tzinfo=ZONE).astimezone(UTC)
MONDAY = date(2026, 11, 23)
ANA, BUDI = 1, 2
ALWAYS = WorkingHours.always()
OFFICE = WorkingHours.parse({"mon": [("08:00", "17:00")]})


def rules(
    working_hours: WorkingHours = ALWAYS, interval_s: float = 300, grace_min: int = 0, **calendar: object
) -> PresenceRules:
    roster = Roster((), SiteHours(working_hours, ZONE, late_grace_min=grace_min))
    return PresenceRules(30, 60, interval_s, Expectation(Calendar(roster, **calendar), {}))


@dataclass
class Story:
    """Plays half-second frames of cameras to a monitor and keeps what it says."""

    people: dict[int, frozenset[int]] = field(default_factory=lambda: {ANA: frozenset({1})})
    rules: PresenceRules = field(default_factory=rules)
    start: datetime = MORNING
    memories: list[PersonMemory] = field(default_factory=list)
    past: list[CoverageInterval] = field(default_factory=list)
    now_s: float = 0.0
    events: list[PresenceEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ledger = CoverageLedger()
        self.ledger.restore(self.past)
        self.monitor = PresenceMonitor(self.rules, self.ledger)
        self.monitor.restore(self.memories)
        self.events += self.monitor.set_people(self.people, self.start)

    def at(self, seconds: float) -> datetime:
        return self.start + timedelta(seconds=seconds)

    def play(self, until_s: float, *, seen: tuple[int, ...] = (), cameras: tuple[int, ...] = (1,)) -> "Story":
        """Frames of `cameras` up to `until_s`, in each of which `seen` are seen by the first of them."""
        since = self.at(self.now_s)
        while self.now_s < until_s:
            now = self.at(self.now_s)
            for camera_id in cameras:
                self.ledger.analysed(camera_id, now)
            for camera_id in {1, 2} - set(cameras):
                self.ledger.silent(camera_id, CoverageState.UNREACHABLE, now)
            for employee_id in seen:
                self.events += self.monitor.observe(Sighting(employee_id, cameras[0], since, now))
            self.events += self.monitor.tick(now)
            self.now_s += 0.5
        return self

    def told(self, *kinds: type) -> list[PresenceEvent]:
        return [event for event in self.events if isinstance(event, kinds)]

    def visits(self) -> list[tuple[float, float | None]]:
        """Start and end of ANA's visits, in seconds of the story."""
        starts = [self.s(e.arrived_at) for e in self.told(VisitOpened) if e.employee_id == ANA]
        ends = [self.s(e.departed_at) for e in self.told(VisitClosed) if e.employee_id == ANA]
        return [(start, ends[i] if i < len(ends) else None) for i, start in enumerate(starts)]

    def alerts(self) -> list[float]:
        return [self.s(event.opened_at) for event in self.told(AbsenceAlerted)]

    def state(self) -> PresenceState:
        return [e.state for e in self.told(PresenceChanged) if e.employee_id == ANA][-1]

    def s(self, at: datetime) -> float:
        return (at - self.start).total_seconds()


def test_a_person_arrives_stays_leaves_and_is_missed():
    story = Story().play(5).play(65, seen=(ANA,)).play(200)
    assert story.visits() == [(5, 64.5)]
    assert story.alerts() == [124.5]
    assert story.told(AbsenceAlerted) == [AbsenceAlerted(ANA, 1, story.at(64.5), story.at(124.5))]
    assert story.state() is PresenceState.OFF


def test_a_short_absence_is_one_visit_and_a_longer_one_two():
    assert Story().play(10, seen=(ANA,)).play(39).play(50, seen=(ANA,)).visits() == [(0, None)]
    assert Story().play(10, seen=(ANA,)).play(45).play(50, seen=(ANA,)).visits() == [(0, 9.5), (45, None)]


def test_the_visit_begins_with_the_tracks_first_face():
    story = Story()
    story.events += story.monitor.observe(Sighting(ANA, 1, story.at(2), story.at(3)))
    assert story.told(VisitOpened) == [VisitOpened(ANA, 1, story.at(2), story.at(3))]


def test_a_return_resolves_the_alert_with_the_absence_it_ended():
    story = Story().play(10, seen=(ANA,)).play(100).play(110, seen=(ANA,))
    assert story.told(AbsenceEnded) == [
        AbsenceEnded(ANA, story.at(9.5), story.at(100), AlertResolution.RETURNED)
    ]
    assert story.state() is PresenceState.AVAILABLE


def test_each_absence_alerts_once():
    assert Story().play(10, seen=(ANA,)).play(1000).alerts() == [69.5]


def test_a_second_alert_waits_for_the_interval_and_opens_when_it_is_up():
    story = Story(rules=rules(interval_s=300)).play(10, seen=(ANA,)).play(100)
    story.play(110, seen=(ANA,)).play(500)
    assert story.alerts() == [69.5, 369.5]


def test_a_second_alert_that_waits_is_not_opened_when_he_is_back_in_time():
    story = Story(rules=rules(interval_s=300)).play(10, seen=(ANA,)).play(100)
    assert story.play(110, seen=(ANA,)).play(300).play(600, seen=(ANA,)).alerts() == [69.5]


def test_who_was_not_seen_today_is_not_missed():
    assert Story().play(500).alerts() == []


def test_outside_working_hours_nobody_is_missed():
    evening = datetime(2026, 11, 23, 17, 30, tzinfo=ZONE).astimezone(UTC)
    assert Story(rules=rules(OFFICE), start=evening).play(10, seen=(ANA,)).play(500).alerts() == []


def clock(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def test_an_absence_that_began_before_work_counts_from_when_work_begins():
    story = Story(rules=rules(OFFICE), start=clock(7, 58)).play(10, seen=(ANA,)).play(300)
    assert story.alerts() == [120 + 60]


def test_a_break_makes_nobody_missed_and_what_counted_before_it_goes_on_after_it():
    lunch = WorkingHours.parse({"mon": [("08:00", "12:00"), ("12:10", "17:00")]})
    story = Story(rules=rules(lunch), start=clock(11, 59)).play(20, seen=(ANA,)).play(1200)
    # seen to 19.5 s, 40.5 s before the break, so 19.5 s more after it at 660 s
    assert story.alerts() == [679.5]


def test_an_alert_of_who_stays_away_ends_with_his_working_time():
    story = Story(rules=rules(OFFICE), start=clock(16, 55)).play(10, seen=(ANA,)).play(400)
    assert story.alerts() == [69.5]
    assert [(story.s(e.ended_at), e.resolution) for e in story.told(AbsenceEnded)] == [
        (300, AlertResolution.OFF_DUTY)
    ]
    assert story.play(500).alerts() == [69.5]


@pytest.mark.parametrize(
    "calendar",
    [
        {"holidays": [FreeDay(MONDAY, "Nyepi")]},
        {"leaves": [LeaveDays(ANA, LeaveKind.SICK, MONDAY, MONDAY)]},
        {"excused": {ANA: ((clock(8), clock(17)),)}},
        {"pauses": ((clock(8), clock(12)),)},
    ],
    ids=["holiday", "leave", "excused", "pause"],
)
def test_who_is_not_expected_is_not_missed(calendar):
    story = Story(rules=rules(OFFICE, **calendar)).play(10, seen=(ANA,)).play(400)
    assert story.alerts() == []
    assert story.visits() == [(0, 9.5)], "visits are recorded all the same"
    late = Story(rules=rules(OFFICE, **calendar), start=clock(8)).play(400)
    assert late.told(ArrivalMissed) == []


def test_another_rule_counts_anew_what_was_recorded():
    story = Story(rules=rules(OFFICE)).play(10, seen=(ANA,)).play(60)
    story.monitor.rules = rules(OFFICE, pauses=((story.at(0), story.at(100)),))
    assert story.play(300).alerts() == [160]


def awaited() -> Story:
    """ANA is known and was last seen the evening before; work begins at 300 s, with a minute of grace."""
    past = memory(clock(7, 55), -15 * 3600, present=False)
    return Story(rules=rules(OFFICE, grace_min=1), start=clock(7, 55), memories=[past])


def missed(story: Story) -> list[float]:
    return [story.s(event.opened_at) for event in story.told(ArrivalMissed)]


def test_who_has_not_arrived_when_the_grace_is_over_is_missed_once():
    story = awaited().play(2000)
    assert story.told(ArrivalMissed) == [ArrivalMissed(ANA, MONDAY, story.at(300), story.at(360.5))]
    assert story.alerts() == [], "who was not seen today is not absent as well"


@pytest.mark.parametrize("arrives_s", [100, 310, 355])
def test_who_comes_in_time_is_not_missed(arrives_s):
    assert missed(awaited().play(arrives_s).play(arrives_s + 10, seen=(ANA,)).play(390)) == []


def test_only_observed_time_counts_towards_a_missed_arrival():
    assert missed(awaited().play(290).play(900, cameras=()).play(1000)) == [pytest.approx(960, abs=1)]


def test_a_missed_arrival_is_told_once_his_cameras_observe_again():
    past = [CoverageInterval(1, CoverageState.OBSERVING, clock(8), clock(8, 5))]
    before = memory(clock(8, 6), -15 * 3600, present=False)
    story = Story(rules=rules(OFFICE, grace_min=1), start=clock(8, 6), memories=[before], past=past)
    assert missed(story.play(60, cameras=()).play(120)) == [pytest.approx(60, abs=1)]


def test_an_arrival_settles_that_it_was_missed():
    story = awaited().play(400).play(410, seen=(ANA,)).play(420)
    assert story.told(ArrivalSettled) == [ArrivalSettled(ANA, MONDAY, story.at(400), AlertResolution.ARRIVED)]


def test_a_missed_arrival_ends_with_the_working_time():
    short = WorkingHours.parse({"mon": [("08:00", "08:10")]})
    story = awaited()
    story.monitor.rules = PresenceRules(30, 60, 300, rules(short, grace_min=1).expectation)
    story.play(1000)
    assert [(story.s(e.ended_at), e.resolution) for e in story.told(ArrivalSettled)] == [
        (900, AlertResolution.OFF_DUTY)
    ]


def test_a_missed_arrival_of_an_earlier_day_ends_with_the_next_start():
    monday = replace(memory(clock(9), -86_400, present=False), not_arrived_date=MONDAY - timedelta(days=1))
    story = Story(rules=rules(OFFICE), memories=[monday]).play(1)
    assert [e.resolution for e in story.told(ArrivalSettled)] == [AlertResolution.DAY_ENDED]


def test_a_restart_does_not_repeat_a_missed_arrival():
    again = replace(memory(clock(9), -86_400, present=False), not_arrived_date=MONDAY)
    story = Story(rules=rules(OFFICE), memories=[again]).play(400)
    assert story.told(ArrivalMissed, ArrivalSettled) == []
    assert [e.resolution for e in story.play(410, seen=(ANA,)).told(ArrivalSettled)] == [
        AlertResolution.ARRIVED
    ]


def test_a_missed_arrival_ends_when_he_is_deactivated():
    story = awaited().play(400)
    settled = ArrivalSettled(ANA, MONDAY, story.at(400), AlertResolution.DEACTIVATED)
    assert settled in story.monitor.set_people({}, story.at(400))


def test_who_is_enrolled_during_his_shift_is_awaited_from_tomorrow():
    assert missed(Story(rules=rules(OFFICE)).play(400)) == []


def test_who_is_enrolled_later_than_he_was_entered_is_awaited_from_tomorrow():
    story = Story(rules=rules(OFFICE), people={ANA: frozenset()}, start=clock(7, 55)).play(400)
    assert story.state() is PresenceState.UNOBSERVED
    story.events += story.monitor.set_people({ANA: frozenset({1})}, story.at(400))
    story.monitor.rules = rules(OFFICE)
    assert missed(story.play(800)) == []


def test_a_restart_knows_since_when_somebody_can_be_known():
    new = replace(memory(clock(9), -86_400, present=False), known_since=clock(8, 30))
    assert missed(Story(rules=rules(OFFICE), memories=[new]).play(400)) == []
    old = replace(new, known_since=clock(7))
    past = [CoverageInterval(1, CoverageState.OBSERVING, clock(8), clock(9))]
    assert missed(Story(rules=rules(OFFICE), memories=[old], past=past).play(400)) == [0.0]


def test_a_pause_that_reaches_beyond_the_shift_ends_no_alert():
    story = Story(rules=rules(OFFICE), start=clock(16)).play(10, seen=(ANA,)).play(100)
    story.monitor.rules = rules(OFFICE, pauses=((story.at(100), clock(18)),))
    assert story.play(200).told(AbsenceEnded) == []


def test_a_shift_that_never_ends_has_no_arrival():
    assert missed(Story(memories=[memory(MORNING, -86_400, present=False)]).play(400)) == []


def test_coverage_is_kept_for_who_has_not_arrived_yet():
    story = awaited().play(350)
    assert story.monitor.oldest_clock(story.at(350)) <= story.at(300)


@pytest.mark.parametrize("outage_s", [5, 90, 600])
def test_an_outage_makes_nobody_absent(outage_s):
    story = Story().play(10, seen=(ANA,))
    story.play(10 + outage_s, cameras=()).play(20 + outage_s, seen=(ANA,))
    assert story.visits() == [(0, None)]
    assert story.alerts() == []
    assert story.state() is PresenceState.AVAILABLE


def test_during_an_outage_presence_is_unobserved_and_clocks_stand_still():
    story = Story().play(10, seen=(ANA,)).play(20).play(120, cameras=())
    assert story.state() is PresenceState.UNOBSERVED
    assert story.visits() == [(0, None)]
    story.play(200)
    # 10.5 s were observed before the outage (to the last frame), so 19.5 s more are needed after it
    assert story.visits() == [(0, 9.5)]
    closed_at = [story.s(e.since) for e in story.told(PresenceChanged) if e.state is PresenceState.OFF]
    assert closed_at[-1] == 9.5
    assert story.alerts()[0] == pytest.approx(120 + 60 - 10, abs=1.0)


def test_an_outage_longer_than_anybody_can_vouch_for_ends_the_visit_at_the_last_sighting():
    story = Story().play(10, seen=(ANA,)).play(1000, cameras=()).play(1010, seen=(ANA,))
    assert story.visits() == [(0, 9.5), (1000, None)]
    assert [e.closed_by for e in story.told(VisitClosed)] == [VisitClosedBy.UNOBSERVED]
    assert story.alerts() == []


def test_all_cameras_that_cover_a_person_must_observe():
    story = Story(people={ANA: frozenset({1, 2})}).play(10, seen=(ANA,), cameras=(1, 2))
    story.play(500, cameras=(1,))
    assert story.alerts() == []
    assert story.state() is PresenceState.UNOBSERVED


def test_a_dead_camera_elsewhere_changes_nothing():
    story = Story(people={ANA: frozenset({1})}).play(10, seen=(ANA,), cameras=(1,)).play(200, cameras=(1,))
    assert story.alerts() == [69.5]


def test_sightings_of_two_cameras_are_one_visit():
    story = Story(people={ANA: frozenset({1, 2})}).play(10, seen=(ANA,), cameras=(1, 2))
    story.play(20, seen=(ANA,), cameras=(2, 1))
    assert story.visits() == [(0, None)]
    extended = story.monitor.flush()
    assert [(e.camera_id, story.s(e.last_seen_at)) for e in extended] == [(1, 9.5), (2, 19.5)]
    assert story.monitor.flush() == []


def test_deactivating_ends_visit_and_presence_at_once():
    story = Story().play(10, seen=(ANA,))
    events = story.monitor.set_people({}, story.at(10))
    assert [type(e) for e in events] == [VisitExtended, VisitClosed, PresenceChanged]
    assert story.monitor.observe(Sighting(ANA, 1, story.at(11), story.at(12))) == []


def test_deactivating_somebody_who_is_missed_ends_the_alert():
    story = Story().play(10, seen=(ANA,)).play(100)
    events = story.monitor.set_people({}, story.at(100))
    assert AbsenceEnded(ANA, story.at(9.5), story.at(100), AlertResolution.DEACTIVATED) in events


def test_an_alert_that_nobody_ended_ends_with_the_day():
    late = datetime(2026, 11, 23, 23, 55, tzinfo=ZONE).astimezone(UTC)
    story = Story(start=late).play(10, seen=(ANA,)).play(400)
    assert story.alerts() == [69.5]
    assert story.told(AbsenceEnded) == [
        AbsenceEnded(ANA, story.at(9.5), story.at(300), AlertResolution.DAY_ENDED)
    ]


def memory(
    story_start: datetime, last_seen_s: float, *, present: bool, alerted: bool = False
) -> PersonMemory:
    seen_at = story_start + timedelta(seconds=last_seen_s)
    return PersonMemory(
        employee_id=ANA,
        state=PresenceState.AVAILABLE if present else PresenceState.OFF,
        since=seen_at,
        last_seen_at=seen_at,
        last_camera_id=1,
        arrived_at=seen_at - timedelta(minutes=5) if present else None,
        alerted_absence_at=seen_at if alerted else None,
        last_alert_opened_at=seen_at + timedelta(seconds=60) if alerted else None,
    )


def test_a_restart_resumes_the_open_visit():
    story = Story(memories=[memory(MORNING, -40, present=True)])
    story.play(10, seen=(ANA,)).play(200)
    assert story.told(VisitOpened) == []
    assert story.visits() == []
    assert [story.s(e.departed_at) for e in story.told(VisitClosed)] == [9.5]


def test_a_restart_counts_observed_time_from_the_recorded_coverage():
    observed = CoverageInterval(1, CoverageState.OBSERVING, MORNING - timedelta(seconds=60), MORNING)
    story = Story(memories=[memory(MORNING, -20, present=True)], past=[observed]).play(11)
    assert [story.s(e.departed_at) for e in story.told(VisitClosed)] == [-20]


def test_a_restart_the_next_morning_ends_yesterdays_visit_at_its_last_sighting():
    story = Story(memories=[memory(MORNING, -15 * 3600, present=True)]).play(5, seen=(ANA,))
    assert [story.s(e.departed_at) for e in story.told(VisitClosed)] == [-15 * 3600]
    assert story.visits()[0][0] == 0


def test_a_restart_does_not_repeat_an_alert():
    past = [CoverageInterval(1, CoverageState.OBSERVING, MORNING - timedelta(minutes=10), MORNING)]
    story = Story(memories=[memory(MORNING, -300, present=False, alerted=True)], past=past).play(400)
    assert story.alerts() == []
    story.play(410, seen=(ANA,))
    assert [e.resolution for e in story.told(AbsenceEnded)] == [AlertResolution.RETURNED]


def test_faces_from_before_the_last_departure_do_not_reach_into_it():
    story = Story().play(10, seen=(ANA,)).play(60)
    story.events += story.monitor.observe(Sighting(ANA, 1, story.at(9), story.at(60)))
    assert story.visits() == [(0, 9.5), (60, None)]


def test_who_is_named_only_after_his_alert_opened_ends_it_when_it_opened():
    story = Story().play(10, seen=(ANA,)).play(75)
    story.events += story.monitor.observe(Sighting(ANA, 1, story.at(60), story.at(75)))
    assert [story.s(e.ended_at) for e in story.told(AbsenceEnded)] == [69.5]
    assert story.visits()[-1] == (60, None)


def test_a_track_that_outlived_an_outage_does_not_bridge_it():
    story = Story().play(10, seen=(ANA,))
    story.now_s = 7200
    story.ledger.analysed(1, story.at(7200))
    story.events += story.monitor.observe(Sighting(ANA, 1, story.at(5), story.at(7200)))
    assert story.visits() == [(0, 9.5), (7200, None)]


def test_sightings_of_some_people_can_be_flushed_alone():
    story = Story(people={ANA: frozenset({1}), BUDI: frozenset({1})}).play(10, seen=(ANA, BUDI))
    assert [e.employee_id for e in story.monitor.flush([BUDI])] == [BUDI]
    assert [e.employee_id for e in story.monitor.flush()] == [ANA]
    assert story.monitor.knows(ANA)
    assert not story.monitor.knows(99)


def test_an_alert_waits_while_his_cameras_do_not_observe():
    story = Story(rules=rules(interval_s=120)).play(10, seen=(ANA,)).play(75)
    story.play(85, seen=(ANA,)).play(170).play(260, cameras=()).play(270)
    assert story.alerts() == [69.5, 260]


def test_the_oldest_running_clock_says_which_coverage_is_still_needed():
    story = Story(people={ANA: frozenset({1}), BUDI: frozenset({1})}).play(10, seen=(ANA, BUDI))
    assert story.monitor.oldest_clock(story.at(10)) == story.at(9.5)
    assert Story().monitor.oldest_clock(story.at(5)) == story.at(5)


steps = st.lists(st.tuples(st.integers(1, 120), st.booleans(), st.booleans()), min_size=1, max_size=15)


@given(steps)
def test_visits_never_overlap_and_hold_their_sightings(script):
    story = Story()
    until = 0.0
    for duration_s, seen, observing in script:
        until += duration_s
        story.play(until, seen=(ANA,) if seen and observing else (), cameras=(1,) if observing else ())
    visits = story.visits()
    for start, end in visits:
        assert end is None or end >= start
    for (_, earlier_end), (start, _) in pairwise(visits):
        assert earlier_end is not None
        assert start > earlier_end
    assert len(story.told(VisitOpened)) - len(story.told(VisitClosed)) in (0, 1)


@given(steps)
def test_nobody_is_missed_without_a_minute_of_observation(script):
    story = Story()
    until = 0.0
    for duration_s, seen, observing in script:
        until += duration_s
        story.play(until, seen=(ANA,) if seen and observing else (), cameras=(1,) if observing else ())
    for alert in story.told(AbsenceAlerted):
        observed_s = story.ledger.observed_s([1], alert.absent_since, alert.opened_at)
        assert observed_s >= story.rules.tracking_timeout_s
