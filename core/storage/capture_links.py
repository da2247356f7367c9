"""`attendance_captures/YYYY-MM-DD/E{id}/first_in.jpg` and `last_out.jpg`: relative links to evidence."""

import logging
import os
import secrets
import time
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.paths import SitePaths
from core.storage.files import make_folder
from core.storage.models import Attendance, Evidence
from core.storage.projection import DayKey

log = logging.getLogger(__name__)

FIRST_IN = "first_in.jpg"
LAST_OUT = "last_out.jpg"
RETRY_AFTER_S = 60.0

Links = dict[Path, Path | None]
"""Each link and the picture that it stands for; None: there is none, and no link."""


def capture_folder(paths: SitePaths, key: DayKey) -> Path:
    return paths.attendance_captures / key.attendance_date.isoformat() / f"E{key.employee_id}"


def links_of(session: Session, paths: SitePaths, days: Iterable[DayKey]) -> Links:
    """The links of these days, each with the picture that its attendance row names now, or without one."""
    links: Links = {}
    for key in days:
        folder = capture_folder(paths, key)
        for name, evidence_id in zip((FIRST_IN, LAST_OUT), _evidence_ids(session, key), strict=True):
            evidence = session.get(Evidence, evidence_id) if evidence_id is not None else None
            links[folder / name] = paths.home / evidence.path if evidence and evidence.path else None
    return links


def newest_links(session: Session, paths: SitePaths) -> Links:
    """What the links of the two newest days should be: a crash may fall between a row and its links."""
    date_of = Attendance.attendance_date
    written = session.scalars(select(date_of).distinct().order_by(date_of.desc()).limit(2))
    newest = sorted({*written, *_days_on_disk(paths)})[-2:]
    people = session.execute(
        select(Attendance.employee_id, Attendance.attendance_date).where(
            Attendance.attendance_date.in_(newest)
        )
    )
    keys = {DayKey(employee_id, day) for employee_id, day in people}
    return links_of(session, paths, sorted(keys.union(*(_keys_on_disk(paths, day) for day in newest))))


class CaptureLinks:
    """Makes links, best effort: rows are the facts, and no fact may be lost for a link.

    To be called after the commit of the rows. A link that cannot be made is told once and tried again later.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: Links = {}
        self._due_s = float("-inf")

    def point(self, links: Links) -> None:
        """Replaces each link atomically; one without a picture goes."""
        healthy = not self._waiting
        self._waiting |= links
        if not links and self._clock() < self._due_s:
            return
        for link, target in list(self._waiting.items()):
            try:
                _point(link, target)
            except OSError as error:
                if healthy:
                    log.warning("links to pictures cannot be made and are tried again later: %s", error)
                healthy = False
            else:
                del self._waiting[link]
        self._due_s = self._clock() + RETRY_AFTER_S


def _evidence_ids(session: Session, key: DayKey) -> tuple[int | None, int | None]:
    row = session.execute(
        select(Attendance.first_in_evidence_id, Attendance.last_out_evidence_id).where(
            Attendance.employee_id == key.employee_id, Attendance.attendance_date == key.attendance_date
        )
    ).first()
    return (None, None) if row is None else (row[0], row[1])


def _days_on_disk(paths: SitePaths) -> list[date]:
    """Days that have a folder; what somebody else put beside them is none of ours."""
    return [day for name in _names(paths.attendance_captures) if (day := _as_date(name)) is not None]


def _keys_on_disk(paths: SitePaths, day: date) -> list[DayKey]:
    names = _names(paths.attendance_captures / day.isoformat())
    return [DayKey(int(name[1:]), day) for name in names if name[:1] == "E" and name[1:].isdecimal()]


def _names(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in folder.iterdir()]
    except OSError:  # not there yet, or a disk fault, which making links will tell
        return []


def _as_date(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None


def _point(link: Path, target: Path | None) -> None:
    if target is None:
        link.unlink(missing_ok=True)
        return
    make_folder(link.parent)
    relative = os.path.relpath(target, link.parent)
    if link.is_symlink() and str(link.readlink()) == relative:
        return
    temporary = link.with_name(f".{link.name}.{secrets.token_hex(4)}.tmp")
    temporary.symlink_to(relative)
    try:
        temporary.rename(link)
    finally:
        temporary.unlink(missing_ok=True)
