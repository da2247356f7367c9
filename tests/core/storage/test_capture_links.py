"""A crash between a link and the commit of its row is mended by the next start."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.paths import SitePaths
from core.storage.engine import writer_engine
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
