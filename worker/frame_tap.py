"""Full-size frames for a thread that waits for some: an enrolment that takes its photo from a camera."""

import threading
import time
from collections import Counter
from collections.abc import Generator, Sequence

from core.domain.faces import Frame
from worker.sources.source import CapturedFrame


class FrameTap:
    """The main loop offers every frame; only those of cameras for which somebody waits are kept, one each."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: Counter[int] = Counter()
        self._newest: dict[int, CapturedFrame] = {}

    def offer(self, frames: Sequence[tuple[int, CapturedFrame]]) -> None:
        with self._changed:
            wanted = {camera_id: frame for camera_id, frame in frames if self._waiting[camera_id]}
            if wanted:
                self._newest.update(wanted)
                self._changed.notify_all()

    def frames(self, camera_id: int, within_s: float) -> Generator[Frame]:
        """Each time the newest frame of the camera that has not been given yet, until the time is over.

        The time goes on while the caller looks at a frame; the last one may be given a little later.
        """
        deadline_s, given = time.monotonic() + within_s, None
        with self._changed:
            self._waiting[camera_id] += 1
        try:
            while (frame := self._next(camera_id, given, deadline_s)) is not None:
                given = frame
                yield frame.pixels
        finally:
            with self._changed:
                self._waiting[camera_id] -= 1
                if not self._waiting[camera_id]:
                    self._newest.pop(camera_id, None)

    def _next(self, camera_id: int, given: CapturedFrame | None, deadline_s: float) -> CapturedFrame | None:
        def newer() -> CapturedFrame | None:
            frame = self._newest.get(camera_id)
            return None if frame is given else frame

        with self._changed:
            return self._changed.wait_for(newer, max(0.0, deadline_s - time.monotonic())) or None
