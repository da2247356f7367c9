"""Kills while the schema changes: of an upgrade on the real rows, and of the very first start."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.chaos.next_version import REVISION, write_migrations
from benchmarks.chaos.rows import connect
from benchmarks.chaos.strikes import Strike, utc_now
from benchmarks.chaos.system import System, SystemFailed, kill
from core.paths import SitePaths

LOCKED_WITHIN_S = 60.0
POLL_S = 0.0005


class MigrationStrikes:
    """Kills migrations from the moment they hold their lock; lasting as long as the last whole one did."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        self._folder = folder
        self._rng = rng
        self._upgrade_s = 0.5
        self._create_s = 0.5
        write_migrations(folder)

    def upgrade(self, paths: SitePaths) -> Strike:
        """Kills the next version's migration; nothing else runs in this home."""
        process = self._next_version(paths, "up")
        locked = wait_for_lock(paths, process.pid, process)
        time.sleep(self._rng.uniform(0.0, self._upgrade_s))
        process.kill()
        hit = process.wait() < 0 and locked
        return Strike(utc_now(), hit, "after" if revision(paths) == REVISION else "before")

    def finish(self, paths: SitePaths) -> None:
        """Migrates to the end."""
        process = self._next_version(paths, "up")
        wait_for_lock(paths, process.pid, process)
        began_s = time.monotonic()
        _expect_success(process)
        if revision(paths) != REVISION:
            raise SystemFailed(f"a migration after a kill ended at revision {revision(paths)}")
        self._upgrade_s = time.monotonic() - began_s

    def go_back(self, paths: SitePaths) -> None:
        """To this version's schema."""
        _expect_success(self._next_version(paths, "down"))

    def first_start(self, system: System) -> Strike:
        """Kills scripts/run in an empty home while it makes the database, then lets it come up."""
        system.start()
        began_s = time.monotonic()
        while not (holder := _holder(system.paths)) and time.monotonic() - began_s < LOCKED_WITHIN_S:
            time.sleep(POLL_S)
        time.sleep(self._rng.uniform(0.0, self._create_s))
        done = system.paths.database.exists()
        system.kill(system.targets(everything=True), everything=True)
        return Strike(utc_now(), bool(holder) and not done, "after" if done else "before")

    def _next_version(self, paths: SitePaths, direction: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "benchmarks.chaos.next_version", direction, str(self._folder)]
        environment = {**os.environ, "GSPE_HOME": str(paths.home)}
        return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)


def wait_for_lock(paths: SitePaths, pid: int, process: "subprocess.Popen[bytes]") -> bool:
    """Until the process holds the migration lock; False when it ended before."""
    deadline_s = time.monotonic() + LOCKED_WITHIN_S
    while _holder(paths) != str(pid):
        if process.poll() is not None:
            return False
        if time.monotonic() > deadline_s:
            kill(pid)
            raise SystemFailed(f"a migration did not begin within {LOCKED_WITHIN_S:.0f} s")
        time.sleep(POLL_S)
    return True


def revision(paths: SitePaths) -> str:
    connection = connect(paths.database)
    try:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    finally:
        connection.close()


def _holder(paths: SitePaths) -> str:
    lock = paths.run / "migration.lock"
    return lock.read_text().strip() if lock.exists() else ""


def _expect_success(process: "subprocess.Popen[bytes]") -> None:
    status = process.wait()
    if status:
        raise SystemFailed(f"a migration after a kill ended with status {status}")
