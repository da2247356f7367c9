"""`attendance_captures/YYYY-MM-DD/E{id}/first_in.jpg` and `last_out.jpg`: relative links to evidence."""

import os
import secrets
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.paths import SitePaths
from core.storage.files import make_folder
from core.storage.models import Attendance, Evidence
from core.storage.projection import DayKey

FIRST_IN = "first_in.jpg"
LAST_OUT = "last_out.jpg"


def capture_folder(paths: SitePaths, key: DayKey) -> Path:
    return paths.attendance_captures / key.attendance_date.isoformat() / f"E{key.employee_id}"


def refresh_links(session: Session, paths: SitePaths, days: Iterable[DayKey]) -> None:
    """Makes the links of these days point at the evidence that their attendance rows name now."""
    for key in days:
        folder = capture_folder(paths, key)
        for name, evidence_id in zip((FIRST_IN, LAST_OUT), _evidence_ids(session, key), strict=True):
            evidence = session.get(Evidence, evidence_id) if evidence_id is not None else None
            _point(folder / name, paths.home / evidence.path if evidence and evidence.path else None)


def refresh_newest_links(session: Session, paths: SitePaths) -> None:
    """Mends the links of the two newest days after a crash.

    Links are made just before their rows are committed, so one may name a picture that no row names, or stand
    for a day without a row.
    """
    days = sorted(folder for folder in paths.attendance_captures.iterdir() if folder.is_dir())[-2:]
    folders = (folder for day in days for folder in day.glob("E*"))
    keys = [DayKey(int(folder.name[1:]), date.fromisoformat(folder.parent.name)) for folder in folders]
    refresh_links(session, paths, keys)


def _evidence_ids(session: Session, key: DayKey) -> tuple[int | None, int | None]:
    row = session.execute(
        select(Attendance.first_in_evidence_id, Attendance.last_out_evidence_id).where(
            Attendance.employee_id == key.employee_id, Attendance.attendance_date == key.attendance_date
        )
    ).first()
    return (None, None) if row is None else (row[0], row[1])


def _point(link: Path, target: Path | None) -> None:
    """Replaces the link atomically; without a target it goes."""
    if target is None:
        link.unlink(missing_ok=True)
        return
    make_folder(link.parent)
    relative = os.path.relpath(target, link.parent)
    if link.is_symlink() and str(link.readlink()) == relative:
        return
    temporary = link.with_name(f".{link.name}.{secrets.token_hex(4)}.tmp")
    temporary.symlink_to(relative)
    temporary.rename(link)
