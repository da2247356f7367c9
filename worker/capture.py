"""One thread a camera: it connects, reads, reconnects, and keeps the newest frame for the main loop."""

import logging
import random
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from core.domain.areas import Polygon
from core.domain.states import CameraCause, CameraStatus
from core.errors import CameraError
from core.settings import CameraSettings, Parameters
from worker.capture_rules import Backoff, FrozenPicture
from worker.privacy import PrivacyMask
from worker.sources import CapturedFrame, FrameSource, StreamInfo
from worker.sources.source import ReportsProgress

log = logging.getLogger(__name__)

STUCK_AFTER_S = 5.0
"""How long past its own time-out a call may last before its reader is abandoned."""

MOST_FAILURES = 5
"""So many unforeseen errors in a row, without a picture in between, are no accident."""

T = TypeVar("T")
Waiter = Callable[[threading.Event, float], bool]
"""Waits for the event at most so many seconds and says whether it is set, as threading.Event.wait does."""


class LatestFrame:
    """A mailbox for one frame: the newest wins, and frames that nobody took are counted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frame: CapturedFrame | None = None
        self.drops = 0

    def put(self, frame: CapturedFrame) -> None:
        with self._lock:
            self.drops += self._frame is not None
            self._frame = frame

    def take(self) -> CapturedFrame | None:
        with self._lock:
            frame, self._frame = self._frame, None
            return frame


@dataclass(frozen=True)
class ReaderOptions:
    """What one reader needs to know. frozen_after_s None: a still picture is all right for this source.

    `after` is why the reader before this one had to be abandoned.
    """

    name: str
    open_timeout_s: float
    read_timeout_s: float
    frozen_after_s: float | None
    after: CameraCause | None = None
    masks: tuple[Polygon, ...] = ()


@dataclass(frozen=True)
class ReaderStatus:
    """A reader's state at one moment; `since` and `last_frame_at` are aware UTC."""

    status: CameraStatus
    cause: str | None
    since: datetime
    info: StreamInfo | None = None
    last_frame_at: datetime | None = None
    drops: int = 0
    reconnects: int = 0


