"""Nightly upkeep on a thread of its own: at site midnight, and at the start when a night was missed."""

import logging
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.domain.schedule import attendance_day
from core.errors import DatabaseCorrupt, GspeError
from core.paths import SitePaths
from core.settings import Parameters
from core.storage import audit, changes, retention
from core.storage.backup import create_backup, prune
from core.storage.biometrics import sweep_photos
from core.storage.engine import writer_engine
from core.storage.holds import holds_in_force
from core.storage.models import MaintenanceRun
from core.storage.requests import sweep_request_photos
from core.storage.retry import run_in_order
from core.storage.sweeps import sweep_pictures, sweep_temporary
from core.storage.verify import verify_database
from worker.upkeep import Upkeep

log = logging.getLogger(__name__)

NIGHTLY = "nightly"
LOOK_S = 5.0
PICTURES_EVERY_S = 300.0
RETRY_AFTER_S = 600.0
"""A night that failed, as by a full disk, is tried again after this long."""


class Maintenance(Upkeep):
    def __init__(self, paths: SitePaths, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__("maintenance", paths, now)
        self._pictures_s = float("-inf")
        self._retry_s = float("-inf")
        self._thinned_out = retention.nothing()
        """Between two nights, for the next one's report."""

    def work(self) -> None:
        engine = writer_engine(self._paths.database)
        try:
            while not self._stopping.is_set():
                self.look(engine)
                self._stopping.wait(LOOK_S)
        finally:
            engine.dispose()

    def look(self, engine: Engine) -> None:
        """Does what is due now. What the disk or the database refuses is logged and tried again later.

        Raises DatabaseCorrupt for a database that no start would accept either.
        """
        now_s = time.monotonic()
        if now_s - self._pictures_s >= PICTURES_EVERY_S:
            self._pictures_s = now_s
            self._do("thinning out pictures", self._thin_out)
        if now_s < self._retry_s:
            return
        today = attendance_day(self._now(), self.parameters.zone)
        if not self._do(f"maintenance of {today}", partial(self._nightly_when_due, engine, today)):
            self._retry_s = now_s + RETRY_AFTER_S

    def _thin_out(self) -> None:
        removed = retention.remove_stale_files(self._paths, self.parameters, self._now())
        retention.add_up(self._thinned_out, removed)

    def _nightly_when_due(self, engine: Engine, today: date) -> None:
        if not is_done(engine, today):
            nightly(engine, self._paths, self.parameters, self._now(), self._thinned_out)
            self._thinned_out = retention.nothing()

    def _do(self, what: str, job: Callable[[], object]) -> bool:
        """Whether it could be done."""
        try:
            job()
        except (GspeError, OSError, sqlite3.Error, DBAPIError) as error:
            if isinstance(error, DatabaseCorrupt) and self._is_damaged():
                raise
            log.error("%s failed and is tried again later: %s", what, " ".join(str(error).split()))
            return False
        return True

    def _is_damaged(self) -> bool:
        """Whether it is the database itself, and not the copy that a backup makes of it."""
        try:
            verify_database(self._paths)
        except GspeError as error:
            return isinstance(error, DatabaseCorrupt)
        return False


def is_done(engine: Engine, today: date) -> bool:
    """Whether the upkeep due at the beginning of this site day was done."""
    done = select(MaintenanceRun.id).where(
        MaintenanceRun.kind == NIGHTLY,
        MaintenanceRun.site_date == today,
        MaintenanceRun.finished_at.is_not(None),
    )
    return run_in_order(engine, lambda session: session.scalar(done)) is not None


def nightly(
    engine: Engine, paths: SitePaths, parameters: Parameters, now: datetime, thinned_out: retention.Plan
) -> dict[str, Any]:
    """Every job once, then the note of what was done. Raises GspeError where a job cannot be done.

    thinned_out: what went since the last night, when only files are looked at.
    """
    today = attendance_day(now, parameters.zone)
    holds = partial(holds_in_force, zone=parameters.zone)
    _note(engine, today, now, None)
    removed = retention.remove_rows(engine, paths, parameters, now)
    retention.add_up(removed, thinned_out)
    result: dict[str, Any] = {
        "retention": {str(one): due.as_json() for one, due in removed.items() if due},
        "orphans": sweep_pictures(engine, paths, now, run_in_order(engine, holds)),
        "temporary": sweep_temporary(paths, now),
    }
    result["photos"] = run_in_order(engine, lambda session: sweep_photos(session, paths, now))
    result["request_photos"] = run_in_order(engine, lambda session: sweep_request_photos(session, paths, now))
    old = now - changes.KEPT
    result["changes"] = run_in_order(engine, lambda session: changes.prune(session, old))
    retention.checkpoint(engine)
    result["backup"] = create_backup(paths, paths.backups).name
    prune(paths.backups, parameters.backups_kept)
    _note(engine, today, now, result)
    log.info("maintenance of %s: %s", today, result)
    if newest := run_in_order(engine, audit.newest_mark):
        log.info("the audit trail's newest row, for audit verify --expect: %s", newest)
    return result


def _note(engine: Engine, today: date, now: datetime, result: dict[str, Any] | None) -> None:
    def write(session: Session) -> None:
        run = session.scalars(
            select(MaintenanceRun).where(MaintenanceRun.kind == NIGHTLY, MaintenanceRun.site_date == today)
        ).one_or_none()
        if run is None:
            run = MaintenanceRun(kind=NIGHTLY, site_date=today, started_at=now, result={})
            session.add(run)
        if result is not None:
            run.finished_at, run.result = datetime.now(UTC), result

    run_in_order(engine, write)
