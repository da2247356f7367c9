from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from core.domain.faces import FaceDetections
from core.domain.identity import Gallery, MatchRule
from core.domain.quality import FaceQuality, QualityLimits, refusal
from core.domain.recognition import CameraRecognition, Face, RecognitionRules
from core.domain.states import FaceRefusal, Unnamed

START = datetime(2026, 11, 23, 1, tzinfo=UTC)
RULES = RecognitionRules(0.3, 8, 5, 3, 0.8, MatchRule(0.9, 0.02, 0.02))
ANA, BUDI = 1, 2
DIRECTION = {ANA: 0.0, BUDI: 90.0, None: 200.0}
"""Where each person's embeddings point, in degrees; None is a stranger."""
GOOD = FaceQuality(100, 0.02, 0.9, 200, 0.5, 0.1, True)
LEFT, RIGHT = (0.0, 0.0, 100.0, 100.0), (400.0, 0.0, 500.0, 100.0)


def unit(angle_deg: float) -> np.ndarray:
    radians = np.deg2rad(angle_deg)
    return np.array([np.cos(radians), np.sin(radians)], np.float32)


class Scene:
    """Feeds one camera frames that show people in places, and keeps the names they got."""

    def __init__(self) -> None:
        self.camera = CameraRecognition(7, RULES)
        self.gallery = Gallery([ANA, BUDI], np.stack([unit(0), unit(90)]))
        self.frame = 0
        self.faces: list[Face] = []

    @property
    def now(self) -> datetime:
        return START + timedelta(seconds=0.2 * self.frame)

    def at(self, frame: int) -> datetime:
        return START + timedelta(seconds=0.2 * frame)

    def show(self, *people: tuple[float | None, tuple[float, ...]], times: int = 1) -> list[int | None]:
        """Each of `people` is (direction of the embedding, box); direction None is an unusable face."""
        for _ in range(times):
            xyxy = np.array([box for _, box in people], np.float32).reshape(-1, 4)
            n = len(people)
            detections = FaceDetections(xyxy, np.ones(n, np.float32), np.zeros((n, 5, 2), np.float32))
            tracks = self.camera.track(detections, self.now)
            self.faces = [
                Face(
                    track,
                    xyxy[i],
                    GOOD,
                    FaceRefusal.TOO_BLURRY if direction is None else None,
                    None if direction is None else unit(direction),
                )
                for i, (track, (direction, _)) in enumerate(zip(tracks, people, strict=True))
            ]
            self.camera.identify(self.faces, self.gallery, self.now)
            self.last = self.now
            self.frame += 1
        return [face.employee_id for face in self.faces]


def test_three_faces_name_a_track_and_the_sighting_goes_back_to_the_first():
    scene = Scene()
    assert scene.show((0, LEFT), times=2) == [None]
    assert scene.faces[0].reason is Unnamed.VOTING
    assert scene.show((0, LEFT)) == [ANA]
    (sighting,) = scene.camera.sightings(scene.faces, scene.last)
    assert (sighting.employee_id, sighting.camera_id) == (ANA, 7)
    assert (sighting.first_seen_at, sighting.seen_at) == (scene.at(0), scene.at(2))


def test_a_named_track_carries_its_name_through_unusable_faces():
    scene = Scene()
    scene.show((0, LEFT), times=3)
    assert scene.show((None, LEFT), times=20) == [ANA]
    assert scene.faces[0].reason is None


def test_a_stranger_stays_unnamed_and_says_why():
    scene = Scene()
    assert scene.show((200, LEFT), times=10) == [None]
    assert scene.faces[0].reason is Unnamed.BELOW_THRESHOLD


def test_an_unusable_face_says_why():
    scene = Scene()
    scene.show((None, LEFT), times=3)
    assert scene.faces[0].reason is FaceRefusal.TOO_BLURRY


def test_somebody_who_takes_the_place_of_another_is_a_track_of_his_own():
    scene = Scene()
    scene.show((0, LEFT), times=5)
    scene.show(times=3)
    assert scene.show((90, LEFT)) == [None]
    assert scene.show((90, LEFT), times=2) == [BUDI]
    (sighting,) = scene.camera.sightings(scene.faces, scene.last)
    assert sighting.first_seen_at == scene.at(8)


def test_after_a_gap_a_name_waits_for_a_usable_face():
    scene = Scene()
    scene.show((0, LEFT), times=5)
    scene.show(times=3)
    assert scene.show((None, LEFT), times=3) == [None]
    assert scene.camera.sightings(scene.faces, scene.last) == []
    assert scene.show((0, LEFT)) == [ANA]


