"""What a program checks before it opens the database. Nothing here writes."""

import sqlite3
from contextlib import closing
from pathlib import Path

from core.errors import SchemaMismatch, StorageError
from core.paths import SitePaths
from core.storage.engine import database_uri
from core.storage.failures import corrupt, storage_failure
from core.storage.schema import head_revision, known_revisions, stored_revision

MIGRATE_COMMAND = "python -m core.storage migrate"


def verify_database(paths: SitePaths) -> None:
    """Returns when the database is there, whole and of this version's schema.

    Raises StorageError (code `database_missing`), SchemaMismatch or DatabaseCorrupt.
    """
    refuse_interrupted_restore(paths)
    revision = inspect_file(paths.database)
    if revision != head_revision():
        raise SchemaMismatch(
            f"{paths.database} has schema {revision} and this version needs {head_revision()}; "
            f"run `{MIGRATE_COMMAND}`"
        )


def refuse_interrupted_restore(paths: SitePaths) -> None:
    if restore_marker(paths).exists():
        raise StorageError(
            f"a restore was interrupted; run `{MIGRATE_COMMAND}` to finish it", code="restore_interrupted"
        )


def restore_marker(paths: SitePaths) -> Path:
    """There from the moment a restore begins to replace files until it has replaced all of them."""
    return paths.data / "restore" / "READY"


def inspect_file(database: Path) -> str:
    """The schema revision of a file that passes SQLite's quick check.

    Raises StorageError when it is missing or cannot be read, DatabaseCorrupt when it is not a whole database
    of this system, SchemaMismatch when a later version wrote it.
    """
    if not database.exists():
        _refuse_missing(database)
    if not database.stat().st_size:  # SQLite would remove the write-ahead log of an empty file
        raise corrupt(database, "it is empty")
    try:
        with closing(sqlite3.connect(database_uri(database, "ro"), uri=True)) as connection:
            finding = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
            revision = stored_revision(connection)
    except sqlite3.Error as error:
        raise storage_failure(error, database) or corrupt(database, str(error)) from error
    if finding != "ok":
        raise corrupt(database, finding)
    if revision is None:
        raise corrupt(database, "it is of another program")
    if revision not in known_revisions():
        raise SchemaMismatch(
            f"{database} has schema {revision}, which this version does not know; "
            "install the version that wrote it or restore a backup"
        )
    return revision


def check_integrity(database: Path) -> None:
    """The thorough check, for backups: raises DatabaseCorrupt, also for rows that point nowhere."""
    try:
        with closing(sqlite3.connect(database_uri(database, "ro"), uri=True)) as connection:
            finding = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
            orphan = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        raise storage_failure(error, database) or corrupt(database, str(error)) from error
    if finding != "ok":
        raise corrupt(database, finding)
    if orphan is not None:
        raise corrupt(database, f"a row of {orphan[0]} points to a missing row of {orphan[2]}")


def _refuse_missing(database: Path) -> None:
    if database.with_name(f"{database.name}-wal").exists():
        raise corrupt(database, "the file is gone but its write-ahead log is there")
    raise StorageError(f"{database} is missing; run `{MIGRATE_COMMAND}` to make it", code="database_missing")
