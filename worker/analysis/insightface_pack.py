"""InsightFace packs, loaded through `insightface.model_zoo`: by name, fetched by that library, or a folder.

Only detection and recognition are loaded, never age, sex or landmarks. Their weights are for non-commercial
research unless licensed otherwise, so the settings must say that the licence is accepted.
"""

import contextlib
import hashlib
import logging
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import requests
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from insightface import model_zoo
from insightface.model_zoo.package_manifest import has_model_package_manifest, load_model_package
from insightface.utils import ensure_available

from core.domain.faces import FaceDetections, FloatArray, Frame
from core.errors import LicenceNotAccepted, PackUnavailable
from core.settings import Parameters
from worker.analysis.alignment import ARCFACE_SIDE_PX, ARCFACE_TEMPLATE, aligned_crop
from worker.analysis.onnx_embedder import LARGEST_BATCH, unit_length
from worker.analysis.protocols import LoadedPack, MatchCalibration
from worker.analysis.sessions import RUNTIME_ERRORS, SessionOptions, providers_missing, runtime_options

log = logging.getLogger(__name__)

CALIBRATION = MatchCalibration(similarity_threshold=0.45, similarity_margin=0.05, continuity_threshold=0.25)
"""For recognisers of the ArcFace family, whose strangers lie around 0 and rarely above 0.4 (one false match
in 2,000 was measured at 0.45 with four photos a person). Another family needs `similarity_threshold` set."""
MIN_SCORE = 0.3
MAX_OVERLAP = 0.4
DETECTION_OUTPUTS = 5
"""A detector has an output for scores, boxes and points of each stride; every other network has fewer."""
TASKS = ("detection", "recognition")
UNREADABLE = (DecodeError, ValueError, AssertionError, *RUNTIME_ERRORS)


def load_insightface_pack(parameters: Parameters, options: SessionOptions) -> LoadedPack:
    """Raises LicenceNotAccepted, PackUnavailable with what is missing, ProviderUnavailable."""
    name = parameters.model_pack
    if not parameters.model_licence_accepted:
        raise LicenceNotAccepted(
            f"The model pack {name} may be used for non-commercial research only, unless you hold a licence: "
            "set `model_licence_accepted` to true when you may use it, or `model_pack` to open.",
            pack=name,
        )
    folder = _folder(name)
    models = _models(folder, options)
    detector = InsightFaceDetector(models["detection"], parameters.detector_width_px)
    embedder = InsightFaceEmbedder(models["recognition"])
    return LoadedPack(
        pack_id=folder.name,
        sha256=_sha256_of(models),
        licence="accepted by this site; the pack's own terms apply",
        calibration=CALIBRATION,
        detector=detector,
        embedder=embedder,
        providers_missing=providers_missing(options.providers, embedder.provider),
    )


