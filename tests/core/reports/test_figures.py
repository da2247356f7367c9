"""What the charts show, by hand-computed tables."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from core.domain.states import DayStatus
from core.domain.summary import total
from core.domain.workday import WorkDay
from core.reports.figures import (
    arrival_times,
    attendance_rate,
    coverage_by_day,
    lateness_by_department,
    presence_by_hour,
)
from core.reports.frame import DAYS_OF, DURATIONS, day_frame, totals
from core.reports.periods import Period
from core.storage.work_days import PersonDay

ZONE = ZoneInfo("Asia/Jakarta")
MONDAY, TUESDAY = date(2026, 11, 2), date(2026, 11, 3)
NOTHING = timedelta()


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def at(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZONE)


def a_day(
    employee: int,
    day: date,
    status: DayStatus,
    first_in: str | None = None,
    *,
    late: float = 0,
    dark: float = 0,
    working: float = 8,
    department: str | None = "Hall",
) -> PersonDay:
    work = WorkDay(
        day=day,
        status=status,
        is_final=True,
        first_in_at=at(day, first_in) if first_in else None,
        last_out_at=at(day, "17:00") if first_in else None,
        working=hours(working),
        present=hours(working) if first_in else NOTHING,
        seen=hours(working - dark) if first_in else NOTHING,
        not_seen=NOTHING if first_in else hours(working - dark),
        not_observable=hours(dark),
        late_by=hours(late),
        left_early_by=NOTHING,
        overtime=NOTHING,
        coverage=(working - dark) / working if working else None,
        timeline=(),
        reasons=(),
    )
    return PersonDay(employee, f"E{employee}", f"Person {employee}", department, work)


DAYS = [
    a_day(1, MONDAY, DayStatus.PRESENT, "07:58"),
    a_day(2, MONDAY, DayStatus.LATE, "09:00", late=1, department="Yard"),
    a_day(3, MONDAY, DayStatus.ABSENT, dark=2),
    a_day(4, MONDAY, DayStatus.LEAVE, working=0),
    a_day(1, TUESDAY, DayStatus.HALF_DAY, "12:00", late=4),
    a_day(2, TUESDAY, DayStatus.NOT_OBSERVED, dark=8, department="Yard"),
    a_day(3, TUESDAY, DayStatus.LATE, "08:30", late=0.5, department=None),
]


def frame(days: list[PersonDay] = DAYS) -> pd.DataFrame:
    return day_frame(days, {(1, TUESDAY)}, ZONE)


def rows(found: pd.DataFrame) -> list[tuple[object, ...]]:
    return [tuple(row) for row in found.itertuples(index=False)]


def test_attendance_is_a_share_of_those_of_whom_it_is_known() -> None:
    found = rows(attendance_rate(frame()))
    assert found == [
        (pd.Timestamp(MONDAY), 2, 3, pytest.approx(2 / 3), pytest.approx(22 / 24)),
        (pd.Timestamp(TUESDAY), 2, 2, 1.0, 1.0),
    ]


def test_arrivals_fall_into_quarters_of_an_hour_without_a_gap() -> None:
    found = dict(rows(arrival_times(frame())))
    assert {minute: count for minute, count in found.items() if count} == {
        7 * 60 + 45: 1,
        8 * 60 + 30: 1,
        9 * 60: 1,
        12 * 60: 1,
    }
    assert list(found) == list(range(7 * 60 + 45, 12 * 60 + 1, 15))


def test_lateness_by_department_and_its_coverage() -> None:
    assert rows(lateness_by_department(frame())) == [
        ("", 1, 1, 1.0, 30.0, 1.0),
        ("Hall", 2, 1, 0.5, 240.0, 1.0),
        ("Yard", 1, 1, 1.0, 60.0, 1.0),
    ]


def test_coverage_of_a_day_is_that_of_everybody_s_working_time() -> None:
    assert rows(coverage_by_day(frame())) == [
        (pd.Timestamp(MONDAY), pytest.approx(22 / 24)),
        (pd.Timestamp(TUESDAY), pytest.approx(16 / 24)),
    ]


def test_hours_of_the_week_are_averages_of_people_not_of_visits() -> None:
    next_monday = MONDAY + timedelta(days=7)
    visits = [
        (1, at(MONDAY, "07:50"), at(MONDAY, "09:05")),
        (1, at(MONDAY, "09:20"), at(MONDAY, "09:30")),
        (2, at(MONDAY, "08:59"), at(MONDAY, "09:00")),
        (1, at(next_monday, "08:10"), at(next_monday, "08:20")),
        (3, at(TUESDAY, "23:30"), at(TUESDAY + timedelta(days=1), "00:10")),
    ]
    period = Period(MONDAY, date(2026, 11, 30))
    found = presence_by_hour(visits, period, next_monday, ZONE)
    monday = {hour: people for hour, people in found.loc[0].items() if people}
    assert monday == {7: 0.5, 8: 1.5, 9: 1.0}
    assert found.loc[1, 23] == 1.0
    assert found.loc[2, 0] == 1.0
    assert found.loc[4].eq(0).all(), "the Friday in between, on which nobody was seen"


def test_a_weekday_that_has_not_been_is_missing_and_not_nobody() -> None:
    found = presence_by_hour([], Period(MONDAY, TUESDAY), MONDAY, ZONE)
    assert found.loc[0].eq(0).all()
    assert found.loc[1].isna().all()


@pytest.mark.parametrize("figure", [attendance_rate, arrival_times, lateness_by_department, coverage_by_day])
def test_no_days_are_no_rows(figure) -> None:
    assert figure(frame([])).empty


def test_the_sums_of_the_frame_are_those_of_the_domain() -> None:
    found = totals(frame(), ["employee_id"]).set_index("employee_id")
    for employee in (1, 2, 3, 4):
        expected = total(day.work for day in DAYS if day.employee_id == employee)
        row = found.loc[employee]
        assert {name: row[name] for name in DURATIONS} == {
            name: getattr(expected, name) for name in DURATIONS
        }
        assert {status: row[name] for status, name in DAYS_OF.items() if row[name]} == dict(expected.days)
        assert (row["late_times"], row["left_early_times"]) == (
            expected.late_times,
            expected.left_early_times,
        )
        assert (None if pd.isna(row["coverage"]) else row["coverage"]) == expected.coverage
    assert list(found["corrected"]) == [1, 0, 0, 0]
