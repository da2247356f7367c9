import os
import sys
import threading
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.domain.states import CameraCause
from core.errors import (
    CameraError,
    CameraMisconfigured,
    CameraNoFrames,
    CameraUnauthorised,
    CameraUnreachable,
)
from tests.rtsp import RtspServer
from tests.worker.sources.answering import answering, unused_port
from tests.worker.sources.conftest import CREDENTIALS, PASSWORD
from worker.sources import FrameChoice
from worker.sources.gstreamer import PACKAGES, GstreamerSource
from worker.sources.rtsp import RtspLink


def source_of(
    url: str,
    choice: FrameChoice | None = None,
    *,
    transport: str = "tcp",
    open_timeout_s: float = 5.0,
    interpreter: Path | None = None,
) -> GstreamerSource:
    link = RtspLink(SecretStr(url), transport, open_timeout_s, read_timeout_s=1.5)
    return GstreamerSource(link, 100, choice, interpreter=interpreter)


def failure(source: GstreamerSource) -> CameraError:
    with pytest.raises(CameraError) as caught:
        source.open()
        while source.read() is not None:
            pass
    source.close()
    return caught.value


@pytest.mark.rtsp
@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_camera_with_a_password_delivers_pictures(steady_camera: RtspServer, transport: str) -> None:
    source = source_of(steady_camera.url("front", CREDENTIALS), transport=transport)
    info = source.open()
    captured = [frame for _ in range(4) if (frame := source.read())]
    source.close()
    assert info.codec == "h264"
    assert [frame.pixels.shape for frame in captured] == [(96, 128, 3)] * 4
    assert captured[0].pixels[:10, :10].min() > 230  # the clip's white corner


@pytest.mark.rtsp
def test_only_wanted_pictures_cross_the_pipe(steady_camera: RtspServer) -> None:
    source = source_of(steady_camera.url("front", CREDENTIALS), FrameChoice.live(1e9, frame_skip=3))
    source.open()
    sequences = [frame.sequence for _ in range(3) if (frame := source.read())]
    source.close()
    assert sequences == [0, 4, 8]


@pytest.mark.rtsp
def test_the_size_may_change_mid_stream(steady_camera: RtspServer) -> None:
    source = source_of(steady_camera.url("resizing", CREDENTIALS))
    source.open()
    shapes = {frame.pixels.shape for _ in range(40) if (frame := source.read())}
    source.close()
    assert shapes == {(96, 128, 3), (160, 192, 3)}


@pytest.mark.rtsp
def test_the_password_is_in_no_list_of_processes(steady_camera: RtspServer) -> None:
    source = source_of(steady_camera.url("front", CREDENTIALS))
    source.open()
    mine = [path.parent for path in Path("/proc").glob("[0-9]*/status") if _is_my_reader(path.parent)]
    shown = b"".join(_read(process / name) for process in mine for name in ("cmdline", "environ"))
    source.close()
    assert mine
    assert PASSWORD.encode() not in shown
    assert CREDENTIALS.encode() not in shown


def _is_my_reader(process: Path) -> bool:
    parent = f"\nPPid:\t{os.getpid()}\n".encode()
    return b"gstreamer_reader" in _read(process / "cmdline") and parent in _read(process / "status")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # the process has ended meanwhile
        return b""


@pytest.mark.rtsp
@pytest.mark.parametrize(
    ("name", "credentials", "kind", "cause"),
    [
        ("front", "viewer:wrong", CameraUnauthorised, "unauthorised"),
        ("front", "", CameraUnauthorised, "unauthorised"),
        ("back", CREDENTIALS, CameraMisconfigured, "not_found"),
    ],
)
def test_a_camera_that_declines_is_told_apart(
    steady_camera: RtspServer, name: str, credentials: str, kind: type[CameraError], cause: str
) -> None:
    error = failure(source_of(steady_camera.url(name, credentials)))
    assert (type(error), error.params["cause"]) == (kind, cause)
    assert "wrong" not in f"{error} {error.params}"


@pytest.mark.rtsp
def test_a_closed_port_and_silence_are_told_apart() -> None:
    closed = failure(source_of(f"rtsp://127.0.0.1:{unused_port()}/front"))
    with answering() as port:
        silent = failure(source_of(f"rtsp://127.0.0.1:{port}/front", open_timeout_s=1.0))
    assert (type(closed), closed.params["cause"]) == (CameraUnreachable, "refused")
    assert (type(silent), silent.params["cause"]) == (CameraUnreachable, "timeout")


@pytest.mark.rtsp
def test_a_camera_that_dies_is_lost(fragile_camera: RtspServer) -> None:
    source = source_of(fragile_camera.url("front", CREDENTIALS))
    source.open()
    assert source.read() is not None
    fragile_camera.kill()
    with pytest.raises(CameraUnreachable) as caught:
        while source.read() is not None:
            pass
    assert caught.value.params["cause"] in (CameraCause.LOST, CameraCause.REFUSED)
    source.close()


@pytest.mark.rtsp
def test_a_camera_that_falls_silent_sends_no_frames(fragile_camera: RtspServer) -> None:
    source = source_of(fragile_camera.url("front", CREDENTIALS))
    source.open()
    assert source.read() is not None
    fragile_camera.freeze()
    with pytest.raises(CameraNoFrames) as caught:
        while source.read() is not None:
            pass
    assert caught.value.params["cause"] == CameraCause.NO_FRAMES
    fragile_camera.thaw()
    source.close()


@pytest.mark.rtsp
def test_close_from_another_thread_ends_the_reading(steady_camera: RtspServer) -> None:
    source = source_of(steady_camera.url("front", CREDENTIALS))
    source.open()
    assert source.read() is not None
    threading.Timer(0.1, source.close).start()
    while source.read() is not None:
        pass
    source.close()


def test_without_gstreamer_it_says_what_to_install() -> None:
    """A virtual environment's Python has no bindings of GStreamer."""
    error = failure(source_of("rtsp://127.0.0.1:1/front", interpreter=Path(sys.executable)))
    assert (type(error), error.params["cause"]) == (CameraMisconfigured, "backend_missing")
    assert PACKAGES in str(error)
