"""Whether the pictures that rows name are on disk, whole, and where the attendance links point."""

import hashlib
from pathlib import Path

from benchmarks.chaos.invariants import Violation, named
from benchmarks.chaos.rows import Row, Rows

LINKS = (("first_in.jpg", "first_in_evidence_id"), ("last_out.jpg", "last_out_evidence_id"))


class PictureCheck:
    """Hashes every picture once: a picture is never written again under the same name."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._hashed: dict[str, str] = {}

    def problems(self, now: Rows, *, links: bool) -> set[Violation]:
        """`links`: look at those, too; the start after a kill puts them in order."""
        found = {
            Violation("picture", named("evidence", key), f"{row['path']} is missing or not as recorded")
            for key, row in now["evidence"].items()
            if not self._is_whole(row)
        }
        days = now["attendances"].values() if links else ()
        return found | {
            Violation("link", str(link.relative_to(self._home)), detail)
            for day in days
            for link, wanted in self._links(day, now)
            if (detail := _link_problem(link, wanted))
        }

    def leftovers(self, now: Rows) -> tuple[int, int]:
        """Temporary files that kills left behind, and pictures that no row names."""
        known = {row["path"] for row in now["evidence"].values()}
        pictures = (self._home / "data" / "evidence").rglob("*.jpg")
        nameless = sum(str(file.relative_to(self._home)) not in known for file in pictures)
        return sum(1 for _ in (self._home / "data").rglob("*.tmp")), nameless

    def _is_whole(self, row: Row) -> bool:
        file = self._home / row["path"]
        if not file.exists():
            return False
        if row["path"] not in self._hashed:
            self._hashed[row["path"]] = hashlib.sha256(file.read_bytes()).hexdigest()
        return self._hashed[row["path"]] == str(row["sha256"])

    def _links(self, day: Row, now: Rows) -> list[tuple[Path, Path]]:
        folder = (
            self._home / "data" / "attendance_captures" / day["attendance_date"] / f"E{day['employee_id']}"
        )
        rows = [(name, now["evidence"].get((day[column],))) for name, column in LINKS]
        return [(folder / name, self._home / row["path"]) for name, row in rows if row]


def _link_problem(link: Path, wanted: Path) -> str | None:
    if not link.is_symlink():
        return "is no link"
    if not link.exists():
        return f"points to {link.readlink()}, which is not there"
    if link.resolve() != wanted.resolve():
        return f"points to {link.resolve().name}, the row to {wanted.name}"
    return None