def test_unproven_faces_after_a_gap_go_to_the_newcomer():
    scene = Scene()
    scene.show((0, LEFT), times=5)
    scene.show(times=3)
    scene.show((None, LEFT), times=2)
    scene.show((90, LEFT), times=3)
    (sighting,) = scene.camera.sightings(scene.faces, scene.last)
    assert (sighting.employee_id, sighting.first_seen_at) == (BUDI, scene.at(8))


def test_a_slow_change_of_looks_is_one_person():
    scene = Scene()
    for angle in range(0, 60, 4):
        scene.show((angle, LEFT))
    assert len({face.track.track_id for face in scene.faces}) == 1
    assert scene.camera.take_unknown() == []


def test_nobody_is_in_two_places_of_one_frame():
    scene = Scene()
    assert scene.show((0, LEFT), (3, RIGHT), times=5) == [ANA, None]
    assert scene.faces[1].reason is Unnamed.TAKEN


def test_of_two_tracks_with_one_name_the_more_alike_keeps_it():
    scene = Scene()
    scene.show((10, LEFT), times=3)
    scene.show((10, LEFT), (None, RIGHT))
    scene.show((None, LEFT), (0, RIGHT), times=3)
    assert [face.employee_id for face in scene.faces] == [None, ANA]


def test_tracks_that_never_had_a_name_are_told_when_they_end():
    scene = Scene()
    scene.show((200, LEFT), (0, RIGHT), times=4)
    assert scene.camera.usable_faces(scene.faces[0].track) == 4
    scene.show(times=9)
    (unknown,) = scene.camera.take_unknown()
    assert (unknown.first_seen_at, unknown.last_seen_at) == (scene.at(0), scene.at(3))
    assert unknown.usable_faces == 4
    assert scene.camera.take_unknown() == []


def test_after_a_time_without_frames_a_face_in_the_same_place_is_another_track():
    scene = Scene()
    scene.show((0, LEFT), times=5)
    scene.frame += 16
    assert scene.show((None, LEFT), times=3) == [None]
    scene.show((0, LEFT), times=3)
    (sighting,) = scene.camera.sightings(scene.faces, scene.last)
    assert sighting.first_seen_at == scene.at(21)


def test_who_turns_away_in_a_vacated_place_does_not_take_the_name_from_its_owner():
    scene = Scene()
    scene.show((0, LEFT), times=5)
    scene.show(times=2)
    assert scene.show((None, LEFT), (10, RIGHT), times=6) == [None, ANA]


def test_templates_of_others_leave_a_name_alone():
    scene = Scene()
    scene.show((0, LEFT), times=3)
    scene.camera.forget_names([BUDI])
    assert scene.show((None, LEFT)) == [ANA]


def test_the_tracks_that_go_on_are_known():
    scene = Scene()
    scene.show((0, LEFT), (90, RIGHT), times=2)
    assert scene.camera.alive() == {face.track.track_id for face in scene.faces}


def test_new_templates_make_a_name_be_won_again():
    scene = Scene()
    scene.show((0, LEFT), times=3)
    scene.camera.forget_names([ANA])
    assert scene.show((0, LEFT)) == [None]
    assert scene.show((0, LEFT), times=2) == [ANA]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"score": 0.2}, FaceRefusal.LOW_SCORE),
        ({"face_px": 31.9}, FaceRefusal.TOO_SMALL),
        ({"face_area_frac": 0.0001}, FaceRefusal.TOO_SMALL),
        ({"inside_frame": False}, FaceRefusal.CUT_OFF),
        ({"brightness": 0.1}, FaceRefusal.TOO_DARK),
        ({"brightness": 0.95}, FaceRefusal.TOO_BRIGHT),
        ({"yaw_ratio": 1.2}, FaceRefusal.TURNED_AWAY),
        ({"sharpness": 10}, FaceRefusal.TOO_BLURRY),
        ({"sharpness": 10, "face_px": 10}, FaceRefusal.TOO_SMALL),
    ],
)
def test_each_fault_of_a_face_has_its_reason(changes, reason):
    fields = {name: getattr(GOOD, name) for name in GOOD.__dataclass_fields__} | changes
    assert refusal(FaceQuality(**fields), QualityLimits(min_face_area_frac=0.001)) is reason


@pytest.mark.parametrize("field", ["xyxy", "score", "landmarks"])
def test_detections_of_other_shapes_are_refused(field):
    right = FaceDetections.empty()
    wrong = {"xyxy": right.xyxy, "score": right.score, "landmarks": right.landmarks} | {
        field: np.zeros((3, 3), np.float32)
    }
    with pytest.raises(ValueError, match="expected shape"):
        FaceDetections(**wrong)


def test_no_faces_are_no_detections():
    assert len(FaceDetections.empty()) == 0
