"""CenterFace (Xu et al. 2019): an anchor-free detector with five landmarks."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from core.domain.faces import FaceDetections, FloatArray, Frame
from core.domain.geometry import iou_matrix
from worker.analysis.sessions import SessionOptions, open_session, provider_of

STRIDE_PX = 4  # one cell of the output maps
SIDE_MULTIPLE_PX = 32
MIN_SCORE = 0.3
MAX_OVERLAP = 0.3


class CenterFaceDetector:
    """Detects in a copy of the frame whose longer side is `width_px`, whatever the frame's size.

    `min_score` bounds what is reported at all; the quality gate decides what is used.
    """

    def __init__(
        self, model: Path, options: SessionOptions, width_px: int, min_score: float = MIN_SCORE
    ) -> None:
        self._session = open_session(model, options)
        self._input = self._session.get_inputs()[0].name
        self._width_px = width_px
        self._min_score = min_score

    @property
    def provider(self) -> str:
        return provider_of(self._session)

    def detect(self, frame: Frame) -> FaceDetections:
        canvas, scale = letterbox(frame, self._width_px)
        rgb = canvas[:, :, ::-1].transpose(2, 0, 1)[None].astype(np.float32)
        maps = self._session.run(None, {self._input: rgb})
        boxes, score, landmarks = decode(maps, self._min_score)
        kept = suppress_overlaps(boxes, score, MAX_OVERLAP)
        scaling = np.float32(1 / scale)
        return FaceDetections(boxes[kept] * scaling, score[kept], landmarks[kept] * scaling)


def letterbox(frame: Frame, width_px: int) -> tuple[Frame, float]:
    """The frame scaled so that its longer side is `width_px`, black below and right up to multiples of 32.

    Returns the canvas and the scale from frame to canvas pixels.
    """
    height, width = frame.shape[:2]
    scale = width_px / max(height, width)
    scaled_height, scaled_width = max(1, round(height * scale)), max(1, round(width * scale))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(frame, (scaled_width, scaled_height), interpolation=interpolation)
    canvas = np.zeros((_full_side(scaled_height), _full_side(scaled_width), 3), np.uint8)
    canvas[:scaled_height, :scaled_width] = scaled
    return canvas, scale


def _full_side(side_px: int) -> int:
    return -(-side_px // SIDE_MULTIPLE_PX) * SIDE_MULTIPLE_PX


def decode(maps: list[npt.NDArray[Any]], min_score: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Boxes (n, 4), scores (n,) and landmarks (n, 5, 2) in canvas pixels, best score first.

    maps: heatmap (1, 1, h, w); log height and width over the stride (1, 2, h, w); offset of the centre,
    y then x (1, 2, h, w); landmarks relative to the box, y then x for each point (1, 10, h, w).
    """
    heat, log_size, offset, points = (np.asarray(one)[0] for one in maps)
    rows, columns = np.nonzero(heat[0] > min_score)
    order = np.argsort(-heat[0, rows, columns], kind="stable")
    rows, columns = rows[order], columns[order]
    size = np.exp(log_size[::-1, rows, columns].T) * STRIDE_PX  # width, height
    cell = np.stack([columns, rows], axis=1)
    centre = (cell + offset[::-1, rows, columns].T + 0.5) * STRIDE_PX
    left_top = centre - size / 2
    boxes = np.hstack([left_top, left_top + size]).astype(np.float32)
    relative = points[:, rows, columns].T.reshape(-1, 5, 2)[:, :, ::-1]
    landmarks = (relative * size[:, None] + left_top[:, None]).astype(np.float32)
    return boxes, heat[0, rows, columns].astype(np.float32), landmarks


def suppress_overlaps(boxes: FloatArray, score: FloatArray, max_overlap: float) -> npt.NDArray[np.intp]:
    """Indices of the boxes that no better box overlaps by more than `max_overlap` (IoU), best first."""
    waiting = np.argsort(-score, kind="stable")
    kept: list[int] = []
    while len(waiting):
        best, others = waiting[0], waiting[1:]
        kept.append(int(best))
        waiting = others[iou_matrix(boxes[best : best + 1], boxes[others])[0] <= max_overlap]
    return np.array(kept, np.intp)
