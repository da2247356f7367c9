"""An embedding network in an ONNX file that takes RGB crops with values 0 to 255."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.domain.faces import FloatArray, Frame
from worker.analysis.alignment import aligned_crop
from worker.analysis.sessions import SessionOptions, open_session, provider_of

LARGEST_BATCH = 32  # bounds memory when a hall full of faces arrives at once


class OnnxEmbedder:
    """template: float32 (5, 2), where the landmarks lie in the network's square input.

    mirrored: each embedding is the mean of the crop's and its mirror image's. It costs a second pass, and of
    all that is cheap it separated people best (benchmarks/calibration.py).
    """

    def __init__(
        self, model: Path, options: SessionOptions, template: FloatArray, *, mirrored: bool = False
    ) -> None:
        self._session = open_session(model, options)
        picture = self._session.get_inputs()[0]
        self._input = picture.name
        self._side_px = int(picture.shape[-1])
        self._dim = int(self._session.get_outputs()[0].shape[-1])
        self._template = template
        self._mirrored = mirrored

    @property
    def provider(self) -> str:
        return provider_of(self._session)

    @property
    def dim(self) -> int:
        return self._dim

    def align(self, frame: Frame, landmarks: FloatArray) -> Frame:
        return aligned_crop(frame, landmarks, self._template, self._side_px)

    def embed(self, crops: Sequence[Frame]) -> FloatArray:
        chunks = [crops[start : start + LARGEST_BATCH] for start in range(0, len(crops), LARGEST_BATCH)]
        rows = [self._embed_chunk(chunk) for chunk in chunks]
        return np.concatenate(rows) if rows else np.zeros((0, self._dim), np.float32)

    def _embed_chunk(self, crops: Sequence[Frame]) -> FloatArray:
        rgb = np.stack(crops)[..., ::-1]
        if not self._mirrored:
            return self._run(rgb)
        both = self._run(np.concatenate([rgb, rgb[:, :, ::-1]]))
        return unit_length(both[: len(crops)] + both[len(crops) :])

    def _run(self, rgb: Frame) -> FloatArray:
        batch = rgb.transpose(0, 3, 1, 2).astype(np.float32)
        return unit_length(self._session.run(None, {self._input: batch})[0])


def unit_length(rows: FloatArray) -> FloatArray:
    """Each row of (n, dim) divided by its norm."""
    scaled: FloatArray = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-12))
    return scaled.astype(np.float32, copy=False)
