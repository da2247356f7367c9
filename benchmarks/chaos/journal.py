"""python -m benchmarks.chaos.journal DATABASE FILE: a process that writes down every commit it sees.

FILE gets a JSON line for each version of each row. Commands come on standard input, one a line, and each is
answered by a line: `attach`, `look` (read all rows now), `detach` (so that the next program to open the
database is the one that recovers it).
"""

import json
import select
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from benchmarks.chaos.rows import TABLES, Key, Row, Rows, connect, read_table
from core.paths import REPOSITORY

POLL_S = 0.005


class Journal:
    """Follows the commits of other connections and writes what changed."""

    def __init__(self, database: Path, out: TextIO) -> None:
        self._database = database
        self._out = out
        self._connection: sqlite3.Connection | None = None
        self._version = -1
        self._known: Rows = {name: {} for name in TABLES}

    def attach(self) -> None:
        if self._connection is None:
            self._connection = connect(self._database)
            self._version = -1

    def detach(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def follow(self) -> None:
        """Reads what can have changed when there was a commit since the last time."""
        if self._connection is None:
            return
        version = self._connection.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self._version = version
            self.look(everything=False)

    def look(self, *, everything: bool) -> None:
        assert self._connection is not None
        self._connection.execute("BEGIN")
        try:
            for name, table in TABLES.items():
                for row in read_table(self._connection, table, everything=everything):
                    self._note(name, table.key_of(row), row)
        finally:
            self._connection.execute("COMMIT")
        self._out.flush()

    def _note(self, name: str, key: Key, row: Row) -> None:
        if self._known[name].get(key) != row:
            self._known[name][key] = row
            self._out.write(json.dumps([name, row]) + "\n")


def main(database: Path, file: Path) -> None:
    with file.open("a") as out:
        journal = Journal(database, out)
        while True:
            if not select.select([sys.stdin], [], [], POLL_S)[0]:
                journal.follow()
                continue
            command = sys.stdin.readline().strip()
            if not command:
                return
            if command == "look":
                journal.attach()
                journal.look(everything=True)
            else:
                {"attach": journal.attach, "detach": journal.detach}[command]()
            sys.stdout.write(f"{command}\n")
            sys.stdout.flush()


class JournalProcess:
    """The journal as the one who kills sees it: a context manager over the process and its file."""

    def __init__(self, database: Path, file: Path) -> None:
        self.file = file
        self._command = [sys.executable, "-m", "benchmarks.chaos.journal", str(database), str(file)]
        self._read_to = 0

    def __enter__(self) -> "JournalProcess":
        self._process = subprocess.Popen(
            self._command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()

    def tell(self, command: str) -> None:
        """Returns when it is done. Raises RuntimeError when the journal died."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        if self._process.stdout.readline().strip() != command:
            raise RuntimeError(
                f"the journal ended with status {self._process.wait()}; see what it wrote above"
            )

    def news(self) -> Iterator[tuple[str, Row]]:
        """Table and row of every line since the last call, in order."""
        with self.file.open() as stream:
            stream.seek(self._read_to)
            while (line := stream.readline()).endswith("\n"):
                self._read_to = stream.tell()
                name, row = json.loads(line)
                yield name, row


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
