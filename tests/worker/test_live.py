"""Live frames: who watches decides how many there are; the pixels are clean, the overlay lies in them."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.domain.coverage import CoverageLedger
from core.domain.expectation import Expectation
from core.domain.identity import Gallery
from core.domain.presence import PresenceMonitor
from core.live_frame import Overlay, split_overlay
from core.paths import SitePaths
from core.settings import Parameters
from core.storage.rulebook import site_hours
from tests.core.storage.no_room import files_end_at
from tests.painted import LEFT, MIDDLE, RIGHT, Box, embedding, painted, painted_pack
from worker.live import LEASE_S, LiveFrames
from worker.pipeline import CameraFrame, FrameAnalysis, Pipeline
from worker.recorder import presence_rules
from worker.sources.source import CapturedFrame

START = datetime(2026, 11, 23, 1, tzinfo=UTC)
ANA, STRANGER = 1, 9
NAMES = {1: "Ana Wijaya"}
LOW = Parameters.parse({"quality_min_blur_var": 100.0})


class Camera:
    """A camera whose frames go through the real pipeline."""

    def __init__(self, parameters: Parameters = LOW) -> None:
        ledger = CoverageLedger()
        rules = presence_rules(parameters, Expectation.plain(site_hours(parameters)))
        self.pipeline = Pipeline(painted_pack(), PresenceMonitor(rules, ledger), ledger)
        self.pipeline.set_cameras({1: parameters})
        self.pipeline.set_gallery(Gallery([1], embedding(ANA)[None]), [1])
        self.frames = 0

    def see(self, people: dict[int, Box], dull: tuple[int, ...] = ()) -> FrameAnalysis:
        at = START + timedelta(seconds=self.frames / 5)
        frame = CapturedFrame(painted(people, dull=dull), at, self.frames)
        self.frames += 1
        (analysis,) = self.pipeline.process([CameraFrame(1, frame)], at).analyses
        return analysis


@pytest.fixture
def paths(tmp_path: Path) -> SitePaths:
    return SitePaths(tmp_path).create()


def shown(paths: SitePaths) -> tuple[Overlay, np.ndarray]:
    overlay, jpeg = split_overlay(paths.live_frame(1).read_bytes())
    assert overlay is not None
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return overlay, pixels


def sequence(paths: SitePaths) -> int:
    return shown(paths)[0]["sequence"]


def test_a_frame_carries_names_reasons_scores_and_its_time(paths):
    camera, live = Camera(), LiveFrames(paths)
    paths.viewer_lease(1).touch()
    people = {ANA: LEFT, STRANGER: MIDDLE, 5: RIGHT}
    for _ in range(6):
        live.show(camera.see(people, dull=(5,)), LOW, NAMES)
    overlay, _ = shown(paths)
    assert (overlay["camera_id"], overlay["sequence"]) == (1, 5)
    assert overlay["captured_at"] == (START + timedelta(seconds=1)).isoformat()
    assert (overlay["width"], overlay["height"], overlay["analysed_fps"]) == (640, 360, 5.0)
    ana, stranger, dull = sorted(overlay["boxes"], key=lambda box: box["xyxy"][0])
    assert ana["xyxy"] == pytest.approx([40 / 640, 100 / 360, 120 / 640, 180 / 360], abs=1e-3)
    assert (ana["name"], ana["employee_id"], ana["reason"], ana["score"]) == ("Ana Wijaya", 1, None, 1.0)
    assert ana["since"] == START.isoformat()
    assert (stranger["name"], stranger["employee_id"], stranger["reason"]) == (
        None,
        None,
        "below_threshold",
    )
    assert (dull["name"], dull["reason"], dull["score"]) == (None, "too_blurry", None)
    assert (stranger["candidate_id"], stranger["candidate"]) == (ANA, "Ana Wijaya")
    assert stranger["margin"] is None, "nobody else is enrolled"
    assert "candidate" not in ana
    assert "candidate" not in dull


def test_the_margin_is_the_lead_over_the_next(paths):
    camera, live = Camera(), LiveFrames(paths)
    both = np.stack([embedding(ANA), embedding(2)])
    camera.pipeline.set_gallery(Gallery([ANA, 2], both), [ANA, 2])
    live.show(camera.see({STRANGER: MIDDLE}), LOW, NAMES)
    (stranger,) = shown(paths)[0]["boxes"]
    likeness = sorted(float(embedding(STRANGER) @ template) for template in both)
    assert stranger["margin"] == pytest.approx(likeness[1] - likeness[0], abs=0.02)
    assert stranger["score"] == pytest.approx(likeness[1], abs=0.02)


def test_nothing_is_drawn_on_the_pixels(paths):
    frame = painted({ANA: LEFT})
    LiveFrames(paths).show(Camera().see({ANA: LEFT}), LOW, NAMES)
    _, pixels = shown(paths)
    assert pixels.shape == frame.shape
    assert np.abs(pixels.astype(int) - frame.astype(int)).mean() < 3.0
    assert paths.live_frame(1).stat().st_mode & 0o777 == 0o600


def test_it_is_as_wide_as_asked_and_never_wider_than_it_was(paths):
    camera = Camera()
    for asked_px, width_px in ((320, 320), (1920, 640)):
        live = LiveFrames(paths)
        live.show(camera.see({ANA: LEFT}), LOW.changed(stream_max_width=asked_px), NAMES)
        overlay, pixels = shown(paths)
        assert pixels.shape[1] == width_px
        assert (overlay["width"], overlay["height"]) == (640, 360)


def test_without_a_viewer_there_is_a_frame_now_and_then_only(paths):
    camera, live = Camera(), LiveFrames(paths)
    live.show(camera.see({}), LOW, NAMES)
    live.show(camera.see({}), LOW, NAMES)
    assert sequence(paths) == 0
    paths.viewer_lease(1).touch()
    live.show(camera.see({}), LOW, NAMES)
    assert sequence(paths) == 2
    ended_s = time.time() - LEASE_S - 1
    os.utime(paths.viewer_lease(1), (ended_s, ended_s))
    live.show(camera.see({}), LOW, NAMES)
    assert sequence(paths) == 2


def test_the_stride_thins_the_overlay_and_not_the_picture(paths):
    camera, live = Camera(), LiveFrames(paths)
    paths.viewer_lease(1).touch()
    every_third = LOW.changed(annotation_stride=3)
    left_px = []
    for step in range(4):
        live.show(camera.see({ANA: (40 + 10 * step, 100, 120 + 10 * step, 180)}), every_third, NAMES)
        overlay, _ = shown(paths)
        left_px.append(round(overlay["boxes"][0]["xyxy"][0] * 640))
        assert overlay["sequence"] == step
    assert left_px == [40, 40, 40, 70]


def test_the_rate_is_of_the_latest_frames_and_unknown_before_the_second(paths):
    camera, live = Camera(), LiveFrames(paths)
    assert live.analysed_fps(1) is None
    live.show(camera.see({}), LOW, NAMES)
    assert live.analysed_fps(1) is None
    live.show(camera.see({}), LOW, NAMES)
    assert live.analysed_fps(1) == 5.0
    camera.frames += 100
    live.show(camera.see({}), LOW, NAMES)
    assert live.analysed_fps(1) == pytest.approx(2 / 20.4, abs=0.01)


def test_a_full_disk_keeps_the_last_frame_and_is_told_once(paths, caplog):
    camera, live = Camera(), LiveFrames(paths)
    paths.viewer_lease(1).touch()
    live.show(camera.see({}), LOW, NAMES)
    with files_end_at(0):
        live.show(camera.see({ANA: LEFT}), LOW, NAMES)
        live.show(camera.see({ANA: LEFT}), LOW, NAMES)
    assert sequence(paths) == 0
    assert [record.message.split(":")[0] for record in caplog.records] == ["no live pictures"]
    assert not list(paths.frames.glob(".*"))
    live.show(camera.see({ANA: LEFT}), LOW, NAMES)
    assert sequence(paths) == 3
