"""Nightly upkeep: when it is due, what it leaves, and that no fact waits for it."""

import logging
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core.domain.states import EventKind
from core.errors import DatabaseCorrupt
from core.paths import SitePaths
from core.settings import Parameters
from core.storage import audit
from core.storage.backup import PREFIX, create_backup, list_backups
from core.storage.models import Camera, Event, MaintenanceRun, WorkerStatus
from core.storage.retention import checkpoint, nothing
from core.storage.retry import run_in_order
from tests.painted import painted_site
from tests.patience import PATIENCE_S
from tests.supervised import eventually
from worker.maintenance import Maintenance, is_done, nightly

NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)
"""12:00 in Jakarta on the 23rd."""
MIDNIGHT = datetime(2026, 11, 23, 17, tzinfo=UTC)
"""When the 24th begins there."""
TODAY, TOMORROW = date(2026, 11, 23), date(2026, 11, 24)
SETTINGS = Parameters.parse({"time_zone": "Asia/Jakarta", "event_pictures_kept": 2})


class SetClock:
    """A clock that stands where a test sets it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[SitePaths, Engine]]:
    paths, engine = painted_site(tmp_path / "home", [1])
    with Session(engine) as session, session.begin():
        status = {"status": "online", "status_since": NOON, "updated_at": NOON}
        session.add(Camera(id=1, name="Gate", enabled=True, **status))
    yield paths, engine
    engine.dispose()


def nights(engine: Engine) -> dict[date, bool]:
    """Which site days' upkeep was begun, and whether it was finished."""
    with Session(engine) as session:
        runs = session.scalars(select(MaintenanceRun).order_by(MaintenanceRun.site_date))
        return {run.site_date: run.finished_at is not None for run in runs}


def maintained(paths: SitePaths, clock: SetClock) -> Maintenance:
    maintenance = Maintenance(paths, clock)
    maintenance.parameters = SETTINGS
    return maintenance


def test_it_is_done_at_the_start_and_at_midnight_of_the_site_and_once_a_day(site):
    paths, engine = site
    clock = SetClock(NOON)
    maintenance = maintained(paths, clock)
    for at, done in (
        (NOON, [TODAY]),
        (MIDNIGHT - timedelta(seconds=1), [TODAY]),
        (MIDNIGHT, [TODAY, TOMORROW]),
        (MIDNIGHT + timedelta(hours=3), [TODAY, TOMORROW]),
    ):
        clock.at = at
        maintenance.look(engine)
        assert nights(engine) == dict.fromkeys(done, True)
    assert len(list_backups(paths.backups)) == 2


def test_a_missed_night_is_caught_up_at_the_next_start(site):
    paths, engine = site
    maintained(paths, SetClock(NOON)).look(engine)
    later = MIDNIGHT + timedelta(days=4, hours=9)
    assert not is_done(engine, date(2026, 11, 28))
    maintained(paths, SetClock(later)).look(engine)
    assert nights(engine) == {TODAY: True, date(2026, 11, 28): True}


def test_a_night_that_was_interrupted_is_done_again(site):
    paths, engine = site
    with Session(engine) as session, session.begin():
        session.add(MaintenanceRun(kind="nightly", site_date=TODAY, started_at=NOON, result={}))
    assert not is_done(engine, TODAY)
    maintained(paths, SetClock(NOON)).look(engine)
    assert nights(engine) == {TODAY: True}


def test_a_night_does_every_job_and_notes_what_it_did(site):
    paths, engine = site
    with Session(engine) as session, session.begin():
        for hours in (-13, -1):  # before and after the 23rd began
            session.add(Event(kind=EventKind.UNKNOWN, camera_id=1, occurred_at=NOON + timedelta(hours=hours)))
    orphans = [paths.evidence / "2026-11-20" / "x.jpg", paths.photos / "E9" / "x.jpg", paths.requests / "x"]
    orphans.append(paths.captures / ".x.jpg.0123abcd.tmp")
    for file in orphans:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"jpeg")
        os.utime(file, (NOON.timestamp() - 48 * 3600,) * 2)
    result = nightly(engine, paths, SETTINGS, NOON, nothing())
    (backup,) = list_backups(paths.backups)
    assert result == {
        "retention": {
            "events": {"rows": {"events": 1}, "files": 0, "bytes": 0, "oldest": "2026-11-22"},
        },
        "orphans": 1,
        "temporary": 1,
        "photos": 1,
        "request_photos": 1,
        "changes": 0,
        "backup": backup.name,
    }
    assert not any(file.exists() for file in orphans)
    with Session(engine) as session:
        assert session.scalars(select(Event.occurred_at)).all() == [NOON - timedelta(hours=1)]
        assert session.scalars(select(MaintenanceRun.result)).one() == result
    assert backup.stat().st_mode & 0o777 == 0o600
    assert paths.database.with_name("attendance.db-wal").stat().st_size < 100_000


def test_a_night_logs_the_newest_row_of_the_audit_trail(site, caplog):
    paths, engine = site
    with Session(engine) as session, session.begin():
        audit.append(session, NOON, "hr", "a", "b:1", {})
        mark = audit.newest_mark(session)
    with caplog.at_level(logging.INFO, logger="worker.maintenance"):
        nightly(engine, paths, SETTINGS, NOON, nothing())
    assert [line for line in caplog.messages if "audit" in line] == [
        f"the audit trail's newest row, for audit verify --expect: {mark}"
    ]


