"""A disk that can be filled up: a file system of its own in memory, which only root may mount."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHUNK = 64 * 1024
SMALLEST = 4096


def mount_missing() -> str | None:
    """Why no file system can be mounted here, or None when one can."""
    if os.geteuid() != 0:
        return "needs root, to mount a small disk"
    probe = subprocess.run(["unshare", "--mount", "true"], capture_output=True, text=True, check=False)
    return None if probe.returncode == 0 else f"needs leave to mount: {probe.stderr.strip()}"


@contextmanager
def small_disk(folder: Path, size_mb: int) -> Iterator["SmallDisk"]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", folder], check=True)
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


class SmallDisk:
    """A mounted disk, and the ballast that takes its room."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def free_bytes(self) -> int:
        disk = os.statvfs(self.folder)
        return disk.f_bavail * disk.f_frsize

    def fill(self, leave_bytes: int = 0) -> None:
        """Takes the room that is there now, but for `leave_bytes`."""
        with self._ballast.open("ab", buffering=0) as ballast:
            while (room := self.free_bytes() - leave_bytes) >= SMALLEST:
                try:
                    ballast.write(bytes(min(room, CHUNK)))
                except OSError:
                    return

    def empty(self) -> None:
        self._ballast.unlink()
