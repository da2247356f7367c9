"""Room on the disk: pictures stop first, and a reserve keeps room for facts."""

import logging
import os
import shutil
from pathlib import Path

from core.paths import OWNER_ONLY_FILE, SitePaths

log = logging.getLogger(__name__)

RESERVE_BYTES = 16 * 1024 * 1024
"""A day of facts of a large site; released when the database has nowhere else to grow."""

MIB = 1024 * 1024


class DiskGuard:
    """Says whether there is room for pictures, and holds the reserve file."""

    def __init__(self, paths: SitePaths) -> None:
        self._data = paths.data
        self._reserve = paths.run / "reserve"
        self._pictures_allowed = True
        self._short = False

    def pictures_allowed(self, min_free_mb: int) -> bool:
        """Whether at least `min_free_mb` MiB are free beside the reserve; a change is logged once.

        A reserve that was given away is held again before the first picture.
        """
        free_mb = shutil.disk_usage(self._data).free / MIB
        if free_mb * MIB - RESERVE_BYTES >= min_free_mb * MIB:
            self.hold_reserve()
        allowed = free_mb >= min_free_mb and _size(self._reserve) >= RESERVE_BYTES
        if allowed != self._pictures_allowed:
            verb = "are kept again" if allowed else "are not kept"
            log.warning("pictures %s: %.0f MiB are free, min_free_mb is %d", verb, free_mb, min_free_mb)
            self._pictures_allowed = allowed
        return allowed

    def hold_reserve(self) -> bool:
        """Makes the reserve file where it is missing; whether it is there then."""
        if _size(self._reserve) >= RESERVE_BYTES:
            return True
        try:
            descriptor = os.open(self._reserve, os.O_WRONLY | os.O_CREAT, OWNER_ONLY_FILE)
            try:
                os.posix_fallocate(descriptor, 0, RESERVE_BYTES)
            finally:
                os.close(descriptor)
        except OSError as error:
            if not self._short:
                log.warning("no room for the reserve file (%s)", error.strerror)
            self._short = True
            self._reserve.unlink(missing_ok=True)
            return False
        self._short = False
        return True

    def release_reserve(self) -> bool:
        """Gives the reserve's room to the database; whether there was any."""
        held = _size(self._reserve) > 0
        self._reserve.unlink(missing_ok=True)
        return held


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
