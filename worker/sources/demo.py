"""`demo:`, a camera that nobody has to install: the demo's scene at the pace of the clock."""

import threading
import time
from datetime import UTC, datetime, timedelta

from core.settings import Parameters
from worker.demo_scene import LOOP_S, SCRIPT, demo_portraits, demo_stage
from worker.sources.scene import Portrait, Stage, draw
from worker.sources.source import CapturedFrame, FrameChoice, StreamInfo

FRAMES_PER_S = 12.0
LOOP_FRAMES = int(LOOP_S * FRAMES_PER_S)


class DemoSource:
    """The scene from its beginning, in real time, over and over; a late reader gets the scene of that moment.

    With `start_at` (aware UTC) it is a recording of one round instead: every wanted picture as fast as it is
    drawn, captured_at by the scene's own clock. Unwanted pictures are not even drawn.
    """

    def __init__(self, parameters: Parameters, start_at: datetime | None = None) -> None:
        make_choice = FrameChoice.live if start_at is None else FrameChoice
        self._choice = make_choice(parameters.fps_target, parameters.frame_skip)
        self._start_at = start_at
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
        while self._advance():
            at_s = self._sequence / FRAMES_PER_S
            if self._choice.wants(at_s):
                pixels = draw(self._stage, SCRIPT, self._portraits, at_s % LOOP_S)
                return CapturedFrame(pixels, self._captured_at(at_s), self._sequence)
        return None

    def close(self) -> None:
        self._closing.set()

    def _advance(self) -> bool:
        """Goes on to the next picture when it is due; False when there is none any more."""
        self._sequence += 1
        if self._start_at is not None:
            return not self._closing.is_set() and self._sequence < LOOP_FRAMES
        self._sequence = max(self._sequence, int((time.monotonic() - self._began) * FRAMES_PER_S))
        delay_s = self._began + self._sequence / FRAMES_PER_S - time.monotonic()
        return not self._closing.wait(max(0.0, delay_s))

    def _captured_at(self, at_s: float) -> datetime:
        return datetime.now(UTC) if self._start_at is None else self._start_at + timedelta(seconds=at_s)
