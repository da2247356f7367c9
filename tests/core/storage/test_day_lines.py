"""The lines of the Attendance page while a day goes on: facts go before what was judged earlier."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from core.domain.states import DayStatus
from core.storage.day_lines import DayLine, lines_of_day
from core.storage.projection import rebuild
from core.storage.rulebook import attendance_rules
from tests.days import DAY, DaysSite, at


@pytest.fixture
def site(tmp_path: Path) -> DaysSite:
    site = DaysSite(tmp_path, at("09:00"))
    site.seed.employee("E1", "Ana", "Hall")
    site.cover(end="24:00")
    return site


def line(site: DaysSite) -> DayLine:
    with Session(site.engine) as session, session.begin():
        rebuild(session, DAY, DAY, attendance_rules(site.parameters))
        [found] = lines_of_day(session, DAY)
    return found


def test_who_came_after_the_day_was_judged_is_there_at_once(site):
    site.store(now=at("08:05"))
    assert line(site).status == DayStatus.PENDING
    site.see(1, "08:06", "08:59")
    found = line(site)
    assert (found.status, found.first_in_at, found.last_out_at) == (None, at("08:06"), at("08:59"))
    site.store(now=at("09:00"))
    assert line(site).status == DayStatus.PRESENT


def test_the_last_out_of_a_day_that_goes_on_is_the_latest_fact(site):
    site.see(1, "08:00", "08:30")
    site.store(now=at("08:31"))
    site.see(1, "08:40", "08:59")
    found = line(site)
    assert (found.status, found.last_out_at) == (DayStatus.PRESENT, at("08:59"))
