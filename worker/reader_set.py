"""The readers of all cameras, kept in step with the settings."""

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from core.domain.states import CameraCause, CameraStatus
from core.errors import ReadersStuck
from core.settings import CameraSettings, Parameters
from worker.capture import CameraReader, ReaderStatus, Waiter, reader_options
from worker.sources import CapturedFrame, FrameSource, open_source

log = logging.getLogger(__name__)

STOP_S = 6.0
"""For all readers together to end; a read's own time-out is shorter by default."""

MOST_ABANDONED = 3


@dataclass(frozen=True)
class CaptureSetup:
    """What of a camera's settings concerns its reader; another change leaves the connection alone."""

    url: str
    parameters: tuple[object, ...]

    @classmethod
    def of(cls, camera: CameraSettings, parameters: Parameters) -> "CaptureSetup":
        values = tuple(getattr(parameters, key) for key in _CAPTURE_KEYS)
        return cls(camera.rtsp_url.get_secret_value(), values)


_CAPTURE_KEYS = (
    "fps_target",
    "frame_skip",
    "rtsp_protocol",
    "rtsp_open_timeout_s",
    "rtsp_read_timeout_s",
    "use_gstreamer_rtsp",
    "gst_latency_ms",
    "frozen_after_s",
    "loop_file",
)

CameraSetup = tuple[CameraSettings, Parameters]
"""A camera and the parameters as they are for it."""


class ReaderSet:
    """The readers of all cameras, kept in step with the settings by `reconcile`; used by one thread only."""

    def __init__(
        self,
        open_source: Callable[[CameraSettings, Parameters], FrameSource] = open_source,
        *,
        random_source: random.Random | None = None,
        waiter: Waiter = threading.Event.wait,
    ) -> None:
        self._open_source = open_source
        self._random = random_source or random.Random()
        self._waiter = waiter
        self._wake = threading.Event()
        self._readers: dict[int, CameraReader] = {}
        self._cameras: dict[int, CameraSetup] = {}
        self._disabled: dict[int, ReaderStatus] = {}
        self._ending: list[CameraReader] = []
        self.abandoned = 0

    def reconcile(self, cameras: Mapping[int, CameraSetup]) -> None:
        """Starts, stops and replaces readers so that the enabled cameras are read as they are set now.

        A camera whose capture settings are as before keeps its connection.
        """
        enabled = {key: setup for key, setup in cameras.items() if setup[0].enabled}
        for camera_id in [key for key in self._readers if key not in enabled]:
            self._retire(camera_id)
        for camera_id, setup in enabled.items():
            before = self._cameras.get(camera_id)
            if before is None or CaptureSetup.of(*before) != CaptureSetup.of(*setup):
                self._retire(camera_id)
                self._start(camera_id, setup)
            elif before[0].privacy_masks != setup[0].privacy_masks:
                self._readers[camera_id].hide(setup[0].privacy_masks)
        self._cameras = enabled
        now = datetime.now(UTC)
        self._disabled = {
            key: self._disabled.get(key, ReaderStatus(CameraStatus.DISABLED, None, now))
            for key in cameras
            if key not in enabled
        }

    def wait(self, timeout_s: float) -> bool:
        """Waits for a new frame or status of any camera; whether there is one."""
        woken = self._wake.wait(timeout_s)
        self._wake.clear()
        return woken

    def poll(self) -> list[tuple[int, CapturedFrame]]:
        """The newest frame of each camera that has one, each frame once, by camera id.

        The sources deliver at fps_target and honour frame_skip already.
        """
        taken = ((camera_id, reader.take()) for camera_id, reader in sorted(self._readers.items()))
        return [(camera_id, frame) for camera_id, frame in taken if frame is not None]

    def statuses(self) -> dict[int, ReaderStatus]:
        reading = {camera_id: reader.status() for camera_id, reader in self._readers.items()}
        return {**reading, **self._disabled}

    def check(self, now_s: float | None = None) -> None:
        """Replaces readers that are stuck in native code.

        Raises ReadersStuck after the third, as only a new process is rid of their threads, and the unforeseen
        error of a reader when every camera is failing: nothing is then lost by starting anew.
        """
        now_s = time.monotonic() if now_s is None else now_s
        for camera_id, reader in list(self._readers.items()):
            if reader.check_stuck(now_s):
                self._abandon(camera_id, reader)
        if all(reader.is_failing() for reader in self._readers.values()):
            for reader in self._readers.values():
                reader.raise_failure()

    def stop(self, timeout_s: float = STOP_S) -> bool:
        """Ends every reader, all at once; whether all ended in time."""
        for camera_id in list(self._readers):
            self._retire(camera_id)
        deadline = time.monotonic() + timeout_s
        ended = [reader.join(max(0.0, deadline - time.monotonic())) for reader in self._ending]
        return all(ended)

    def _start(self, camera_id: int, setup: CameraSetup, after: CameraCause | None = None) -> None:
        camera, parameters = setup
        reader = CameraReader(
            lambda: self._open_source(camera, parameters),
            replace(reader_options(camera, parameters), after=after),
            self._wake,
            random_source=self._random,
            waiter=self._waiter,
        )
        self._readers[camera_id] = reader
        reader.start()

    def _retire(self, camera_id: int) -> None:
        reader = self._readers.pop(camera_id, None)
        self._ending = [ending for ending in self._ending if not ending.join(0)]
        if reader is not None:
            reader.stop()
            self._ending.append(reader)

    def _abandon(self, camera_id: int, reader: CameraReader) -> None:
        """Leaves a stuck reader to itself, its late results unread, and starts another in its place."""
        reader.stop()
        del self._readers[camera_id]
        self.abandoned += 1
        log.error("camera %d: its reader hangs and is replaced (%d so far)", camera_id, self.abandoned)
        if self.abandoned >= MOST_ABANDONED:
            raise ReadersStuck(
                f"{self.abandoned} camera readers hang in native code: the worker ends to be started anew.",
                count=self.abandoned,
            )
        self._start(camera_id, self._cameras[camera_id], CameraCause.STUCK)
