"""What is measured of a camera's frames and faces, over the latest ones only and seldom written."""

from datetime import timedelta
from typing import Any

from core.settings import CameraSettings
from tests.painted import LEFT
from tests.worker.test_live import ANA, Camera
from worker.camera_figures import AGES, EVERY_S, FACES, CameraFigures


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def settings(url: str = "1.mp4", **values: Any) -> CameraSettings:
    return CameraSettings.parse({"id": 1, "name": "Gate", "rtsp_url": url, **values})


def begun() -> tuple[CameraFigures, Clock]:
    clock = Clock()
    figures = CameraFigures(clock)
    figures.apply({1: settings()})
    return figures, clock


def publish(figures: CameraFigures, camera: Camera, age_s: float, times: int = 1) -> None:
    for _ in range(times):
        analysis = camera.see({ANA: LEFT})
        figures.published(analysis, analysis.frame.captured_at + timedelta(seconds=age_s))


def test_before_the_first_frame_the_row_keeps_what_it_has() -> None:
    figures, _ = begun()
    assert figures.columns(1) == {}
    assert figures.columns(2) == {}, "of a camera that is unknown"


def test_the_age_that_nineteen_of_twenty_frames_stay_below() -> None:
    figures, _ = begun()
    camera = Camera()
    publish(figures, camera, 0.05, 95)
    publish(figures, camera, 0.4, 5)
    assert 50 <= figures.columns(1)["frame_age_ms"] < 100
    assert figures.columns(1)["face_stats"]["width_px"]["p50"] == 80.0


def test_it_is_worked_out_every_few_seconds_only() -> None:
    figures, clock = begun()
    camera = Camera()
    publish(figures, camera, 0.1)
    assert figures.columns(1)["face_stats"]["faces"] == 1
    publish(figures, camera, 0.1)
    assert figures.columns(1)["face_stats"]["faces"] == 1
    clock.now_s += EVERY_S
    assert figures.columns(1)["face_stats"]["faces"] == 2


def test_only_the_latest_frames_and_faces_count() -> None:
    figures, _ = begun()
    camera = Camera()
    publish(figures, camera, 9.0, 5)
    publish(figures, camera, 0.1, max(AGES, FACES))
    columns = figures.columns(1)
    assert columns["frame_age_ms"] == 100.0
    assert columns["face_stats"]["faces"] == FACES


def test_another_address_mask_or_zone_begins_anew_and_another_name_does_not() -> None:
    triangle = [[0, 0], [1, 0], [1, 1]]
    for changed, kept in (
        (settings(name="Door"), True),
        (settings("2.mp4"), False),
        (settings(privacy_masks=[triangle]), False),
        (settings(zones=[triangle]), False),
    ):
        figures, clock = begun()
        publish(figures, Camera(), 0.1)
        assert figures.columns(1)
        figures.apply({1: changed})
        clock.now_s += EVERY_S
        assert bool(figures.columns(1)["face_stats"]) is kept
        assert (figures.columns(1)["frame_age_ms"] is not None) is kept


def test_a_camera_that_is_gone_is_forgotten() -> None:
    figures, _ = begun()
    publish(figures, Camera(), 0.1)
    figures.apply({})
    publish(figures, Camera(), 0.1)
    assert figures.columns(1) == {}
