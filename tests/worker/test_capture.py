import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from core.domain.states import CameraCause, CameraStatus
from core.errors import ReadersStuck
from core.settings import CameraSettings, Parameters
from tests.patience import PATIENCE_S
from tests.rtsp import RtspServer, require_server
from tests.worker.scripted_source import ScriptedSource
from tests.worker.sources.clips import write_clip
from worker.capture import MOST_FAILURES, CameraReader, LatestFrame, ReaderOptions, ReaderStatus
from worker.reader_set import ReaderSet
from worker.sources import CapturedFrame, FrameSource
from worker.sources.causes import camera_error

"""Of a test that would otherwise wait for ever; never reached by one that passes."""

REFUSED = camera_error(CameraCause.REFUSED, "10.0.0.5:554")
UNAUTHORISED = camera_error(CameraCause.UNAUTHORISED, "10.0.0.5:554")


class Pauses:
    """A waiter that records the pauses instead of waiting, and ends the reader after `most` of them."""

    def __init__(self, most: int = 1000) -> None:
        self.seconds: list[float] = []
        self._most = most

    def __call__(self, stopping: threading.Event, seconds: float) -> bool:
        self.seconds.append(seconds)
        return len(self.seconds) >= self._most or stopping.is_set()


def frame(sequence: int) -> CapturedFrame:
    return CapturedFrame(np.zeros((2, 2, 3), np.uint8), datetime.now(UTC), sequence)


def reader_of(
    *sources: FrameSource,
    pauses: Pauses | None = None,
    frozen_after_s: float | None = None,
    wake: threading.Event | None = None,
) -> CameraReader:
    """A started reader that connects to one source after the other."""
    following = iter(sources)
    reader = CameraReader(
        lambda: next(following),
        ReaderOptions("camera 1", 5, 5, frozen_after_s),
        wake or threading.Event(),
        random_source=random.Random(0),
        waiter=pauses or Pauses(),
    )
    reader.start()
    return reader


def await_status(status: Callable[[], ReaderStatus], wanted: Callable[[ReaderStatus], bool]) -> ReaderStatus:
    deadline = time.monotonic() + PATIENCE_S
    while not wanted(now := status()):
        assert time.monotonic() < deadline, f"still {now}"
        time.sleep(0.005)
    return now


def is_online(status: ReaderStatus) -> bool:
    return status.status is CameraStatus.ONLINE


def has_cause(cause: CameraCause) -> Callable[[ReaderStatus], bool]:
    return lambda status: status.cause == cause


def test_the_newest_frame_wins_and_the_others_are_counted() -> None:
    latest = LatestFrame()
    for sequence in range(3):
        latest.put(frame(sequence))
    taken = latest.take()
    assert taken is not None
    assert taken.sequence == 2
    assert latest.take() is None
    assert latest.drops == 2


def test_a_reader_goes_online_and_tells_the_size_of_its_pictures() -> None:
    wake = threading.Event()
    reader = reader_of(ScriptedSource([10, 20]), wake=wake)
    status = await_status(reader.status, lambda now: now.drops == 1)
    assert wake.is_set()
    assert (status.status, status.cause, status.reconnects) == (CameraStatus.ONLINE, None, 0)
    assert status.info is not None
    assert (status.info.width, status.info.height, status.info.codec) == (64, 48, "script")
    taken = reader.take()
    assert taken is not None
    assert (taken.sequence, status.last_frame_at) == (1, taken.captured_at)
    reader.stop()
    assert reader.join(PATIENCE_S)


def test_a_failure_is_shown_and_the_camera_tried_again() -> None:
    pauses = Pauses()
    sources = [ScriptedSource([], refuses=REFUSED), ScriptedSource([10, REFUSED]), ScriptedSource([20])]
    reader = reader_of(*sources, pauses=pauses)
    status = await_status(reader.status, lambda now: now.reconnects == 1 and is_online(now))
    assert status.cause is None
    assert len(pauses.seconds) == 2
    assert all(source.closed.is_set() for source in sources[:2])
    reader.stop()
    assert reader.join(PATIENCE_S)


