"""When database or disk fail: nothing is lost, nothing invented, and one clear sentence says what to do."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from core.domain.states import CoverageState
from core.paths import SitePaths
from core.storage.failures import RESTORE_COMMAND
from core.storage.models import AlertLog, CameraCoverage, Event, Visit
from core.storage.verify import check_integrity
from tests.painted import LEFT, MIDDLE, painted_site
from tests.painted_clip import painted_clip
from tests.patience import PATIENCE_S
from tests.running import PAINTED, RunningWorker, configure, seconds
from tests.small_disk import SmallDisk, mount_missing, small_disk
from tests.worker.sources.answering import unused_port
from worker.watchdog import Heartbeat, read_heartbeat

ANA, BUDI = 1, 2
MIB = 1024 * 1024
PAGE = 4096
LOCKED_S = 12.0
"""Longer than SQLite itself waits (5 s), so that the worker must try again, and again."""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ana sits there; Budi comes for 3 s and goes for 4 s."""
    scenes = [(3, {ANA: LEFT, BUDI: MIDDLE}), (4, {ANA: LEFT})]
    return painted_clip(tmp_path_factory.mktemp("clip") / "office.mkv", scenes)


@pytest.fixture
def site(tmp_path: Path, clip: Path) -> SitePaths:
    paths, engine = painted_site(tmp_path / "home", [ANA, BUDI])
    engine.dispose()
    configure(paths, {1: clip})
    return paths


@contextmanager
def locked(paths: SitePaths) -> Iterator[None]:
    """Another program writes and does not end."""
    with closing(sqlite3.connect(paths.database, isolation_level=None)) as connection:
        connection.execute("PRAGMA busy_timeout = 10000")
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


class Pulse:
    """Every heartbeat that a test saw, and the longest time without a new one."""

    def __init__(self, paths: SitePaths) -> None:
        self._paths = paths
        self.beats: list[Heartbeat] = []

    def feel(self) -> bool:
        beat = read_heartbeat(self._paths.heartbeat)
        if beat is not None and beat not in self.beats[-1:]:
            self.beats.append(beat)
        return False

    def longest_pause_s(self) -> float:
        return max(seconds(b.at - a.at) for a, b in pairwise(self.beats))


def listen(worker: RunningWorker, pulse: Pulse, lasts_s: float) -> None:
    until_s = time.monotonic() + lasts_s

    def over() -> bool:
        pulse.feel()
        return time.monotonic() > until_s

    worker.until(over, "the fault lasts", lasts_s + PATIENCE_S)


def test_a_locked_database_is_waited_for_and_nothing_is_lost(site):
    pulse = Pulse(site)
    with RunningWorker(site.home) as worker:
        worker.until(lambda: len(worker.rows(Visit)) == 2, "both are here")
        with locked(site):
            listen(worker, pulse, LOCKED_S)
            before = worker.rows(Visit)
        worker.until(
            lambda: worker.rows(Visit)[0].last_seen_at > pulse.beats[-1].at, "facts are committed again"
        )
        visits = worker.rows(Visit)
        assert [visit.arrived_at for visit in visits[:2]] == [visit.arrived_at for visit in before]
        arrivals = [visit.arrived_at for visit in visits]
        assert arrivals == sorted(arrivals)
        spans = [(row.started_at, row.ended_at) for row in worker.rows(CameraCoverage)]
        assert all(earlier[1] == later[0] for earlier, later in pairwise(spans))
        assert worker.stop() == 0
    assert pulse.longest_pause_s() < LOCKED_S - 2
    check_integrity(site.database)


def test_a_database_locked_for_too_long_ends_the_worker_with_one_sentence(site):
    with RunningWorker(site.home, (*PAINTED, "--lock-budget-s", "1")) as worker:
        worker.until_running()
        with locked(site):
            assert worker.ended() == 2
    last = worker.log.splitlines()[-1]
    assert last == (
        f"worker run: {site.database} is locked by another program; stop it or wait until it is done"
    )
    assert "Traceback" not in worker.log


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    if (missing := mount_missing()) is not None:
        pytest.skip(missing)
    with small_disk(tmp_path / "disk", size_mb=64) as disk:
        yield disk


