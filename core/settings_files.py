"""Settings files on disk: one lock, atomic replacement, and the versions that were replaced."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from core.paths import OWNER_ONLY_FILE, OWNER_ONLY_FOLDER, SitePaths
from core.settings.problems import invalid

VERSIONS_KEPT = 20
VERSION_NAME = "%Y%m%dT%H%M%S.%fZ.json"
"""The moment at which a version was replaced, in UTC."""


class SettingsFiles:
    """Writers hold the exclusive lock, readers of several files the shared one."""

    def __init__(self, paths: SitePaths) -> None:
        self._paths = paths

    @contextmanager
    def locked(self, *, exclusive: bool) -> Iterator[None]:
        """Waits for the lock; the system frees it when the program dies.

        Raises InvalidSettings when there can be no lock file.
        """
        path = self._paths.run / "settings.lock"
        try:
            _private_folder(self._paths.data)
            _private_folder(self._paths.run)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ONLY_FILE)
        except OSError as error:
            raise invalid("unwritable_file", cause=str(error.strerror)).in_file(self.shown(path)) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
            yield
        finally:
            os.close(descriptor)

    def shown(self, path: Path) -> str:
        """The path as a message names it, relative to the home folder."""
        return path.relative_to(self._paths.home).as_posix()

    def replace(self, path: Path, content: bytes) -> None:
        """Writes a file so that a crash leaves the old or the new one; the lock must be held."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            self._keep_version(path)
        _write_synced(path, content)

    def remove(self, path: Path) -> None:
        """Removes a camera's file with its versions, which hold its password too; the lock must be held."""
        path.unlink(missing_ok=True)
        shutil.rmtree(self._history(path), ignore_errors=True)
        if not any(path.parent.iterdir()):
            path.parent.rmdir()

    def versions(self, path: Path) -> list[Path]:
        """The replaced versions of a file, oldest first."""
        return sorted(self._history(path).glob("*.json"))

    def version(self, path: Path, name: str) -> bytes:
        """Raises InvalidSettings for a version that is not kept any more, or never was."""
        kept = next((one for one in self.versions(path) if one.name == name), None)
        if kept is None:
            raise invalid("missing_version").in_file(self.shown(path))
        return kept.read_bytes()

    def _keep_version(self, path: Path) -> None:
        folder = self._history(path)
        _private_folder(folder.parent)
        _private_folder(folder)
        _write_synced(folder / f"{datetime.now(UTC):{VERSION_NAME}}", path.read_bytes())
        for outdated in self.versions(path)[:-VERSIONS_KEPT]:
            outdated.unlink()

    def _history(self, path: Path) -> Path:
        name = path.stem if path.parent == self._paths.config else path.parent.name
        return self._paths.data / "settings_history" / name


def _private_folder(folder: Path) -> None:
    folder.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)


def _write_synced(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
