"""A source that plays a script, for tests of what reads from it."""

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

import numpy as np

from worker.sources import CapturedFrame, StreamInfo

Step = int | None | BaseException | Callable[[], int | None]
"""A frame of this grey, the end of the recording, a failure, or what a call gives."""


class ScriptedSource:
    """Opens as told and plays its steps; after the last one it waits to be closed."""

    def __init__(
        self, steps: Iterable[Step], *, refuses: BaseException | None = None, fps: float | None = 10.0
    ) -> None:
        self._steps: Iterator[Step] = iter(steps)
        self._refuses = refuses
        self._fps = fps
        self._sequence = 0
        self.closed = threading.Event()

    def open(self) -> StreamInfo:
        if self._refuses is not None:
            raise self._refuses
        return StreamInfo(0, 0, "script", self._fps)

    def read(self) -> CapturedFrame | None:
        step = next(self._steps, self._await_close)
        if isinstance(step, BaseException):
            raise step
        grey = step() if callable(step) else step
        if grey is None:
            return None
        self._sequence += 1
        pixels = np.full((48, 64, 3), grey, np.uint8)
        return CapturedFrame(pixels, datetime.now(UTC), self._sequence - 1)

    def close(self) -> None:
        self.closed.set()

    def _await_close(self) -> None:
        self.closed.wait()
