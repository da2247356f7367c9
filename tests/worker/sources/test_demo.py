"""The demo camera keeps time, skips what nobody wants and ends when it is closed."""

import threading
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from core.settings import Parameters
from worker.demo_scene import HEIGHT_PX, LOOP_S, WIDTH_PX
from worker.sources.demo import FRAMES_PER_S, DemoSource


@pytest.fixture
def source():
    made = DemoSource(Parameters(fps_target=60))
    yield made
    made.close()


def test_it_says_what_it_is_and_delivers_pictures_in_order(source):
    info = source.open()
    assert (info.width, info.height, info.codec, info.fps) == (WIDTH_PX, HEIGHT_PX, "demo", FRAMES_PER_S)
    frames = [source.read() for _ in range(4)]
    assert [frame.pixels.shape for frame in frames] == [(HEIGHT_PX, WIDTH_PX, 3)] * 4
    assert all(frame.captured_at.tzinfo is UTC for frame in frames)
    sequences = [frame.sequence for frame in frames]
    assert sequences == sorted(set(sequences))
    assert not np.array_equal(frames[0].pixels, frames[1].pixels)


def test_pictures_come_no_faster_than_the_clock(source):
    source.open()
    frames = [source.read() for _ in range(4)]
    passed_s = (frames[-1].captured_at - frames[0].captured_at).total_seconds()
    assert passed_s >= (frames[-1].sequence - frames[0].sequence - 1) / FRAMES_PER_S


def test_unwanted_pictures_are_left_out():
    source = DemoSource(Parameters(fps_target=4))
    source.open()
    first, second = source.read(), source.read()
    source.close()
    assert second.sequence - first.sequence >= 3


def test_reading_before_opening_is_a_mistake_of_the_caller(source):
    with pytest.raises(ValueError, match="open"):
        source.read()


def test_closing_ends_a_read_that_goes_on():
    source = DemoSource(Parameters(fps_target=0.1))
    source.open()
    assert source.read() is not None
    result = []
    reader = threading.Thread(target=lambda: result.append(source.read()))
    reader.start()
    source.close()
    source.close()
    reader.join(10)
    assert result == [None]
    assert source.read() is None


def test_a_recording_of_it_lasts_one_round_by_its_own_clock_and_is_always_the_same():
    start_at = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)

    def recording():
        source = DemoSource(Parameters(fps_target=0.25), start_at)
        source.open()
        frames = list(iter(source.read, None))
        source.close()
        return frames

    frames = recording()
    assert [frame.captured_at for frame in frames] == [
        start_at + timedelta(seconds=s) for s in range(0, int(LOOP_S), 4)
    ]
    assert [f.pixels.tobytes() for f in recording()] == [f.pixels.tobytes() for f in frames]
