"""The decoding of CenterFace's maps, on maps made by hand, and the canvas that the network sees."""

import numpy as np
import pytest

from worker.analysis.centerface import decode, letterbox, suppress_overlaps


def maps(faces: list[tuple[int, int, float]], height: int = 12, width: int = 16) -> list[np.ndarray]:
    """Faces of 40 x 60 px at (row, column, score), a quarter of a cell right of and below their cells."""
    heat = np.zeros((1, 1, height, width), np.float32)
    size = np.zeros((1, 2, height, width), np.float32)
    offset = np.zeros((1, 2, height, width), np.float32)
    points = np.zeros((1, 10, height, width), np.float32)
    for row, column, score in faces:
        heat[0, 0, row, column] = score
        size[0, :, row, column] = np.log([60 / 4, 40 / 4])
        offset[0, :, row, column] = 0.25
        points[0, :, row, column] = [0.4, 0.3, 0.4, 0.7, 0.6, 0.5, 0.8, 0.35, 0.8, 0.65]
    return [heat, size, offset, points]


def test_a_face_is_read_from_its_cell():
    boxes, score, landmarks = decode(maps([(6, 8, 0.9)]), 0.5)

    centre_x, centre_y = (8 + 0.25 + 0.5) * 4, (6 + 0.25 + 0.5) * 4
    left, top = centre_x - 20, centre_y - 30
    assert boxes == pytest.approx(np.array([[left, top, left + 40, top + 60]]), abs=1e-4)
    assert score == pytest.approx([0.9])
    expected = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]]) * [40, 60] + [
        left,
        top,
    ]
    assert landmarks[0] == pytest.approx(expected, abs=1e-4)


def test_the_best_comes_first_and_the_weak_are_left_out():
    _, score, _ = decode(maps([(1, 1, 0.6), (6, 8, 0.9), (10, 3, 0.4)]), 0.5)

    assert score == pytest.approx([0.9, 0.6])


def test_no_face_gives_empty_arrays_of_the_right_shape():
    boxes, score, landmarks = decode(maps([]), 0.5)

    assert (boxes.shape, score.shape, landmarks.shape) == ((0, 4), (0,), (0, 5, 2))


@pytest.mark.parametrize(
    ("boxes", "score", "kept"),
    [
        ([[0, 0, 10, 10], [1, 0, 11, 10]], [0.6, 0.9], [1]),
        ([[0, 0, 10, 10], [20, 0, 30, 10]], [0.6, 0.9], [1, 0]),
        ([[0, 0, 10, 10], [6, 0, 16, 10], [12, 0, 22, 10]], [0.7, 0.8, 0.9], [2, 1, 0]),
        ([[0, 0, 10, 10], [3, 0, 13, 10], [6, 0, 16, 10]], [0.9, 0.8, 0.7], [0, 2]),
    ],
    ids=["same face twice", "two faces", "touching a little", "what only a dropped box overlaps stays"],
)
def test_overlapping_boxes_leave_the_best(boxes, score, kept):
    found = suppress_overlaps(np.array(boxes, np.float32), np.array(score, np.float32), 0.3)

    assert found.tolist() == kept


@pytest.mark.parametrize(
    ("size", "canvas", "scale"),
    [
        ((720, 1280), (384, 640), 0.5),
        ((1280, 720), (640, 384), 0.5),
        ((144, 176), (544, 640), 640 / 176),
        ((640, 640), (640, 640), 1.0),
        ((1, 4000), (32, 640), 0.16),
    ],
)
def test_the_canvas_has_sides_of_32_and_keeps_the_shape(size, canvas, scale):
    picture, found = letterbox(np.full((*size, 3), 255, np.uint8), 640)

    assert picture.shape[:2] == canvas
    assert found == pytest.approx(scale)
    assert picture[0, 0].tolist() == [255, 255, 255]
