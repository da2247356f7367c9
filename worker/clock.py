"""The computer's clock as the worker may use it: never backwards."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from core.errors import ClockSteppedBack

TOLERATED_S = 2.0
"""Steps back of up to this long are waited out; NTP slews rather than steps below half a second."""


class SiteClock:
    """Aware UTC times that never decrease. A step forward is taken as it is: it leaves a gap in coverage."""

    def __init__(
        self,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._latest = wall()
        self._latest_s = monotonic()

    def now(self) -> datetime:
        """Raises ClockSteppedBack when the clock was set back: one run must not use the same times twice."""
        wall, passed_s = self._wall(), self._monotonic()
        expected = self._latest + timedelta(seconds=passed_s - self._latest_s)
        back_s = (expected - wall).total_seconds()
        if back_s > TOLERATED_S and wall < self._latest:
            raise ClockSteppedBack(
                f"the clock was set back by {back_s:.0f} s: the worker starts anew", seconds=round(back_s)
            )
        self._latest, self._latest_s = max(self._latest, wall), passed_s
        return self._latest
