"""Cameras that die, freeze and come back: real servers with passwords, real faces, a real worker.

One story for all tests: two cameras with one man each lose their servers together, first for 5 s, then for
90 s; one server is killed, the other frozen. A third man comes and goes before a third camera all the time. A
fourth camera has a wrong password.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from core.domain.states import CoverageState, PresenceState, VisitClosedBy
from core.paths import SitePaths
from core.storage.models import AlertLog, Camera, CameraCoverage, Presence, Visit
from tests.counting_proxy import CountingProxy, counting_proxy
from tests.face_clip import GREY_SHIRT, Stay, face_clip
from tests.patience import PATIENCE_S
from tests.rtsp import RtspServer
from tests.running import REAL, RunningWorker, configure, rows_of, seconds
from tests.staffed import staffed_site
from worker.capture_rules import Backoff

pytestmark = [pytest.mark.models, pytest.mark.rtsp, pytest.mark.slow, pytest.mark.timeout(600)]

KILLED, FROZEN, STEADY, LOCKED_OUT = 1, 2, 3, 4
AT_KILLED, AT_FROZEN, AT_STEADY = 1, 2, 3
"""The men's ids are their cameras'."""
OUTAGES_S = (5.0, 90.0)
RECOVERS_WITHIN_S = 10.0
FPS = 10
USER, PASSWORD = "viewer", "p@ss:w/ord"
CREDENTIALS, WRONG_CREDENTIALS = "viewer:p%40ss%3Aw%2Ford", "viewer:p%40ss%3Aw%2Fore"
SETTINGS = {"fps_target": 2.0, "detector_width_px": 320, "tracking_timeout": 4.0, "present_timeout_sec": 3.0}


@dataclass
class Outage:
    """When both servers went and came back; aware UTC."""

    began_at: datetime
    returned_at: datetime
    statuses: dict[int, set[tuple[str, str | None]]] = field(default_factory=dict)
    """By camera: the pairs of status and cause that its row showed."""
    presence: set[str] = field(default_factory=set)
    """What was said of the two men before the dead cameras, towards the end."""
    steady_fps: list[float] = field(default_factory=list)


@dataclass
class Story:
    paths: SitePaths
    outages: list[Outage]
    proxy: CountingProxy
    log: str

    def coverage(self, camera_id: int) -> list[CameraCoverage]:
        return [row for row in rows_of(self.paths, CameraCoverage) if row.camera_id == camera_id]

    def gap(self, camera_id: int, outage: Outage) -> list[CameraCoverage]:
        """The intervals between the last picture before the outage and the first one after it."""
        coverage = self.coverage(camera_id)
        observing = [row for row in coverage if row.state == CoverageState.OBSERVING]
        before = [row for row in observing if row.started_at < outage.began_at][-1]
        after = next(row for row in observing if row.ended_at > outage.returned_at)
        return [row for row in coverage if before.ended_at <= row.started_at < after.started_at]

    def visits(self, employee_id: int) -> list[Visit]:
        return [row for row in rows_of(self.paths, Visit) if row.employee_id == employee_id]


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    folder = tmp_path_factory.mktemp("clips")
    return {
        KILLED: face_clip(folder / "killed.h264", 2, [Stay("obama2.jpg", -9, 9, 0.4)], fps=FPS),
        FROZEN: face_clip(folder / "frozen.h264", 2, [Stay("biden.jpg", -9, 9, 0.5)], fps=FPS),
        STEADY: face_clip(folder / "steady.mp4", 12, [Stay(GREY_SHIRT, 0, 4, 0.5)], fps=FPS),
    }


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, clips: dict[int, Path]) -> Iterator[Story]:
    paths = staffed_site(tmp_path_factory.mktemp("site") / "home", ["obama.jpg", "biden.jpg", GREY_SHIRT])
    with ExitStack() as stack:
        killed, frozen = (
            stack.enter_context(RtspServer({"front": clips[key]}, user=USER, password=PASSWORD, fps=FPS))
            for key in (KILLED, FROZEN)
        )
        honest = stack.enter_context(
            RtspServer({"front": clips[KILLED]}, user=USER, password=PASSWORD, fps=FPS)
        )
        proxy = stack.enter_context(counting_proxy(honest.port))
        urls = {
            KILLED: killed.url("front", CREDENTIALS),
            FROZEN: frozen.url("front", CREDENTIALS),
            STEADY: str(clips[STEADY]),
            LOCKED_OUT: f"rtsp://{WRONG_CREDENTIALS}@127.0.0.1:{proxy.port}/front",
        }
        configure(paths, urls, **SETTINGS)
        worker = stack.enter_context(RunningWorker(paths.home, REAL))
        know_who_sees_whom(worker)
        proxy.connected_s.clear()
        started_at = datetime.now(UTC)
        worker.start()
        for camera_id in (KILLED, FROZEN, STEADY):
            worker.until(lambda key=camera_id: sees_since(worker, key, started_at), "it sees")
        outages = [survive(worker, killed, frozen, lasts_s) for lasts_s in OUTAGES_S]
        assert worker.stop() == 0
        yield Story(paths, outages, proxy, worker.log)


def know_who_sees_whom(worker: RunningWorker) -> None:
    """Until each man was seen; a worker that starts then knows which cameras cover him."""
    worker.until(lambda: len({v.employee_id for v in worker.rows(Visit)}) == 3, "all three were seen")
    assert worker.stop() == 0


def survive(worker: RunningWorker, killed: RtspServer, frozen: RtspServer, lasts_s: float) -> Outage:
    began_at = datetime.now(UTC)
    killed.kill()
    frozen.freeze()
    outage = Outage(began_at, began_at, {KILLED: set(), FROZEN: set()})
    ends_s = time.monotonic() + lasts_s

    def over() -> bool:
        note(worker, outage)
        return time.monotonic() >= ends_s

    worker.until(over, "the outage is over", lasts_s + PATIENCE_S)
    outage.presence = {row.state for row in worker.rows(Presence) if row.employee_id != AT_STEADY}
    outage.returned_at = datetime.now(UTC)  # before: a thawed server sends at once
    frozen.thaw()
    killed.start()
    for camera_id in (KILLED, FROZEN):
        worker.until(lambda key=camera_id: sees_since(worker, key, outage.returned_at), "it sees again")
    return outage


def note(worker: RunningWorker, outage: Outage) -> None:
    for camera in worker.rows(Camera):
        if camera.id in outage.statuses:
            outage.statuses[camera.id].add((camera.status, camera.cause))
        if camera.id == STEADY and camera.analysed_fps is not None:
            outage.steady_fps.append(camera.analysed_fps)


def sees_since(worker: RunningWorker, camera_id: int, at: datetime) -> bool:
    """For a second, so that each outage has a beginning of its own."""
    return any(
        (row.camera_id, row.state) == (camera_id, CoverageState.OBSERVING)
        and seconds(row.ended_at - max(row.started_at, at)) > 1
        for row in worker.rows(CameraCoverage)
    )


@pytest.mark.parametrize("camera_id", [KILLED, FROZEN])
@pytest.mark.parametrize("number", range(len(OUTAGES_S)))
def test_a_camera_is_back_soon_after_its_server(story, camera_id, number):
    outage = story.outages[number]
    back_at = next(
        row.started_at if row.started_at > outage.began_at else outage.began_at
        for row in story.coverage(camera_id)
        if row.state == CoverageState.OBSERVING and row.ended_at > outage.returned_at
    )
    assert seconds(back_at - outage.returned_at) < RECOVERS_WITHIN_S


@pytest.mark.parametrize("camera_id", [KILLED, FROZEN])
@pytest.mark.parametrize("number", range(len(OUTAGES_S)))
def test_the_gap_is_covered_from_the_last_picture_to_the_first_one_with_its_causes(story, camera_id, number):
    outage = story.outages[number]
    gap = story.gap(camera_id, outage)
    assert abs(seconds(gap[0].started_at - outage.began_at)) < 3
    assert gap[-1].ended_at >= outage.returned_at
    assert {row.state for row in gap} <= {
        CoverageState.UNREACHABLE,
        CoverageState.NO_FRAMES,
        CoverageState.CONNECTING,
    }
    assert all(earlier.ended_at == later.started_at for earlier, later in pairwise(story.coverage(camera_id)))


@pytest.mark.parametrize(("camera_id", "expected"), [(KILLED, ("unreachable", "refused")), (FROZEN, None)])
def test_the_cameras_row_says_why_while_it_lasts(story, camera_id, expected):
    long = story.outages[-1]
    wanted = {expected} if expected else {("no_frames", "no_frames"), ("unreachable", "timeout")}
    assert wanted <= long.statuses[camera_id]


@pytest.mark.parametrize("employee_id", [AT_KILLED, AT_FROZEN])
def test_nobody_is_absent_because_nobody_could_look(story, employee_id):
    (visit,) = story.visits(employee_id)
    assert visit.departed_at is None
    assert visit.last_seen_at > story.outages[-1].returned_at
    assert employee_id not in {alert.employee_id for alert in rows_of(story.paths, AlertLog)}
    assert story.outages[-1].presence == {PresenceState.UNOBSERVED}


def test_who_really_leaves_is_missed_all_the_while(story):
    long = story.outages[-1]
    alerts = [row for row in rows_of(story.paths, AlertLog) if row.employee_id == AT_STEADY]
    assert [row for row in alerts if long.began_at < row.opened_at < long.returned_at]
    closed = [visit for visit in story.visits(AT_STEADY) if visit.departed_at]
    assert {visit.closed_by for visit in closed} == {VisitClosedBy.TIMEOUT}
    assert len([visit for visit in closed if long.began_at < visit.departed_at < long.returned_at]) >= 4


def test_a_dead_camera_slows_no_other(story):
    observing = [row for row in story.coverage(STEADY) if row.state == CoverageState.OBSERVING]
    first, last = story.outages[0], story.outages[-1]
    assert any(row.started_at < first.began_at and row.ended_at > last.returned_at for row in observing)
    for outage in story.outages:
        rates = sorted(outage.steady_fps)
        assert rates[len(rates) // 2] > SETTINGS["fps_target"] / 2


def test_a_wrong_password_is_tried_once_in_thirty_seconds(story):
    (camera,) = [row for row in rows_of(story.paths, Camera) if row.id == LOCKED_OUT]
    assert (camera.status, camera.cause) == ("unauthorised", "unauthorised")
    tried_s = story.proxy.connected_s
    assert len(tried_s) >= 3
    assert all(later - earlier >= Backoff.UNAUTHORISED_S for earlier, later in pairwise(tried_s))
    assert {row.state for row in story.coverage(LOCKED_OUT)} <= {
        CoverageState.CONNECTING,
        CoverageState.UNAUTHORISED,
        CoverageState.WORKER_STOPPED,
    }


def test_no_password_is_anywhere(story):
    for secret in (PASSWORD, *CREDENTIALS.split(":"), WRONG_CREDENTIALS.split(":")[1]):
        if secret == USER:
            continue
        assert secret not in story.log
        for file in story.paths.data.rglob("*"):
            assert not file.is_file() or secret.encode() not in file.read_bytes(), file