def test_a_refused_password_is_tried_again_after_thirty_seconds() -> None:
    pauses = Pauses(most=3)
    reader = reader_of(*(ScriptedSource([], refuses=UNAUTHORISED) for _ in range(3)), pauses=pauses)
    assert reader.join(PATIENCE_S)
    assert pauses.seconds == [30.0, 30.0, 30.0]
    assert (reader.status().status, reader.status().cause) == (CameraStatus.UNAUTHORISED, "unauthorised")


def test_a_status_is_logged_once_when_it_changes(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "worker.capture")
    refusing = [ScriptedSource([], refuses=REFUSED) for _ in range(3)]
    reader = reader_of(*refusing, ScriptedSource([1, 2, 3, None]))
    assert reader.join(PATIENCE_S)
    levels = [(record.levelname, record.getMessage().split(" ")[:2]) for record in caplog.records]
    assert [level for level, _ in levels] == ["WARNING", "INFO", "WARNING"]
    assert all(start == ["camera", "1:"] for _, start in levels)


def test_the_end_of_a_recording_is_a_status_of_its_own() -> None:
    reader = reader_of(ScriptedSource([1, None]))
    assert reader.join(PATIENCE_S)
    assert (reader.status().status, reader.status().cause) == (CameraStatus.NO_FRAMES, CameraCause.ENDED)
    assert reader.take() is not None


def test_a_repeated_picture_is_frozen_until_it_changes() -> None:
    """The script shows one grey until the reader calls it frozen, then others."""
    moving = threading.Event()
    source = ScriptedSource(iter(lambda: 99 if moving.is_set() else 7, None))
    reader = reader_of(source, frozen_after_s=0.05)
    status = await_status(reader.status, has_cause(CameraCause.FROZEN))
    assert status.status is CameraStatus.NO_FRAMES
    reader.take()
    frozen_at = reader.status().last_frame_at
    assert reader.take() is None
    assert frozen_at == status.last_frame_at
    moving.set()
    await_status(reader.status, is_online)
    taken = None
    while taken is None or taken.pixels[0, 0, 0] == 7:
        taken = reader.take()
    assert taken.pixels[0, 0, 0] == 99
    reader.stop()
    assert reader.join(PATIENCE_S)


def test_an_unexpected_exception_reaches_the_main_loop() -> None:
    failing = [ScriptedSource([1, ZeroDivisionError("a bug")])]
    failing += [ScriptedSource([ZeroDivisionError("a bug")]) for _ in range(MOST_FAILURES - 1)]
    reader = reader_of(*failing, pauses=Pauses(MOST_FAILURES))
    assert reader.join(PATIENCE_S)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        reader.raise_failure()


def test_an_unexpected_exception_is_told_without_its_text_and_the_camera_tried_again(caplog) -> None:
    pauses = Pauses()
    broken = [ScriptedSource([], refuses=RuntimeError("rtsp://user:s3cret-word@cam")) for _ in range(4)]
    reader = reader_of(*broken, ScriptedSource([20]), pauses=pauses)
    await_status(reader.status, is_online)
    reader.raise_failure()
    assert len(pauses.seconds) == len(broken)
    assert all(source.closed.is_set() for source in broken)
    told = [record.getMessage() for record in caplog.records if "RuntimeError" in record.getMessage()]
    assert len(told) == 1
    assert "scripted_source.py" in told[0]
    assert "s3cret-word" not in caplog.text
    reader.stop()
    assert reader.join(PATIENCE_S)


def test_pictures_in_between_keep_failures_from_adding_up() -> None:
    failing = [ScriptedSource([1, ZeroDivisionError("a bug")]) for _ in range(2 * MOST_FAILURES)]
    reader = reader_of(*failing, pauses=Pauses(len(failing)))
    assert reader.join(PATIENCE_S)
    assert (reader.status().status, reader.status().cause) == (CameraStatus.NO_FRAMES, CameraCause.FAILED)
    reader.raise_failure()


def test_nothing_is_raised_while_all_is_well() -> None:
    reader = reader_of(ScriptedSource([1, REFUSED]), pauses=Pauses(most=1))
    assert reader.join(PATIENCE_S)
    reader.raise_failure()


class Hanging:
    """A source whose read hangs in native code: it heeds no close."""

    def __init__(self) -> None:
        self.hangs = threading.Event()
        self.released = threading.Event()

    def blocks(self) -> int:
        self.hangs.set()
        self.released.wait()
        return 200

    def source(self) -> ScriptedSource:
        return ScriptedSource([self.blocks])


