from datetime import UTC, datetime, timedelta

import pytest

from core.errors import ClockSteppedBack
from worker.clock import SiteClock

START = datetime(2026, 11, 23, 1, tzinfo=UTC)


class Hands:
    """A wall clock and a monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.wall_s = 0.0
        self.monotonic_s = 100.0
        self.clock = SiteClock(lambda: START + timedelta(seconds=self.wall_s), lambda: self.monotonic_s)

    def move(self, passed_s: float, step_s: float = 0.0) -> float:
        """Lets time pass and steps the wall clock; returns what the site's clock says, in seconds."""
        self.monotonic_s += passed_s
        self.wall_s += passed_s + step_s
        return (self.clock.now() - START).total_seconds()


def test_time_passes():
    hands = Hands()
    assert [hands.move(1), hands.move(0.5)] == [1, 1.5]


def test_a_small_step_back_is_waited_out():
    hands = Hands()
    hands.move(10)
    assert [hands.move(1, step_s=-1.5), hands.move(0.3), hands.move(1)] == [10, 10, 10.8]


def test_a_step_forward_is_taken():
    hands = Hands()
    assert hands.move(1, step_s=3600) == 3601


def test_a_clock_set_back_ends_the_run():
    hands = Hands()
    hands.move(10)
    with pytest.raises(ClockSteppedBack, match="set back by 60 s"):
        hands.move(1, step_s=-60)
