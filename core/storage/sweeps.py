"""Files whose time is over, or that no row names any more because a crash fell between file and commit."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path

from sqlalchemy import Engine, select, union_all
from sqlalchemy.orm import Session

from core.paths import SitePaths
from core.storage.holds import Holds
from core.storage.models import AlertLog, Event, Evidence, UnknownFace

BATCH = 500
ORPHAN_AGE_S = 3600
"""A file younger than this may belong to a transaction that is not committed yet."""

_EVENT_PICTURE = re.compile(r"(\d{8}T\d{12})_E(\d+)\.jpg")


def stale_live_frames(paths: SitePaths, now: datetime, keep_hours: int) -> list[Path]:
    """The last pictures of cameras that have sent none for so long."""
    limit_s = timedelta(hours=keep_hours).total_seconds()
    return sorted(file for file in paths.frames.glob("CAM*.jpg") if _age_s(file, now) > limit_s)


def surplus_event_pictures(session: Session, paths: SitePaths, keep: int, holds: Holds) -> list[Path]:
    """All but the newest `keep` event pictures of each camera, whose names begin with their time.

    Those of a held time stay, and those that an alert shows.
    """
    named = select(AlertLog.picture_path).where(AlertLog.picture_path.is_not(None))
    shown = {paths.home / str(path) for path in session.scalars(named)}
    surplus: list[Path] = []
    for folder in sorted(paths.captures.glob("CAM*")):
        pictures = sorted((p for p in folder.iterdir() if p.suffix == ".jpg"), reverse=True)
        surplus += [p for p in pictures[keep:] if p not in shown and not _is_held(p, holds)]
    return surplus


def sweep_pictures(reader: Engine, paths: SitePaths, now: datetime, holds: Holds) -> int:
    """Removes pictures of visits, of events and of unknown faces that no row names; returns how many."""
    removed = 0
    evidence = _old_files(paths.evidence, now, "*")
    events = (file for file in _old_files(paths.captures, now, "*.jpg") if not _is_held(file, holds))
    unknown = _old_files(paths.unknown_faces, now, "*")
    for batch in _batches(chain(evidence, events, unknown)):
        names = [file.relative_to(paths.home).as_posix() for file in batch]
        removed += remove_unnamed(reader, paths, names)
    return removed


def remove_unnamed(reader: Engine, paths: SitePaths, names: Iterable[str]) -> int:
    """Removes those of these files, named relative to the home, that no row names."""
    wanted = set(names)
    named = union_all(
        select(Evidence.path).where(Evidence.path.in_(wanted)),
        select(Event.picture_path).where(Event.picture_path.in_(wanted)),
        select(AlertLog.picture_path).where(AlertLog.picture_path.in_(wanted)),
        select(UnknownFace.picture_path).where(UnknownFace.picture_path.in_(wanted)),
    )
    with Session(reader) as session:
        kept = set(session.scalars(named)) if wanted else set()
    for name in wanted - kept:
        (paths.home / name).unlink(missing_ok=True)
    return len(wanted - kept)


def sweep_temporary(paths: SitePaths, now: datetime) -> int:
    """Removes files that were about to be renamed when a program was killed, evidence's aside."""
    removed = 0
    for folder in (paths.frames, paths.captures, paths.attendance_captures):
        for file in folder.rglob(".*.tmp"):
            if _age_s(file, now) > ORPHAN_AGE_S:
                file.unlink(missing_ok=True)
                removed += 1
    return removed


def tidy_days_before(paths: SitePaths, first_kept: date) -> None:
    """Removes, in the folders of earlier days, links whose pictures are gone, and what is empty then."""
    for day in _days_before(paths.attendance_captures, first_kept):
        for link in day.glob("E*/*"):
            if link.is_symlink() and not link.exists():
                link.unlink()
        remove_empty_folders(day)
    for folder in (paths.evidence, paths.unknown_faces):
        for day in _days_before(folder, first_kept):
            remove_empty_folders(day)


def remove_empty_folders(top: Path) -> None:
    """`top` too. What somebody else put there keeps its folder."""
    for folder in sorted((f for f in [top, *top.rglob("*")] if f.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def _is_held(picture: Path, holds: Holds) -> bool:
    """By its name: events are forgotten sooner than their pictures may be."""
    match = _EVENT_PICTURE.fullmatch(picture.name)
    if match is None:
        return False
    taken_at = datetime.strptime(match[1], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    return holds.is_held(int(match[2]), taken_at)


def _days_before(folder: Path, first_kept: date) -> list[Path]:
    """The folders YYYY-MM-DD in `folder` of earlier days, into which nobody writes any more."""
    days = (day for day in folder.iterdir() if day.is_dir() and _as_date(day.name) is not None)
    return [day for day in days if day.name < first_kept.isoformat()]


def _old_files(folder: Path, now: datetime, pattern: str) -> Iterator[Path]:
    for file in folder.rglob(pattern):
        if _age_s(file, now) > ORPHAN_AGE_S and file.is_file():
            yield file


def _age_s(file: Path, now: datetime) -> float:
    """Seconds since it was written; 0 for a file that the recording renamed or replaced meanwhile."""
    try:
        return now.timestamp() - file.lstat().st_mtime
    except FileNotFoundError:
        return 0.0


def _batches(files: Iterator[Path]) -> Iterator[list[Path]]:
    batch: list[Path] = []
    for file in files:
        batch.append(file)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _as_date(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None
