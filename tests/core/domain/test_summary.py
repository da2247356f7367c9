"""Sums over a person's days, and hours beyond what is allowed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from core.domain.states import DayStatus
from core.domain.summary import INDONESIA, PLAIN, exceeded, total
from core.domain.workday import WorkDay

HOUR = timedelta(hours=1)
NO_TIME = timedelta()
MONDAY = date(2026, 11, 23)
WHOLE = WorkDay(
    day=MONDAY,
    status=DayStatus.PRESENT,
    is_final=True,
    first_in_at=None,
    last_out_at=None,
    working=8 * HOUR,
    present=8 * HOUR,
    seen=8 * HOUR,
    not_seen=NO_TIME,
    not_observable=NO_TIME,
    late_by=NO_TIME,
    left_early_by=NO_TIME,
    overtime=NO_TIME,
    coverage=1.0,
    timeline=(),
    reasons=(),
)


def week(*overtime_h: float, first: date = MONDAY) -> list[WorkDay]:
    return [
        replace(WHOLE, day=first + timedelta(days=n), overtime=h * HOUR) for n, h in enumerate(overtime_h)
    ]


def test_days_add_up():
    late = replace(WHOLE, status=DayStatus.LATE, late_by=HOUR, not_seen=HOUR, seen=7 * HOUR, present=7 * HOUR)
    dark = replace(
        WHOLE, status=DayStatus.NOT_OBSERVED, not_observable=6 * HOUR, seen=NO_TIME, present=NO_TIME
    )
    early = replace(WHOLE, left_early_by=2 * HOUR, not_seen=2 * HOUR, overtime=HOUR)
    sums = total([WHOLE, late, dark, early])
    assert sums.days == {DayStatus.PRESENT: 2, DayStatus.LATE: 1, DayStatus.NOT_OBSERVED: 1}
    assert (sums.working, sums.present, sums.overtime) == (32 * HOUR, 23 * HOUR, HOUR)
    assert (sums.late_times, sums.late_by) == (1, HOUR)
    assert (sums.left_early_times, sums.left_early_by) == (1, 2 * HOUR)
    assert (sums.missing, sums.not_observable) == (3 * HOUR, 6 * HOUR)
    assert sums.coverage == pytest.approx(26 / 32)


def test_no_days_have_no_coverage():
    assert total([]).coverage is None


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (week(0, 4, 0), []),
        (week(0, 4.5, 0), [("overtime_day", 24)]),
        (week(4, 4, 4, 4, 2), []),
        (week(4, 4, 4, 4, 3), [("overtime_week", 23)]),
        (week(0, 0, 0, 0, 0, 0), [("week", 23)]),
        (week(*[4] * 4, first=date(2026, 11, 26)), []),
    ],
    ids=[
        "four hours",
        "more than four",
        "eighteen",
        "more than eighteen",
        "six days of eight",
        "over two weeks",
    ],
)
def test_indonesian_limits(days, expected):
    first, last = days[0].day, days[-1].day
    assert [(one.code, one.first_date.day) for one in exceeded(days, INDONESIA, first, last)] == expected
    assert exceeded(days, PLAIN, first, last) == []


def test_how_much_is_told():
    [one] = exceeded(week(5), INDONESIA, MONDAY, MONDAY)
    assert (one.reached, one.allowed) == (5 * HOUR, 4 * HOUR)


WEEKLY = [("overtime_week", 23), ("week", 23)]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (23, 29, [("overtime_day", 23), WEEKLY[0], WEEKLY[1], ("overtime_day", 28)]),
        (23, 23, [("overtime_day", 23), *WEEKLY]),
        (24, 29, [("overtime_day", 28)]),
        (28, 28, [("overtime_day", 28)]),
        (24, 27, []),
        (20, 22, []),
    ],
    ids=["the week", "its Monday", "without its Monday", "a Saturday", "days between", "before it"],
)
def test_days_are_judged_within_the_time_and_weeks_that_begin_in_it(first, last, expected):
    days = week(5, 4, 4, 4, 2, 5, 0)
    found = exceeded(days, INDONESIA, date(2026, 11, first), date(2026, 11, last))
    assert [(one.code, one.first_date.day) for one in found] == expected


def test_a_day_has_no_limits_of_a_week():
    found = exceeded(week(5, 5, 5, 5, 5, 5, 5), INDONESIA.of_a_day, MONDAY, MONDAY)
    assert [one.code for one in found] == ["overtime_day"]