def test_a_call_is_stuck_five_seconds_past_its_time_out() -> None:
    hanging = Hanging()
    reader = reader_of(hanging.source())
    assert hanging.hangs.wait(PATIENCE_S)
    now_s = time.monotonic()
    assert not reader.check_stuck(now_s + 9.9 - 1)
    assert reader.check_stuck(now_s + 10.1)
    hanging.released.set()
    reader.stop()
    assert reader.join(PATIENCE_S)
    assert not reader.check_stuck(now_s + 1000)


def test_a_call_that_shows_progress_is_not_stuck() -> None:
    hanging = Hanging()
    source = hanging.source()
    source.progressed_at = time.monotonic() + 100  # type: ignore[attr-defined]
    reader = reader_of(source)
    assert hanging.hangs.wait(PATIENCE_S)
    assert not reader.check_stuck(time.monotonic() + 105)
    assert reader.check_stuck(time.monotonic() + 111)
    hanging.released.set()
    reader.stop()
    assert reader.join(PATIENCE_S)


def camera(camera_id: int = 1, url: str = "rtsp://10.0.0.5/x", **values: object) -> CameraSettings:
    return CameraSettings.parse({"id": camera_id, "name": "Front", "rtsp_url": url, **values})


def parameters(**values: object) -> Parameters:
    quick = {"rtsp_open_timeout_s": 2.0, "rtsp_read_timeout_s": 1.0}
    return Parameters.parse({**quick, **values})


Setups = Mapping[int, tuple[CameraSettings, Parameters]]


def setups(*cameras: CameraSettings, **values: object) -> Setups:
    return {each.id: (each, parameters(**values)) for each in cameras}


class Opened:
    """Opens scripted sources for a ReaderSet and remembers them by camera."""

    def __init__(self, script: Callable[[], ScriptedSource] = lambda: ScriptedSource([1])) -> None:
        self.script = script
        self.by_camera: dict[int, list[ScriptedSource]] = {}

    def __call__(self, camera: CameraSettings, parameters: Parameters) -> FrameSource:
        source = self.script()
        self.by_camera.setdefault(camera.id, []).append(source)
        return source

    def counts(self) -> dict[int, int]:
        return {camera_id: len(sources) for camera_id, sources in self.by_camera.items()}


@pytest.fixture
def opened() -> Opened:
    return Opened()


@pytest.fixture
def readers(opened: Opened) -> Iterator[ReaderSet]:
    readers = ReaderSet(opened, random_source=random.Random(0))
    yield readers
    readers.stop()


def await_online(readers: ReaderSet, *camera_ids: int) -> None:
    for camera_id in camera_ids:
        await_status(lambda camera_id=camera_id: readers.statuses()[camera_id], is_online)


def test_every_camera_is_read_and_each_frame_given_once(readers: ReaderSet) -> None:
    readers.reconcile(setups(camera(2), camera(1)))
    await_online(readers, 1, 2)
    assert readers.wait(PATIENCE_S)
    polled: list[int] = []
    while len(polled) < 2:
        polled += [camera_id for camera_id, _ in readers.poll()]
    assert sorted(polled) == [1, 2]
    assert readers.poll() == []


def test_a_change_of_one_camera_leaves_the_others_alone(readers: ReaderSet, opened: Opened) -> None:
    readers.reconcile(setups(camera(1), camera(2)))
    await_online(readers, 1, 2)
    readers.reconcile(setups(camera(1, url="rtsp://10.0.0.6/x"), camera(2)))
    await_online(readers, 1, 2)
    assert opened.counts() == {1: 2, 2: 1}
    assert opened.by_camera[1][0].closed.is_set()
    assert not opened.by_camera[2][0].closed.is_set()


