"""Everything that is looked at after a kill: the journal, the rows, the file, the pictures, a rebuild."""

import shutil
import sqlite3
import time
from collections import Counter
from contextlib import closing
from datetime import date
from pathlib import Path

from benchmarks.chaos.invariants import (
    Day,
    Outage,
    Violation,
    check_rows,
    day_of,
    forbidden_changes,
    lost_rows,
    moved_first_in,
    rebuilt_otherwise,
)
from benchmarks.chaos.journal import JournalProcess
from benchmarks.chaos.pictures import PictureCheck
from benchmarks.chaos.rows import TABLES, Key, Row, Rows, connect, read_everything
from core.attendance import rebuild_site
from core.paths import SitePaths

SECOND_LOOK_S = 0.3


class History:
    """What the journal has seen: the newest version of each row, and the first first_in_at of each day."""

    def __init__(self) -> None:
        self.rows: Rows = {name: {} for name in TABLES}
        self.first_in: dict[Day, str] = {}
        self.versions: Counter[str] = Counter()

    def take(self, journal: JournalProcess) -> list[Violation]:
        """Reads on; returns how rows changed that must not have."""
        found: list[Violation] = []
        for name, row in journal.news():
            table = TABLES[name]
            key = table.key_of(row)
            before = self.rows[name].get(key)
            if before is not None:
                found += forbidden_changes(table, before, row)
            if name == "attendances":
                self.first_in.setdefault(day_of(row), row["first_in_at"])
            self.rows[name][key] = row
            self.versions[name] += 1
        return found

    def open_visits(self) -> dict[int, str]:
        """Of visits that are open: the last journalled sighting."""
        return {
            row["id"]: row["last_seen_at"]
            for row in self.rows["visits"].values()
            if row["departed_at"] is None
        }

    def differences(self, now: Rows) -> list[Violation]:
        """What the journal saw and the database does not hold any more."""
        changed = [
            violation
            for name, table in TABLES.items()
            for key, row in self.rows[name].items()
            if key in now[name]
            for violation in forbidden_changes(table, row, now[name][key])
        ]
        return [*lost_rows(self.rows, now), *changed, *moved_first_in(self.first_in, now)]


class Inspection:
    """Looks at one site beside its journal; `copy` is a folder for copies. Counts its looks."""

    def __init__(self, paths: SitePaths, copy: Path, journal: JournalProcess) -> None:
        self.history = History()
        self.outages: list[Outage] = []
        self.looks = 0
        self._told: set[Violation] = set()
        self.pictures = PictureCheck(paths.home)
        self._paths = paths
        self._copy = SitePaths(copy)
        self._journal = journal

    def look_at_remains(self, *, everything: bool) -> list[Violation]:
        """What is wrong right after a kill. After one of everything the journal opens the database anew.

        A commit that was written and not acknowledged is in the log, but not yet in the index that an open
        connection goes by; whoever opens the database first makes that index again.
        """
        if everything:
            self._journal.tell("detach")
        return self._look(links=False)

    def look_at_return(self) -> list[Violation]:
        """What is wrong after a restart, when links must be in order again and a rebuild changes nothing."""
        return self._look(links=True) + self._new(self._rebuild())

    def _look(self, *, links: bool) -> list[Violation]:
        self._journal.tell("look")
        found = self.history.take(self._journal)
        with closing(connect(self._paths.database)) as connection:
            now, presence = read_everything(connection)
            found += database_problems(connection)
        found += self.history.differences(now)
        found += check_rows(now, presence, self.outages)
        found += self._pictures(now, links=links)
        self.looks += 1
        return self._new(found)

    def _new(self, found: list[Violation]) -> list[Violation]:
        """What was not told before: most breaches stay in the rows for good."""
        new = [violation for violation in found if violation not in self._told]
        self._told.update(new)
        return new

    def leftovers(self) -> tuple[int, int]:
        with closing(connect(self._paths.database)) as connection:
            return self.pictures.leftovers(read_everything(connection)[0])

    def _pictures(self, now: Rows, *, links: bool) -> list[Violation]:
        """A running worker replaces pictures between the look at rows and at files: what stays is wrong."""
        found = self.pictures.problems(now, links=links)
        if found:
            time.sleep(SECOND_LOOK_S)
            with closing(connect(self._paths.database)) as connection:
                found &= self.pictures.problems(read_everything(connection)[0], links=links)
        return sorted(found)

    def _rebuild(self) -> list[Violation]:
        """Projects all attendance again on a copy of the database."""
        shutil.rmtree(self._copy.home, ignore_errors=True)
        self._copy.create()
        shutil.copytree(self._paths.config, self._copy.config, dirs_exist_ok=True)
        with (
            closing(connect(self._paths.database)) as source,
            closing(sqlite3.connect(self._copy.database)) as copy,
        ):
            source.backup(copy)
        before = _attendances(self._copy.database)
        if not before:
            return []
        days = sorted(date.fromisoformat(row["attendance_date"]) for row in before.values())
        rebuild_site(self._copy, days[0], days[-1])
        return rebuilt_otherwise(before, _attendances(self._copy.database))


def _attendances(database: Path) -> dict[Key, Row]:
    with closing(connect(database)) as connection:
        return read_everything(connection)[0]["attendances"]


def database_problems(connection: sqlite3.Connection) -> list[Violation]:
    """What SQLite itself finds."""
    try:
        findings = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
        found = [Violation("integrity", "database", finding) for finding in findings if finding != "ok"]
        for table, rowid, parent, _ in connection.execute("PRAGMA foreign_key_check"):
            told = f"names a row of {parent} that is not there"
            found.append(Violation("integrity", f"{table} {rowid}", told))
    except sqlite3.DatabaseError as error:  # damage may also stop the check itself
        return [Violation("integrity", "database", str(error))]
    return found
