"""A webcam of this machine, by OpenCV."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from core.domain.states import CameraCause
from worker.sources.causes import camera_error
from worker.sources.closing import ClosableSource
from worker.sources.source import CapturedFrame, FrameChoice, StreamInfo


class VideoDevice(Protocol):
    """The part of cv2.VideoCapture that is used here."""

    def isOpened(self) -> bool: ...
    def get(self, prop: int, /) -> float: ...
    def grab(self) -> bool: ...
    def retrieve(self) -> tuple[bool, npt.NDArray[np.generic]]: ...
    def release(self) -> None: ...


class WebcamSource(ClosableSource):
    """Pictures of /dev/video{index} as they arrive; captured_at is the wall clock at arrival."""

    def __init__(
        self,
        index: int,
        choice: FrameChoice | None = None,
        *,
        devices: Path = Path("/dev"),
        open_device: Callable[[int], VideoDevice] = cv2.VideoCapture,
    ) -> None:
        super().__init__()
        self.progressed_at = time.monotonic()
        self._index = index
        self._node = devices / f"video{index}"
        self._choice = choice
        self._open_device = open_device
        self._device: VideoDevice | None = None
        self._sequence = 0

    def open(self) -> StreamInfo:
        with self._owner:
            if not self._node.exists():
                raise camera_error(CameraCause.SOURCE_MISSING, str(self._node))
            device = self._device = self._open_device(self._index)
            if not device.isOpened():
                raise camera_error(CameraCause.NOT_READABLE, str(self._node))
            width, height = device.get(cv2.CAP_PROP_FRAME_WIDTH), device.get(cv2.CAP_PROP_FRAME_HEIGHT)
            return StreamInfo(int(width), int(height), "webcam", device.get(cv2.CAP_PROP_FPS) or None)

    def read(self) -> CapturedFrame | None:
        with self._owner:
            while not self._closing.is_set() and self._device is not None:
                frame = self._next(self._device)
                if frame is not None:
                    return frame
            self._release()
            return None

    def _release(self) -> None:
        if self._device is not None:
            self._device.release()
            self._device = None

    def _next(self, device: VideoDevice) -> CapturedFrame | None:
        grabbed = device.grab()
        self.progressed_at = time.monotonic()
        if not grabbed:
            raise camera_error(CameraCause.LOST, str(self._node))
        sequence = self._sequence
        self._sequence += 1
        if self._choice is not None and not self._choice.wants(time.monotonic()):
            return None
        retrieved, pixels = device.retrieve()
        if not retrieved:
            raise camera_error(CameraCause.NO_FRAMES, str(self._node))
        return CapturedFrame(np.asarray(pixels, np.uint8), datetime.now(UTC), sequence)
