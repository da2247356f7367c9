"""Measures of one detected face; `core.domain.quality` decides what is good enough."""

import cv2
import numpy as np

from core.domain.faces import FaceDetections, FloatArray, Frame
from core.domain.quality import FaceQuality

EDGE_TOLERANCE_PX = 2.0
"""A box may stick out this far: detectors round up."""


def measure_face(frame: Frame, detections: FaceDetections, index: int, crop: Frame) -> FaceQuality:
    """The quality of face `index`; `crop` is its aligned face, uint8 (side, side, 3) BGR."""
    height, width = frame.shape[:2]
    left, top, right, bottom = (float(value) for value in detections.xyxy[index])
    tolerance = EDGE_TOLERANCE_PX
    inside = left >= -tolerance and top >= -tolerance
    inside = inside and right <= width + tolerance and bottom <= height + tolerance
    return FaceQuality(
        face_px=right - left,
        face_area_frac=max(0.0, right - left) * max(0.0, bottom - top) / (height * width),
        score=float(detections.score[index]),
        sharpness=sharpness(crop),
        brightness=float(crop.mean()) / 255.0,
        yaw_ratio=yaw_ratio(detections.landmarks[index]),
        inside_frame=inside,
    )


def sharpness(crop: Frame) -> float:
    """Variance of the Laplacian of the grey aligned crop, which is at the pack's input size.

    The kernel is the 3x3 one of aperture 3 (corner weights 2, centre -8). Measured with the open pack on 334
    faces blurred step by step, its value 50 is where recognition breaks down (a Gaussian of 4 px at 150 px,
    faces of less than 16 px). OpenCV's default aperture 1 gives about a fifteenth of it, and 50 there would
    refuse a third of the sharp photos and every face near `quality_min_face_px`.
    """
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_64F, ksize=3).var())


def yaw_ratio(landmarks: FloatArray) -> float:
    """How far the nose is from midway between the eyes, along their line, over half their distance.

    landmarks: float32 (5, 2) in the order of `core.domain.faces.LANDMARKS`. 0 is frontal; 1 has the nose
    level with one eye, as at a turn of about 45 degrees; eyes in one point count as fully turned.
    """
    left_eye, right_eye, nose = landmarks[0], landmarks[1], landmarks[2]
    across = right_eye - left_eye
    distance = float(np.hypot(*across))
    if distance == 0.0:
        return float("inf")
    offset = float(np.dot(nose - (left_eye + right_eye) / 2, across)) / distance
    return abs(offset) / (distance / 2)
