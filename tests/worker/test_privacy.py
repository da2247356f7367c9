"""Privacy masks and zones: what is black everywhere, and where faces count."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.areas import Polygon, contains, is_polygon
from core.domain.states import CoverageState, FaceRefusal
from core.domain.view import KNOWN_AFTER_FRAMES, ViewWatch
from core.live_frame import split_overlay
from core.settings import CameraSettings, Parameters
from core.storage.models import Event, Evidence, Visit
from tests.painted import LEFT, MIDDLE, RIGHT, SIZE, painted, painted_site
from tests.painted_clip import painted_clip
from tests.running import RunningWorker, change_camera, configure
from tests.worker.scripted_source import ScriptedSource
from tests.worker.test_live import ANA, STRANGER, Camera
from worker.analysis.view import measure_view
from worker.camera_trial import try_camera
from worker.capture import CameraReader, ReaderOptions
from worker.pipeline import CameraFrame
from worker.privacy import PrivacyMask, drawn
from worker.sources.source import CapturedFrame

HEIGHT, WIDTH = SIZE
BUDI = 2
WHOLE: Polygon = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
LEFT_EDGE: Polygon = ((0.0, 0.0), (0.05, 0.0), (0.05, 1.0), (0.0, 1.0))
"""Of 32 px, beside Ana, within the surroundings that pictures of her show."""
LEFT_HALF: Polygon = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
RIGHT_HALF: Polygon = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
JPEG_NOISE = 24


def frame(pixels: np.ndarray) -> CapturedFrame:
    return CapturedFrame(pixels, datetime.now(UTC), 0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=3, max_size=6))
def test_every_pixel_in_a_polygon_is_hidden(points: list[tuple[float, float]]) -> None:
    if not is_polygon(points):
        return
    hidden = drawn([tuple(points)], 20, 30)
    for y in range(20):
        for x in range(30):
            if contains(points, ((x + 0.5) / 30, (y + 0.5) / 20)):
                assert hidden[y, x], (x, y)


def test_masks_are_black_and_the_rest_is_as_it_was() -> None:
    pixels = painted({ANA: LEFT, BUDI: RIGHT})
    before = pixels.copy()
    masked = PrivacyMask((LEFT_EDGE, RIGHT_HALF)).applied(frame(pixels))

    assert masked.pixels[:, :32].max() == 0
    assert masked.pixels[:, WIDTH // 2 :].max() == 0
    assert np.array_equal(masked.pixels[:, 34 : WIDTH // 2 - 2], before[:, 34 : WIDTH // 2 - 2])
    assert np.array_equal(pixels, before), "a reader compares its pictures: they stay its own"


def test_a_mask_follows_the_size_of_the_picture() -> None:
    mask = PrivacyMask((LEFT_HALF,))
    for width in (40, 400, 40):
        masked = mask.applied(frame(np.full((30, width, 3), 200, np.uint8)))
        assert masked.pixels[:, : width // 2].max() == 0
        assert masked.pixels[:, width // 2 + 2 :].min() == 200


def test_without_masks_a_frame_is_handed_on_as_it_is() -> None:
    shown = frame(painted({}))
    assert PrivacyMask(()).applied(shown) is shown


def test_a_change_holds_for_the_very_next_frame_also_for_one_that_waits() -> None:
    wake = threading.Event()
    options = ReaderOptions("camera 1", 5, 5, None, masks=(LEFT_HALF,))
    reader = CameraReader(lambda: ScriptedSource([200]), options, wake, random_source=Random(0))
    reader.start()
    while (first := reader.take()) is None:
        wake.wait(1)
    assert first.pixels[:, :32].max() == 0
    assert first.pixels[:, 34:].min() == 200
    reader.stop()

    reader = CameraReader(lambda: ScriptedSource([200]), options, wake, random_source=Random(0))
    wake.clear()
    reader.start()
    assert wake.wait(20), "the frame waits"
    reader.hide((RIGHT_HALF,))
    while (waited := reader.take()) is None:
        wake.wait(1)
    assert waited.pixels[:, 33:].max() == 0
    assert waited.pixels[:, :30].min() == 200
    reader.stop()


@pytest.mark.parametrize(
    ("share", "grey", "blindness"),
    [
        (0.9, 128, None),
        (0.0, 128, None),
        (0.9, 0, CoverageState.TOO_DARK),
    ],
)
def test_what_a_mask_hides_neither_covers_nor_darkens(
    share: float, grey: int, blindness: CoverageState | None
) -> None:
    room = np.full((*SIZE, 3), grey, np.uint8)
    if grey:
        room[:, :, 1] = np.tile(np.linspace(40, 200, 32, dtype=np.uint8), WIDTH // 32)
    mask: Polygon = ((0.0, 0.0), (1.0, 0.0), (1.0, share), (0.0, share))
    masked = PrivacyMask((mask,) if share else ()).applied(frame(room))
    watch = ViewWatch(KNOWN_AFTER_FRAMES)
    assert watch.blindness(measure_view(masked.pixels, masked.hidden)) is blindness


def test_a_camera_that_is_masked_altogether_observes_nobody() -> None:
    masked = PrivacyMask((WHOLE,)).applied(frame(painted({ANA: LEFT})))
    assert measure_view(masked.pixels, masked.hidden) is None
    assert ViewWatch(0).blindness(None) is CoverageState.COVERED


def test_a_covered_lens_beside_a_mask_is_still_noticed() -> None:
    hand = np.full((*SIZE, 3), 90, np.uint8)
    masked = PrivacyMask((LEFT_HALF,)).applied(frame(hand))
    watch = ViewWatch(KNOWN_AFTER_FRAMES)
    assert watch.blindness(measure_view(masked.pixels, masked.hidden)) is CoverageState.COVERED


def test_the_test_of_a_camera_shows_no_more_than_its_masks_leave() -> None:
    values = {"id": 4, "name": "Gate", "rtsp_url": "demo:", "privacy_masks": [LEFT_HALF]}
    parameters = Parameters.parse({"jpeg_quality": 100})
    trial = try_camera(
        CameraSettings.parse(values), parameters, open_source=lambda *_: ScriptedSource(repeat(200))
    )
    assert trial.picture_jpeg is not None
    pixels = decoded(trial.picture_jpeg)
    assert pixels[:, :28].max() < JPEG_NOISE
    assert pixels[:, 40:].min() > 150


class Zoned(Camera):
    def __init__(self, *zones: Polygon) -> None:
        super().__init__()
        self.pipeline.set_zones({1: zones})

    def faces(self, people: Mapping[int, tuple[int, int, int, int]], times: int = 8) -> list:
        for _ in range(times):
            analysis = self.see(dict(people))
        return analysis.faces


def test_a_face_outside_of_every_zone_is_counted_and_never_named() -> None:
    camera = Zoned(RIGHT_HALF)
    (face,) = camera.faces({ANA: LEFT})
    assert (face.refusal, face.reason) == (FaceRefusal.OUTSIDE_ZONE,) * 2
    assert (face.employee_id, face.match, face.embedding) == (None, None, None)
    assert camera.pipeline.refused_faces(1) == {"outside_zone": 8}


def test_a_face_within_one_of_the_zones_is_named() -> None:
    middle: Polygon = ((0.4, 0.0), (0.6, 0.0), (0.6, 1.0), (0.4, 1.0))
    camera = Zoned(RIGHT_HALF, LEFT_HALF)
    (face,) = camera.faces({ANA: LEFT})
    assert face.employee_id == 1
    camera = Zoned(middle)
    assert [face.employee_id for face in camera.faces({STRANGER: LEFT, ANA: MIDDLE})] == [None, 1]


def test_a_name_earned_within_is_not_carried_outside() -> None:
    camera = Zoned(LEFT_HALF)
    assert [face.employee_id for face in camera.faces({ANA: (240, 100, 320, 180)})] == [1]
    (face,) = camera.faces({ANA: (290, 100, 370, 180)}, times=1)
    assert (face.employee_id, face.reason) == (None, FaceRefusal.OUTSIDE_ZONE)
    (back,) = camera.faces({ANA: (240, 100, 320, 180)}, times=1)
    assert back.employee_id == 1, "the track went on"


def test_a_stranger_outside_is_no_usable_face_of_an_unknown_track() -> None:
    camera = Zoned(RIGHT_HALF)
    camera.faces({STRANGER: LEFT})
    assert [track.usable_faces for track in camera.pipeline.finish()] == [0]


def test_zones_change_without_a_loss_of_tracks() -> None:
    camera = Zoned()
    (before,) = camera.faces({ANA: LEFT})
    camera.pipeline.set_zones({1: (RIGHT_HALF,)})
    (outside,) = camera.faces({ANA: LEFT}, times=1)
    camera.pipeline.set_zones({})
    (after,) = camera.faces({ANA: LEFT}, times=1)
    assert (before.employee_id, outside.employee_id, after.employee_id) == (1, None, 1)
    assert before.track.track_id == outside.track.track_id == after.track.track_id


def test_a_frame_without_pixels_of_a_person_names_nobody() -> None:
    camera = Camera()
    shown = PrivacyMask((LEFT_HALF,)).applied(frame(painted({ANA: LEFT})))
    step = camera.pipeline.process([CameraFrame(1, shown)], shown.captured_at)
    assert step.analyses[0].faces == []


def decoded(jpeg: bytes) -> np.ndarray:
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return pixels


def test_a_running_worker_shows_and_keeps_nothing_from_under_a_mask(tmp_path: Path) -> None:
    """Ana stands beside the mask, Budi under one, and a stranger outside of the zone."""
    paths, engine = painted_site(tmp_path / "home", [ANA, BUDI])
    engine.dispose()
    people = {ANA: LEFT, BUDI: MIDDLE, STRANGER: RIGHT}
    configure(paths, {1: painted_clip(tmp_path / "clip.mkv", [(3, people)])}, jpeg_quality=95)
    over_budi: Polygon = ((0.4, 0.2), (0.6, 0.2), (0.6, 0.6), (0.4, 0.6))
    with_right: Polygon = ((0.7, 0.0), (1.0, 0.0), (1.0, 1.0), (0.7, 1.0))
    change_camera(paths, 1, position=7, privacy_masks=[LEFT_EDGE, over_budi], zones=[LEFT_HALF])
    with RunningWorker(paths.home) as worker:
        worker.until_online(1)

        def counted() -> bool:
            (row,) = worker.cameras(1)
            figures = row.face_stats.get("faces", 0) >= 20
            return bool(worker.rows(Evidence)) and len(worker.rows(Event)) > 1 and figures

        worker.until(counted, "Ana is known and measured")
        (row,) = worker.cameras(1)
        assert row.position == 7
        assert row.frame_age_ms is not None
        assert row.frame_age_ms > 0
        assert row.face_stats["refused"].keys() == {"outside_zone"}
        assert {visit.employee_id for visit in worker.rows(Visit)} == {1}
        assert {event.kind for event in worker.rows(Event)} == {"seen"}
        paths_kept = [row.path for row in worker.rows(Evidence)]
        kept = [paths.home / p for p in (*paths_kept, *(row.picture_path for row in worker.rows(Event)))]
        assert len(kept) >= 2
        for picture in kept:
            assert decoded(picture.read_bytes())[:, :28].max() < JPEG_NOISE, picture
        live = decoded(split_overlay(paths.live_frame(1).read_bytes())[1])
        assert live[:, :28].max() < JPEG_NOISE
        assert live[90:200, 264:376].max() < JPEG_NOISE
        assert live[:, 400:, 1].min() > JPEG_NOISE

        frames_before, started_at = row.reconnects, worker.status().started_at
        change_camera(paths, 1, privacy_masks=[with_right], zones=[])
        paths.viewer_lease(1).touch()

        def uncovered() -> bool:
            paths.viewer_lease(1).touch()
            if not paths.live_frame(1).exists():  # the picture of before goes at once
                return False
            now = decoded(split_overlay(paths.live_frame(1).read_bytes())[1])
            return now[:, 470:].max() < JPEG_NOISE and now[:, :28, 1].max() > JPEG_NOISE

        worker.until(uncovered, "the other masks hold")
        worker.until(lambda: 2 in {v.employee_id for v in worker.rows(Visit)}, "Budi is seen")
        (row,) = worker.cameras(1)
        assert (row.reconnects, worker.status().started_at) == (frames_before, started_at), "no restart"
