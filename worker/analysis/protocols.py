"""The seam between the pipeline and the models."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.domain.faces import FaceDetections, FloatArray, Frame


class FaceDetector(Protocol):
    @property
    def provider(self) -> str:
        """The execution provider of the live session, e.g. CPUExecutionProvider."""

    def detect(self, frame: Frame) -> FaceDetections:
        """Faces of a BGR frame of any size, best score first, in pixels of that frame."""


class FaceEmbedder(Protocol):
    @property
    def provider(self) -> str: ...

    @property
    def dim(self) -> int: ...

    def align(self, frame: Frame, landmarks: FloatArray) -> Frame:
        """The face as the model wants it: uint8 (side, side, 3) BGR crop from float32 (5, 2) landmarks."""

    def embed(self, crops: Sequence[Frame]) -> FloatArray:
        """float32 (n, dim), unit length, so that a dot product is the cosine similarity. n may be 0."""


@dataclass(frozen=True)
class MatchCalibration:
    """Similarities of a pack, measured on faces whose identity is known; higher is more alike."""

    similarity_threshold: float
    similarity_margin: float
    continuity_threshold: float
    """Below this, two faces of one track in consecutive usable frames are two people."""


@dataclass(frozen=True)
class LoadedPack:
    """A model pack in memory."""

    pack_id: str
    sha256: str
    licence: str
    calibration: MatchCalibration
    detector: FaceDetector
    embedder: FaceEmbedder
    providers_missing: tuple[str, ...] = ()
    """Providers that the settings prefer to the one in use: asked for and not had; never silent."""
