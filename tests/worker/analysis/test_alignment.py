import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.analysis.alignment import ARCFACE_TEMPLATE, aligned_crop, similarity_transform


@given(
    angle=st.floats(-3.1, 3.1),
    scale=st.floats(0.05, 20),
    shift=st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
)
def test_the_transform_undoes_any_turn_scale_and_shift(angle, scale, shift):
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = (ARCFACE_TEMPLATE @ turn.T + np.array(shift)).astype(np.float32)

    matrix = similarity_transform(moved, ARCFACE_TEMPLATE)

    back = moved @ matrix[:, :2].T + matrix[:, 2]
    assert np.abs(back - ARCFACE_TEMPLATE).max() < 0.05


def test_a_mirrored_face_is_not_mirrored_back():
    mirrored = ARCFACE_TEMPLATE * np.array([-1, 1], np.float32)

    matrix = similarity_transform(mirrored, ARCFACE_TEMPLATE)

    assert np.linalg.det(matrix[:, :2]) > 0


def test_landmarks_in_one_point_are_no_face():
    with pytest.raises(ValueError, match="coincide"):
        similarity_transform(np.ones((5, 2), np.float32), ARCFACE_TEMPLATE)


def test_the_crop_goes_on_beyond_the_frame_instead_of_turning_black():
    frame = np.full((112, 112, 3), 200, np.uint8)

    crop = aligned_crop(frame, ARCFACE_TEMPLATE + 60, ARCFACE_TEMPLATE, 112)

    assert crop.shape == (112, 112, 3)
    assert crop.min() == 200
