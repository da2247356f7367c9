"""One program of a kind on one database, held by the kernel so that a crash releases it."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from core.errors import AlreadyRunning
from core.paths import OWNER_ONLY_FILE, SitePaths
from core.storage.files import give_to_owner_of


class ProgramLock:
    """A context manager over an advisory lock on `path`; the file stays, only the lock comes and goes.

    Raises AlreadyRunning on entry when another process (or another lock of this one) holds it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, OWNER_ONLY_FILE)
        give_to_owner_of(self.path.parent, descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode().strip() or "unknown"
            os.close(descriptor)
            name = self.path.stem
            raise AlreadyRunning(
                f"the program '{name}' (process {holder}) already uses {self.path.parent}; stop it first",
                program=name,
                process=holder,
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def worker_lock(paths: SitePaths) -> ProgramLock:
    return ProgramLock(paths.run / "worker.lock")


def dashboard_lock(paths: SitePaths) -> ProgramLock:
    return ProgramLock(paths.run / "dashboard.lock")


def notifier_lock(paths: SitePaths) -> ProgramLock:
    return ProgramLock(paths.run / "notifier.lock")


def migration_lock(paths: SitePaths) -> ProgramLock:
    """Held by whatever replaces or reshapes the database as a whole."""
    return ProgramLock(paths.run / "migration.lock")


def backup_lock(paths: SitePaths) -> ProgramLock:
    return ProgramLock(paths.run / "backup.lock")