@pytest.mark.parametrize(
    ("camera_values", "parameter_values", "opens"),
    [
        ({"name": "Back door", "location": "Yard"}, {}, 1),
        ({}, {"quality_min_face_px": 64, "jpeg_quality": 50, "similarity_margin": 0.2}, 1),
        ({}, {"fps_target": 2.0}, 2),
        ({}, {"rtsp_protocol": "udp"}, 2),
        ({}, {"frozen_after_s": 20.0}, 2),
    ],
)
def test_only_what_concerns_the_reader_replaces_it(
    readers: ReaderSet,
    opened: Opened,
    camera_values: dict[str, object],
    parameter_values: dict[str, object],
    opens: int,
) -> None:
    readers.reconcile(setups(camera()))
    await_online(readers, 1)
    readers.reconcile(setups(camera(**camera_values), **parameter_values))
    await_online(readers, 1)
    assert opened.counts() == {1: opens}


def test_a_camera_is_disabled_removed_and_comes_back(readers: ReaderSet, opened: Opened) -> None:
    readers.reconcile(setups(camera()))
    await_online(readers, 1)
    readers.reconcile(setups(camera(enabled=False)))
    disabled = readers.statuses()[1]
    assert (disabled.status, disabled.cause) == (CameraStatus.DISABLED, None)
    assert opened.by_camera[1][0].closed.is_set()
    readers.reconcile(setups(camera(enabled=False)))
    assert readers.statuses()[1].since == disabled.since
    readers.reconcile({})
    assert readers.statuses() == {}
    readers.reconcile(setups(camera()))
    await_online(readers, 1)
    assert opened.counts() == {1: 2}


def test_all_readers_are_stopped_at_once(readers: ReaderSet, opened: Opened) -> None:
    """Each read ends only when every source has been asked to close: one after the other would never end."""
    together = threading.Barrier(5)

    def waiting() -> ScriptedSource:
        source = ScriptedSource([1, lambda: source.closed.wait() and together.wait(PATIENCE_S) and None])
        return source

    opened.script = waiting
    readers.reconcile(setups(*(camera(number) for number in range(1, 6))))
    await_online(readers, 1, 2, 3, 4, 5)
    assert readers.stop(PATIENCE_S)
    assert readers.statuses() == {}


def test_stop_does_not_wait_for_what_hangs(readers: ReaderSet, opened: Opened) -> None:
    hanging = Hanging()
    opened.script = hanging.source
    readers.reconcile(setups(camera()))
    assert hanging.hangs.wait(PATIENCE_S)
    assert not readers.stop(timeout_s=0.05)
    hanging.released.set()
    assert readers.stop(PATIENCE_S)


class Unforeseen:
    """Opens sources of which some cameras' fail in a way that nobody foresaw, and counts the attempts."""

    def __init__(self, *failing: int) -> None:
        self.failing = set(failing)
        self.attempts = 0

    def __call__(self, camera: CameraSettings, parameters: Parameters) -> FrameSource:
        if camera.id not in self.failing:
            return ScriptedSource([1])
        self.attempts += 1
        return ScriptedSource([ZeroDivisionError("a bug")])


def soon(stopping: threading.Event, _seconds: float) -> bool:
    return stopping.wait(0.001)


def test_a_bug_that_only_one_camera_meets_leaves_the_others_alone() -> None:
    opening = Unforeseen(1)
    readers = ReaderSet(opening, waiter=soon)
    readers.reconcile(setups(camera(1), camera(2)))
    await_online(readers, 2)
    deadline = time.monotonic() + PATIENCE_S
    while opening.attempts < 3 * MOST_FAILURES:
        assert time.monotonic() < deadline
        readers.check()
        readers.wait(0.01)
    status = readers.statuses()
    assert (status[1].status, status[1].cause) == (CameraStatus.NO_FRAMES, CameraCause.FAILED)
    assert is_online(status[2])
    assert readers.stop()


def test_a_bug_that_every_camera_meets_ends_the_main_loop() -> None:
    readers = ReaderSet(Unforeseen(1, 2), waiter=soon)
    readers.reconcile(setups(camera(1), camera(2)))
    deadline = time.monotonic() + PATIENCE_S
    with pytest.raises(ZeroDivisionError, match="a bug"):
        while time.monotonic() < deadline:
            readers.check()
            readers.wait(0.01)
    assert readers.stop()


