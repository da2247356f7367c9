"""What an SQLite error means for the system, told from its code and never from its wording."""

import sqlite3
from pathlib import Path

from core.errors import DatabaseBusy, DatabaseCorrupt, StorageError

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
_UNWRITABLE = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}

RESTORE_COMMAND = "python -m core.storage restore FILE"


def storage_failure(error: BaseException | None, database: Path) -> StorageError | None:
    """The project's error for one of the driver's; None when it is no failure of the storage.

    A broken constraint or wrong SQL is a mistake of the caller, who keeps the driver's error.
    """
    code = getattr(error, "sqlite_errorcode", None)
    if not isinstance(error, sqlite3.Error) or code is None:
        return None
    primary = code & 0xFF
    if primary in _BUSY:
        return DatabaseBusy(f"{database} is locked by another program; stop it or wait until it is done")
    if primary in _CORRUPT:
        return corrupt(database, str(error))
    if primary in _FULL:
        return StorageError(
            f"{database} cannot be written ({error}); free disk space or replace the disk",
            code="storage_full",
        )
    if primary in _UNWRITABLE:
        return StorageError(f"{database} cannot be opened for writing ({error}); check owner and permissions")
    return None


def corrupt(database: Path, detail: str) -> DatabaseCorrupt:
    detail = " ".join(detail.split())  # SQLite's findings take several lines
    return DatabaseCorrupt(
        f"{database} is damaged ({detail}); nothing was changed, restore a backup with `{RESTORE_COMMAND}`"
    )
