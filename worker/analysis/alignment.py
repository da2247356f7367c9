"""Turns a face's five landmarks into the upright crop that an embedder was trained on."""

import cv2
import numpy as np
import numpy.typing as npt

from core.domain.faces import FloatArray, Frame

ARCFACE_SIDE_PX = 112
ARCFACE_TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]],
    np.float32,
)
"""Where the landmarks lie in a 112 px crop, as the InsightFace recognisers were trained."""


def similarity_transform(source: FloatArray, target: FloatArray) -> npt.NDArray[np.float64]:
    """The rotation, scale and shift, float64 (2, 3), that maps (n, 2) points closest to (n, 2) others.

    Least squares after Umeyama (1991), without reflection. Raises ValueError when the source points coincide.
    """
    source64, target64 = source.astype(np.float64), target.astype(np.float64)
    source_mean, target_mean = source64.mean(axis=0), target64.mean(axis=0)
    centred = source64 - source_mean
    variance = (centred**2).sum() / len(source64)
    if variance == 0:
        raise ValueError("landmarks coincide: there is no face to align")
    covariance = (target64 - target_mean).T @ centred / len(source64)
    left, spread, right = np.linalg.svd(covariance)
    signs = np.array([1.0, np.sign(np.linalg.det(left) * np.linalg.det(right)) or 1.0])
    rotation = left @ np.diag(signs) @ right
    linear = rotation * (spread * signs).sum() / variance
    return np.hstack([linear, (target_mean - linear @ source_mean)[:, None]])


def aligned_crop(frame: Frame, landmarks: FloatArray, template: FloatArray, side_px: int) -> Frame:
    """uint8 (side, side, 3) BGR: the face of `frame` with its (5, 2) landmarks moved onto the template.

    Beyond the frame its border pixels go on: a black edge would pass for sharpness and for a feature.
    """
    matrix = similarity_transform(landmarks, template)
    size = (side_px, side_px)
    crop = cv2.warpAffine(frame, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return crop.astype(np.uint8, copy=False)