def test_a_stuck_reader_is_replaced_and_its_late_frame_ignored(readers: ReaderSet, opened: Opened) -> None:
    hanging = Hanging()
    opened.script = hanging.source
    readers.reconcile(setups(camera(1)))
    assert hanging.hangs.wait(PATIENCE_S)
    healthy = threading.Event()
    opened.script = lambda: ScriptedSource([lambda: healthy.wait() and 1])
    readers.check(time.monotonic() + 100)
    status = readers.statuses()[1]
    assert (status.status, status.cause) == (CameraStatus.NO_FRAMES, CameraCause.STUCK)
    assert readers.abandoned == 1

    hanging.released.set()
    assert opened.by_camera[1][0].closed.wait(PATIENCE_S)
    assert readers.poll() == []
    healthy.set()
    await_online(readers, 1)
    polled = []
    while not polled:
        polled = readers.poll()
    assert polled[0][1].pixels[0, 0, 0] == 1
    assert opened.counts() == {1: 2}


def test_the_third_stuck_reader_ends_the_worker(readers: ReaderSet, opened: Opened) -> None:
    hangings: list[Hanging] = []

    def hang() -> ScriptedSource:
        hangings.append(Hanging())
        return hangings[-1].source()

    opened.script = hang
    readers.reconcile(setups(camera()))
    for count in range(1, 4):
        deadline = time.monotonic() + PATIENCE_S
        while len(hangings) < count or not hangings[-1].hangs.is_set():
            assert time.monotonic() < deadline
            time.sleep(0.005)
        if count < 3:
            readers.check(time.monotonic() + 100)
    with pytest.raises(ReadersStuck, match="3 camera readers"):
        readers.check(time.monotonic() + 100)
    for hanging in hangings:
        hanging.released.set()


def test_a_recording_may_stand_still_but_a_camera_may_not(tmp_path: Path) -> None:
    from worker.capture import reader_options

    live = reader_options(camera(), parameters(frozen_after_s=9.0))
    recorded = reader_options(camera(url=str(tmp_path / "clip.mp4")), parameters(frozen_after_s=9.0))
    assert (live.frozen_after_s, recorded.frozen_after_s) == (9.0, None)


PASSWORD = "s3cret-word"


@pytest.fixture
def rtsp_camera(tmp_path: Path) -> Iterator[RtspServer]:
    require_server()
    clip = write_clip(tmp_path / "camera.h264", 25)
    with RtspServer({"front": clip}, user="viewer", password=PASSWORD) as server:
        yield server


@pytest.fixture
def real_readers() -> Iterator[ReaderSet]:
    readers = ReaderSet(random_source=random.Random(0))
    yield readers
    assert readers.stop()


def await_camera(readers: ReaderSet, wanted: Callable[[ReaderStatus], bool]) -> ReaderStatus:
    readers.poll()
    return await_status(lambda: readers.statuses()[1], wanted)


@pytest.mark.rtsp
def test_a_killed_and_a_frozen_camera_come_back(
    rtsp_camera: RtspServer, real_readers: ReaderSet, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = rtsp_camera.url("front", f"viewer:{PASSWORD}")
    real_readers.reconcile(setups(camera(url=url)))
    await_camera(real_readers, is_online)

    rtsp_camera.kill()
    await_camera(real_readers, has_cause(CameraCause.REFUSED))
    rtsp_camera.start()
    back = await_camera(real_readers, is_online)
    assert back.reconnects == 1

    rtsp_camera.freeze()
    await_camera(real_readers, lambda status: status.status is not CameraStatus.ONLINE)
    rtsp_camera.thaw()
    await_camera(real_readers, is_online)
    assert real_readers.abandoned == 0
    assert caplog.records
    assert PASSWORD not in caplog.text


@pytest.mark.rtsp
def test_a_changed_password_is_unauthorised_until_it_is_corrected(
    rtsp_camera: RtspServer, real_readers: ReaderSet, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    real_readers.reconcile(setups(camera(url=rtsp_camera.url("front", "viewer:wr0ng"))))
    status = await_camera(real_readers, has_cause(CameraCause.UNAUTHORISED))
    assert status.status is CameraStatus.UNAUTHORISED
    real_readers.reconcile(setups(camera(url=rtsp_camera.url("front", f"viewer:{PASSWORD}"))))
    await_camera(real_readers, is_online)  # at once, not after thirty seconds
    assert PASSWORD not in caplog.text
    assert "wr0ng" not in caplog.text
