"""The journal sees other programs' commits by itself, and a look at the site tells on every loss."""

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.chaos.checks import History, Inspection
from benchmarks.chaos.journal import JournalProcess
from benchmarks.chaos.rows import connect, read_everything
from core.domain.states import EvidenceKind
from core.paths import SitePaths
from tests.chaos.story import record_a_morning
from tests.patience import PATIENCE_S


@pytest.fixture
def site(tmp_path: Path) -> SitePaths:
    return record_a_morning(tmp_path / "home")


@pytest.fixture
def journal(site: SitePaths, tmp_path: Path) -> Iterator[JournalProcess]:
    with JournalProcess(site.database, tmp_path / "journal.jsonl") as process:
        process.tell("attach")
        yield process


@pytest.fixture
def inspection(site: SitePaths, tmp_path: Path, journal: JournalProcess) -> Inspection:
    return Inspection(site, tmp_path / "copy", journal)


def tamper(site: SitePaths, *statements: str) -> None:
    with closing(sqlite3.connect(site.database)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_it_writes_a_commit_down_without_being_told(site, journal):
    history = History()
    journal.tell("look")
    history.take(journal)
    before = history.versions.total()
    tamper(site, "UPDATE visits SET last_camera_id = 1, closed_by = NULL WHERE id = 1")
    deadline_s = time.monotonic() + PATIENCE_S
    while history.versions.total() == before and time.monotonic() < deadline_s:
        history.take(journal)
    assert history.versions.total() == before + 1


def test_it_lets_go_of_the_database_and_finds_it_again(site, journal):
    journal.tell("look")
    assert list(journal.news())
    journal.tell("detach")
    tamper(site, "UPDATE events SET score = 0.25 WHERE id = 1")
    journal.tell("attach")
    journal.tell("look")
    assert [(name, row["score"]) for name, row in journal.news()] == [("events", 0.25)]


def test_it_cannot_write(site):
    with (
        closing(connect(site.database)) as connection,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        connection.execute("DELETE FROM visits")


def test_what_the_worker_recorded_breaks_no_promise(inspection):
    assert inspection.look_at_remains(everything=True) == []
    assert inspection.look_at_return() == []
    assert inspection.looks == 2
    assert set(inspection.history.versions) >= {"visits", "evidence", "attendances", "events", "alert_logs"}
    assert inspection.leftovers() == (0, 0)


def first_picture(site: SitePaths, kind: EvidenceKind = EvidenceKind.ARRIVAL) -> Path:
    with closing(connect(site.database)) as connection:
        rows = read_everything(connection)[0]["evidence"].values()
    return site.home / next(str(row["path"]) for row in rows if row["kind"] == kind)


def spoil_picture(site: SitePaths) -> None:
    first_picture(site).write_bytes(b"another picture")


def remove_picture(site: SitePaths) -> None:
    first_picture(site).unlink()


def turn_link(site: SitePaths) -> None:
    link = next(site.attendance_captures.rglob("last_out.jpg"))
    link.unlink()
    link.symlink_to(first_picture(site))


def remove_link(site: SitePaths) -> None:
    next(site.attendance_captures.rglob("last_out.jpg")).unlink()


def dangle_link(site: SitePaths) -> None:
    link = next(site.attendance_captures.rglob("last_out.jpg"))
    link.unlink()
    link.symlink_to("nowhere.jpg")


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (lambda site: tamper(site, "DELETE FROM events WHERE id = 1"), "lost_row"),
        (lambda site: tamper(site, "UPDATE events SET occurred_at = '2026-01-01 00:00:00.0'"), "rewritten"),
        (
            lambda site: tamper(site, "UPDATE attendances SET first_in_at = '2026-01-01 00:00:00.0'"),
            "first_in_moved",
        ),
        (lambda site: tamper(site, "UPDATE attendances SET visit_count = 7"), "rebuild_differs"),
        (lambda site: tamper(site, "UPDATE presence SET state = 'available'"), "presence"),
        (lambda site: tamper(site, "UPDATE evidence SET visit_id = 99 WHERE id = 1"), "integrity"),
        (spoil_picture, "picture"),
        (remove_picture, "picture"),
        (remove_link, "link"),
        (dangle_link, "link"),
        (turn_link, "link"),
    ],
)
def test_every_breach_is_noticed(
    site: SitePaths, tmp_path, journal, spoil: Callable[[SitePaths], None], rule
):
    inspection = Inspection(site, tmp_path / "copy", journal)
    journal.tell("look")
    inspection.history.take(journal)
    spoil(site)
    assert rule in {one.rule for one in inspection.look_at_return()}


def test_a_damaged_file_is_noticed(site, inspection):
    with closing(sqlite3.connect(site.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_events_occurred'"
        ).fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    with site.database.open("r+b") as stream:
        stream.seek((page - 1) * size + 8)
        stream.write(b"\xff" * 64)
    assert "integrity" in {one.rule for one in inspection.look_at_remains(everything=True)}


def test_files_that_a_kill_leaves_are_counted(site, inspection):
    folder = first_picture(site).parent
    (folder / ".arrival.jpg.00000000.tmp").touch()
    (folder / "arrival.jpg").write_bytes(hashlib.sha256().digest())
    assert inspection.leftovers() == (1, 1)
