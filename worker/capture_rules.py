"""When to try a camera again, and when its picture stands still."""

import random

import numpy as np

from core.domain.faces import Frame
from core.domain.states import CameraStatus


class Backoff:
    """How long to wait before the next attempt: 1 s after the first failure, then up to 5 s at random.

    30 s where the password was refused, as cameras lock an account after a few attempts.
    """

    SHORTEST_S = 1.0
    LONGEST_S = 5.0
    UNAUTHORISED_S = 30.0

    def __init__(self, random_source: random.Random) -> None:
        self._random = random_source
        self._failures = 0

    def after(self, status: CameraStatus) -> float:
        """Seconds to wait after one more failure."""
        if status is CameraStatus.UNAUTHORISED:
            return self.UNAUTHORISED_S
        longest_s = min(self.LONGEST_S, self.SHORTEST_S * 2.0**self._failures)
        self._failures += longest_s < self.LONGEST_S
        return self._random.uniform(self.SHORTEST_S, longest_s)

    def succeeded(self) -> None:
        self._failures = 0


class FrozenPicture:
    """Tells a camera that repeats one picture, byte by byte, from one that looks at a quiet room.

    A sensor's noise changes some byte in every picture; a hung encoder changes none.
    """

    def __init__(self, after_s: float) -> None:
        self._after_s = after_s
        self._picture: Frame | None = None
        self._since_s = 0.0

    def restart(self) -> None:
        """Counts anew: nothing was seen for a while, as after an outage."""
        self._picture = None

    def observe(self, pixels: Frame, at_s: float) -> bool:
        """Whether the picture has been the same for `after_s`; `at_s` on a monotonic clock."""
        if self._picture is None or not _same(self._picture, pixels):
            self._picture, self._since_s = pixels, at_s
        return at_s - self._since_s >= self._after_s


def _same(one: Frame, other: Frame) -> bool:
    """Byte for byte; a coarse grid first, which already differs between two pictures of a working camera."""
    return np.array_equal(one[::16, ::16], other[::16, ::16]) and np.array_equal(one, other)
