"""The queries about days answer from indexes, on rows enough for SQLite to have a choice."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from core.domain.schedule import attendance_day
from core.storage import (
    correction_list,
    day_rounds,
    day_shots,
    day_sums,
    judged_days,
    month_locks,
    pauses,
    ties,
)
from core.storage.engine import reader_engine
from core.storage.rulebook import read_rulebook
from core.storage.work_days import Only, prepare, timeline_of
from tests.core.storage.scans import scanned_tables
from tests.days import DAY, ONE_DAY, ZONE, DaysSite

Call = Callable[[Session, DaysSite], Any]


def timeline(session: Session, site: DaysSite) -> Any:
    book = read_rulebook(session, DAY, DAY, site.parameters)
    assert timeline_of(session, 1, DAY, book, site.now)
    return day_shots.visits_of(session, 1, "Hall", DAY, book)


PAGES: dict[str, Call] = {
    "of_day": lambda s, _: judged_days.of_day(s, DAY, ["Hall"]),
    "between": lambda s, _: judged_days.between(s, DAY - 30 * ONE_DAY, DAY),
    "of_employee": lambda s, _: judged_days.of_employee(s, 1, DAY - 30 * ONE_DAY, DAY),
    "unfinished": lambda s, _: judged_days.unfinished(s, DAY),
    "finished": lambda s, _: judged_days.finished(s, DAY),
    "sums": lambda s, _: day_sums.of_people(s, DAY - 30 * ONE_DAY, DAY, ["Hall"]),
    "sums of all": lambda s, _: day_sums.of_people(s, DAY - 30 * ONE_DAY, DAY),
    "timeline": timeline,
    "as_of": lambda s, _: day_rounds.as_of(s, DAY),
    "waiting": lambda s, _: correction_list.waiting(s, ["Hall"]),
    "corrections of day": lambda s, _: correction_list.of_day(s, 1, DAY),
    "pause": lambda s, site: (pauses.in_force(s, site.now), pauses.recent(s)),
    "pauses": lambda s, site: pauses.between(s, site.now - ONE_DAY, site.now),
    "locks": lambda s, _: month_locks.locks(s),
    "ties": lambda s, _: ties.ties_of_everybody(s),
}


@pytest.fixture
def site(tmp_path: Path) -> DaysSite:
    site = DaysSite(tmp_path)
    for number in range(6):
        employee = site.seed.employee(f"E{number}", f"Orang {number}", "Hall")
        for back in range(10):
            site.see(employee, "08:00", "16:00", DAY - back * ONE_DAY)
            site.cover(day=DAY - back * ONE_DAY)
    site.store(DAY - 10 * ONE_DAY, DAY)
    return site


@pytest.mark.parametrize("name", PAGES)
def test_no_query_about_days_scans_a_table_that_grows(site: DaysSite, name: str) -> None:
    engine = reader_engine(site.seed.paths.database)
    with Session(engine) as session:
        assert not scanned_tables(session, lambda: PAGES[name](session, site))
    engine.dispose()


def test_the_newest_corrections_are_read_from_the_end(site: DaysSite) -> None:
    """The whole table in order of id, cut off after the first rows: a walk, not a sort."""
    with Session(site.engine) as session:
        assert scanned_tables(session, lambda: correction_list.newest(session)) <= {"corrections"}


@pytest.mark.parametrize("people", [None, (1, 2)])
def test_judging_reads_no_more_than_its_days(site: DaysSite, people: tuple[int, ...] | None) -> None:
    """Everybody is looked at; of visits, sightings, coverage and corrections only what the days need."""
    with Session(site.engine) as session:
        book = read_rulebook(session, DAY, DAY, site.parameters)
        only = Only(people=people)
        found = scanned_tables(session, lambda: prepare(session, DAY, DAY, book, site.now, only))
    assert found <= {"employees", "inactive_times"}


def test_a_round_of_the_worker_scans_people_only(site: DaysSite) -> None:
    def look() -> None:
        today = attendance_day(site.now, ZONE)
        day_rounds.going_on(session, today, site.parameters, site.now)
        day_rounds.missed(session, today, site.parameters)

    with Session(site.engine) as session:
        assert scanned_tables(session, look) <= {"employees", "shift_assignments", "holidays", "leaves"}
