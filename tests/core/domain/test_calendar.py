"""Holidays and leave, by day, department and person."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.domain.calendar import Calendar, FreeDay, LeaveDays
from core.domain.schedule import WorkingHours
from core.domain.shifts import Assignment, Roster, Shift, SiteHours
from core.domain.states import LeaveKind

DAY, NEXT = date(2026, 12, 25), date(2026, 12, 26)
ZONE = ZoneInfo("Asia/Jakarta")
ROSTER = Roster((), SiteHours(WorkingHours.always(), ZONE))
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


NIGHTS = Assignment(1, Shift(1, "night", time(22), time(6)), date(2026, 11, 1), employee_id=1)
GUARD = Assignment(2, Shift(2, "guard", time(8), time(8)), date(2026, 11, 1), employee_id=2)


def at(day: int, clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{day} {clock}").replace(tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("employee", "visit", "parts"),
    [
        (1, ("23 21:55", "24 06:05"), ["23 21:55-24 06:05"]),
        (1, ("23 21:55", "24 21:00"), ["23 21:55-24 21:00"]),
        (1, ("23 21:55", "24 22:30"), ["23 21:55-24 10:00", "24 10:00-24 22:30"]),
        (2, ("23 08:00", "25 08:00"), ["23 08:00-24 08:00", "24 08:00-25 08:00"]),
        (2, ("23 08:00", "25 08:01"), ["23 08:00-24 08:00", "24 08:00-25 08:00", "25 08:00-25 08:01"]),
        (3, ("23 08:00", "25 08:00"), ["23 08:00-25 08:00"]),
    ],
)
def test_a_visit_counts_to_the_next_day_from_where_it_reaches_its_working_time(employee, visit, parts):
    roster = Roster([NIGHTS, GUARD], SiteHours(WorkingHours(((),) * 7), ZONE))
    span = tuple(at(*(int(one) if one.isdigit() else one for one in text.split())) for text in visit)
    found = list(Calendar(roster).split(employee, None, span))
    local = [[f"{end.astimezone(ZONE):%d %H:%M}" for end in part] for _, part in found]
    assert ["-".join(part) for part in local] == parts
    assert [day for day, _ in found] == [found[0][0] + timedelta(n) for n in range(len(found))]


def test_a_visit_into_a_free_day_is_not_cut():
    roster = Roster([GUARD], SiteHours(WorkingHours(((),) * 7), ZONE))
    calendar = Calendar(roster, [FreeDay(date(2026, 11, 24), "x")])
    span = (at(23, "08:00"), at(24, "12:00"))
    assert list(calendar.split(2, None, span)) == [(date(2026, 11, 23), span)]
