"""Faces found in one frame, column by column."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
Frame = npt.NDArray[np.uint8]
"""A picture: uint8 (height, width, 3), blue-green-red, origin at the top left."""

Mask = npt.NDArray[np.bool_]
"""Of a picture: bool (height, width), true where a privacy mask hides it."""

LANDMARKS = ("left_eye", "right_eye", "nose", "left_mouth", "right_mouth")
"""The five points of a face in array order; left and right as the viewer of the picture sees them."""


@dataclass(frozen=True)
class FaceDetections:
    """The faces of one frame.

    xyxy: float32 (n, 4), left, top, right, bottom in pixels of the frame.
    score: float32 (n,), the detector's confidence, 0 to 1.
    landmarks: float32 (n, 5, 2), x and y in pixels, in the order of `LANDMARKS`.

    Raises ValueError when the shapes do not agree.
    """

    xyxy: FloatArray
    score: FloatArray
    landmarks: FloatArray

    def __post_init__(self) -> None:
        n = len(self.score)
        expected = {"xyxy": (n, 4), "score": (n,), "landmarks": (n, 5, 2)}
        for name, shape in expected.items():
            actual = getattr(self, name).shape
            if actual != shape:
                raise ValueError(f"{name}: expected shape {shape} for {n} faces, got {actual}")

    def __len__(self) -> int:
        return len(self.score)

    @classmethod
    def empty(cls) -> "FaceDetections":
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros((0, 5, 2), np.float32))
