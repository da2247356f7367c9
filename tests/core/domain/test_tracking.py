from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.geometry import best_pairs, box_area, iou_matrix
from core.domain.states import TrackState
from core.domain.tracking import Tracker

START = datetime(2026, 11, 23, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def boxes(*corners: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(corners, np.float32).reshape(-1, 4)


FACE = (100.0, 100.0, 200.0, 200.0)
NONE = boxes()


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (FACE, FACE, 1.0),
        (FACE, (300.0, 300.0, 400.0, 400.0), 0.0),
        (FACE, (150.0, 100.0, 250.0, 200.0), 1 / 3),
        (FACE, (200.0, 100.0, 300.0, 200.0), 0.0),
        (FACE, (100.0, 100.0, 100.0, 200.0), 0.0),
    ],
    ids=["same", "apart", "half over", "touching", "empty box"],
)
def test_overlap_of_two_boxes(first, second, expected):
    assert iou_matrix(boxes(first), boxes(second))[0, 0] == pytest.approx(expected)


def test_box_area_is_never_negative():
    assert box_area(boxes(FACE, (10, 10, 5, 20))).tolist() == [10000, 0]


def test_pairs_are_greedy_and_ties_go_to_the_first():
    affinity = np.array([[0.5, 0.9], [0.9, 0.9]], np.float32)
    assert best_pairs(affinity, 0.3) == [(0, 1), (1, 0)]
    assert best_pairs(affinity, 0.95) == []


def test_a_track_is_tentative_then_confirmed_then_lost_and_ends():
    tracker = Tracker(iou_threshold=0.3, max_misses=2)
    (track,) = tracker.update(boxes(FACE), at(0))
    assert track.state is TrackState.TENTATIVE
    tracker.update(boxes(FACE), at(0.2))
    assert track.state is TrackState.CONFIRMED
    tracker.update(NONE, at(0.4))
    assert track.state is TrackState.LOST
    tracker.update(NONE, at(0.6))
    assert tracker.tracks == [track]
    tracker.update(NONE, at(0.8))
    assert tracker.tracks == []
    assert tracker.ended == [track]
    assert (track.first_seen_at, track.last_seen_at) == (at(0), at(0.2))


def test_a_single_detection_is_noise_and_leaves_no_track():
    tracker = Tracker(iou_threshold=0.3, max_misses=8)
    tracker.update(boxes(FACE), at(0))
    tracker.update(NONE, at(0.2))
    assert tracker.tracks == []
    assert tracker.ended == []


def test_a_walking_face_is_followed_by_its_velocity():
    tracker = Tracker(iou_threshold=0.3, max_misses=8)
    ids = set()
    for step in range(12):
        left = 30.0 * step + 4.0 * step**1.5  # overlaps itself less and less
        (track,) = tracker.update(boxes((left, 100, left + 100, 200)), at(0.2 * step))
        ids.add(track.track_id)
    assert len(ids) == 1


def test_two_frames_of_one_moment_do_not_upset_the_velocity():
    tracker = Tracker(iou_threshold=0.3, max_misses=8)
    tracker.update(boxes(FACE), at(0))
    (track,) = tracker.update(boxes((110, 100, 210, 200)), at(0))
    assert track.velocity.tolist() == [0, 0, 0, 0]


def test_two_faces_keep_their_tracks_whatever_their_order():
    tracker = Tracker(iou_threshold=0.3, max_misses=8)
    left, right = (0, 0, 100, 100), (300, 0, 400, 100)
    one, two = tracker.update(boxes(left, right), at(0))
    assert tracker.update(boxes(right, left), at(0.2)) == [two, one]


def test_a_gap_leaves_the_track_unverified():
    tracker = Tracker(iou_threshold=0.3, max_misses=8)
    (track,) = tracker.update(boxes(FACE), at(0))
    tracker.update(boxes(FACE), at(0.2))
    tracker.update(NONE, at(0.4))
    tracker.update(boxes(FACE), at(0.6))
    assert track.unverified
    assert track.resumed_at == at(0.6)


def test_a_split_after_a_gap_begins_with_the_first_face_behind_the_gap():
    tracker = Tracker(iou_threshold=0.3, max_misses=8)
    tracker.update(boxes(FACE), at(0))
    tracker.update(boxes(FACE), at(0.2))
    tracker.update(NONE, at(0.4))
    tracker.update(boxes(FACE), at(0.6))
    (old,) = tracker.update(boxes(FACE), at(0.8))
    born = tracker.split(old)
    assert born.track_id != old.track_id
    assert (born.first_seen_at, born.last_seen_at) == (at(0.6), at(0.8))
    assert tracker.ended == [old]
    assert tracker.update(boxes(FACE), at(1.0)) == [born]


def test_a_second_gap_before_any_proof_does_not_move_the_newcomers_start():
    tracker = Tracker(iou_threshold=0.3, max_misses=8)
    tracker.update(boxes(FACE), at(0))
    tracker.update(boxes(FACE), at(0.2))
    for second, frame in ((0.4, NONE), (0.6, boxes(FACE)), (0.8, NONE), (1.0, boxes(FACE))):
        tracks = tracker.update(frame, at(second))
    assert tracker.split(tracks[0]).first_seen_at == at(0.6)


def test_time_without_frames_ends_every_track():
    tracker = Tracker(iou_threshold=0.3, max_misses=8, max_gap_s=3)
    (before,) = tracker.update(boxes(FACE), at(0))
    assert tracker.update(boxes(FACE), at(3)) == [before]
    assert tracker.update(boxes(FACE), at(6.1)) != [before]
    assert tracker.ended == [before]


def test_a_split_without_a_gap_begins_now():
    tracker = Tracker(iou_threshold=0.3, max_misses=8)
    tracker.update(boxes(FACE), at(0))
    (old,) = tracker.update(boxes(FACE), at(0.2))
    assert tracker.split(old).first_seen_at == at(0.2)


coordinates = st.floats(0, 1000, width=32)
faces = st.builds(
    lambda x, y, w, h: (x, y, x + w, y + h), coordinates, coordinates, st.floats(8, 300), st.floats(8, 300)
)


@given(st.lists(st.lists(faces, max_size=5), max_size=20))
def test_every_face_has_one_track_and_no_track_two_faces(frames):
    tracker = Tracker(iou_threshold=0.3, max_misses=3)
    for number, frame in enumerate(frames):
        tracks = tracker.update(boxes(*frame), at(0.2 * number))
        assert len(tracks) == len(frame)
        assert len({track.track_id for track in tracks}) == len(frame)
        assert all(track.last_seen_at == at(0.2 * number) for track in tracks)
    tracker.finish()
    assert tracker.tracks == []
    assert all(track.first_seen_at < track.last_seen_at for track in tracker.ended)