def test_seven_backups_are_kept(site):
    paths, engine = site
    for day in range(1, 9):
        (paths.backups / f"{PREFIX}202610{day:02}T000000000000Z.zip").write_bytes(b"old")
    nightly(engine, paths, SETTINGS, NOON, nothing())
    kept = [backup.name for backup in list_backups(paths.backups)]
    assert len(kept) == 7
    assert kept[-1] == f"{PREFIX}20261003T000000000000Z.zip"


def test_event_pictures_are_thinned_out_between_nights_too(site):
    paths, engine = site
    folder = paths.captures / "CAM1"
    folder.mkdir()
    for second in range(5):
        (folder / f"20261123T05000{second}000000_E1.jpg").write_bytes(b"jpeg")
    maintained(paths, SetClock(NOON)).look(engine)
    assert [file.name[14] for file in sorted(folder.iterdir())] == ["3", "4"]
    with Session(engine) as session:
        (result,) = session.scalars(select(MaintenanceRun.result))
    assert result["retention"]["event_pictures"]["files"] == 3


def test_a_night_that_cannot_be_done_is_told_and_ends_nothing(site, caplog):
    paths, engine = site
    paths.backups.rmdir()
    paths.backups.write_text("no folder")
    maintenance = maintained(paths, SetClock(NOON))
    with caplog.at_level(logging.ERROR):
        maintenance.look(engine)
        maintenance.look(engine)
    assert len(caplog.records) == 1
    assert f"maintenance of {TODAY} failed" in caplog.text
    assert nights(engine) == {TODAY: False}
    maintenance.raise_failure()
    paths.backups.unlink()
    maintained(paths, SetClock(NOON)).look(engine)
    assert nights(engine) == {TODAY: True}


def spoil(page: int, database: Path) -> None:
    """Overwrites a page of the database, 1 being the first."""
    with database.open("r+b") as stream:
        stream.seek((page - 1) * 4096)
        stream.write(b"\xff" * 4096)


def test_pictures_that_cannot_be_thinned_out_keep_no_night_from_being_done(site, caplog):
    paths, engine = site
    (paths.captures / "CAM1").write_text("no folder")
    maintenance = maintained(paths, SetClock(NOON))
    with caplog.at_level(logging.ERROR):
        maintenance.look(engine)
        maintenance.look(engine)
    assert len(caplog.records) == 1
    assert "thinning out pictures failed" in caplog.text
    assert nights(engine) == {TODAY: True}


def test_a_file_that_cannot_be_removed_is_told_and_ends_nothing(site, caplog):
    paths, engine = site
    (paths.photos / "E9" / "folder").mkdir(parents=True)
    os.utime(paths.photos / "E9" / "folder", (NOON.timestamp() - 48 * 3600,) * 2)
    maintenance = maintained(paths, SetClock(NOON))
    with caplog.at_level(logging.ERROR):
        maintenance.look(engine)
    assert f"maintenance of {TODAY} failed" in caplog.text
    assert nights(engine) == {TODAY: False}


def test_a_database_that_cannot_be_read_for_a_moment_ends_nothing(site, caplog):
    paths, engine = site
    engine.dispose()
    away = paths.database.with_name("away.db")
    paths.database.rename(away)
    maintenance = maintained(paths, SetClock(NOON))
    with caplog.at_level(logging.ERROR):
        maintenance.look(engine)
        maintenance.look(engine)
    assert len(caplog.records) == 2, "each job once"
    assert all(len(record.getMessage().splitlines()) == 1 for record in caplog.records)
    away.rename(paths.database)
    maintained(paths, SetClock(NOON)).look(engine)
    assert nights(engine) == {TODAY: True}


def test_a_damaged_database_ends_the_worker(site):
    paths, engine = site
    checkpoint(engine)
    engine.dispose()
    spoil(1, paths.database)
    with pytest.raises(DatabaseCorrupt):
        maintained(paths, SetClock(NOON)).look(engine)


def test_a_checkpoint_of_a_damaged_database_says_so(site):
    paths, engine = site
    checkpoint(engine)
    engine.dispose()
    spoil(1, paths.database)
    with pytest.raises(DatabaseCorrupt):
        checkpoint(engine)


def test_it_runs_on_a_thread_of_its_own_and_ends_when_asked(site):
    paths, engine = site
    maintenance = Maintenance(paths, SetClock(NOON))
    maintenance.start(SETTINGS)
    assert eventually(lambda: nights(engine) == {TODAY: True})
    maintenance.stop(PATIENCE_S)
    assert "maintenance" not in {thread.name for thread in threading.enumerate()}
    maintenance.raise_failure()


def test_one_that_was_never_started_can_be_stopped(site):
    maintenance = Maintenance(site[0])
    maintenance.stop(1.0)
    maintenance.raise_failure()


def test_facts_are_committed_while_a_backup_is_made(site):
    paths, engine = site
    with closing(sqlite3.connect(paths.database)) as connection, connection:
        connection.execute("CREATE TABLE ballast (content BLOB)")
        connection.executemany("INSERT INTO ballast VALUES (?)", ((os.urandom(1 << 20),) for _ in range(24)))
    with Session(engine) as session, session.begin():
        row = {"pid": 1, "phase": "running", "started_at": NOON, "heartbeat_at": NOON}
        session.add(WorkerStatus(id=1, **row))
    backup = threading.Thread(target=create_backup, args=(paths, paths.backups))
    backup.start()
    commits = 0
    while backup.is_alive():
        at = NOON + timedelta(seconds=commits)
        run_in_order(engine, lambda session, at=at: set_heartbeat(session, at), budget_s=0.0)
        commits += 1
    assert len(list_backups(paths.backups)) == 1
    assert commits > 10


def set_heartbeat(session: Session, at: datetime) -> None:
    session.get_one(WorkerStatus, 1).heartbeat_at = at
