"""Model packs: where they lie, and how one is loaded."""

import os
from pathlib import Path
from typing import Protocol

import numpy as np

from core.errors import PackUnavailable
from worker.analysis.centerface import CenterFaceDetector
from worker.analysis.onnx_embedder import OnnxEmbedder
from worker.analysis.protocols import LoadedPack
from worker.analysis.sessions import SessionOptions, provider_names, providers_missing
from worker.pack_manifest import OPEN_PACK, PackManifest, open_pack_folder, read_manifest


class ModelSettings(Protocol):
    """The settings that decide which models run, and where."""

    @property
    def model_pack(self) -> str: ...
    @property
    def providers(self) -> str: ...
    @property
    def model_threads(self) -> int: ...
    @property
    def detector_width_px(self) -> int: ...


def default_cache() -> Path:
    """GSPE_MODEL_CACHE, else `gspe/packs` in the user's cache folder: outside the checkout, for all sites."""
    chosen = os.environ.get("GSPE_MODEL_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gspe" / "packs"


def load_pack(settings: ModelSettings, cache: Path | None = None) -> LoadedPack:
    """The pack that the settings name, in memory.

    Raises PackUnavailable when it is not built or damaged, LicenceNotAccepted when its licence must be
    accepted first, ProviderUnavailable when none of the wanted providers is there.
    """
    options = SessionOptions(provider_names(settings.providers), settings.model_threads)
    if settings.model_pack != OPEN_PACK:
        raise PackUnavailable(
            f"There is no model pack {settings.model_pack!r}: set `model_pack` to {OPEN_PACK!r}."
        )
    folder = open_pack_folder(cache or default_cache())
    return _load_open(read_manifest(folder), folder, options, settings.detector_width_px)


def _load_open(manifest: PackManifest, folder: Path, options: SessionOptions, width_px: int) -> LoadedPack:
    template = np.array(manifest.embedder.landmark_template, np.float32)
    detector = CenterFaceDetector(folder / manifest.detector.file, options, width_px)
    embedder = OnnxEmbedder(folder / manifest.embedder.file, options, template)
    return LoadedPack(
        pack_id=manifest.pack_id,
        sha256=manifest.sha256,
        licence=manifest.licence,
        calibration=manifest.calibration.for_matching(),
        detector=detector,
        embedder=embedder,
        providers_missing=providers_missing(options.providers, embedder.provider),
    )
