import cv2
import numpy as np
import pytest

from core.domain.faces import FaceDetections
from worker.analysis.quality import measure_face, sharpness, yaw_ratio


def noise(side: int = 150) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 255, (side, side, 3), dtype=np.uint8)


def face(left: float = 20, top: float = 30, right: float = 80, bottom: float = 110) -> FaceDetections:
    return FaceDetections(
        np.array([[left, top, right, bottom]], np.float32),
        np.array([0.75], np.float32),
        np.array([[[35, 60], [65, 60], [50, 75], [40, 90], [60, 90]]], np.float32),
    )


def test_measures_are_in_pixels_of_the_frame_and_fractions():
    crop = np.full((150, 150, 3), 51, np.uint8)

    quality = measure_face(np.zeros((200, 100, 3), np.uint8), face(), 0, crop)

    assert quality.face_px == 60
    assert quality.face_area_frac == pytest.approx(60 * 80 / (200 * 100))
    assert quality.score == 0.75
    assert quality.brightness == pytest.approx(0.2)
    assert quality.sharpness == 0.0
    assert quality.yaw_ratio == 0.0
    assert quality.inside_frame


@pytest.mark.parametrize(
    ("box", "inside"),
    [((0, 0, 99, 199), True), ((-2, 0, 50, 50), True), ((-3, 0, 50, 50), False), ((50, 50, 103, 90), False)],
)
def test_a_box_that_sticks_out_is_cut_off(box, inside):
    quality = measure_face(np.zeros((200, 100, 3), np.uint8), face(*box), 0, noise())

    assert quality.inside_frame is inside


def test_sharpness_falls_with_blur_and_is_that_of_the_kernel_it_says():
    crop = noise()
    blurred = [sharpness(np.asarray(cv2.GaussianBlur(crop, (0, 0), sigma))) for sigma in (0.7, 1, 1.5, 2.5)]

    assert blurred == sorted(blurred, reverse=True)
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY).astype(np.float64)
    kernel = np.array([[2, 0, 2], [0, -8, 0], [2, 0, 2]], np.float64)
    expected = cv2.filter2D(grey, cv2.CV_64F, kernel).var()
    assert sharpness(crop) == pytest.approx(expected)


@pytest.mark.parametrize(("nose_x", "expected"), [(50, 0.0), (57.5, 0.5), (42.5, 0.5), (65, 1.0), (80, 2.0)])
def test_a_turned_face_has_its_nose_off_the_middle(nose_x, expected):
    landmarks = face().landmarks[0]
    landmarks[2, 0] = nose_x

    assert yaw_ratio(landmarks) == pytest.approx(expected)


def test_a_tilted_face_is_not_turned():
    turn = np.array([[0.8, -0.6], [0.6, 0.8]], np.float32)

    assert yaw_ratio(face().landmarks[0] @ turn.T) == pytest.approx(0.0, abs=1e-5)


def test_eyes_in_one_point_count_as_turned_away():
    assert yaw_ratio(np.zeros((5, 2), np.float32)) == float("inf")
