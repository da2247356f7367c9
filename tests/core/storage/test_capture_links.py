"""Links follow their rows: a crash in between is mended by the next start, and no fault costs a fact."""

import logging
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.paths import SitePaths
from core.storage.capture_links import RETRY_AFTER_S, CaptureLinks
from core.storage.engine import writer_engine
from core.storage.models import Attendance
from tests.chaos.story import START, record_a_morning, start_recorder

TOMORROW = "2026-11-24"


@pytest.fixture
def site(tmp_path: Path) -> SitePaths:
    return record_a_morning(tmp_path / "home")


def restart(site: SitePaths) -> None:
    engine = writer_engine(site.database)
    start_recorder(site, engine, START + timedelta(minutes=1))
    engine.dispose()


def test_a_link_to_a_picture_without_a_row_goes_back_to_that_of_the_row(site):
    link = next(site.attendance_captures.rglob("last_out.jpg"))
    right = link.readlink()
    uncommitted = link.resolve().with_name("departure_uncommitted.jpg")
    uncommitted.write_bytes(b"newer")
    link.unlink()
    link.symlink_to(uncommitted)
    restart(site)
    assert link.readlink() == right


def test_a_link_of_a_day_without_a_row_goes(site):
    link = site.attendance_captures / TOMORROW / "E1" / "first_in.jpg"
    link.parent.mkdir(parents=True)
    link.symlink_to(next(site.evidence.rglob("arrival*.jpg")))
    restart(site)
    assert not link.is_symlink()


def test_links_that_are_right_stay(site):
    before = {link: link.readlink() for link in site.attendance_captures.rglob("*.jpg")}
    assert len(before) == 2
    restart(site)
    assert {link: link.readlink() for link in site.attendance_captures.rglob("*.jpg")} == before


def test_a_day_whose_folder_a_crash_prevented_is_made_up_for(site):
    before = {link: link.readlink() for link in site.attendance_captures.rglob("*.jpg")}
    shutil.rmtree(next(site.attendance_captures.iterdir()))
    restart(site)
    assert {link: link.readlink() for link in site.attendance_captures.rglob("*.jpg")} == before


def test_what_somebody_else_put_beside_the_days_is_left_alone(site):
    strange = [site.attendance_captures / "zz-not-a-date" / "E1", site.attendance_captures / TOMORROW / "Ex"]
    for folder in strange:
        folder.mkdir(parents=True)
    restart(site)
    assert all(folder.is_dir() for folder in strange)


def test_no_fact_is_lost_when_links_cannot_be_made(tmp_path):
    home = tmp_path / "home"
    (home / "data" / "attendance_captures").mkdir(parents=True)
    in_the_way = home / "data" / "attendance_captures" / "2026-11-23"
    in_the_way.write_text("a file where a folder belongs")
    site = record_a_morning(home)
    engine = writer_engine(site.database)
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Attendance)) == 1
    engine.dispose()
    in_the_way.unlink()
    restart(site)
    assert len(list(site.attendance_captures.rglob("*.jpg"))) == 2


def test_a_link_that_fails_is_told_once_and_made_later_beside_those_that_work(tmp_path, caplog):
    clock = iter((0.0, 1.0, 2.0, RETRY_AFTER_S + 1, RETRY_AFTER_S + 2)).__next__
    links = CaptureLinks(clock)
    blocked, free = tmp_path / "blocked" / "first_in.jpg", tmp_path / "free" / "first_in.jpg"
    blocked.parent.write_text("a file where a folder belongs")
    picture = tmp_path / "picture.jpg"
    with caplog.at_level(logging.WARNING):
        links.point({blocked: picture})
        links.point({free: picture})
    assert len(caplog.records) == 1
    assert free.readlink() == Path("../picture.jpg")
    blocked.parent.unlink()
    links.point({})
    assert not blocked.is_symlink(), "too early"
    links.point({})
    assert blocked.readlink() == Path("../picture.jpg")
