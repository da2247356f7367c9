"""A home with a new database, as `migrate` makes it: made once and copied, because running every migration is
most of what many tests take."""

import sqlite3
import tempfile
import uuid
from contextlib import closing
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, event

from core.paths import SitePaths
from core.storage.engine import writer_engine
from core.storage.files import open_owned
from core.storage.migrate import migrate


def fresh_site(home: Path) -> SitePaths:
    """With an identity of its own. What is there stays."""
    paths = SitePaths(home).create()
    if paths.database.exists():
        return paths
    with open_owned(paths.database) as database:
        database.write(_migrated())
    with closing(sqlite3.connect(paths.database)) as connection, connection:
        connection.execute("UPDATE site SET site_id = ?", (str(uuid.uuid4()),))
    return paths


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory(prefix="gspe-migrated-") as home:
        migrate(SitePaths(Path(home)))
        return SitePaths(Path(home)).database.read_bytes()


def hurried_engine(database: Path) -> Engine:
    """A writer that does not wait for the disk: what is seeded need not survive a power cut."""
    engine = writer_engine(database)

    @event.listens_for(engine, "connect")
    def hurry(connection: sqlite3.Connection, _entry: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    return engine
