"""The rows that chaos follows: which tables, how a row may change, and how they are read.

Values stay as SQLite stores them: times are texts of one width that sort by time.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.storage.engine import database_uri

Row = dict[str, Any]
Key = tuple[int, ...]
Rows = dict[str, dict[Key, Row]]
"""Table → key → row."""

RECENT = 64
"""Rows that can still change are among the last so many of their table: everybody's newest visit is."""


@dataclass(frozen=True)
class Table:
    """How the columns of a table may change once a row was committed.

    fixed: never. forward: to something later or larger. once: from null to a value that then stays.
    free: in any way.
    """

    name: str
    fixed: tuple[str, ...]
    forward: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    key: tuple[str, ...] = ("id",)

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.key, *self.fixed, *self.forward, *self.once, *self.free)

    def key_of(self, row: Row) -> Key:
        return tuple(row[name] for name in self.key)


TABLES = {
    table.name: table
    for table in (
        Table(
            "visits",
            fixed=("employee_id", "camera_id", "arrived_at"),
            forward=("last_seen_at",),
            once=("departed_at", "closed_by"),
            free=("last_camera_id",),
        ),
        Table(
            "visit_cameras",
            fixed=("first_seen_at",),
            forward=("last_seen_at",),
            key=("visit_id", "camera_id"),
        ),
        Table(
            "evidence",
            fixed=("visit_id", "kind", "pack_id"),
            forward=("captured_at",),
            free=("camera_id", "path", "sha256", "score", "runner_up_id", "runner_up_score", "sharpness"),
        ),
        Table(
            "attendances",
            fixed=("employee_id", "attendance_date", "first_in_at"),
            forward=("last_out_at", "visit_count"),
            once=("first_in_evidence_id",),
            free=("last_out_evidence_id", "last_out_final_at"),
        ),
        Table("events", fixed=("kind", "employee_id", "camera_id", "occurred_at", "picture_path", "score")),
        Table(
            "alert_logs",
            fixed=("kind", "employee_id", "camera_id", "absent_since", "opened_at"),
            once=("resolved_at", "resolution", "duration_s"),
            free=("state",),
        ),
        Table("camera_coverage", fixed=("camera_id", "state", "started_at"), forward=("ended_at",)),
    )
}
PRESENCE = ("employee_id", "state", "last_seen_at", "visit_id")


def stored(at: datetime) -> str:
    """An aware time as the database writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def connect(database: Path) -> sqlite3.Connection:
    """A connection that cannot write, not even a checkpoint when it closes."""
    connection = sqlite3.connect(database_uri(database, "ro"), uri=True, isolation_level=None)
    connection.execute("PRAGMA busy_timeout=10000")
    return connection


def read_table(connection: sqlite3.Connection, table: Table, *, everything: bool) -> Iterator[Row]:
    """The rows of a table, or its recent ones."""
    columns = table.columns
    query = f"SELECT {', '.join(columns)} FROM {table.name}"
    if not everything:
        query += f" WHERE rowid > (SELECT max(rowid) FROM {table.name}) - {RECENT}"
    for values in connection.execute(query):
        yield dict(zip(columns, values, strict=True))


def read_everything(connection: sqlite3.Connection) -> tuple[Rows, list[Row]]:
    """All followed rows and the presence rows, of one moment."""
    connection.execute("BEGIN")
    try:
        rows = {
            name: {table.key_of(row): row for row in read_table(connection, table, everything=True)}
            for name, table in TABLES.items()
        }
        cursor = connection.execute(f"SELECT {', '.join(PRESENCE)} FROM presence")
        presence = [dict(zip(PRESENCE, values, strict=True)) for values in cursor]
    finally:
        connection.execute("COMMIT")
    return rows, presence
