"""The hours of a week by each preset."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.domain.presets import PRESETS
from core.domain.schedule import WorkingHours
from core.domain.shifts import Assignment, Roster, SiteHours
from core.domain.spans import difference, duration

MONDAY, ONE_DAY = date(2026, 11, 23), timedelta(days=1)


@pytest.mark.parametrize(
    ("code", "hours"), [("plain", 45), ("eight_by_five", 40), ("seven_by_six", 42), ("five_on_saturday", 5)]
)
def test_a_week_has_these_hours(code: str, hours: int) -> None:
    roster = Roster(
        [Assignment(1, PRESETS[code], MONDAY, employee_id=1)],
        SiteHours(WorkingHours(((),) * 7), ZoneInfo("Asia/Jakarta")),
    )
    shifts = [roster.shift_on(1, None, MONDAY + n * ONE_DAY) for n in range(7)]
    worked = (difference(((day.start_at, day.end_at),), day.breaks) for day in shifts if day)
    assert sum(duration(spans).total_seconds() for spans in worked) == hours * 3600
