"""Model packs: where they lie, and how the one that the settings name is loaded."""

import os
from pathlib import Path

import numpy as np

from core.settings import Parameters
from worker.analysis.centerface import CenterFaceDetector
from worker.analysis.onnx_embedder import OnnxEmbedder
from worker.analysis.protocols import LoadedPack
from worker.analysis.sessions import SessionOptions, providers_missing
from worker.pack_manifest import OPEN_PACK, open_pack_folder, read_manifest


def default_cache() -> Path:
    """GSPE_MODEL_CACHE, else `gspe/packs` in the user's cache folder: outside the checkout, for all sites."""
    chosen = os.environ.get("GSPE_MODEL_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gspe" / "packs"


def load_pack(parameters: Parameters, cache: Path | None = None) -> LoadedPack:
    """The pack that the settings name, in memory.

    Raises PackUnavailable when it is not built, not there or damaged, LicenceNotAccepted when its licence
    must be accepted first, ProviderUnavailable when none of the wanted providers is there.
    """
    options = SessionOptions(parameters.providers, parameters.model_threads)
    if parameters.model_pack == OPEN_PACK:
        return _load_open(open_pack_folder(cache or default_cache()), options, parameters.detector_width_px)
    from worker.analysis.insightface_pack import load_insightface_pack  # noqa: PLC0415  slow to import

    return load_insightface_pack(parameters, options)


def _load_open(folder: Path, options: SessionOptions, width_px: int) -> LoadedPack:
    manifest = read_manifest(folder)
    embedding = manifest.embedder
    template = np.array(embedding.landmark_template, np.float32)
    detector = CenterFaceDetector(folder / manifest.detector.file, options, width_px)
    embedder = OnnxEmbedder(folder / embedding.file, options, template, mirrored=embedding.mirrored)
    return LoadedPack(
        pack_id=manifest.pack_id,
        sha256=manifest.sha256,
        licence=manifest.licence,
        calibration=manifest.calibration.for_matching(),
        detector=detector,
        embedder=embedder,
        providers_missing=providers_missing(options.providers, embedder.provider),
    )
