from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.domain.schedule import WEEKDAYS, Span, WorkingHours, attendance_day, day_bounds

JAKARTA = ZoneInfo("Asia/Jakarta")
BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = WorkingHours.parse({day: [("08:00", "17:00")] for day in WEEKDAYS[:5]})
NIGHT = WorkingHours.parse({"fri": [("22:00", "06:00")]})

ODD_ZONES = [
    "Asia/Jakarta",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",  # clocks go back from 01:00 to 00:00
    "America/Sao_Paulo",  # until 2018 midnight itself was skipped
    "America/St_Johns",  # until 2011 clocks went back at 00:01, into the day before
    "America/Toronto",  # in 1919 clocks skipped from 23:30 to 00:30
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # half an hour of summer time
    "Pacific/Apia",  # had no 30 December 2011
]
zones = st.sampled_from(ODD_ZONES).map(ZoneInfo)
instants = st.datetimes(datetime(1910, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
near_changes = st.builds(
    lambda at, minutes: at + timedelta(minutes=minutes),
    st.sampled_from(
        [
            datetime(2006, 10, 29, 2, 31, tzinfo=UTC),
            datetime(1919, 3, 31, 4, 30, tzinfo=UTC),
            datetime(2011, 12, 30, 10, 0, tzinfo=UTC),
            datetime(2018, 11, 4, 3, 0, tzinfo=UTC),
            datetime(2026, 11, 1, 5, 0, tzinfo=UTC),
            datetime(2026, 10, 25, 1, 0, tzinfo=UTC),
        ]
    ),
    st.integers(-180, 180),
)
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))


def local(zone: ZoneInfo, *parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=zone, fold=fold).astimezone(UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("hours", "clock", "working"),
    [
        (OFFICE, (2026, 11, 23, 7, 59), False),
        (OFFICE, (2026, 11, 23, 8, 0), True),
        (OFFICE, (2026, 11, 23, 16, 59), True),
        (OFFICE, (2026, 11, 23, 17, 0), False),
        (OFFICE, (2026, 11, 22, 12, 0), False),
        (NIGHT, (2026, 11, 27, 21, 59), False),
        (NIGHT, (2026, 11, 27, 22, 0), True),
        (NIGHT, (2026, 11, 28, 0, 0), True),
        (NIGHT, (2026, 11, 28, 5, 59), True),
        (NIGHT, (2026, 11, 28, 6, 0), False),
        (NIGHT, (2026, 11, 27, 3, 0), False),
    ],
)
def test_hours_begin_inclusive_and_end_exclusive(
    hours: WorkingHours, clock: tuple[int, ...], working: bool
) -> None:
    assert hours.contains(local(JAKARTA, *clock), JAKARTA) is working


@pytest.mark.parametrize(
    ("span", "start", "end"),
    [
        # 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC
        (("01:00", "04:00"), "01:00+01:00", "04:00+02:00"),
        (("02:30", "04:00"), "03:30+02:00", "04:00+02:00"),
        (("22:00", "06:00"), "22:00+02:00", "06:00+02:00"),
    ],
)
def test_a_skipped_clock_time_counts_as_without_the_change(
    span: tuple[str, str], start: str, end: str
) -> None:
    day = date(2026, 3, 29)
    ((first, last),) = WorkingHours.parse({"sun": [span]}).spans_utc(day, BERLIN)
    following = day + timedelta(days=1) if span[1] < span[0] else day
    assert first == datetime.fromisoformat(f"{day}T{start}")
    assert last == datetime.fromisoformat(f"{following}T{end}")


