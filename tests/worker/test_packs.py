"""Packs as the settings name them, on real faces."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import LicenceNotAccepted, PackUnavailable, ProviderUnavailable
from core.settings import Parameters
from tests import faces
from worker.analysis.protocols import LoadedPack
from worker.analysis.sessions import CPU
from worker.packs import default_cache, load_pack
from worker.photo import open_photo
from worker.portrait import find_portrait

CUDA = "CUDAExecutionProvider"
needs_models = pytest.mark.models


def parameters(**changes) -> Parameters:
    return Parameters(**{"providers": [CPU], "model_threads": 1, **changes})


@pytest.fixture(scope="module")
def open_pack() -> LoadedPack:
    return load_pack(parameters())


@pytest.fixture(scope="module")
def insightface_folder(tmp_path_factory) -> Path:
    try:
        return faces.insightface_pack(tmp_path_factory.mktemp("packs") / "scrfd_dlib")
    except PackUnavailable as error:
        pytest.skip(str(error))


def embedding(pack: LoadedPack, photo: bytes) -> np.ndarray:
    return pack.embedder.embed([find_portrait(open_photo(photo), pack).crop])[0]


def people() -> dict[str, bytes]:
    try:
        return {name: faces.photo(f"{name}.jpg") for name in ("obama", "obama2", "biden")}
    except PackUnavailable as error:
        pytest.skip(str(error))


def test_an_unbuilt_pack_names_the_command(tmp_path):
    with pytest.raises(PackUnavailable, match="python -m worker packs build"):
        load_pack(parameters(), tmp_path)


def test_the_cache_lies_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.delenv("GSPE_MODEL_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "gspe" / "packs"
    monkeypatch.setenv("GSPE_MODEL_CACHE", str(tmp_path / "mine"))
    assert default_cache() == tmp_path / "mine"


@needs_models
def test_the_open_pack_reports_what_runs_and_what_is_missing():
    pack = load_pack(parameters(providers=[CUDA, CPU]))

    assert pack.pack_id == "open"
    assert (pack.detector.provider, pack.embedder.provider) == (CPU, CPU)
    assert pack.providers_missing == (CUDA,)
    assert pack.embedder.dim == 128
    assert len(pack.sha256) == 64


@needs_models
def test_a_provider_that_is_not_there_is_not_replaced_silently():
    with pytest.raises(ProviderUnavailable, match="TensorrtExecutionProvider"):
        load_pack(parameters(providers=["TensorrtExecutionProvider"]))


@needs_models
def test_every_face_of_a_group_is_found_best_first(open_pack):
    frame = open_photo(faces.group_photo())

    found = open_pack.detector.detect(frame)

    sure = found.score > 0.5
    assert sure.sum() == 6
    assert np.all(np.diff(found.score) <= 0)
    left_eyes, right_eyes = found.landmarks[sure, 0], found.landmarks[sure, 1]
    noses, mouths = found.landmarks[sure, 2], found.landmarks[sure, 3:].mean(axis=1)
    assert np.all(left_eyes[:, 0] < right_eyes[:, 0])
    assert np.all((left_eyes + right_eyes)[:, 1] / 2 < noses[:, 1])
    assert np.all(noses[:, 1] < mouths[:, 1])


@needs_models
def test_an_empty_room_has_no_faces(open_pack):
    wall = np.full((720, 1280, 3), 140, np.uint8)

    assert len(open_pack.detector.detect(wall)) == 0
    assert open_pack.embedder.embed([]).shape == (0, 128)


@needs_models
@pytest.mark.parametrize("size", [(90, 160), (1080, 1920), (1280, 720), (33, 31)])
def test_frames_of_any_size_are_taken(open_pack, size):
    frame = np.asarray(Image.open(io.BytesIO(faces.group_photo())).resize(size[::-1]))[:, :, ::-1]

    found = open_pack.detector.detect(np.ascontiguousarray(frame))

    if min(size) > 300:
        assert len(found) >= 5


@needs_models
def test_embeddings_do_not_depend_on_the_batch_and_survive_large_ones(open_pack):
    frame = open_photo(faces.group_photo())
    found = open_pack.detector.detect(frame)
    crops = [open_pack.embedder.align(frame, points) for points in found.landmarks[:6]]

    together = open_pack.embedder.embed(crops * 12)

    assert together.shape == (72, 128)
    assert together.dtype == np.float32
    assert np.linalg.norm(together, axis=1) == pytest.approx(1.0, abs=1e-5)
    alone = np.concatenate([open_pack.embedder.embed([crop]) for crop in crops])
    assert together[:6] == pytest.approx(alone, abs=1e-4)
    assert together[66:] == pytest.approx(alone, abs=1e-4)


@needs_models
def test_the_mirror_image_is_the_same_person(open_pack):
    crop = find_portrait(open_photo(people()["obama"]), open_pack).crop

    first, mirrored = open_pack.embedder.embed([crop, np.ascontiguousarray(crop[:, ::-1])])

    assert first == pytest.approx(mirrored, abs=1e-5)


@needs_models
def test_one_man_in_two_photos_is_alike_and_another_is_not(open_pack):
    vectors = {name: embedding(open_pack, photo) for name, photo in people().items()}
    threshold = open_pack.calibration.similarity_threshold

    assert vectors["obama"] @ vectors["obama2"] > threshold
    assert vectors["obama"] @ vectors["biden"] < threshold
    assert vectors["obama2"] @ vectors["biden"] < threshold


@needs_models
def test_an_insightface_pack_waits_for_its_licence(insightface_folder):
    with pytest.raises(LicenceNotAccepted, match="`model_licence_accepted`"):
        load_pack(parameters(model_pack=str(insightface_folder)))


@needs_models
def test_an_insightface_pack_tells_people_apart(insightface_folder, open_pack):
    settings = parameters(model_pack=str(insightface_folder), model_licence_accepted=True)
    pack = load_pack(settings.model_copy(update={"providers": (CUDA, CPU)}))

    vectors = {name: embedding(pack, photo) for name, photo in people().items()}

    assert pack.pack_id == "scrfd_dlib"
    assert pack.providers_missing == (CUDA,)
    assert vectors["obama"] @ vectors["obama2"] > vectors["obama"] @ vectors["biden"] + 0.05
    frame = open_photo(faces.group_photo())
    assert len(pack.detector.detect(frame)) == 6
    expected = embedding(open_pack, people()["obama"])
    assert vectors["obama"] @ expected > 0.97, "the same network behind another alignment"
    assert len(pack.detector.detect(np.zeros((90, 160, 3), np.uint8))) == 0
    assert pack.embedder.embed([]).shape == (0, 128)


@needs_models
@pytest.mark.parametrize(
    ("missing", "sentence"),
    [("det_scrfd.onnx", "no detection model"), ("rec_dlib.onnx", "no recognition model")],
)
def test_an_incomplete_insightface_pack_says_what_it_lacks(insightface_folder, tmp_path, missing, sentence):
    for path in insightface_folder.glob("*.onnx"):
        if path.name != missing:
            (tmp_path / path.name).symlink_to(path)

    with pytest.raises(PackUnavailable, match=sentence):
        load_pack(parameters(model_pack=str(tmp_path), model_licence_accepted=True))


def test_a_damaged_insightface_pack_is_told(tmp_path):
    (tmp_path / "det_10g.onnx").write_bytes(b"not a model")

    with pytest.raises(PackUnavailable, match="cannot be loaded"):
        load_pack(parameters(model_pack=str(tmp_path), model_licence_accepted=True))


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(PackUnavailable, match="There is no folder"):
        load_pack(parameters(model_pack=str(tmp_path / "none"), model_licence_accepted=True))


def test_a_pack_that_cannot_be_fetched_is_told_and_leaves_nothing_behind(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")

    with pytest.raises(PackUnavailable, match="could not be downloaded"):
        load_pack(parameters(model_pack="buffalo_l", model_licence_accepted=True))
    assert not (tmp_path / ".insightface" / "models" / "buffalo_l").exists()
