"""Frames for a thread that waits for some; nothing is kept for nobody."""

import threading
from datetime import UTC, datetime

import numpy as np

from tests.supervised import eventually
from worker.frame_tap import FrameTap
from worker.sources.source import CapturedFrame


def frame(number: int) -> CapturedFrame:
    return CapturedFrame(np.full((2, 2, 3), number, np.uint8), datetime.now(UTC), number)


def test_who_waits_gets_the_newest_frame_of_his_camera_once() -> None:
    tap, given = FrameTap(), []
    frames = tap.frames(1, 30.0)
    waiter = threading.Thread(target=lambda: given.append(int(next(frames)[0, 0, 0])))
    waiter.start()
    assert eventually(lambda: tap._waiting[1] == 1)
    tap.offer([(2, frame(9))])
    assert given == []
    tap.offer([(1, frame(1)), (2, frame(9))])
    waiter.join(10)
    tap.offer([(1, frame(2))])
    tap.offer([(1, frame(3))])
    given.append(int(next(frames)[0, 0, 0]))
    assert given == [1, 3]
    frames.close()
    assert tap._newest == {}


def test_a_camera_without_frames_ends_the_wait() -> None:
    tap = FrameTap()
    tap.offer([(1, frame(1))])
    assert list(tap.frames(1, 0.05)) == []
