"""Brings the database to the schema of this version; a kill at any moment leaves the old or the new one."""

import sqlite3
import uuid
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from sqlalchemy import Engine, insert
from sqlalchemy.exc import DBAPIError

from core.paths import SitePaths
from core.storage.backup import create_backup
from core.storage.engine import database_uri, migration_engine
from core.storage.files import open_owned, sync_folder
from core.storage.lock import dashboard_lock, migration_lock, notifier_lock, worker_lock
from core.storage.models import Site
from core.storage.restore import finish_restore
from core.storage.retry import failure_of
from core.storage.schema import alembic_config, head_revision
from core.storage.verify import inspect_file

DEFAULT_SITE_NAME = "GSPE"


def migrate(paths: SitePaths) -> None:
    """Makes the database when there is none, else upgrades it, after a backup, when it is of an older schema.

    A restore that was interrupted is finished first.

    Raises AlreadyRunning when a program holds a database that must change, and what `inspect_file` raises
    when the file is damaged or of a later version; it is then left as it is. StorageError with code
    `storage_full` when the disk takes no more.
    """
    paths.create()
    with migration_lock(paths):
        finish_restore(paths)
        if not _exists(paths.database):
            _create(paths.database)
        elif inspect_file(paths.database) != head_revision():
            _upgrade_in_place(paths)


def _exists(database: Path) -> bool:
    """Also true for a lost file whose log remains: a new database would swallow that log."""
    return database.exists() or database.with_name(f"{database.name}-wal").exists()


def _create(database: Path) -> None:
    """Builds the database under another name, so that programs see it complete or not at all."""
    new = database.with_name(f"{database.name}.new")
    for leftover in database.parent.glob(f"{new.name}*"):
        leftover.unlink()
    open_owned(new).close()
    engine = migration_engine(new)
    _upgrade(engine)
    _add_site(engine)
    engine.dispose()
    with closing(sqlite3.connect(database_uri(new), uri=True)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    new.rename(database)
    sync_folder(database.parent)


def _upgrade_in_place(paths: SitePaths) -> None:
    with worker_lock(paths), dashboard_lock(paths), notifier_lock(paths):
        create_backup(paths, paths.backups, parts=("database",))
        engine = migration_engine(paths.database)
        _upgrade(engine)
        engine.dispose()


def _upgrade(engine: Engine) -> None:
    config = alembic_config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except DBAPIError as error:
            failure = failure_of(engine, error)
            if failure is None:
                raise
            raise failure from error


def _add_site(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            insert(Site).values(
                site_id=str(uuid.uuid4()), site_name=DEFAULT_SITE_NAME, created_at=datetime.now(UTC)
            )
        )
