"""Puts a backup back. What it replaces is kept aside, and an interrupted restore is finished later.

A restore first unpacks and verifies everything in `data/restore/`, copies the settings aside, and then
leaves a marker. From there on every step can be repeated, so `finish_restore` completes it after a kill, and
programs refuse to start until it has.
"""

import itertools
import os
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from core.errors import StorageError
from core.paths import OWNER_ONLY_FOLDER, SitePaths
from core.storage.archive import DATABASE_ENTRY, FOLDERS, Manifest, Part, extract, files_below, read_manifest
from core.storage.backup import part_folder
from core.storage.files import make_folder, sync_folder, write_atomically
from core.storage.lock import dashboard_lock, migration_lock, notifier_lock, worker_lock
from core.storage.verify import MIGRATE_COMMAND, check_integrity, inspect_file, restore_marker

SETTINGS: tuple[Part, ...] = ("config", "camera_configs")


def restore(paths: SitePaths, file: Path) -> Path:
    """Replaces the parts that the backup `file` covers; returns the folder that keeps what they replaced.

    Raises AlreadyRunning while a program uses the home, StorageError (code `backup_invalid`) or
    DatabaseCorrupt for an unusable backup, SchemaMismatch for one of a later version: nothing was changed.
    """
    paths.create()
    with migration_lock(paths), worker_lock(paths), dashboard_lock(paths), notifier_lock(paths):
        finish_restore(paths)
        aside = _prepare(paths, file)
        finish_restore(paths)
    return aside


def _prepare(paths: SitePaths, file: Path) -> Path:
    """Everything up to the marker, or no trace; returns the folder for what will be replaced."""
    staging = restore_marker(paths).parent
    try:
        manifest = _unpack(file, staging)
        aside = _keep_settings(paths, manifest)
        _sync_tree(staging)
        write_atomically(restore_marker(paths), f"{aside.name}\n{' '.join(manifest.parts)}\n".encode())
    except OSError as error:
        raise StorageError(
            f"{file} could not be unpacked ({error.strerror}); nothing was changed, "
            "free disk space or check the path",
            code="storage_full",
        ) from error
    finally:
        if not restore_marker(paths).exists():
            shutil.rmtree(staging)
    return aside


def _unpack(file: Path, staging: Path) -> Manifest:
    """A verified copy of the backup in the new folder `staging`."""
    shutil.rmtree(staging, ignore_errors=True)
    make_folder(staging)
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = read_manifest(archive)
            for part in set(FOLDERS) & set(manifest.parts):
                make_folder(staging / part)
            extract(archive, manifest, staging)
    except zipfile.BadZipFile as error:
        raise StorageError(
            f"{file} is not a whole backup; choose another one", code="backup_invalid"
        ) from error
    if "database" in manifest.parts:
        check_integrity(staging / DATABASE_ENTRY)
        inspect_file(staging / DATABASE_ENTRY)
    return manifest


def _keep_settings(paths: SitePaths, manifest: Manifest) -> Path:
    """Copies the settings that will be replaced into a new folder `data/replaced-…`."""
    aside = paths.data / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%S%f}Z"
    aside.mkdir(mode=OWNER_ONLY_FOLDER)
    for part in set(SETTINGS) & set(manifest.parts):
        shutil.copytree(part_folder(paths, part), aside / part)
    return aside


def _sync_tree(folder: Path) -> None:
    """Flushes every file below `folder`, so that the marker never precedes what it vouches for."""
    for file in files_below(folder):
        with file.open("rb") as stream:
            os.fsync(stream.fileno())
    for child in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        sync_folder(child)


def finish_restore(paths: SitePaths) -> None:
    """Completes a restore that was interrupted after its marker; does nothing when there is none.

    Raises StorageError (code `restore_interrupted`) when a file cannot be replaced; it may be called again.
    """
    marker = restore_marker(paths)
    if not marker.exists():
        return
    aside_name, parts = marker.read_text().splitlines()
    try:
        for part in parts.split():
            _replace_part(paths, part, marker.parent, paths.data / aside_name)
        sync_folder(paths.data)
        marker.unlink()
        sync_folder(marker.parent)
        shutil.rmtree(marker.parent)
    except OSError as error:
        raise StorageError(
            f"the restore stopped at {error.filename} ({error.strerror}); remove the cause and "
            f"run `{MIGRATE_COMMAND}` to finish it",
            code="restore_interrupted",
        ) from error


def _replace_part(paths: SitePaths, part: str, staging: Path, aside: Path) -> None:
    if part == "database":
        _swap_database(paths.database, staging / DATABASE_ENTRY, aside)
    elif part == "photos":
        _swap_folder(paths.photos, staging / part, aside)
    elif part == "config":
        _overwrite_settings(paths.config, staging / part)
    elif part == "camera_configs":
        _overwrite_settings(paths.camera_configs, staging / part)


def _swap_database(database: Path, restored: Path, aside: Path) -> None:
    """The old database's log and index leave before the new one takes its name: it must not read them."""
    if not restored.exists():
        return
    for suffix in ("", "-wal", "-shm", "-journal"):
        _move_aside(database.with_name(database.name + suffix), aside)
    restored.rename(database)


def _swap_folder(folder: Path, restored: Path, aside: Path) -> None:
    if restored.exists():
        _move_aside(folder, aside)
        restored.rename(folder)


def _move_aside(path: Path, aside: Path) -> None:
    """Under a free name: a second run must not replace what the first one kept."""
    if path.exists():
        numbers = itertools.count(2)
        target = aside / path.name
        while target.exists():
            target = aside / f"{path.name}.{next(numbers)}"
        path.rename(target)


def _overwrite_settings(folder: Path, restored: Path) -> None:
    """Copies file by file: the folder may be a mounted volume, which cannot be renamed."""
    wanted = {file.relative_to(restored) for file in files_below(restored)}
    for name in wanted:
        write_atomically(folder / name, (restored / name).read_bytes())
    for file in list(files_below(folder)):
        if file.relative_to(folder) not in wanted:
            file.unlink()
    for child in sorted(folder.rglob("*"), reverse=True):
        if child.is_dir() and not any(child.iterdir()):
            child.rmdir()
