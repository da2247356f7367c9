"""The worker keeps judged days up to date: those that go on, and those missed while it was off."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core.errors import DatabaseCorrupt
from core.storage import day_rounds, judged_days
from core.storage.engine import reader_engine
from core.storage.models import Employee, Holiday, JudgedDay, MonthLock, ShiftAssignment, ShiftPlan
from tests.days import DAY, ONE_DAY, DaysSite, at
from tests.supervised import eventually
from worker import day_keeper
from worker.day_keeper import DayKeeper, Keeping


def go_on(_seconds: float) -> bool:
    return False


@pytest.fixture
def site(tmp_path: Path) -> DaysSite:
    site = DaysSite(tmp_path)
    site.seed.employee("E1", "Ana", "Hall")
    site.seed.employee("E2", "Budi")
    site.cover()
    site.see(1, "08:00", "12:00")
    return site


@pytest.fixture
def reader(site: DaysSite) -> Iterator[Engine]:
    engine = reader_engine(site.seed.paths.database)
    yield engine
    engine.dispose()


def rows(site: DaysSite, day: date = DAY) -> dict[str, tuple[str, bool]]:
    with Session(site.engine) as session:
        return {
            row.name: (str(row.work.status), row.work.is_final) for row in judged_days.of_day(session, day)
        }


def as_of(site: DaysSite, day: date = DAY) -> datetime | None:
    with Session(site.engine) as session:
        return day_rounds.as_of(session, day)


def test_days_that_go_on_are_judged_until_they_are_final(site: DaysSite, reader: Engine) -> None:
    keeping = Keeping(reader, site.engine, go_on)
    assert keeping.keep_up(site.parameters, at("09:00"))
    assert rows(site) == {"Ana": ("present", False), "Budi": ("pending", False)}
    assert as_of(site) == at("09:00")
    keeping.keep_up(site.parameters, at("18:00"))
    assert rows(site) == {"Ana": ("half_day", False), "Budi": ("absent", False)}
    keeping.keep_up(site.parameters, at("24:02"))
    assert rows(site) == {"Ana": ("half_day", True), "Budi": ("absent", True)}
    assert as_of(site) == at("24:02")
    keeping.keep_up(site.parameters, at("26:00"))
    assert as_of(site) == at("24:02"), "there is nothing left to judge"
    assert as_of(site, DAY + ONE_DAY) == at("26:00")


def test_a_night_shift_goes_on_after_midnight_and_begins_before_its_day(
    site: DaysSite, reader: Engine
) -> None:
    for number, (start, end) in enumerate([("22:00", "06:00"), ("01:00", "09:00")], 1):
        plan = ShiftPlan(name=f"Shift {number}", start=start, end=end, weekdays=list(range(7)))
        shift = site.seed.add(plan)
        site.seed.add(ShiftAssignment(shift_id=shift, employee_id=number, first_date=DAY - 9 * ONE_DAY))
    keeping = Keeping(reader, site.engine, go_on)
    keeping.keep_up(site.parameters, at("23:00"))
    assert rows(site) == {"Ana": ("pending", False), "Budi": ("absent", True)}
    assert rows(site, DAY + ONE_DAY) == {"Budi": ("pending", False)}
    keeping.keep_up(site.parameters, at("29:00"))
    assert rows(site)["Ana"] == ("pending", False)
    keeping.keep_up(site.parameters, at("41:00"))
    assert rows(site)["Ana"][1]


def test_missed_days_are_caught_up_the_latest_first(site: DaysSite, reader: Engine) -> None:
    keeping = Keeping(reader, site.engine, go_on)
    later = at("12:00", DAY + 10 * ONE_DAY)
    caught = 0
    while keeping.catch_up(site.parameters, later):
        caught += 1
        assert rows(site, DAY + (8 - caught) * ONE_DAY), caught
    assert caught == 30 + 8, "from the day of the first employee"
    assert rows(site) == {"Ana": ("half_day", True), "Budi": ("absent", True)}
    assert not rows(site, DAY + 8 * ONE_DAY), "that one may go on"
    assert not Keeping(reader, site.engine, go_on).catch_up(site.parameters, later), "nor after a restart"


def test_what_was_judged_to_its_end_stays(site: DaysSite, reader: Engine) -> None:
    keeping = Keeping(reader, site.engine, go_on)
    keeping.keep_up(site.parameters, at("24:02"))
    site.seed.add(Holiday(day=DAY, name="Guru"))
    for later in (at("25:00"), at("240:00")):
        keeping.keep_up(site.parameters, later)
        while keeping.catch_up(site.parameters, later):
            pass
    assert rows(site) == {"Ana": ("half_day", True), "Budi": ("absent", True)}


def test_an_old_day_that_is_not_final_is_judged_again(site: DaysSite, reader: Engine) -> None:
    keeping = Keeping(reader, site.engine, go_on)
    keeping.keep_up(site.parameters, at("18:00"))
    keeping.keep_up(site.parameters, at("12:00", DAY + 10 * ONE_DAY))
    assert rows(site) == {"Ana": ("half_day", True), "Budi": ("absent", True)}


def test_locked_months_are_left_alone(site: DaysSite, reader: Engine) -> None:
    site.seed.add(MonthLock(month=DAY.replace(day=1), locked_at=site.now, locked_by="hr"))
    keeping = Keeping(reader, site.engine, go_on)
    keeping.keep_up(site.parameters, site.now)
    assert rows(site) == {}
    october = 0
    while keeping.catch_up(site.parameters, at("12:00", DAY + 4 * ONE_DAY)):
        october += 1
    assert october == 8
    with Session(site.engine) as session:
        assert {day.month for day in session.scalars(select(JudgedDay.day))} == {10}


def test_attendance_that_is_kept_no_more_is_not_judged(site: DaysSite, reader: Engine) -> None:
    keeping = Keeping(reader, site.engine, go_on)
    short = site.parameters.model_copy(update={"attendance_retention_days": 5})
    caught = 0
    while keeping.catch_up(short, site.now):
        caught += 1
    assert caught == 3


def test_a_site_without_anybody_has_nothing_to_catch_up(tmp_path: Path) -> None:
    site = DaysSite(tmp_path)
    reader = reader_engine(site.seed.paths.database)
    assert not Keeping(reader, site.engine, go_on).catch_up(site.parameters, site.now)
    reader.dispose()


def test_others_write_between_a_few_people_and_a_stop_loses_nothing(site: DaysSite, reader: Engine) -> None:
    for number in range(3, 60):
        site.seed.employee(f"E{number}", f"Orang {number}")
    written: list[int] = []

    def write_meanwhile(_seconds: float) -> bool:
        with closing(sqlite3.connect(site.seed.paths.database, timeout=0)) as other, other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("UPDATE cameras SET name = 'Door'")
            written.append(other.execute("SELECT count(*) FROM work_days").fetchone()[0])
        return len(written) == 2

    assert not Keeping(reader, site.engine, write_meanwhile).keep_up(site.parameters, site.now)
    assert written == [20, 40]
    assert as_of(site) is None, "a round that was stopped is none"
    Keeping(reader, site.engine, go_on).keep_up(site.parameters, site.now)
    assert len(rows(site)) == 59


def keeper(site: DaysSite) -> DayKeeper:
    keeper = DayKeeper(site.seed.paths, lambda: site.now)
    keeper.start(site.parameters)
    return keeper


def test_its_thread_keeps_up_catches_up_and_stops(site: DaysSite) -> None:
    running = keeper(site)
    assert eventually(lambda: len(rows(site, DAY - 10 * ONE_DAY)) == 2)
    assert rows(site) == {"Ana": ("half_day", False), "Budi": ("absent", False)}
    running.stop(5)
    running.raise_failure()
    assert "days" not in {thread.name for thread in threading.enumerate()}


def test_what_the_database_refuses_is_tried_again(
    site: DaysSite, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(day_keeper, "ROUND_S", 0.05)
    with site.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE work_days RENAME TO elsewhere")
    running = keeper(site)
    assert eventually(lambda: "judging days failed and is tried again" in caplog.text)
    with site.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO work_days")
    assert eventually(lambda: len(rows(site)) == 2)
    running.stop(5)
    running.raise_failure()


def test_a_damaged_database_ends_the_worker(site: DaysSite) -> None:
    site.engine.dispose()
    site.seed.paths.database.write_bytes(b"nothing of the kind" * 1000)
    for leftover in site.seed.paths.database.parent.glob("*.db-*"):
        leftover.unlink()
    running = keeper(site)
    assert eventually(lambda: not running._thread.is_alive())
    with pytest.raises(DatabaseCorrupt):
        running.raise_failure()


def test_people_who_left_are_not_judged_any_more(site: DaysSite, reader: Engine) -> None:
    with Session(site.engine) as session, session.begin():
        gone = {"active": False, "deactivated_at": at("12:00", DAY - timedelta(days=5))}
        session.query(Employee).filter_by(id=2).update(gone)
    Keeping(reader, site.engine, go_on).keep_up(site.parameters, site.now)
    assert list(rows(site)) == ["Ana"]