class CameraReader:
    """Reads one camera until stopped. Every public method may be called by the main loop at any time.

    `wake` is set for every new frame and every change of status. Whatever is no CameraError ends the
    connection like one, as the other cameras must go on; `raise_failure` tells when it comes again and again.
    """

    def __init__(
        self,
        open_source: Callable[[], FrameSource],
        options: ReaderOptions,
        wake: threading.Event,
        *,
        random_source: random.Random,
        waiter: Waiter = threading.Event.wait,
    ) -> None:
        self._open_source = open_source
        self._options = options
        self._wake = wake
        self._waiter = waiter
        self._backoff = Backoff(random_source)
        self._frozen = FrozenPicture(options.frozen_after_s) if options.frozen_after_s is not None else None
        self._latest = LatestFrame()
        self._mask = PrivacyMask(options.masks)
        self._stopping = threading.Event()
        status = CameraStatus.CONNECTING if options.after is None else CameraStatus.NO_FRAMES
        self._status = ReaderStatus(status, options.after, datetime.now(UTC))
        self._source: FrameSource | None = None
        self._call: tuple[float, float] | None = None
        self._failure: Exception | None = None
        self._failures = 0
        self._thread = threading.Thread(target=self._run, name=options.name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Asks the reader to end; does not wait for it."""
        self._stopping.set()
        source = self._source
        if source is not None:
            source.close()

    def join(self, timeout_s: float) -> bool:
        """Whether the reader has ended within `timeout_s`."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def take(self) -> CapturedFrame | None:
        """The newest frame, once, blackened where the privacy masks of this moment are.

        There is no other way to a reader's frames.
        """
        frame = self._latest.take()
        return None if frame is None else self._mask.applied(frame)

    def hide(self, masks: tuple[Polygon, ...]) -> None:
        """From the next `take` on, also for a frame that waits; by the thread that takes."""
        self._mask = PrivacyMask(masks)

    def status(self) -> ReaderStatus:
        return replace(self._status, drops=self._latest.drops)

    def is_failing(self) -> bool:
        """Whether MOST_FAILURES unforeseen errors came in a row."""
        return self._failures >= MOST_FAILURES

    def raise_failure(self) -> None:
        """Raises the latest unforeseen error of a reader that is failing."""
        if self.is_failing() and self._failure is not None:
            raise self._failure

    def check_stuck(self, now_s: float) -> bool:
        """Whether a call has gone on past its time-out by STUCK_AFTER_S; `now_s` as of time.monotonic()."""
        call, source = self._call, self._source
        if call is None:
            return False
        began_s, timeout_s = call
        progressed_s = source.progressed_at if isinstance(source, ReportsProgress) else began_s
        return now_s - max(began_s, progressed_s) > timeout_s + STUCK_AFTER_S

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                if not self._read_until_failure():
                    return
            except Exception as error:  # noqa: BLE001  one camera's fault must not end the others
                self._failed(error)
                if self._waiter(self._stopping, self._backoff.after(CameraStatus.NO_FRAMES)):
                    return

    def _read_until_failure(self) -> bool:
        """One connection, and the pause after it; False when there will be no other."""
        try:
            self._read()
        except CameraError as error:
            status = CameraStatus(error.code)
            self._show(status, CameraCause(str(error.params["cause"])), str(error))
            return not self._waiter(self._stopping, self._backoff.after(status))
        if not self._stopping.is_set():
            self._show(CameraStatus.NO_FRAMES, CameraCause.ENDED, "the recording is over")
        return False

    def _failed(self, error: Exception) -> None:
        """Tells kind and place of an unforeseen error; its text may quote the URL with its password."""
        self._failure = error
        self._failures += 1
        place = traceback.extract_tb(error.__traceback__)[-1]
        sentence = f"reading failed with {type(error).__name__} at {place.filename}:{place.lineno}"
        self._show(CameraStatus.NO_FRAMES, CameraCause.FAILED, sentence)
        self._wake.set()

    def _read(self) -> None:
        """Frames of one connection. Returns when the recording ended or the reader was stopped."""
        source = self._source = self._open_source()
        try:
            if self._stopping.is_set():  # `stop` may have come before there was a source to close
                return
            self._connected(self._timed(source.open, self._options.open_timeout_s))
            while (frame := self._timed(source.read, self._options.read_timeout_s)) is not None:
                if self._stopping.is_set():
                    return
                self._accept(frame)
        finally:
            self._source = None
            source.close()

    def _timed(self, call: Callable[[], T], timeout_s: float) -> T:
        self._call = (time.monotonic(), timeout_s)
        try:
            return call()
        finally:
            self._call = None

    def _connected(self, info: StreamInfo) -> None:
        reconnects = self._status.reconnects + (self._status.info is not None)
        self._status = replace(self._status, info=info, reconnects=reconnects)
        if self._frozen is not None:
            self._frozen.restart()

    def _accept(self, frame: CapturedFrame) -> None:
        self._backoff.succeeded()
        self._failures = 0
        self._measure(frame)
        if self._frozen is not None and self._frozen.observe(frame.pixels, time.monotonic()):
            self._show(CameraStatus.NO_FRAMES, CameraCause.FROZEN, "the camera repeats one picture")
            return
        self._status = replace(self._status, last_frame_at=frame.captured_at)
        self._show(CameraStatus.ONLINE, None, "online")
        self._latest.put(frame)
        self._wake.set()

    def _measure(self, frame: CapturedFrame) -> None:
        """The size as it is now: a camera may not tell it at first, and may change it on the way."""
        info = self._status.info
        height, width = frame.pixels.shape[:2]
        if info is not None and (info.width, info.height) != (width, height):
            self._status = replace(self._status, info=replace(info, width=width, height=height))

    def _show(self, status: CameraStatus, cause: CameraCause | None, sentence: str) -> None:
        """Takes on a status; logged once, when it changes."""
        if (status, cause) == (self._status.status, self._status.cause):
            return
        self._status = replace(self._status, status=status, cause=cause, since=datetime.now(UTC))
        level = logging.INFO if status is CameraStatus.ONLINE else logging.WARNING
        log.log(level, "%s: %s", self._options.name, sentence)
        self._wake.set()


def reader_options(camera: CameraSettings, parameters: Parameters) -> ReaderOptions:
    """A still picture is a fault of a live camera only: a recording and the demo may well show one."""
    live = camera.kind in ("rtsp", "webcam")
    return ReaderOptions(
        name=f"camera {camera.id}",
        open_timeout_s=parameters.rtsp_open_timeout_s,
        read_timeout_s=parameters.rtsp_read_timeout_s + 1.0 / parameters.fps_target,
        frozen_after_s=parameters.frozen_after_s if live else None,
        masks=camera.privacy_masks,
    )
