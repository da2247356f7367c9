"""Real faces and a real InsightFace detector out of pinned packages of the index; none of them is committed.

Fetched by pip once and kept beside the model packs.
"""

import dataclasses
from functools import cache
from pathlib import Path

import insightface
import numpy as np
import onnx
from onnx import helper, numpy_helper

from worker.analysis.alignment import ARCFACE_TEMPLATE, similarity_transform
from worker.pack_build.download import PackageFile
from worker.pack_build.recipe import LANDMARK_TEMPLATE
from worker.pack_manifest import open_pack_folder
from worker.packs import default_cache

PHOTOS = PackageFile(
    requirement="face_recognition==1.3.0",
    archive="face_recognition-1.3.0.tar.gz",
    archive_sha256="5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec",
    member="",
    sha256="",
)
SUMS = {
    "biden.jpg": "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c",
    "obama.jpg": "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6",
    "obama2.jpg": "a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6",
    "obama_partial_face.jpg": "c2d1f09e7ef3042352b41e41286e6eb0522f64f88308be13886991b95db52117",
}
SCRFD = PackageFile(
    requirement="scrfd==0.3.0",
    archive="scrfd-0.3.0.tar.gz",
    archive_sha256="35855c664d565492aab0068f1c64b4957a15ca6cd106b9c8b1642d67cfeeb5fc",
    member="scrfd-0.3.0/models/scrfd.onnx",
    sha256="9c162a817c7dd32d35d1f1c6ae6445032d6e73c6c5fe61d8b5b663ba8bc86b30",
)
RECOGNISER_SIDE_PX = 224


@cache
def photo(name: str) -> bytes:
    """`obama.jpg` and `obama2.jpg` show one man, `biden.jpg` another. Raises PackUnavailable offline."""
    member = f"face_recognition-1.3.0/tests/test_images/{name}"
    wanted = dataclasses.replace(PHOTOS, member=member, sha256=SUMS[name])
    return wanted.fetch(_kept())


def group_photo() -> bytes:
    """Six people side by side; the installed InsightFace ships it."""
    return (Path(insightface.__file__).parent / "data" / "images" / "t1.jpg").read_bytes()


def insightface_pack(folder: Path) -> Path:
    """Fills `folder` as an InsightFace pack: SCRFD from its package, and dlib's network as an ArcFace one.

    The recogniser takes ArcFace crops of 224 px and moves them onto dlib's crop itself.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "det_scrfd.onnx").write_bytes(SCRFD.fetch(_kept()))
    network = onnx.load(open_pack_folder(default_cache()) / "dlib_resnet.onnx")
    onnx.save(_with_arcface_input(network), folder / "rec_dlib.onnx")
    return folder


def _with_arcface_input(model: onnx.ModelProto) -> onnx.ModelProto:
    graph = model.graph
    constants = {
        "half_range": np.array(127.5, np.float32),
        "grid": _sampling_grid(),
        "rest_of_grid": np.array([150, 150, 2], np.int64),
    }
    graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in constants.items())
    front = [
        helper.make_node("Mul", ["data", "half_range"], ["scaled"]),
        helper.make_node("Add", ["scaled", "half_range"], ["pixels"]),
        helper.make_node("Shape", ["data"], ["count"], start=0, end=1),
        helper.make_node("Concat", ["count", "rest_of_grid"], ["grid_shape"], axis=0),
        helper.make_node("Expand", ["grid", "grid_shape"], ["grids"]),
        helper.make_node("GridSample", ["pixels", "grids"], ["picture"], align_corners=1),
    ]
    nodes = [*front, *graph.node]
    del graph.node[:], graph.input[:]
    graph.node.extend(nodes)
    side = RECOGNISER_SIDE_PX
    graph.input.append(helper.make_tensor_value_info("data", onnx.TensorProto.FLOAT, ["n", 3, side, side]))
    model.opset_import[0].version = 16
    onnx.checker.check_model(model)
    return model


def _sampling_grid() -> np.ndarray:
    """float32 (1, 150, 150, 2): where in the ArcFace crop each pixel of dlib's crop lies, from -1 to 1."""
    side = RECOGNISER_SIDE_PX
    arcface = ARCFACE_TEMPLATE * np.float32(side / 112)
    matrix = similarity_transform(np.array(LANDMARK_TEMPLATE, np.float32), arcface)
    rows, columns = np.mgrid[0:150, 0:150]
    points = np.stack([columns, rows, np.ones_like(rows)], axis=-1) @ matrix.T
    return (2 * points / (side - 1) - 1)[None].astype(np.float32)


def _kept() -> Path:
    return default_cache() / "test-faces"
