"""`demo:`, a camera that nobody has to install: the demo's scene at the pace of the clock."""

import threading
import time
from datetime import UTC, datetime

from worker.demo_scene import LOOP_S, SCRIPT, demo_portraits, demo_stage
from worker.sources.scene import Portrait, Stage, draw
from worker.sources.source import CapturedFrame, FrameChoice, StreamInfo

DEMO_URL = "demo:"
FRAMES_PER_S = 12.0


class DemoSource:
    """The scene from its beginning, in real time, over and over.

    Unwanted pictures are not even drawn. A reader that comes late gets the scene as it is then.
    """

    def __init__(self, choice: FrameChoice | None = None) -> None:
        self._choice = choice
        self._closing = threading.Event()
        self._stage: Stage | None = None
        self._portraits: dict[str, Portrait] = {}
        self._began = 0.0
        self._sequence = -1

    def open(self) -> StreamInfo:
        """Raises CameraMisconfigured when the photos are not those of the pinned packages."""
        self._portraits = demo_portraits()
        self._stage = demo_stage()
        self._began = time.monotonic()
        self._sequence = -1
        return StreamInfo(self._stage.width, self._stage.height, "demo", FRAMES_PER_S)

    def read(self) -> CapturedFrame | None:
        if self._stage is None:
            raise ValueError("read before open")
        while self._await_next():
            if self._choice is None or self._choice.wants(self._sequence / FRAMES_PER_S):
                at_s = self._sequence / FRAMES_PER_S % LOOP_S
                pixels = draw(self._stage, SCRIPT, self._portraits, at_s)
                return CapturedFrame(pixels, datetime.now(UTC), self._sequence)
        return None

    def close(self) -> None:
        self._closing.set()

    def _await_next(self) -> bool:
        """Waits for the next picture's moment; False when the source was closed meanwhile."""
        due = int((time.monotonic() - self._began) * FRAMES_PER_S)
        self._sequence = max(self._sequence + 1, due)
        delay_s = self._began + self._sequence / FRAMES_PER_S - time.monotonic()
        return not self._closing.wait(max(0.0, delay_s))
