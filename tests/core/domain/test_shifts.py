"""Shifts on days, who works which, and where one attendance day ends and the next begins."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.schedule import Span, WorkingHours, day_bounds
from core.domain.shifts import Assignment, Roster, Shift, SiteHours

JAKARTA, BERLIN = ZoneInfo("Asia/Jakarta"), ZoneInfo("Europe/Berlin")
OFFICE = WorkingHours.parse({key: [("08:00", "17:00")] for key in ("mon", "tue", "wed", "thu", "fri")})
MONDAY = date(2026, 11, 23)
ANA, HALL = 1, "Hall"


def span(start: str, end: str) -> Span:
    return Span(time.fromisoformat(start), time.fromisoformat(end))


def shift(
    start: str, end: str, *breaks: tuple[str, str], weekdays: str = "0123456", number: int = 1
) -> Shift:
    start_at, end_at = span(start, end)
    days = frozenset(map(int, weekdays))
    return Shift(number, f"{start}-{end}", start_at, end_at, tuple(span(*b) for b in breaks), weekdays=days)


def roster(*assignments: Assignment, zone: ZoneInfo = JAKARTA, hours: WorkingHours = OFFICE) -> Roster:
    return Roster(assignments, SiteHours(hours, zone))


def own(worked: Shift, first: date = MONDAY - timedelta(days=30), last: date | None = None, number: int = 1):
    return Assignment(number, worked, first, last, employee_id=ANA)


def local(at: datetime, zone: ZoneInfo = JAKARTA) -> str:
    return at.astimezone(zone).strftime("%d %H:%M")


@pytest.mark.parametrize(
    ("worked", "start", "end", "breaks"),
    [
        (shift("08:00", "17:00"), "23 08:00", "23 17:00", []),
        (shift("08:00", "17:00", ("12:00", "13:00")), "23 08:00", "23 17:00", ["23 12:00", "23 13:00"]),
        (shift("22:00", "06:00", ("23:30", "00:15")), "23 22:00", "24 06:00", ["23 23:30", "24 00:15"]),
        (shift("22:00", "06:00", ("02:00", "02:30")), "23 22:00", "24 06:00", ["24 02:00", "24 02:30"]),
        (shift("16:00", "00:00"), "23 16:00", "24 00:00", []),
        (shift("00:00", "00:00"), "23 00:00", "24 00:00", []),
        (shift("08:00", "17:00", ("08:00", "08:10")), "23 08:00", "23 17:00", ["23 08:00", "23 08:10"]),
    ],
)
def test_a_shift_on_a_day(worked, start, end, breaks):
    day = worked.on(MONDAY, JAKARTA)
    assert (local(day.start_at), local(day.end_at)) == (start, end)
    assert [local(at) for pause in day.breaks for at in pause] == breaks


@pytest.mark.parametrize(
    ("night", "hours"),
    [(date(2026, 3, 28), 7), (date(2026, 10, 24), 9), (date(2026, 11, 23), 8)],
    ids=["clocks go forward", "clocks go back", "an ordinary night"],
)
def test_a_night_is_as_long_as_clocks_make_it(night, hours):
    day = shift("22:00", "06:00").on(night, BERLIN)
    assert day.end_at - day.start_at == timedelta(hours=hours)


@pytest.mark.parametrize(
    "breaks",
    [
        [("07:00", "08:30")],
        [("16:30", "17:30")],
        [("12:00", "12:00")],
        [("12:00", "13:00"), ("12:30", "14:00")],
    ],
)
def test_breaks_that_cannot_be_are_refused(breaks):
    with pytest.raises(ValueError, match="break"):
        shift("08:00", "17:00", *breaks)


@pytest.mark.parametrize(
    ("day", "last"),
    [(date(2026, 1, 31), "01 06:00"), (date(2028, 2, 28), "29 06:00"), (date(2026, 12, 31), "01 06:00")],
)
def test_a_night_goes_over_the_ends_of_months(day, last):
    assert local(shift("22:00", "06:00").on(day, JAKARTA).end_at) == last


EARLY, LATE = shift("06:00", "14:00", number=1), shift("14:00", "22:00", number=2)


@pytest.mark.parametrize(
    ("assignments", "day", "expected"),
    [
        ([], MONDAY, "23 08:00"),
        ([], date(2026, 11, 22), None),
        ([Assignment(1, EARLY, MONDAY, department=HALL)], MONDAY, "23 06:00"),
        ([Assignment(1, EARLY, MONDAY, department=HALL)], date(2026, 11, 20), "20 08:00"),
        ([Assignment(1, EARLY, MONDAY, department="Office")], MONDAY, "23 08:00"),
        ([Assignment(1, EARLY, MONDAY, department=HALL), own(LATE, number=2)], MONDAY, "23 14:00"),
        ([own(EARLY), own(LATE, MONDAY, number=2)], MONDAY, "23 14:00"),
        ([own(EARLY), own(LATE, MONDAY, MONDAY, number=2)], date(2026, 11, 24), "24 06:00"),
        ([own(EARLY, MONDAY, number=2), own(LATE, MONDAY, number=1)], MONDAY, "23 06:00"),
        ([own(shift("07:00", "12:00", weekdays="5"))], MONDAY, None),
        (
            [own(EARLY, number=1), own(shift("07:00", "12:00", weekdays="5"), MONDAY, number=2)],
            MONDAY,
            "23 06:00",
        ),
    ],
    ids=[
        "the site's hours",
        "its day off",
        "his department's",
        "not yet",
        "another department's",
        "his own first",
        "the later assignment",
        "one that is over",
        "the later made",
        "off on this weekday, whatever the site does",
        "another of the same level where the latest has none",
    ],
)
def test_who_works_what(assignments, day, expected):
    found = roster(*assignments).shift_on(ANA, HALL, day)
    assert (found and local(found.start_at)) == expected


@pytest.mark.parametrize("whose", [{}, {"employee_id": ANA, "department": HALL}])
def test_a_shift_is_assigned_to_one_or_the_other(whose):
    with pytest.raises(ValueError, match="employee or to a department"):
        Assignment(1, EARLY, MONDAY, **whose)


def test_working_hours_with_a_gap_are_a_shift_with_a_break():
    hours = WorkingHours.parse({"mon": [("13:00", "17:00"), ("08:00", "12:00"), ("17:00", "18:00")]})
    day = roster(hours=hours).shift_on(ANA, None, MONDAY)
    assert [local(at) for at in (day.start_at, *day.breaks[0], day.end_at)] == [
        "23 08:00",
        "23 12:00",
        "23 13:00",
        "23 18:00",
    ]
    assert len(day.breaks) == 1


NIGHT = shift("22:00", "06:00")


@pytest.mark.parametrize(
    ("assignments", "at", "day"),
    [
        ([], "2026-11-23 00:00", 23),
        ([], "2026-11-22 23:59", 22),
        ([own(NIGHT)], "2026-11-23 21:30", 23),
        ([own(NIGHT)], "2026-11-24 06:20", 23),
        ([own(NIGHT)], "2026-11-24 09:59", 23),
        ([own(NIGHT)], "2026-11-24 10:00", 24),
        ([own(LATE)], "2026-11-24 01:59", 23),
        ([own(LATE)], "2026-11-24 02:00", 24),
        ([own(shift("00:30", "08:00"))], "2026-11-23 23:50", 24),
        ([own(shift("00:30", "08:00"))], "2026-11-23 20:29", 23),
        (
            [own(LATE, last=date(2026, 11, 23)), own(EARLY, date(2026, 11, 24), number=2)],
            "2026-11-24 01:59",
            23,
        ),
        ([own(shift("00:00", "00:00"))], "2026-11-23 23:59", 23),
        ([own(shift("22:00", "20:00"))], "2026-11-24 20:59", 23),
        ([own(shift("22:00", "20:00"))], "2026-11-24 21:00", 24),
    ],
)
def test_the_attendance_day_follows_the_shift(assignments, at, day):
    instant = datetime.fromisoformat(at).replace(tzinfo=JAKARTA)
    assert roster(*assignments).day_of(ANA, HALL, instant) == date(2026, 11, day)


shifts = st.builds(
    lambda start, length, days, number: Shift(
        number, "s", _clock(start), _clock(start + length), weekdays=frozenset(days)
    ),
    st.integers(0, 95),
    st.integers(1, 96),
    st.sets(st.integers(0, 6)),
    st.integers(1, 9),
)


def _clock(quarter: int) -> time:
    return time(quarter // 4 % 24, quarter % 4 * 15)


@given(
    st.lists(st.tuples(shifts, st.integers(-20, 20)), max_size=4),
    st.sampled_from([JAKARTA, BERLIN]),
    st.integers(0, 370 * 96),
)
def test_every_instant_has_one_day_and_days_join(rotating, zone, quarter):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assignments = [
        own(worked, date(2026, 6, 1) + timedelta(days=9 * since), number=n)
        for n, (worked, since) in enumerate(rotating)
    ]
    people = roster(*assignments, zone=zone)
    at = start + timedelta(minutes=15) * quarter
    day = people.day_of(ANA, None, at)
    first, last = people.day_bounds(ANA, None, day)
    assert first <= at < last
    assert people.day_bounds(ANA, None, day + timedelta(days=1))[0] == last
    worked = people.shift_on(ANA, None, day)
    following = people.shift_on(ANA, None, day + timedelta(days=1))
    if worked is not None and (following is None or worked.end_at <= following.start_at):
        assert worked.end_at <= last, "a shift is of its own day"


@given(st.dates(date(2026, 1, 1), date(2028, 12, 31)))
def test_without_shifts_at_night_the_attendance_day_is_the_site_s(day):
    assert roster(zone=BERLIN).day_bounds(ANA, None, day) == day_bounds(day, BERLIN)
