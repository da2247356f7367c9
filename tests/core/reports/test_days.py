"""Reports take days that are over from their rows, and judge the others as they stand."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy.orm import Session

from core.domain.states import DayStatus
from core.reports.days import days_of, frame_of
from core.reports.frame import day_frame, told_reasons
from core.reports.periods import Period
from core.storage import day_rounds
from core.storage.models import Holiday, MonthLock
from tests.days import DAY, ONE_DAY, DaysSite

FRIDAY = DAY - 3 * ONE_DAY


def test_the_frame_holds_the_same_days_and_figures(site):
    """Whether they come straight from rows or are judged now."""
    site.see(2, "18:00", "19:00", FRIDAY)
    with Session(site.engine) as session:
        period = Period(FRIDAY - ONE_DAY, DAY)
        days = days_of(session, period, site.parameters, site.now)
        frame = frame_of(session, period, site.parameters, site.now)
    expected = day_frame(days, (), site.parameters.zone)
    plain = expected.columns.drop("reasons")
    pd.testing.assert_frame_equal(frame[plain], expected[plain])
    assert [told_reasons(cell) for cell in frame["reasons"]] == list(expected["reasons"])


@pytest.fixture
def site(tmp_path: Path) -> DaysSite:
    """Ana and Budi, judged for good on Friday; on Monday nobody has looked yet."""
    site = DaysSite(tmp_path)
    for number, name in enumerate(("Budi", "Ana")):
        employee = site.seed.employee(f"E{number}", name, ("Hall", "Office")[number])
        for day in (FRIDAY, DAY):
            site.see(employee, "08:00", "17:00", day)
    for day in (FRIDAY, DAY):
        site.cover(day=day)
    site.store(FRIDAY, FRIDAY)
    complete(site, FRIDAY)
    return site


def complete(site: DaysSite, day: date) -> None:
    with Session(site.engine) as session, session.begin():
        day_rounds.note(session, day, site.now, complete=True)


def told(
    site: DaysSite, first: date = FRIDAY, last: date = DAY, **only: object
) -> list[tuple[str, date, str]]:
    with Session(site.engine) as session:
        days = days_of(session, Period(first, last), site.parameters, site.now, **only)
    return [(day.name, day.work.day, day.work.status) for day in days if day.work.working]


def test_another_rule_changes_no_day_that_is_stored_for_good(site):
    for day in (FRIDAY, DAY):
        site.seed.add(Holiday(day=day, name="Guru"))
    assert told(site) == [("Ana", FRIDAY, DayStatus.PRESENT), ("Budi", FRIDAY, DayStatus.PRESENT)]


def test_days_that_go_on_are_judged_now_in_order_of_name_and_day(site):
    assert [(name, day) for name, day, _ in told(site)] == [
        ("Ana", FRIDAY),
        ("Ana", DAY),
        ("Budi", FRIDAY),
        ("Budi", DAY),
    ]


def test_only_these_people_and_departments(site):
    assert {name for name, *_ in told(site, departments=["Office"])} == {"Ana"}
    assert {name for name, *_ in told(site, employee_ids=[1])} == {"Budi"}
    assert told(site, departments=["Office"], employee_ids=[1]) == []


def test_a_locked_month_is_never_judged_again(site):
    site.store(DAY, DAY, site.now + 2 * ONE_DAY)
    site.seed.add(MonthLock(month=DAY.replace(day=1), locked_at=site.now, locked_by="hr"))
    site.seed.add(Holiday(day=DAY, name="Guru"))
    assert [day for _, day, _ in told(site)] == [FRIDAY, DAY, FRIDAY, DAY]
