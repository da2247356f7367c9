"""Holidays and leave, by day, department and person."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from core.domain.calendar import Calendar, FreeDay, LeaveDays
from core.domain.schedule import WorkingHours
from core.domain.shifts import Roster, SiteHours
from core.domain.states import LeaveKind

DAY, NEXT = date(2026, 12, 25), date(2026, 12, 26)
ROSTER = Roster((), SiteHours(WorkingHours.always(), ZoneInfo("Asia/Jakarta")))
HALL = FreeDay(DAY, "Stocktaking", "Hall")


@pytest.mark.parametrize(
    ("holidays", "department", "name"),
    [
        ([FreeDay(DAY, "Natal")], "Hall", "Natal"),
        ([FreeDay(DAY, "Natal")], None, "Natal"),
        ([FreeDay(NEXT, "Natal")], "Hall", None),
        ([HALL], "Hall", "Stocktaking"),
        ([HALL], "Office", None),
        ([HALL], None, None),
        ([FreeDay(DAY, "Natal"), HALL], "Hall", "Stocktaking"),
        ([FreeDay(DAY, "Natal"), HALL], "Office", "Natal"),
    ],
)
def test_whose_holiday_it_is(holidays, department, name):
    assert Calendar(ROSTER, holidays).holiday_on(DAY, department) == name


@pytest.mark.parametrize(
    ("first", "last", "kind"),
    [
        (DAY, DAY, "sick"),
        (date(2026, 12, 1), date(2026, 12, 31), "sick"),
        (NEXT, NEXT, None),
        (date(2026, 1, 1), date(2026, 12, 24), None),
    ],
)
def test_leave_holds_from_its_first_to_its_last_day(first, last, kind):
    leave = LeaveDays(1, LeaveKind.SICK, first, last)
    assert Calendar(ROSTER, leaves=[leave]).leave_on(1, DAY) == kind
    assert Calendar(ROSTER, leaves=[leave]).leave_on(2, DAY) is None


def test_excused_hours_are_somebody_s_own():
    hours = ((datetime(2026, 12, 25, 8, tzinfo=UTC), datetime(2026, 12, 25, 9, tzinfo=UTC)),)
    calendar = Calendar(ROSTER, excused={1: hours})
    assert (calendar.excused(1), calendar.excused(2)) == (hours, ())
