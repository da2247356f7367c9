"""Engines: the only place that knows how a connection to the database is opened.

Writing and reading are properties of the engine, so that no reader can write by mistake.
"""

import sqlite3
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_TIMEOUT_MS = 5000
JOURNAL_SIZE_LIMIT_BYTES = 64 * 1024 * 1024

_SHARED_PRAGMAS = (f"busy_timeout={BUSY_TIMEOUT_MS}",)
_FORGETTING = "secure_delete=ON"
"""Features that are removed are overwritten with zeros, also where SQLite was built to leave them."""
_WRITER_PRAGMAS = (
    *_SHARED_PRAGMAS,
    _FORGETTING,
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    f"journal_size_limit={JOURNAL_SIZE_LIMIT_BYTES}",
)
_READER_PRAGMAS = (*_SHARED_PRAGMAS, "query_only=ON")
_MIGRATION_PRAGMAS = (*_SHARED_PRAGMAS, _FORGETTING, "synchronous=FULL", "foreign_keys=OFF")


def writer_engine(database: Path) -> Engine:
    """For programs that record facts; every commit survives a power cut.

    Each transaction is BEGIN IMMEDIATE: a transaction that reads before it writes would otherwise fail
    at once when another writer came between, whatever the busy time-out.
    """
    return _engine(database, _WRITER_PRAGMAS, "BEGIN IMMEDIATE")


def reader_engine(database: Path) -> Engine:
    """For pages and reports. Keep transactions short: the write-ahead log grows while one is open."""
    return _engine(database, _READER_PRAGMAS, "BEGIN")


def migration_engine(database: Path) -> Engine:
    """For schema changes only: batch mode drops tables, which foreign keys would turn into lost rows."""
    return _engine(database, _MIGRATION_PRAGMAS, "BEGIN IMMEDIATE")


def database_uri(database: Path, mode: str = "rw") -> str:
    """An SQLite URI that opens an existing file and never makes one."""
    return f"file:{quote(str(database.absolute()))}?mode={mode}"


def _engine(database: Path, pragmas: tuple[str, ...], begin: str) -> Engine:
    location = f"file:{quote(str(database.absolute()))}"
    url = URL.create("sqlite", database=location, query={"mode": "rw", "uri": "true"})
    engine = create_engine(url, hide_parameters=True)  # errors reach logs; embeddings and hashes must not

    def set_pragmas(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        assert isinstance(connection, sqlite3.Connection)
        connection.isolation_level = None  # the driver must not begin transactions of its own
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", set_pragmas)
    event.listen(engine, "begin", begin_transaction)
    return engine
