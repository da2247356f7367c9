import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

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
from tests.patience import PATIENCE_S
from tests.rtsp import RtspServer
from tests.worker.sources.answering import answering, unused_port
from tests.worker.sources.conftest import CREDENTIALS, PASSWORD
from worker.sources import FrameChoice
from worker.sources.rtsp import RtspLink, RtspSource

WRONG = "viewer:wr0ng-pa55"


def source_of(url: str, choice: FrameChoice | None = None, **link: object) -> RtspSource:
    settings = {"open_timeout_s": 2.0, "read_timeout_s": 1.0, **link}
    return RtspSource(RtspLink(SecretStr(url), **settings), choice)  # type: ignore[arg-type]


def opened(url: str, choice: FrameChoice | None = None, **link: object) -> RtspSource:
    source = source_of(url, choice, **link)
    source.open()
    return source


def failure(url: str, **link: object) -> CameraError:
    source = source_of(url, **link)
    with pytest.raises(CameraError) as caught:
        source.open()
        while source.read() is not None:
            pass
    source.close()
    return caught.value


def shown_texts(error: BaseException | None) -> Iterator[str]:
    """Everything that a traceback, a log or a debugger could print of an error and of what led to it."""
    while error is not None:
        yield f"{error} {error!r} {error.args} {vars(error)}"
        error = error.__cause__ or error.__context__


@pytest.mark.rtsp
@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_camera_with_a_password_delivers_pictures(steady_camera: RtspServer, transport: str) -> None:
    source = source_of(steady_camera.url("front", CREDENTIALS), transport=transport)
    info = source.open()
    before = datetime.now(UTC)
    captured = [source.read() for _ in range(4)]
    source.close()
    assert (info.width, info.height, info.codec) == (128, 96, "h264")
    assert all(frame is not None and frame.pixels.shape == (96, 128, 3) for frame in captured)
    times = [frame.captured_at for frame in captured if frame]
    assert before <= times[0] <= times[-1] <= datetime.now(UTC)
    assert times == sorted(times)


@pytest.mark.rtsp
def test_only_wanted_pictures_are_delivered(steady_camera: RtspServer) -> None:
    source = opened(steady_camera.url("front", CREDENTIALS), FrameChoice.live(1e9, frame_skip=3))
    sequences = [frame.sequence for _ in range(3) if (frame := source.read())]
    source.close()
    assert sequences == [0, 4, 8]


@pytest.mark.rtsp
def test_the_size_may_change_mid_stream(steady_camera: RtspServer) -> None:
    source = opened(steady_camera.url("resizing", CREDENTIALS))
    shapes = set()
    deadline = time.monotonic() + PATIENCE_S
    while len(shapes) < 2 and time.monotonic() < deadline:
        frame = source.read()
        assert frame is not None
        shapes.add(frame.pixels.shape)
    source.close()
    assert shapes == {(96, 128, 3), (160, 192, 3)}


@pytest.mark.rtsp
@pytest.mark.parametrize("credentials", [WRONG, "", "viewer"])
def test_a_wrong_password_is_told_apart(steady_camera: RtspServer, credentials: str) -> None:
    error = failure(steady_camera.url("front", credentials))
    assert isinstance(error, CameraUnauthorised)
    assert error.params["cause"] == CameraCause.UNAUTHORISED


@pytest.mark.rtsp
def test_an_unknown_path_is_told_apart(steady_camera: RtspServer) -> None:
    error = failure(steady_camera.url("back", CREDENTIALS))
    assert (type(error), error.params["cause"]) == (CameraMisconfigured, "not_found")


@pytest.mark.rtsp
def test_tls_at_a_plain_port_is_told_apart(steady_camera: RtspServer) -> None:
    error = failure(steady_camera.url("front", CREDENTIALS).replace("rtsp:", "rtsps:"))
    assert (type(error), error.params["cause"]) == (CameraMisconfigured, "tls")


def test_a_closed_port_is_told_apart() -> None:
    error = failure(f"rtsp://{CREDENTIALS}@127.0.0.1:{unused_port()}/front")
    assert (type(error), error.params["cause"]) == (CameraUnreachable, "refused")


@pytest.mark.parametrize("scheme", ["rtsp", "rtsps"])
def test_silence_is_a_time_out(scheme: str) -> None:
    with answering() as port:
        error = failure(f"{scheme}://{CREDENTIALS}@127.0.0.1:{port}/front", open_timeout_s=0.6)
    assert (type(error), error.params["cause"]) == (CameraUnreachable, "timeout")


SDP = b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\n"
VIDEO = SDP + b"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n"
SOUND = SDP + b"m=audio 0 RTP/AVP 0\r\na=control:track1\r\n"


