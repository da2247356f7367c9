"""What goes when its time is over: events, pictures and files that no row names.

Every function works in small transactions, so that the worker's commits wait for none of them.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import CursorResult, Engine, delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.domain.schedule import attendance_day, day_bounds
from core.paths import SitePaths
from core.storage.models import Event, Evidence
from core.storage.retry import failure_of, run_in_order

CHUNK = 500
ORPHAN_AGE_S = 3600
"""A file younger than this may belong to a transaction that is not committed yet."""


def purge_events(engine: Engine, now: datetime, zone: ZoneInfo, keep_days: int) -> int:
    """Deletes events from before the last `keep_days` site days, today included; returns how many."""
    first_kept = attendance_day(now, zone) - timedelta(days=keep_days - 1)
    return _delete_events_before(engine, day_bounds(first_kept, zone)[0])


def purge_evidence(engine: Engine, paths: SitePaths, today: date, zone: ZoneInfo, keep_days: int) -> int:
    """Removes the pictures of visits of more than `keep_days` days ago; rows and attendance stay."""
    limit = day_bounds(today - timedelta(days=keep_days), zone)[0]
    removed = 0
    while True:
        names = run_in_order(engine, lambda session: _forget_pictures_before(session, limit))
        for name in names:
            (paths.home / name).unlink(missing_ok=True)
        removed += len(names)
        if len(names) < CHUNK:
            break
    first_kept = today - timedelta(days=keep_days)
    remove_old_links(paths, first_kept)
    for day in _days_before(paths.evidence, first_kept):
        remove_empty_folders(day)
    return removed


def _forget_pictures_before(session: Session, limit: datetime) -> list[str]:
    """The paths of the oldest pictures, up to CHUNK, which no row names from now on."""
    old = select(Evidence.id, Evidence.path).where(Evidence.captured_at < limit, Evidence.path.is_not(None))
    rows = session.execute(old.order_by(Evidence.captured_at).limit(CHUNK)).all()
    session.execute(update(Evidence).where(Evidence.id.in_([row.id for row in rows])).values(path=None))
    return [row.path for row in rows]


def remove_old_links(paths: SitePaths, first_kept: date) -> None:
    """Attendance capture links of days before `first_kept`: their pictures are gone."""
    for day in _days_before(paths.attendance_captures, first_kept):
        for link in day.glob("E*/*"):
            if link.is_symlink():
                link.unlink()
        remove_empty_folders(day)


def keep_newest_pictures(paths: SitePaths, keep: int) -> int:
    """Leaves the newest `keep` event pictures of each camera; names begin with their time."""
    removed = 0
    for folder in paths.captures.glob("CAM*"):
        pictures = sorted((p for p in folder.iterdir() if p.suffix == ".jpg"), reverse=True)
        for picture in pictures[keep:]:
            picture.unlink(missing_ok=True)
            removed += 1
    return removed


def sweep_evidence(engine: Engine, paths: SitePaths, now: datetime) -> int:
    """Removes evidence files that no row names: a crash fell between the file and the commit."""
    removed = 0
    for batch in _chunks(_old_files(paths.evidence, now)):
        names = {file.relative_to(paths.home).as_posix(): file for file in batch}
        for name in names.keys() - _named_by_rows(engine, names):
            names[name].unlink(missing_ok=True)
            removed += 1
    return removed


def _named_by_rows(engine: Engine, paths: Iterable[str]) -> set[str | None]:
    named = select(Evidence.path).where(Evidence.path.in_(paths))
    return run_in_order(engine, lambda session: set(session.scalars(named)))


def sweep_temporary(paths: SitePaths, now: datetime) -> int:
    """Removes files that were about to be renamed when a program was killed, evidence's aside."""
    removed = 0
    for folder in (paths.frames, paths.captures, paths.attendance_captures):
        for file in folder.rglob(".*.tmp"):
            if _age_s(file, now) > ORPHAN_AGE_S:
                file.unlink(missing_ok=True)
                removed += 1
    return removed


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


def remove_empty_folders(top: Path) -> None:
    """`top` too. What somebody else put there keeps its folder."""
    for folder in sorted((f for f in [top, *top.rglob("*")] if f.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def _days_before(folder: Path, first_kept: date) -> list[Path]:
    """The folders YYYY-MM-DD in `folder` of earlier days, into which nobody writes any more."""
    days = (day for day in folder.iterdir() if day.is_dir() and _as_date(day.name) is not None)
    return [day for day in days if day.name < first_kept.isoformat()]


def _delete_events_before(engine: Engine, limit: datetime) -> int:
    oldest = select(Event.id).where(Event.occurred_at < limit).order_by(Event.occurred_at).limit(CHUNK)

    def delete_some(session: Session) -> int:
        result = session.execute(delete(Event).where(Event.id.in_(oldest)))
        assert isinstance(result, CursorResult)
        return result.rowcount

    removed = 0
    while True:
        count = run_in_order(engine, delete_some)
        removed += count
        if count < CHUNK:
            return removed


def _old_files(folder: Path, now: datetime) -> Iterator[Path]:
    for file in folder.rglob("*"):
        if _age_s(file, now) > ORPHAN_AGE_S and file.is_file():
            yield file


def _age_s(file: Path, now: datetime) -> float:
    """Seconds since it was written; 0 for a file that the recording renamed or replaced meanwhile."""
    try:
        return now.timestamp() - file.lstat().st_mtime
    except FileNotFoundError:
        return 0.0


def _chunks(files: Iterator[Path]) -> Iterator[list[Path]]:
    batch: list[Path] = []
    for file in files:
        batch.append(file)
        if len(batch) == CHUNK:
            yield batch
            batch = []
    if batch:
        yield batch


def _as_date(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None
