from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rtsp import RtspServer, require_server
from tests.worker.sources.clips import write_clip

USER = "viewer"
PASSWORD = "p@ss:w/ord"
CREDENTIALS = "viewer:p%40ss%3Aw%2Ford"


@pytest.fixture(scope="session")
def camera_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of pictures that differ from one another."""
    return write_clip(tmp_path_factory.mktemp("camera") / "camera.h264", 25)


@pytest.fixture(scope="session")
def resizing_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a second of one size and half a second of another."""
    folder = tmp_path_factory.mktemp("resizing")
    small = write_clip(folder / "small.h264", 12, size=(128, 96))
    large = write_clip(folder / "large.h264", 12, size=(192, 160))
    both = folder / "both.h264"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    return both


@pytest.fixture(scope="session")
def steady_camera(camera_clip: Path, resizing_clip: Path) -> Iterator[RtspServer]:
    """A camera with a password that no test harms: streams `front` and `resizing`."""
    require_server()
    clips = {"front": camera_clip, "resizing": resizing_clip}
    with RtspServer(clips, user=USER, password=PASSWORD) as server:
        yield server


@pytest.fixture
def fragile_camera(camera_clip: Path) -> Iterator[RtspServer]:
    """A camera of one's own to kill and to freeze: stream `front`."""
    require_server()
    with RtspServer({"front": camera_clip}, user=USER, password=PASSWORD) as server:
        yield server