class InsightFaceDetector:
    """A SCRFD or RetinaFace network as `insightface.model_zoo` runs it, in a square of side `width_px`."""

    def __init__(self, model: Any, width_px: int) -> None:
        self._model = model
        side = -(-width_px // 32) * 32
        model.prepare(0, input_size=(side, side), det_thresh=MIN_SCORE, nms_thresh=MAX_OVERLAP)

    @property
    def provider(self) -> str:
        return str(self._model.session.get_providers()[0])

    def detect(self, frame: Frame) -> FaceDetections:
        boxes, landmarks = self._model.detect(frame)
        if not len(boxes):
            return FaceDetections.empty()
        order = np.argsort(-boxes[:, 4], kind="stable")
        boxes = boxes[order].astype(np.float32)
        return FaceDetections(boxes[:, :4], boxes[:, 4], landmarks[order].astype(np.float32))


class InsightFaceEmbedder:
    """An ArcFace-like network as `insightface.model_zoo` runs it."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._side_px = int(model.input_size[0])
        self._template = ARCFACE_TEMPLATE * np.float32(self._side_px / ARCFACE_SIDE_PX)
        self._dim = int(model.output_shape[-1])

    @property
    def provider(self) -> str:
        return str(self._model.session.get_providers()[0])

    @property
    def dim(self) -> int:
        return self._dim

    def align(self, frame: Frame, landmarks: FloatArray) -> Frame:
        return aligned_crop(frame, landmarks, self._template, self._side_px)

    def embed(self, crops: Sequence[Frame]) -> FloatArray:
        chunks = [list(crops[start : start + LARGEST_BATCH]) for start in range(0, len(crops), LARGEST_BATCH)]
        rows = [unit_length(self._model.get_feat(chunk)) for chunk in chunks]
        return np.concatenate(rows) if rows else np.zeros((0, self._dim), np.float32)


def _folder(name: str) -> Path:
    """Where the pack's files lie; by name, the library fetches them into its own cache first."""
    if Path(name).is_absolute():
        if not Path(name).is_dir():
            raise PackUnavailable(f"There is no folder {name}: correct `model_pack`.", pack=name)
        return Path(name)
    try:
        with contextlib.redirect_stdout(sys.stderr):  # the library prints its progress
            folder = Path(ensure_available("models", name))
    except (requests.RequestException, RuntimeError, OSError, zipfile.BadZipFile) as error:
        _forget_empty(name)
        raise PackUnavailable(
            f"The model pack {name} could not be downloaded ({type(error).__name__}): check the network and "
            "the pack's name, or put its files into a folder and name that in `model_pack`.",
            pack=name,
        ) from error
    nested = folder / name  # as the archive of antelopev2 unpacks
    return nested if nested.is_dir() else folder


def _forget_empty(name: str) -> None:
    """The library takes an empty folder, left by an archive that broke, for a complete pack."""
    with contextlib.suppress(OSError):
        (Path.home() / ".insightface" / "models" / name).rmdir()


def _models(folder: Path, options: SessionOptions) -> dict[str, Any]:
    """The detection and the recognition model of the folder."""
    settings = {"providers": options.usable, "sess_options": runtime_options(options)}
    try:
        if has_model_package_manifest(str(folder)):
            return _declared(folder, settings)
        files = {task: path for path in sorted(folder.glob("*.onnx"), reverse=True) if (task := _task(path))}
        models = {task: model_zoo.get_model(str(path), **settings) for task, path in files.items()}
    except UNREADABLE as error:
        raise PackUnavailable(
            f"The model pack in {folder} cannot be loaded ({type(error).__name__}): replace its files.",
            pack=folder.name,
        ) from error
    missing = [task for task in TASKS if task not in models]
    if missing:
        raise PackUnavailable(
            f"The model pack in {folder} has no {' and no '.join(missing)} model: put all its files there.",
            pack=folder.name,
        )
    return models


def _declared(folder: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """The models of a pack that says in a manifest of the library's which file does what."""
    package = load_model_package(str(folder))
    return {
        task: model_zoo.get_model(
            str(folder), model_task=task, model_descriptor=package.task(task), **settings
        )
        for task in TASKS
    }


def _task(path: Path) -> str | None:
    """What the library will take the file for, told from its shapes without making a session of it."""
    graph = onnx.load_model(str(path), load_external_data=False).graph
    if len(graph.output) >= DETECTION_OUTPUTS:
        return "detection"
    weights = {tensor.name for tensor in graph.initializer}
    pictures = [value for value in graph.input if value.name not in weights]
    sides = [dimension.dim_value for dimension in pictures[0].type.tensor_type.shape.dim[2:]]
    square = len(sides) == 2 and sides[0] == sides[1]
    if len(pictures) != 1 or len(graph.output) != 1 or not square:
        return None
    return "recognition" if sides[0] >= ARCFACE_SIDE_PX and sides[0] % 16 == 0 and sides[0] != 192 else None


def _sha256_of(models: dict[str, Any]) -> str:
    sums = [hashlib.sha256(Path(models[task].model_file).read_bytes()).hexdigest() for task in TASKS]
    return hashlib.sha256("\n".join(sums).encode()).hexdigest()
