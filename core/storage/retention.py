"""How long records are kept: what is over its time, and its removal.

`due` and `carry_out` read the same conditions, so that a dry run lists what the night removes. Rows go in
small transactions, for which no commit of the worker waits long; their files go after the commit. What a
legal hold covers stays in every class.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.paths import SitePaths
from core.settings import Parameters
from core.storage import audit_pruning, bundles
from core.storage.bundles import Gone
from core.storage.engine import reader_engine
from core.storage.retention_classes import (
    Limits,
    RetentionClass,
    files_over_their_time,
    limits_of,
    rows_over_their_time,
)
from core.storage.retry import failure_of, run_in_order
from core.storage.sweeps import tidy_days_before

AUDIT_ROWS = "audit_log"


@dataclass
class Due:
    """What of one class is over its time, or was removed."""

    rows: Counter[str] = field(default_factory=Counter)
    """By table, or by the column that is emptied."""
    files: int = 0
    size_bytes: int = 0
    oldest: date | None = None
    """In the site's zone."""

    def __bool__(self) -> bool:
        return bool(self.rows.total() or self.files)

    def as_json(self) -> dict[str, Any]:
        rows = {name: count for name, count in sorted(self.rows.items()) if count}
        oldest = self.oldest.isoformat() if self.oldest else None
        return {"rows": rows, "files": self.files, "bytes": self.size_bytes, "oldest": oldest}


Plan = dict[RetentionClass, Due]


class _Ledger:
    """Adds up what goes. A file counts for the first class that takes it."""

    def __init__(self, limits: Limits) -> None:
        self.plan = nothing()
        self._limits = limits
        self._counted: set[Path] = set()

    def note_oldest(self, one: RetentionClass, at: date | None) -> None:
        """at: a day, or an instant of it."""
        if at is None:
            return
        day = at.astimezone(self._limits.zone).date() if isinstance(at, datetime) else at
        self.plan[one].oldest = min(day, self.plan[one].oldest or day)

    def note_files(self, one: RetentionClass, files: Iterable[Path], *, remove: bool) -> list[datetime]:
        """Returns when each that was there had been written."""
        written_at = []
        for file in files:
            try:
                status = file.stat()
                if remove:
                    file.unlink()
            except FileNotFoundError:  # removed by hand, or a crash fell between file and row
                continue
            written_at.append(datetime.fromtimestamp(status.st_mtime, UTC))
            if file not in self._counted:
                self.plan[one].files += 1
                self.plan[one].size_bytes += status.st_size
            self._counted.add(file)
        return written_at

    def note_stale(self, session: Session, paths: SitePaths, *, remove: bool) -> None:
        for one, files in files_over_their_time(session, paths, self._limits).items():
            for written_at in self.note_files(one, files, remove=remove):
                self.note_oldest(one, written_at)

    def note_rows(self, one: RetentionClass, paths: SitePaths, gone: Gone, *, remove: bool) -> None:
        self.plan[one].rows.update(gone.rows)
        self.note_files(one, [paths.home / name for name in gone.pictures], remove=remove)


def due(reader: Engine, paths: SitePaths, parameters: Parameters, now: datetime) -> Plan:
    """What `carry_out` would remove now. Raises StorageError as `run_in_order` does."""

    def look(session: Session) -> Plan:
        limits = limits_of(session, parameters, now)
        ledger = _Ledger(limits)
        ledger.note_stale(session, paths, remove=False)
        for one, over in rows_over_their_time(limits).items():
            for bundle in over:
                ledger.note_oldest(one, bundles.oldest(session, bundle))
                ledger.note_rows(one, paths, bundles.count(session, bundle), remove=False)
        oldest, rows = audit_pruning.rows_before(session, limits.audit_at)
        ledger.note_oldest(RetentionClass.AUDIT, oldest)
        ledger.plan[RetentionClass.AUDIT].rows[AUDIT_ROWS] = rows
        return ledger.plan

    return run_in_order(reader, look)


def carry_out(engine: Engine, paths: SitePaths, parameters: Parameters, now: datetime) -> Plan:
    """Removes what is over its time and returns what that was. Raises StorageError as `run_in_order` does."""
    plan = remove_stale_files(paths, parameters, now)
    add_up(plan, remove_rows(engine, paths, parameters, now))
    return plan


def remove_stale_files(paths: SitePaths, parameters: Parameters, now: datetime) -> Plan:
    """The classes that are files alone; quick enough for every few minutes."""

    def remove(session: Session) -> Plan:
        ledger = _Ledger(limits_of(session, parameters, now))
        ledger.note_stale(session, paths, remove=True)
        return ledger.plan

    with _reading(paths) as reader:
        return run_in_order(reader, remove)


def remove_rows(engine: Engine, paths: SitePaths, parameters: Parameters, now: datetime) -> Plan:
    """The other classes, with the files that their rows name."""
    with _reading(paths) as reader:
        limits = run_in_order(reader, partial(limits_of, parameters=parameters, now=now))
        ledger = _Ledger(limits)
        for one, over in rows_over_their_time(limits).items():
            for place, bundle in enumerate(over):
                ledger.note_oldest(one, run_in_order(reader, partial(bundles.oldest, bundle=bundle)))
                for ids in run_in_order(reader, partial(bundles.chunks, bundle=bundle)):
                    remove = partial(_remove, limits=limits, one=one, place=place, ids=ids)
                    ledger.note_rows(one, paths, run_in_order(engine, remove), remove=True)
    tidy_days_before(paths, limits.captures_date)
    _prune_audit(engine, ledger, limits)
    return ledger.plan


def add_up(plan: Plan, more: Plan) -> None:
    """Adds what went later to what went before."""
    for one, due in more.items():
        plan[one].rows.update(due.rows)
        plan[one].files += due.files
        plan[one].size_bytes += due.size_bytes
        plan[one].oldest = min((day for day in (plan[one].oldest, due.oldest) if day), default=None)


def nothing() -> Plan:
    return {one: Due() for one in RetentionClass}


def checkpoint(engine: Engine) -> None:
    """Moves the write-ahead log into the database and empties it, as far as readers allow.

    Raises what `run_in_order` raises, but does not wait for a lock.
    """
    try:
        connection = engine.raw_connection()  # engines begin transactions, in which no checkpoint can run
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()
    except (sqlite3.Error, DBAPIError) as error:
        raise failure_of(engine, error) or error from error


def _remove(session: Session, limits: Limits, one: RetentionClass, place: int, ids: Sequence[int]) -> Gone:
    """By the holds of this very moment: one may have been placed since the rows were chosen."""
    limits = limits_of(session, limits.parameters, limits.now)
    return bundles.remove(session, rows_over_their_time(limits)[one][place], ids)


def _prune_audit(engine: Engine, ledger: _Ledger, limits: Limits) -> None:
    def prune(session: Session) -> tuple[datetime | None, int]:
        over_at = limits_of(session, limits.parameters, limits.now).audit_at
        return audit_pruning.prune(session, over_at, limits.now)

    while True:
        oldest, rows = run_in_order(engine, prune)
        ledger.note_oldest(RetentionClass.AUDIT, oldest)
        ledger.plan[RetentionClass.AUDIT].rows[AUDIT_ROWS] += rows
        if rows < audit_pruning.CHUNK:
            return


@contextmanager
def _reading(paths: SitePaths) -> Iterator[Engine]:
    """To choose rows without keeping anybody from writing."""
    reader = reader_engine(paths.database)
    try:
        yield reader
    finally:
        reader.dispose()
