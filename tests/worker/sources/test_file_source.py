import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from core.errors import CameraError, CameraMisconfigured
from tests.worker.sources.clips import shade, shade_of, write_clip
from worker.sources import CapturedFrame, FrameChoice, frames, sampled
from worker.sources.file import FileSource

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", 25)


def replayed(path: Path, choice: FrameChoice | None = None) -> list[CapturedFrame]:
    source = FileSource(path, choice=choice, start_at=START)
    source.open()
    try:
        return list(frames(source))
    finally:
        source.close()


def seconds(captured: list[CapturedFrame]) -> list[float]:
    return [(frame.captured_at - START) / timedelta(seconds=1) for frame in captured]


def test_tells_what_the_recording_is(clip: Path) -> None:
    source = FileSource(clip, start_at=START)
    info = source.open()
    source.close()
    assert (info.width, info.height, info.codec, info.fps) == (128, 96, "h264", 25.0)


def test_a_replay_gives_every_picture_its_recorded_time(clip: Path) -> None:
    captured = replayed(clip)
    assert seconds(captured) == pytest.approx([index / 25 for index in range(25)])
    assert [frame.sequence for frame in captured] == list(range(25))
    for index, frame in enumerate(captured):
        assert frame.pixels.dtype == np.uint8
        assert shade_of(frame.pixels) == pytest.approx(shade(index), abs=6)


def test_a_replay_takes_the_first_picture_of_each_interval(clip: Path) -> None:
    captured = replayed(clip, FrameChoice(5))
    assert [frame.sequence for frame in captured] == [0, 5, 10, 15, 20]
    assert seconds(captured) == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8])


def test_sampling_afterwards_is_the_same_as_choosing_before(clip: Path) -> None:
    source = FileSource(clip, start_at=START)
    source.open()
    afterwards = list(sampled(source, 5))
    assert [frame.sequence for frame in afterwards] == [
        frame.sequence for frame in replayed(clip, FrameChoice(5))
    ]


def test_a_second_replay_is_byte_equal(clip: Path) -> None:
    first, second = replayed(clip, FrameChoice(8)), replayed(clip, FrameChoice(8))
    assert [(one.captured_at, one.pixels.tobytes()) for one in first] == [
        (other.captured_at, other.pixels.tobytes()) for other in second
    ]


def test_a_gap_in_the_recording_stays_a_gap(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "gap.mkv", 4, at=[0, 1, 50, 51])
    assert seconds(replayed(path)) == pytest.approx([0, 0.04, 2.0, 2.04], abs=0.002)


def test_without_timestamps_the_frame_rate_tells_the_time(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "bare.h264", 6, fps=10)
    times = seconds(replayed(path))
    assert times == sorted(set(times))
    assert len(times) == 6


def test_the_size_may_change_on_the_way(tmp_path: Path) -> None:
    small = write_clip(tmp_path / "small.h264", 5, size=(128, 96))
    large = write_clip(tmp_path / "large.h264", 5, size=(192, 160))
    both = tmp_path / "both.h264"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    shapes = [frame.pixels.shape for frame in replayed(both)]
    assert shapes == [(96, 128, 3)] * 5 + [(160, 192, 3)] * 5


def test_damaged_pictures_are_left_out(tmp_path: Path) -> None:
    """Without its first key frame nothing can be shown until the next one, which is picture 10."""
    headless = _without_first_packet(write_clip(tmp_path / "whole.mp4", 20), tmp_path / "headless.mp4")
    captured = replayed(headless)
    assert len(captured) == 10
    assert shade_of(captured[0].pixels) == pytest.approx(shade(10), abs=6)


def _without_first_packet(clip: Path, to: Path) -> Path:
    with av.open(str(clip)) as whole, av.open(str(to), "w") as rest:
        stream = rest.add_stream_from_template(whole.streams.video[0])
        for index, packet in enumerate(whole.demux(video=0)):
            if index > 0 and packet.dts is not None:
                packet.stream = stream
                rest.mux(packet)
    return to


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_recording_held_sideways_is_turned_upright(tmp_path: Path, rotation: int) -> None:
    path = write_clip(tmp_path / "turned.mp4", 2, rotation=rotation)
    _, upright = cv2.VideoCapture(str(path)).read()
    pixels = replayed(path)[0].pixels
    assert pixels.shape == upright.shape
    assert float(np.abs(pixels.astype(int) - upright.astype(int)).mean()) < 3


def test_in_real_time_a_recording_takes_its_time_and_ends(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "short.mp4", 8)
    source = FileSource(path)
    source.open()
    began = time.monotonic()
    before = datetime.now(UTC)
    captured = list(frames(source))
    assert time.monotonic() - began >= 7 / 25
    assert len(captured) == 8
    assert before <= captured[0].captured_at <= captured[-1].captured_at <= datetime.now(UTC)


def test_a_loop_starts_over_and_counts_on(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "short.mp4", 3)
    source = FileSource(path, loop=True)
    source.open()
    captured = [source.read() for _ in range(7)]
    source.close()
    assert [frame.sequence for frame in captured if frame] == list(range(7))
    shades = [shade_of(frame.pixels) for frame in captured if frame]
    assert shades == pytest.approx([shade(index % 3) for index in range(7)], abs=6)


def test_close_from_another_thread_ends_a_read_that_waits(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "slow.mkv", 2, at=[0, 25 * 600])
    source = FileSource(path)
    source.open()
    assert source.read() is not None
    threading.Timer(0.05, source.close).start()
    assert source.read() is None  # would otherwise wait for ten minutes
    source.close()


def _sound(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 16000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (lambda folder: folder / "absent.mp4", "source_missing"),
        (lambda folder: folder, "source_missing"),
        (lambda folder: _written(folder / "empty.mp4", b""), "not_readable"),
        (lambda folder: _written(folder / "text.mp4", b"no video " * 500), "not_readable"),
        (lambda folder: _sound(folder / "sound.mp4"), "codec"),
    ],
)
def test_a_file_that_is_no_recording_says_why(tmp_path: Path, make, cause: str) -> None:
    source = FileSource(make(tmp_path), start_at=START)
    with pytest.raises(CameraMisconfigured) as caught:
        source.open()
    assert caught.value.params["cause"] == cause
    assert str(tmp_path) in str(caught.value)
    source.close()


def test_a_recording_without_one_whole_picture_says_so(tmp_path: Path) -> None:
    path = _without_first_packet(write_clip(tmp_path / "whole.mp4", 3), tmp_path / "tail.mp4")
    source = FileSource(path, start_at=START)
    source.open()
    with pytest.raises(CameraError) as caught:
        source.read()
    assert caught.value.params["cause"] == "codec"


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
