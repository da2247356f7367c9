"""Pictures of faces: cut out with some surroundings, encoded as JPEG."""

from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np

from core.domain.faces import FloatArray, Frame
from core.domain.identity import Match
from core.domain.recognition import Face

CONTEXT = 1.0
"""How much of the face's size is kept on each side: head and shoulders, so that people can tell who it is."""

MAX_SIDE_PX = 640
JPEG_QUALITY = 88


@dataclass(frozen=True, slots=True)
class View:
    """One good look at a person: pixels uint8 (h, w, 3) BGR around the face, and how it was matched."""

    camera_id: int
    captured_at: datetime
    pixels: Frame
    match: Match
    sharpness: float


def view_of(camera_id: int, captured_at: datetime, frame: Frame, face: Face) -> View:
    """Copies what is needed out of the frame. The face must have been matched."""
    assert face.match is not None
    return View(camera_id, captured_at, surroundings(frame, face.box), face.match, face.quality.sharpness)


def surroundings(frame: Frame, box: FloatArray) -> Frame:
    """A copy of the box (4,) px and `CONTEXT` around it, within the frame, at most MAX_SIDE_PX a side."""
    height, width = frame.shape[:2]
    left, top, right, bottom = (float(value) for value in box)
    pad_x, pad_y = (right - left) * CONTEXT, (bottom - top) * CONTEXT
    x0, y0 = max(0, int(left - pad_x)), max(0, int(top - pad_y))
    x1, y1 = min(width, int(right + pad_x) + 1), min(height, int(bottom + pad_y) + 1)
    cut = frame[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
    return shrunk(cut, MAX_SIDE_PX).copy()


def shrunk(frame: Frame, max_side_px: int) -> Frame:
    """The frame itself, or a smaller one whose longer side is max_side_px."""
    scale = max_side_px / max(frame.shape[:2])
    if scale >= 1:
        return frame
    size = (max(1, round(frame.shape[1] * scale)), max(1, round(frame.shape[0] * scale)))
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)


def jpeg(frame: Frame, quality: int = JPEG_QUALITY) -> bytes:
    """The frame as JPEG; raises ValueError when it cannot be encoded (an empty frame)."""
    if frame.size == 0:
        raise ValueError("an empty picture cannot be encoded")
    ok, encoded = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not ok:
        raise ValueError(f"a picture of shape {frame.shape} cannot be encoded as JPEG")
    return bytes(encoded)
