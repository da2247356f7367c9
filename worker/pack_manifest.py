"""pack.json: what a model pack consists of and how it is used."""

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import PackUnavailable
from worker.analysis.protocols import MatchCalibration

MANIFEST = "pack.json"
OPEN_PACK = "open"
OPEN_RECIPE = 5
"""Grows when its networks, alignment or calibration change, so that an older build is not mistaken for it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelFile(_Strict):
    """One network. engine: which class runs it; input: what it takes, for the reader."""

    engine: str
    file: str
    sha256: str
    size_bytes: int
    input: str
    source: str
    licence: str


class Embedding(ModelFile):
    """side_px: of the square crop. landmark_template: [x, y] of the five landmarks in that crop.

    mirrored: an embedding is the mean of the crop's and its mirror image's.
    """

    side_px: int
    dim: int
    metric: str
    landmark_template: list[tuple[float, float]]
    mirrored: bool


class Calibration(_Strict):
    similarity_threshold: float
    similarity_margin: float
    continuity_threshold: float
    measured_on: str

    def for_matching(self) -> MatchCalibration:
        return MatchCalibration(self.similarity_threshold, self.similarity_margin, self.continuity_threshold)


class PackManifest(_Strict):
    pack_id: str
    recipe: int
    licence: str
    detector: ModelFile
    embedder: Embedding
    calibration: Calibration

    @property
    def sha256(self) -> str:
        """Over what shapes an embedding: both networks with their files' sums, and the alignment."""
        shaping = self.detector.model_dump_json() + self.embedder.model_dump_json()
        return hashlib.sha256(shaping.encode()).hexdigest()


def open_pack_folder(cache: Path) -> Path:
    return cache / f"{OPEN_PACK}-{OPEN_RECIPE}"


def read_manifest(folder: Path) -> PackManifest:
    """The manifest of a complete pack, after checking its files' sums. Raises PackUnavailable otherwise."""
    try:
        manifest = PackManifest.model_validate_json((folder / MANIFEST).read_text())
        for model in (manifest.detector, manifest.embedder):
            if hashlib.sha256((folder / model.file).read_bytes()).hexdigest() != model.sha256:
                raise PackUnavailable(
                    f"{folder / model.file} is damaged: run `python -m worker packs build`."
                )
    except FileNotFoundError as error:
        raise PackUnavailable(
            f"There is no complete model pack in {folder}: run `python -m worker packs build`."
        ) from error
    except (OSError, ValidationError) as error:
        raise PackUnavailable(
            f"The model pack in {folder} cannot be read ({type(error).__name__}): "
            "run `python -m worker packs build`."
        ) from error
    return manifest