def test_a_repeated_clock_time_counts_the_first_time() -> None:
    hours = WorkingHours.parse({"sun": [("02:30", "04:00")]})
    first, second = (local(BERLIN, 2026, 10, 25, 2, 15, fold=fold) for fold in (0, 1))
    assert not hours.contains(first, BERLIN)
    assert hours.contains(second, BERLIN)
    assert hours.spans_utc(date(2026, 10, 25), BERLIN) == [
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 3, 0, tzinfo=UTC))
    ]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Asia/Jakarta", date(2026, 11, 23), 24),
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/Havana", date(2026, 11, 1), 25),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Pacific/Apia", date(2011, 12, 30), 0),
    ],
)
def test_length_of_a_day(zone: str, day: date, hours: float) -> None:
    start, end = day_bounds(day, ZoneInfo(zone))
    assert end - start == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("Asia/Jakarta", "2026-11-22T16:59:59", "2026-11-22"),
        ("Asia/Jakarta", "2026-11-22T17:00:00", "2026-11-23"),
        ("America/St_Johns", "2006-10-29T02:45:00", "2006-10-29"),  # 23:15 of the day that had ended
        ("America/Toronto", "1919-03-31T04:45:00", "1919-03-30"),  # 00:45 of the day that begins at 01:00
        ("America/Toronto", "1919-03-31T05:00:00", "1919-03-31"),
        ("Pacific/Apia", "2011-12-30T10:00:00", "2011-12-31"),
    ],
)
def test_day_of_an_instant(zone: str, at: str, day: str) -> None:
    instant = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert attendance_day(instant, ZoneInfo(zone)) == date.fromisoformat(day)


@given(instants | near_changes, zones)
def test_each_instant_lies_in_the_bounds_of_its_day_alone(at: datetime, zone: ZoneInfo) -> None:
    day = attendance_day(at, zone)
    start, end = day_bounds(day, zone)
    assert start <= at < end
    assert day_bounds(day - timedelta(days=1), zone)[1] == start
    assert abs(day - at.astimezone(zone).date()) <= timedelta(days=1)


@given(st.lists(instants | near_changes, min_size=2), zones)
def test_days_follow_instants(times: list[datetime], zone: ZoneInfo) -> None:
    days = [attendance_day(at, zone) for at in sorted(times)]
    assert all(earlier <= later for earlier, later in pairwise(days))


@given(instants | near_changes, zones)
def test_always_means_every_instant(at: datetime, zone: ZoneInfo) -> None:
    assert WorkingHours.always().contains(at, zone)
    assert not WorkingHours.parse({}).contains(at, zone)


@given(instants, zones, clocks, clocks)
def test_away_from_clock_changes_the_clock_decides(
    at: datetime, zone: ZoneInfo, start: time, end: time
) -> None:
    assume(zone.utcoffset(at - timedelta(days=2)) == zone.utcoffset(at + timedelta(days=2)))
    assume(len({(at + timedelta(hours=step)).astimezone(zone).utcoffset() for step in range(-48, 49)}) == 1)
    hours = WorkingHours(((Span(start, end),),) * 7)
    clock = at.astimezone(zone).time()
    expected = start <= clock < end if start < end else clock >= start or clock < end
    assert hours.contains(at, zone) is expected


@pytest.mark.parametrize("clock", ["8:00", "25:00", "08:60", "24:00", "0800", "", "08:00:00"])
def test_a_start_that_is_no_clock_time_is_refused(clock: str) -> None:
    with pytest.raises(ValueError, match="time"):
        WorkingHours.parse({"mon": [(clock, "17:00")]})


@pytest.mark.parametrize(
    "spans",
    [
        [("08:00", "12:00"), ("11:59", "17:00")],
        [("22:00", "06:00"), ("23:00", "24:00")],
        [("08:00", "08:00"), ("09:00", "10:00")],
        [("08:00", "12:00"), ("08:00", "12:00")],
    ],
)
def test_overlapping_spans_are_refused(spans: list[tuple[str, str]]) -> None:
    with pytest.raises(ValueError, match="tue overlap"):
        WorkingHours.parse({"tue": spans})


def test_spans_may_touch() -> None:
    hours = WorkingHours.parse({"mon": [("12:00", "24:00"), ("08:00", "12:00")]})
    assert [span.start.hour for span in sorted(hours.week[0])] == [8, 12]


def test_a_week_has_seven_days() -> None:
    assert len(WEEKDAYS) == 7
    with pytest.raises(ValueError, match="7 days"):
        WorkingHours(((),) * 6)


def test_naive_times_are_refused() -> None:
    naive = datetime(2026, 11, 23, 8)  # noqa: DTZ001
    with pytest.raises(ValueError, match="naive"):
        attendance_day(naive, JAKARTA)
    with pytest.raises(ValueError, match="naive"):
        OFFICE.contains(naive, JAKARTA)
