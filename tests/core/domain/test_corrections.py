"""Which instant a clock time of an attendance day means."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.domain.corrections import CORRECTABLE, clock_instant
from core.domain.schedule import WorkingHours
from core.domain.shifts import Assignment, Roster, Shift, SiteHours
from core.domain.states import DayStatus

ZONE = ZoneInfo("Asia/Jakarta")
DAY = date(2026, 11, 23)
NIGHT = Shift(1, "Night", time(22), time(6))
OFFICE = Shift(2, "Office", time(8), time(17))


def meant(clock: str, shift: Shift | None, day: date = DAY) -> datetime | None:
    """As local time; everybody has the shift every day, or nobody has any."""
    assignments = [Assignment(1, shift, date(2026, 1, 1), employee_id=1)] if shift else []
    roster = Roster(assignments, SiteHours(WorkingHours(((),) * 7), ZONE))
    bounds, own = roster.day_bounds(1, None, day), roster.shift_on(1, None, day)
    at = clock_instant(time.fromisoformat(clock), day, bounds, own, ZONE)
    return at.astimezone(ZONE).replace(tzinfo=None) if at else None


@pytest.mark.parametrize(
    ("shift", "clock", "day", "hour"),
    [
        (OFFICE, "08:03", 23, 8),
        (OFFICE, "00:00", 23, 0),
        (OFFICE, "23:59", 23, 23),
        (NIGHT, "21:50", 23, 21),
        (NIGHT, "05:30", 24, 5),
        (NIGHT, "08:00", 24, 8),
        (None, "05:30", 23, 5),
    ],
)
def test_after_midnight_belongs_to_the_night_shift(
    shift: Shift | None, clock: str, day: int, hour: int
) -> None:
    found = meant(clock, shift)
    assert found is not None
    assert (found.day, found.hour) == (day, hour)


def test_a_time_that_the_day_shows_twice_is_the_one_nearer_to_the_shift() -> None:
    """After a day off the night's attendance day begins at midnight and ends at ten in the morning."""
    only_monday = Shift(1, "Night", time(22), time(6), weekdays=frozenset({0}))
    for clock, day in (("05:00", 24), ("09:00", 24), ("11:00", 23), ("20:00", 23)):
        found = meant(clock, only_monday)
        assert found is not None
        assert found.day == day, clock


def test_a_time_outside_the_day_is_none_of_it() -> None:
    only_monday = Shift(1, "Night", time(22), time(6), weekdays=frozenset({0}))
    assert meant("09:00", only_monday, DAY + timedelta(days=1)) is None, "that is still Monday's"


def test_nobody_answers_for_what_nobody_knows() -> None:
    assert {DayStatus.NOT_OBSERVED, DayStatus.PENDING}.isdisjoint(CORRECTABLE)
