import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.states import CameraStatus
from worker.capture_rules import Backoff, FrozenPicture


@given(seed=st.integers(), failures=st.integers(1, 50))
def test_an_ordinary_failure_waits_one_to_five_seconds_and_a_second_at_first(
    seed: int, failures: int
) -> None:
    backoff = Backoff(random.Random(seed))
    waits = [backoff.after(CameraStatus.UNREACHABLE) for _ in range(failures)]
    assert waits[0] == 1.0
    assert all(1.0 <= wait <= 5.0 for wait in waits)


def test_waits_grow_and_differ_from_camera_to_camera() -> None:
    first, second = Backoff(random.Random(1)), Backoff(random.Random(2))
    waits = [[backoff.after(CameraStatus.NO_FRAMES) for _ in range(40)] for backoff in (first, second)]
    assert max(waits[0]) > 4
    assert waits[0] != waits[1]


def test_success_starts_over() -> None:
    backoff = Backoff(random.Random(3))
    for _ in range(10):
        backoff.after(CameraStatus.UNREACHABLE)
    backoff.succeeded()
    assert backoff.after(CameraStatus.UNREACHABLE) == 1.0


def test_a_refused_password_waits_thirty_seconds_every_time() -> None:
    backoff = Backoff(random.Random(4))
    assert [backoff.after(CameraStatus.UNAUTHORISED) for _ in range(5)] == [30.0] * 5


def grey(value: int, size: tuple[int, int] = (32, 32)) -> np.ndarray:
    return np.full((*size, 3), value, np.uint8)


@pytest.mark.parametrize(
    ("pictures", "expected"),
    [
        ([(0, 7), (4, 7), (9.9, 7), (10, 7), (11, 7)], [False, False, False, True, True]),
        ([(0, 7), (6, 8), (12, 8), (16, 8)], [False, False, False, True]),
        ([(0, 7), (10, 7), (11, 8), (20, 8), (21, 8)], [False, True, False, False, True]),
    ],
    ids=["frozen from the start", "counted from the last change", "a change recovers"],
)
def test_a_picture_is_frozen_when_it_repeats_for_long_enough(
    pictures: list[tuple[float, int]], expected: list[bool]
) -> None:
    frozen = FrozenPicture(after_s=10)
    assert [frozen.observe(grey(value), at_s) for at_s, value in pictures] == expected


def test_an_outage_is_not_counted_as_standing_still() -> None:
    frozen = FrozenPicture(after_s=10)
    assert not frozen.observe(grey(7), 0)
    frozen.restart()
    assert not frozen.observe(grey(7), 100)
    assert frozen.observe(grey(7), 110)


def test_one_byte_of_noise_is_enough_to_be_alive() -> None:
    frozen = FrozenPicture(after_s=1)
    noisy = grey(7)
    noisy[5, 5, 1] += 1
    assert not frozen.observe(grey(7), 0)
    assert not frozen.observe(noisy, 5)
    assert not frozen.observe(grey(7, (16, 16)), 10)