def rtsp(status: str, number: int, body: bytes = b"") -> bytes:
    head = f"RTSP/1.0 {status}\r\nCSeq: {number}\r\nSession: 1\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n"
    kind = "Content-Type: application/sdp\r\n" if body else ""
    return f"{head}{kind}Content-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    ("replies", "kind", "cause"),
    [
        ([rtsp("403 Forbidden", 1)], CameraUnauthorised, "unauthorised"),
        ([rtsp("503 Service Unavailable", 1)], CameraUnreachable, "rejected"),
        ([rtsp("454 Session Not Found", 1)], CameraUnreachable, "rejected"),
        (
            [rtsp("200 OK", 1), rtsp("200 OK", 2, VIDEO), rtsp("461 Unsupported Transport", 3)],
            CameraUnreachable,
            "rejected",
        ),
        (
            [rtsp("200 OK", 1), rtsp("200 OK", 2, SOUND), rtsp("200 OK", 3), rtsp("200 OK", 4)],
            CameraMisconfigured,
            "codec",
        ),
        ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], CameraMisconfigured, "protocol"),
        ([rtsp("200 OK", 1), b"RTSP/1.0 200 OK\r\n"], CameraUnreachable, "lost"),
        ([b"220 mail server ready\r\n\r\n"], CameraMisconfigured, "protocol"),
    ],
    ids=["403", "503", "454", "461", "sound-only", "http", "hangs-up", "smtp"],
)
def test_what_answers_otherwise_is_told_apart(
    replies: list[bytes], kind: type[CameraError], cause: str
) -> None:
    with answering(*replies) as port:
        error = failure(f"rtsp://{CREDENTIALS}@127.0.0.1:{port}/front")
    assert (type(error), error.params["cause"]) == (kind, cause)


def test_a_host_name_that_nobody_knows_is_told_apart() -> None:
    error = failure(f"rtsp://{CREDENTIALS}@camera.invalid/front")
    assert (type(error), error.params["cause"]) == (CameraUnreachable, "host_unknown")


@pytest.mark.rtsp
def test_a_camera_that_dies_is_lost(fragile_camera: RtspServer) -> None:
    source = opened(fragile_camera.url("front", CREDENTIALS))
    assert source.read() is not None
    fragile_camera.kill()
    with pytest.raises(CameraUnreachable) as caught:
        while source.read() is not None:
            pass
    assert caught.value.params["cause"] == CameraCause.LOST
    source.close()


@pytest.mark.rtsp
@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_camera_that_falls_silent_sends_no_frames(fragile_camera: RtspServer, transport: str) -> None:
    source = opened(fragile_camera.url("front", CREDENTIALS), transport=transport)
    assert source.read() is not None
    fragile_camera.freeze()
    with pytest.raises(CameraNoFrames) as caught:
        while source.read() is not None:
            pass
    assert caught.value.params["cause"] == CameraCause.NO_FRAMES
    source.close()


@pytest.mark.rtsp
def test_close_from_another_thread_ends_the_reading(steady_camera: RtspServer) -> None:
    source = opened(steady_camera.url("front", CREDENTIALS))
    assert source.read() is not None
    threading.Timer(0.1, source.close).start()
    while source.read() is not None:
        pass
    assert source.read() is None
    source.close()


@pytest.mark.rtsp
def test_no_password_in_any_error(steady_camera: RtspServer, capfd: pytest.CaptureFixture[str]) -> None:
    urls = [
        steady_camera.url("front", WRONG),
        steady_camera.url("front", CREDENTIALS).replace("rtsp", "rtsps"),
    ]
    urls += [steady_camera.url("back", CREDENTIALS), f"rtsp://{CREDENTIALS}@127.0.0.1:{unused_port()}/x"]
    urls += [f"rtsp://{CREDENTIALS}@camera.invalid/x"]
    texts = [text for url in urls for text in shown_texts(failure(url))]
    output = capfd.readouterr()
    for secret in (WRONG, WRONG.split(":")[1], CREDENTIALS.split(":")[1], PASSWORD):
        assert not any(secret in text for text in [*texts, output.out, output.err])


@pytest.mark.parametrize("url", ["rtsp://", "rtsp://:secret@/x", "rtsp://[::1/x", "rtsp://host:port/x"])
def test_what_is_no_address_is_misconfigured(url: str) -> None:
    with pytest.raises(CameraMisconfigured) as caught:
        source_of(url)
    assert caught.value.params["cause"] == CameraCause.URL_INVALID
    assert not any("secret" in text or "port/x" in text for text in shown_texts(caught.value))
