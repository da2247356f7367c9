"""One reader a camera, shared by everybody who watches it.

While somebody watches, the reader looks at the camera's live file every 40 ms, keeps the newest frame and
renews the viewer lease, by which the worker knows that frames are wanted. All of it runs on the server's
event loop.
"""

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from core.live_frame import Overlay, split_overlay
from core.paths import OWNER_ONLY_FILE, SitePaths

logger = logging.getLogger(__name__)

POLL_S = 0.04
LEASE_S = 2.0
FUTURE_S = 2.0
"""A picture from further ahead was taken before the clock was set back: nobody knows how old it is."""


@dataclass(frozen=True)
class LiveFrame:
    """One picture of a camera as the worker wrote it."""

    jpeg: bytes
    overlay: Overlay | None
    captured_at: datetime
    read_at_s: float = field(default_factory=time.monotonic, compare=False)
    """By the monotonic clock, which nobody sets."""

    def age_s(self, now: datetime) -> float | None:
        """At least as long as it has been here, whatever the clock says; None when it cannot be known."""
        age_s = (now - self.captured_at).total_seconds()
        here_s = time.monotonic() - self.read_at_s
        return None if age_s < -FUTURE_S else max(age_s, here_s)


@dataclass(frozen=True)
class FeedState:
    """What a camera's file says now. `version` grows with every change, 0 before the first look."""

    version: int = 0
    frame: LiveFrame | None = None
    error: str | None = None
    """`no_frame` (no file yet) or `unreadable_frame`; null when there is a frame."""


class CameraFeed:
    """The newest frame of one camera."""

    def __init__(self, paths: SitePaths, camera_id: int) -> None:
        self._file = paths.live_frame(camera_id)
        self._lease = paths.viewer_lease(camera_id)
        self._signature: tuple[int, int] | None = None
        self._changed = asyncio.Condition()
        self._lease_failed = False
        self.state = FeedState()

    async def after(self, version: int) -> FeedState:
        """The state, as soon as it is newer than `version`."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.state.version > version)
            return self.state

    async def run(self) -> None:
        """Watches the file until cancelled."""
        renewed_at_s = -LEASE_S
        while True:
            if time.monotonic() - renewed_at_s >= LEASE_S:
                renewed_at_s = time.monotonic()
                self._renew_lease()
            await self.look()
            await asyncio.sleep(POLL_S)

    async def look(self) -> None:
        """Takes the file's content when it is another one than at the last look."""
        signature = file_signature(self._file)
        if signature == self._signature and self.state.version > 0:
            return
        self._signature = signature
        if signature is None:
            await self._publish(None, "no_frame")
        else:
            await self._publish(*await asyncio.to_thread(read_live_frame, self._file))

    def _renew_lease(self) -> None:
        """Without a lease the worker writes a frame in five seconds only: slow, but no reason to stop."""
        try:
            renew_lease(self._lease)
        except OSError as error:
            if not self._lease_failed:
                logger.warning("viewer lease %s cannot be renewed: %s", self._lease.name, error.strerror)
            self._lease_failed = True
        else:
            self._lease_failed = False

    async def _publish(self, frame: LiveFrame | None, error: str | None) -> None:
        async with self._changed:
            self.state = FeedState(self.state.version + 1, frame, error)
            self._changed.notify_all()


class Feeds:
    """The feeds that are watched now."""

    def __init__(self, paths: SitePaths) -> None:
        self._paths = paths
        self._running: dict[int, tuple[CameraFeed, asyncio.Task[None]]] = {}
        self._viewers: dict[int, int] = {}

    @asynccontextmanager
    async def watch(self, camera_id: int) -> AsyncIterator[CameraFeed]:
        """The camera's feed; its reader starts with the first viewer and stops with the last."""
        self._viewers[camera_id] = self._viewers.get(camera_id, 0) + 1
        if camera_id not in self._running:
            feed = CameraFeed(self._paths, camera_id)
            self._running[camera_id] = (feed, asyncio.create_task(feed.run(), name=f"feed {camera_id}"))
        try:
            yield self._running[camera_id][0]
        finally:
            self._leave(camera_id)

    def _leave(self, camera_id: int) -> None:
        self._viewers[camera_id] -= 1
        if self._viewers[camera_id] == 0:
            del self._viewers[camera_id]
            self._running.pop(camera_id)[1].cancel()


def renew_lease(lease: Path) -> None:
    """Tells the worker that somebody watches: the lease is the file's modification time."""
    descriptor = os.open(lease, os.O_WRONLY | os.O_CREAT, OWNER_ONLY_FILE)
    os.close(descriptor)
    os.utime(lease)


def file_signature(file: Path) -> tuple[int, int] | None:
    """What changes with every frame that the worker writes; None without a file."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def read_live_frame(file: Path) -> tuple[LiveFrame | None, str | None]:
    """The frame in the file, or the code of why there is none."""
    try:
        content, written_at_s = file.read_bytes(), file.stat().st_mtime
        overlay, jpeg = split_overlay(content)
        written_at = datetime.fromtimestamp(written_at_s, UTC)
        captured_at = datetime.fromisoformat(overlay["captured_at"]) if overlay else written_at
        return LiveFrame(jpeg, overlay, captured_at.astimezone(UTC)), None
    except FileNotFoundError:
        return None, "no_frame"
    except (OSError, ValueError):
        return None, "unreadable_frame"
