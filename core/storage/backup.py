"""Backups: one verified zip of the database, the settings and the enrolment photos."""

import os
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from core.errors import StorageError
from core.paths import SitePaths
from core.storage.archive import (
    ALL_PARTS,
    DATABASE_ENTRY,
    FOLDERS,
    MANIFEST,
    Manifest,
    Part,
    add_stream,
    check,
    files_below,
    read_manifest,
)
from core.storage.engine import database_uri
from core.storage.failures import corrupt, storage_failure
from core.storage.files import make_folder, open_owned, sync_folder
from core.storage.lock import backup_lock
from core.storage.verify import check_integrity, inspect_file

PREFIX = "gspe-backup-"
SCRATCH_PREFIX = ".gspe-backup-"
LEFTOVER_AGE_S = 24 * 3600
ALL_PAGES = -1
"""In one step: a snapshot that holds up no writer. Between steps every commit would begin the copy anew."""


def create_backup(paths: SitePaths, folder: Path, parts: tuple[Part, ...] = ALL_PARTS) -> Path:
    """Writes and verifies a backup in `folder`, mode 0600, and returns its path. Programs may run meanwhile.

    Raises what `inspect_file` raises for an unusable database, AlreadyRunning while another backup is
    made, and StorageError (code `storage_full`) when the folder does not take the file, of which nothing
    then stays behind.
    """
    revision = inspect_file(paths.database)
    created = datetime.now(UTC)
    final = folder / f"{PREFIX}{created:%Y%m%dT%H%M%S%f}Z.zip"
    try:
        make_folder(folder)
        with backup_lock(paths), tempfile.TemporaryDirectory(dir=folder, prefix=SCRATCH_PREFIX) as scratch:
            _remove_leftovers(folder, created)
            snapshot = Path(scratch) / DATABASE_ENTRY
            unfinished = Path(scratch) / final.name
            site_id, newest = _snapshot(paths.database, snapshot)
            describe = partial(Manifest, site_id, revision, created.isoformat(), parts, audit_newest=newest)
            _write(unfinished, describe, _entries(paths, snapshot, parts))
            snapshot.unlink()
            _check(unfinished, snapshot)
            unfinished.rename(final)
            sync_folder(folder)
    except OSError as error:
        raise StorageError(
            f"no backup could be written to {folder} ({error.strerror}); free disk space or check its owner",
            code="storage_full",
        ) from error
    return final


def _remove_leftovers(folder: Path, now: datetime) -> None:
    """What a kill left of an earlier backup; a fresh one may be another home's at work."""
    for scratch in folder.glob(f"{SCRATCH_PREFIX}*"):
        if now.timestamp() - scratch.stat().st_mtime > LEFTOVER_AGE_S:
            shutil.rmtree(scratch)


def prune(folder: Path, keep: int) -> list[Path]:
    """Removes all but the newest `keep` backups of `folder` (at least one stays); returns what went."""
    old = list_backups(folder)[max(keep, 1) :]
    for path in old:
        path.unlink(missing_ok=True)
    return old


def list_backups(folder: Path) -> list[Path]:
    """Newest first."""
    return sorted(folder.glob(f"{PREFIX}*.zip"), reverse=True)


def _snapshot(database: Path, target: Path) -> tuple[str, str | None]:
    """Copies a live database into the new file `target`; its site id and its audit trail's newest mark."""
    open_owned(target).close()
    try:
        with (
            closing(sqlite3.connect(database_uri(database, "ro"), uri=True)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy, pages=ALL_PAGES)
            copy.execute("PRAGMA journal_mode=DELETE")
            newest = copy.execute(
                "SELECT id || ':' || hash FROM audit_log ORDER BY id DESC LIMIT 1"
            ).fetchone()
            return str(copy.execute("SELECT site_id FROM site").fetchone()[0]), newest and newest[0]
    except sqlite3.Error as error:
        failure = storage_failure(error, database) or corrupt(database, str(error))
        if failure.code == "storage_full":  # it is the copy that found no room
            failure = storage_failure(error, target.parent.parent) or failure
        raise failure from error


def _entries(paths: SitePaths, snapshot: Path, parts: tuple[Part, ...]) -> Iterator[tuple[str, Path]]:
    """The database first: a photo is written before its row, so every row of the copy finds its photo."""
    if "database" in parts:
        yield DATABASE_ENTRY, snapshot
    for part in FOLDERS:
        folder = part_folder(paths, part)
        if part in parts:
            yield from (
                (f"{part}/{file.relative_to(folder).as_posix()}", file) for file in files_below(folder)
            )


def part_folder(paths: SitePaths, part: Part) -> Path:
    return {"config": paths.config, "camera_configs": paths.camera_configs, "photos": paths.photos}[part]


def _write(
    target: Path, describe: Callable[[dict[str, str]], Manifest], entries: Iterator[tuple[str, Path]]
) -> None:
    sha256 = {}
    with open_owned(target) as stream:
        with zipfile.ZipFile(stream, "w") as archive:
            for name, file in entries:
                try:
                    source = file.open("rb")
                except FileNotFoundError:  # removed since it was listed, as retention may
                    continue
                with source:
                    sha256[name] = add_stream(archive, name, source)
            archive.writestr(MANIFEST, describe(sha256).to_json())
        stream.flush()
        os.fsync(stream.fileno())


def _check(file: Path, database: Path) -> None:
    """Opens the finished file again, as a restore would; its database becomes the new file `database`."""
    with zipfile.ZipFile(file) as archive:
        manifest = read_manifest(archive)
        check(archive, manifest, database)
    if "database" in manifest.parts:
        check_integrity(database)
