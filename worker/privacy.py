"""Privacy masks: what lies under one is black before anything looks at the picture."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from core.domain.areas import Polygon
from core.domain.faces import Frame, Mask
from worker.sources.source import CapturedFrame

EDGE = np.ones((3, 3), np.uint8)
"""A mask reaches a pixel further than it was drawn, so that rounding uncovers nothing."""


class PrivacyMask:
    """The masks of one camera, drawn once for each size of its pictures. One thread."""

    def __init__(self, polygons: Sequence[Polygon]) -> None:
        self._polygons = polygons
        self._hidden: Mask = np.zeros((0, 0), np.bool_)
        self._shown = np.zeros((0, 0), np.uint8)

    def applied(self, frame: CapturedFrame) -> CapturedFrame:
        """The frame with black masks, its own pixels untouched: who compares pictures still holds them."""
        if not self._polygons:
            return frame
        height, width = frame.pixels.shape[:2]
        if self._hidden.shape != (height, width):
            self._hidden = drawn(self._polygons, height, width)
            self._shown = np.where(self._hidden, 0, 255).astype(np.uint8)
        pixels: Frame = np.asarray(cv2.bitwise_and(frame.pixels, frame.pixels, mask=self._shown), np.uint8)
        return replace(frame, pixels=pixels, hidden=self._hidden)


def drawn(polygons: Sequence[Polygon], height: int, width: int) -> Mask:
    """bool (height, width): every pixel whose middle lies in one of the polygons, and those beside them."""
    canvas = np.zeros((height, width), np.uint8)
    for polygon in polygons:
        points = np.round(np.array(polygon) * (width, height) - 0.5).astype(np.int32)
        cv2.fillPoly(canvas, [points], 1)
    return np.asarray(cv2.dilate(canvas, EDGE), np.bool_)