def test_a_full_disk_stops_pictures_then_observing_and_room_brings_both_back(disk, clip):
    paths, engine = painted_site(disk.folder / "home", [ANA, BUDI])
    engine.dispose()
    configure(paths, {1: clip}, min_free_mb=10)
    log = disk.folder.with_name("worker.log")
    with RunningWorker(paths.home, log=log) as worker:
        worker.until(lambda: [e for e in worker.rows(Event) if e.picture_path], "events have pictures")
        ana = worker.rows(Visit)[0]

        disk.fill(leave_bytes=5 * MIB)
        worker.until(lambda: worker.status().pictures_paused, "pictures stop")
        paused_at = datetime.now(UTC)
        worker.until(
            lambda: [e for e in worker.rows(Event) if e.occurred_at > paused_at], "facts go on alone"
        )
        assert not any(e.picture_path for e in worker.rows(Event) if e.occurred_at > paused_at)

        empty_write_ahead_log(paths)
        disk.fill()
        worker.until(
            lambda: "the reserve is given to the database" in worker.log, "the reserve is given away"
        )
        released_at = datetime.now(UTC)
        seen_after(worker, ana.id, released_at)
        assert worker.status().pictures_paused
        empty_write_ahead_log(paths)
        disk.fill()
        worker.until(lambda: "observing pauses" in worker.log, "observing stops")

        pulse = Pulse(paths)
        listen(worker, pulse, 3.0)
        assert len(pulse.beats) >= 4

        disk.empty()
        worker.until(lambda: "observing goes on" in worker.log, "the worker finds room")
        seen_after(worker, ana.id, datetime.now(UTC))
        worker.until(lambda: not worker.status().pictures_paused, "pictures are kept again")
        assert disk.free_bytes() < (64 - 16) * MIB, "the reserve is held again"
        coverage = worker.rows(CameraCoverage)
        (gap,) = [row for row in coverage if row.state == CoverageState.STORAGE_FULL]
        assert gap.started_at > released_at
        assert seconds(gap.ended_at - gap.started_at) >= 3
        spans = [(row.started_at, row.ended_at) for row in coverage]
        assert all(earlier[1] == later[0] for earlier, later in pairwise(spans))
        stays = [visit for visit in worker.rows(Visit) if visit.employee_id == ana.employee_id]
        assert [(visit.id, visit.departed_at) for visit in stays] == [(ana.id, None)]
        assert ana.employee_id not in {alert.employee_id for alert in worker.rows(AlertLog)}
        assert worker.stop() == 0
    check_integrity(paths.database)


def empty_write_ahead_log(paths: SitePaths) -> None:
    """So that the next commit must find room; SQLite else writes over what is in the log."""
    with closing(sqlite3.connect(paths.database)) as connection:
        connection.execute("PRAGMA busy_timeout = 10000")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def seen_after(worker: RunningWorker, visit_id: int, at: datetime) -> None:
    def seen() -> bool:
        return any(row.id == visit_id and row.last_seen_at > at for row in worker.rows(Visit))

    worker.until(seen, "the visit goes on")


def garbled(content: bytes) -> bytes:
    """Its pages are there, and one in the middle makes no sense."""
    middle = len(content) // 2 // PAGE * PAGE
    return content[:middle] + b"\xff" * PAGE + content[middle + PAGE :]


DAMAGE = {
    "garbled": garbled,
    "cut off": lambda content: content[: len(content) // 3],
    "no database": lambda content: b"a page of text\n" * 1000,
    "empty": lambda content: b"",
}


@pytest.mark.parametrize("damage", list(DAMAGE))
def test_the_worker_refuses_a_damaged_database_and_leaves_it_as_it_is(site, damage):
    files = damaged(site, damage)
    with RunningWorker(site.home) as worker:
        assert worker.ended() == 2
    (sentence,) = worker.log.splitlines()
    assert sentence.startswith(f"worker run: {site.database} is damaged")
    assert sentence.endswith(f"restore a backup with `{RESTORE_COMMAND}`")
    assert database_files(site) == files


def test_the_dashboard_refuses_a_damaged_database_and_leaves_it_as_it_is(site):
    files = damaged(site, "garbled")
    log = site.home.with_name("dashboard.log")
    environment = {**os.environ, "GSPE_HOME": str(site.home), "GSPE_PORT": str(unused_port())}
    with log.open("wb") as output:
        status = subprocess.run(
            [sys.executable, "-m", "dashboard", "serve"],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=120,
            check=False,
        ).returncode
    assert status not in (0, None)
    said = log.read_text()
    assert f"{site.database} is damaged" in said
    assert f"restore a backup with `{RESTORE_COMMAND}`" in said
    assert database_files(site) == files


def damaged(paths: SitePaths, damage: str) -> list[bytes]:
    """Damages the database of a worker that was killed: its last commits are still in the write-ahead log."""
    log = paths.database.with_name(f"{paths.database.name}-wal")
    with closing(sqlite3.connect(paths.database)) as connection:
        connection.execute("UPDATE employees SET position = 'guard'")
        connection.commit()
        committed = log.read_bytes()
    log.write_bytes(committed)
    paths.database.write_bytes(DAMAGE[damage](paths.database.read_bytes()))
    return database_files(paths)


def database_files(paths: SitePaths) -> list[bytes]:
    """What holds facts; the index of the log (-shm) is SQLite's to make anew."""
    return [paths.database.with_name(name).read_bytes() for name in ("attendance.db", "attendance.db-wal")]
