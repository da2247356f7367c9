"""A person's day, case by case, and what holds of every day whatever happened on it."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.schedule import Span
from core.domain.shifts import Shift
from core.domain.spans import duration, union
from core.domain.states import DayStatus, LeaveKind, Minute
from core.domain.workday import (
    DayCorrection,
    DayFacts,
    DayRules,
    WorkDay,
    judge,
)

JAKARTA = ZoneInfo("Asia/Jakarta")
DAY = date(2026, 11, 23)
RULES = DayRules()
OFFICE = Shift(
    1, "Office", time(8), time(17), (Span(time(12), time(13)),), late_grace_min=10, early_grace_min=5
)
NIGHT = Shift(2, "Night", time(22), time(6))
MINUTE = timedelta(minutes=1)


def at(clock: str) -> datetime:
    """ "+" is the day after."""
    hour, minute = clock.lstrip("+").split(":")
    day = DAY + timedelta(days=clock.startswith("+"))
    return datetime.combine(day, time(), JAKARTA) + timedelta(hours=int(hour), minutes=int(minute))


def spans(*texts: str) -> tuple[tuple[datetime, datetime], ...]:
    return tuple((at(a), at(b)) for a, b in (text.split("-") for text in texts))


ALL_DAY = spans("00:00-+23:59")


def facts(*seen: str, shift: Shift | None = OFFICE, observable=ALL_DAY, **others) -> DayFacts:
    worked = shift.on(DAY, JAKARTA) if shift is not None else None
    bounds = (at("10:00"), at("+10:00")) if shift is NIGHT else (at("00:00"), at("+00:00"))
    return DayFacts(DAY, bounds, worked, spans(*seen), observable, **{"now": at("+23:59"), **others})


def figures(day: WorkDay) -> dict[str, int]:
    """What is not zero, in minutes."""
    names = ("late_by", "left_early_by", "overtime", "missing", "not_observable")
    return {name: getattr(day, name) // MINUTE for name in names if getattr(day, name)}


SPLIT = spans("00:00-08:00", "10:00-+23:59")
"""Nothing was observed from 08:00 to 10:00."""


@pytest.mark.parametrize(
    ("told", "status", "expected"),
    [
        (facts("07:55-17:05"), DayStatus.PRESENT, {"overtime": 5}),
        (facts("08:10-17:00"), DayStatus.PRESENT, {"missing": 10}),
        (facts("08:11-17:00"), DayStatus.LATE, {"late_by": 11, "missing": 11}),
        (facts("08:00-16:55"), DayStatus.PRESENT, {"missing": 5}),
        (facts("08:00-16:30"), DayStatus.PRESENT, {"left_early_by": 30, "missing": 30}),
        (facts("09:00-16:00"), DayStatus.LATE, {"late_by": 60, "left_early_by": 60, "missing": 120}),
        (facts("13:00-17:00"), DayStatus.LATE, {"late_by": 240, "missing": 240}),
        (facts("13:01-17:00"), DayStatus.HALF_DAY, {"late_by": 241, "missing": 241}),
        (facts("08:00-10:00", "15:00-17:00"), DayStatus.PRESENT, {"missing": 240}),
        (facts("08:00-12:30", "12:50-17:00"), DayStatus.PRESENT, {}),
        (facts(), DayStatus.ABSENT, {"missing": 480}),
        (facts("18:00-18:30"), DayStatus.HALF_DAY, {"late_by": 480, "overtime": 30, "missing": 480}),
        (facts("10:00-17:00", observable=SPLIT), DayStatus.PRESENT, {"not_observable": 120}),
        (
            facts("10:30-17:00", observable=SPLIT),
            DayStatus.LATE,
            {"late_by": 30, "missing": 30, "not_observable": 120},
        ),
        (facts("08:30-17:00", observable=SPLIT), DayStatus.PRESENT, {"not_observable": 30}),
        (facts(observable=SPLIT), DayStatus.ABSENT, {"missing": 360, "not_observable": 120}),
        (
            facts(observable=spans("14:00-17:00")),
            DayStatus.NOT_OBSERVED,
            {"missing": 180, "not_observable": 300},
        ),
        (facts(observable=()), DayStatus.NOT_OBSERVED, {"not_observable": 480}),
        (facts("09:00-10:00", shift=None), DayStatus.DAY_OFF, {"overtime": 60}),
        (facts(shift=None), DayStatus.DAY_OFF, {}),
        (facts(holiday="Idul Fitri"), DayStatus.HOLIDAY, {}),
        (facts("09:00-10:00", holiday="Idul Fitri"), DayStatus.HOLIDAY, {"overtime": 60}),
        (facts(leave=LeaveKind.SICK), DayStatus.LEAVE, {}),
        (facts(leave=LeaveKind.LEAVE, holiday="Natal"), DayStatus.LEAVE, {}),
        (facts("10:00-17:00", excused=spans("08:00-10:00")), DayStatus.PRESENT, {}),
        (facts(excused=spans("07:00-18:00")), DayStatus.LEAVE, {}),
        (facts("10:00-11:30", excused=spans("07:00-18:00")), DayStatus.LEAVE, {"overtime": 90}),
        (facts("21:50-+06:10", shift=NIGHT), DayStatus.PRESENT, {"overtime": 10}),
        (facts("22:30-+02:00", "+02:30-+06:00", shift=NIGHT), DayStatus.LATE, {"late_by": 30, "missing": 60}),
        (facts(shift=NIGHT), DayStatus.ABSENT, {"missing": 480}),
        (facts("08:00-17:00", "23:00-+01:30"), DayStatus.PRESENT, {"overtime": 150}),
    ],
)
def test_a_day(told, status, expected):
    day = judge(told, RULES)
    assert (day.status, figures(day)) == (status, expected)


@pytest.mark.parametrize(
    ("now", "seen", "status", "expected"),
    [
        ("07:00", [], DayStatus.PENDING, {}),
        ("09:00", [], DayStatus.PENDING, {"missing": 60}),
        ("09:00", ["08:00-09:00"], DayStatus.PRESENT, {}),
        ("10:00", ["09:00-09:30"], DayStatus.LATE, {"late_by": 60, "missing": 90}),
        ("16:59", ["08:00-09:00"], DayStatus.PRESENT, {"missing": 419}),
        ("17:00", ["08:00-09:00"], DayStatus.HALF_DAY, {"left_early_by": 420, "missing": 420}),
        ("17:00", [], DayStatus.ABSENT, {"missing": 480}),
    ],
)
def test_a_day_in_progress_is_judged_by_what_is_over(now, seen, status, expected):
    day = judge(facts(*seen, now=at(now)), RULES)
    assert (day.status, figures(day), day.is_final) == (status, expected, False)


@pytest.mark.parametrize(
    ("seen", "correction", "status", "expected"),
    [
        ("09:00-17:00", DayCorrection(first_in_at=at("08:00")), DayStatus.PRESENT, {"missing": 60}),
        ("08:00-17:00", DayCorrection(first_in_at=at("09:00")), DayStatus.LATE, {"late_by": 60}),
        (
            "08:00-12:00",
            DayCorrection(last_out_at=at("17:30")),
            DayStatus.PRESENT,
            {"overtime": 30, "missing": 240},
        ),
        ("08:00-17:00", DayCorrection(last_out_at=at("15:00")), DayStatus.PRESENT, {"left_early_by": 120}),
        (
            "09:00-17:00",
            DayCorrection(status=DayStatus.PRESENT),
            DayStatus.PRESENT,
            {"late_by": 60, "missing": 60},
        ),
    ],
)
def test_a_correction_goes_before_what_cameras_saw(seen, correction, status, expected):
    day = judge(facts(seen, correction=correction), RULES)
    assert (day.status, figures(day)) == (status, expected)


@pytest.mark.parametrize("now", ["08:30", "17:00"])
def test_a_single_sighting_is_a_sighting(now):
    """A visit of one frame lasts no time; whoever it shows was there all the same."""
    day = judge(facts("08:30-08:30", now=at(now)), RULES)
    assert (day.first_in_at, day.last_out_at, day.late_by) == (at("08:30"), at("08:30"), 30 * MINUTE)
    assert day.status == (DayStatus.LATE if now == "08:30" else DayStatus.HALF_DAY)


def test_who_was_never_seen_may_be_given_his_day():
    answered = DayCorrection(first_in_at=at("08:00"), last_out_at=at("17:00"))
    day = judge(facts(observable=(), correction=answered), RULES)
    assert (day.status, day.present) == (DayStatus.PRESENT, timedelta(hours=8))
    assert day.not_observable == timedelta(hours=8), "a correction invents no sighting"


def test_a_corrected_arrival_counts_all_the_time_before_it():
    late = DayCorrection(first_in_at=at("10:00"))
    assert judge(facts("10:00-17:00", observable=(), correction=late), RULES).late_by == timedelta(hours=2)


def test_an_order_that_cannot_be_gives_no_time_present():
    turned = DayCorrection(first_in_at=at("16:00"), last_out_at=at("09:00"))
    assert judge(facts("08:00-17:00", correction=turned), RULES).present == timedelta(0)


def test_half_an_hour_without_cameras_is_named_and_counts_for_nobody_s_absence():
    """The example of the rules: power is out from 10:00 to 10:30."""
    dark = spans("00:00-10:00", "10:30-+00:00")
    day = judge(facts("07:58-10:00", "10:31-17:02", observable=dark), RULES)
    gap = [piece for piece in day.timeline if piece.kind is Minute.NOT_OBSERVABLE]
    assert gap == [(at("10:00"), at("10:30"), Minute.NOT_OBSERVABLE)]
    assert day.missing == MINUTE
    assert day.coverage == pytest.approx(450 / 480)


def test_small_overtime_is_none_where_a_rule_says_so():
    day = judge(facts("08:00-17:29"), DayRules(overtime_from_min=30))
    assert day.overtime == timedelta(0)
    assert judge(facts("08:00-17:30"), DayRules(overtime_from_min=30)).overtime == timedelta(minutes=30)


def test_the_timeline_tells_breaks_and_excused_time():
    day = judge(facts("08:00-12:10", "13:00-15:00", excused=spans("15:00-17:00")), RULES)
    assert [(piece.kind, piece.end_at) for piece in day.timeline] == [
        (Minute.SEEN, at("12:10")),
        (Minute.BREAK, at("13:00")),
        (Minute.SEEN, at("15:00")),
        (Minute.EXCUSED, at("17:00")),
    ]


@pytest.mark.parametrize(
    ("told", "codes"),
    [
        (facts("08:00-17:00"), ["in_time"]),
        (facts("09:00-16:00"), ["late", "left_early"]),
        (facts("13:30-17:30"), ["late", "overtime", "half_day"]),
        (facts(), ["not_seen"]),
        (facts(observable=()), ["not_observed"]),
        (facts(now=at("09:00")), ["not_seen_yet"]),
        (facts(leave=LeaveKind.SICK), ["leave"]),
        (facts(holiday="Natal"), ["holiday"]),
        (facts(shift=None), ["no_shift"]),
        (facts(excused=spans("08:00-17:00")), ["excused"]),
        (facts(correction=DayCorrection(status=DayStatus.PRESENT)), ["corrected"]),
    ],
)
def test_every_status_names_its_rule(told, codes):
    assert [reason.code for reason in judge(told, RULES).reasons] == codes


clock = st.integers(0, 2 * 24 * 60).map(lambda minute: at("00:00") + minute * MINUTE)
stretches = st.lists(st.tuples(clock, clock).map(sorted).map(tuple), max_size=5).map(tuple)
days = st.builds(
    lambda seen, observable, now, shift, excused: replace(
        facts(shift=shift, now=now), seen=seen, observable=observable, excused=excused
    ),
    stretches,
    stretches,
    clock,
    st.sampled_from([OFFICE, NIGHT, None]),
    stretches,
)


@given(days)
def test_of_every_day(told):
    day = judge(told, RULES)
    assert day.seen + day.not_seen + day.not_observable == day.working
    assert judge(told, RULES) == day
    assert day.reasons
    assert day.late_by <= day.not_seen and day.left_early_by <= day.not_seen
    assert min(day.late_by, day.left_early_by, day.overtime, day.present) >= timedelta(0)
    assert day.coverage is None or 0 <= day.coverage <= 1
    pieces = [(start, end) for start, end, _ in day.timeline]
    assert duration(pieces) == duration(union(pieces)), "no instant is two things"


@given(days, stretches)
def test_a_darker_day_makes_nobody_later_or_more_absent(told, dark):
    seen_anyway = union(told.seen)
    darker = replace(told, observable=union(dark, seen_anyway))
    lit = replace(told, observable=union(dark, seen_anyway, told.observable))
    poor, rich = judge(darker, RULES), judge(lit, RULES)
    assert poor.missing <= rich.missing
    assert poor.late_by <= rich.late_by
    assert poor.left_early_by <= rich.left_early_by
