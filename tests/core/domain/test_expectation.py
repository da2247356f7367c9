"""Who is expected when: a person's day as a plan."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.calendar import Calendar, FreeDay, LeaveDays
from core.domain.expectation import Expectation
from core.domain.schedule import Span, WorkingHours
from core.domain.shifts import Assignment, Roster, Shift, SiteHours
from core.domain.states import LeaveKind

ZONE = ZoneInfo("Asia/Jakarta")
MONDAY = date(2026, 11, 23)
ANA, BUDI = 1, 2
OFFICE = WorkingHours.parse({"mon": [("08:00", "12:00"), ("13:00", "17:00")]})
NIGHT = Assignment(
    1, Shift(1, "night", time(22), time(6), (Span(time(2), time(3)),), 15), MONDAY, employee_id=BUDI
)


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def expectation(**calendar) -> Expectation:
    roster = Roster([NIGHT], SiteHours(OFFICE, ZONE, late_grace_min=5))
    return Expectation(Calendar(roster, **calendar), {ANA: "Hall"})


def clock(spans):
    return [f"{a.astimezone(ZONE):%d %H:%M}-{b.astimezone(ZONE):%d %H:%M}" for a, b in spans]


def test_a_day_is_the_shift_without_its_breaks():
    plan = expectation().plan(ANA, at(9))
    assert (plan.day, plan.arrival_grace) == (MONDAY, timedelta(minutes=5))
    assert clock(plan.expected) == ["23 08:00-23 12:00", "23 13:00-23 17:00"]
    assert clock(plan.on_duty) == ["23 07:00-23 12:00", "23 13:00-23 18:00"]
    assert [plan.is_expected(at(h)) for h in (7, 8, 12, 13, 17)] == [False, True, False, True, False]
    assert [plan.is_over(at(h)) for h in (8, 12, 16, 17)] == [False, False, False, True]


def test_a_night_shift_is_one_day():
    for moment in (at(23), at(1, day=24), at(9, day=24)):
        plan = expectation().plan(BUDI, moment)
        assert plan.day == MONDAY
        assert plan.holds(moment)
    assert clock(plan.expected) == ["23 22:00-24 02:00", "24 03:00-24 06:00"]


@pytest.mark.parametrize(
    ("calendar", "expected"),
    [
        ({"holidays": [FreeDay(MONDAY, "x")]}, []),
        ({"holidays": [FreeDay(MONDAY, "x", "Hall")]}, []),
        ({"holidays": [FreeDay(MONDAY, "x", "Office")]}, ["23 08:00-23 12:00", "23 13:00-23 17:00"]),
        ({"leaves": [LeaveDays(ANA, LeaveKind.LEAVE, MONDAY, MONDAY)]}, []),
        ({"excused": {ANA: ((at(7), at(9)),)}}, ["23 09:00-23 12:00", "23 13:00-23 17:00"]),
        ({"pauses": ((at(11), at(14)),)}, ["23 08:00-23 11:00", "23 14:00-23 17:00"]),
    ],
)
def test_what_makes_nobody_expect_him(calendar, expected):
    plan = expectation(**calendar).plan(ANA, at(9))
    assert clock(plan.expected) == expected
    assert (plan.arrival_grace is None) == (expected == [])


def test_a_day_off_is_over_before_it_begins():
    plan = expectation().plan(ANA, at(9, day=24))
    assert (plan.expected, plan.arrival_grace) == ((), None)
    assert plan.is_over(at(0, day=24))


def test_on_duty_reaches_an_hour_beyond_the_shift():
    one = expectation()
    assert [one.is_on_duty(ANA, at(*when)) for when in ((6, 59), (7,), (12, 30), (17, 59), (18,))] == [
        False,
        True,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("moment", "calendar", "is_open"),
    [
        (at(9), {}, True),
        (at(12, 30), {}, True),
        (at(18), {}, False),
        (at(9, day=24), {}, False),
        (at(9), {"holidays": [FreeDay(MONDAY, "x")]}, False),
        (at(9), {"holidays": [FreeDay(MONDAY, "x", "Hall")]}, True),
        (at(9), {"pauses": ((at(8), at(10)),)}, False),
    ],
)
def test_when_the_site_is_open(moment, calendar, is_open):
    assert expectation(**calendar).site_is_open(moment) is is_open


def test_a_pause_holds_from_its_start_to_its_end():
    paused = expectation(pauses=((at(9), at(10)),))
    assert [paused.is_paused(at(*when)) for when in ((8, 59), (9,), (9, 59), (10,))] == [
        False,
        True,
        True,
        False,
    ]


def test_a_plain_site_has_its_working_hours_only():
    plain = Expectation.plain(SiteHours(OFFICE, ZONE))
    assert plain.plan(BUDI, at(9)).expected == expectation().plan(ANA, at(9)).expected
    assert plain.plan(BUDI, at(9)).arrival_grace == timedelta()


@given(st.integers(0, 3 * 24 * 60), st.sampled_from([ANA, BUDI]))
def test_every_moment_belongs_to_the_plan_of_its_day(minutes, who):
    moment = at(0) + timedelta(minutes=minutes)
    plan = expectation().plan(who, moment)
    assert plan.holds(moment)
    assert all(plan.bounds[0] <= a < b <= plan.bounds[1] for a, b in plan.expected)
    assert not (plan.is_expected(moment) and plan.is_over(moment))
