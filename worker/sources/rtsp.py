"""A camera over RTSP or RTSPS, by PyAV."""

import errno
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import av
from av.codec.context import Flags
from av.container import InputContainer
from av.video.stream import VideoStream
from pydantic import SecretStr

from core.domain.states import CameraCause
from core.errors import CameraError
from worker.sources.causes import address_of, camera_error, endpoint_of
from worker.sources.closing import ClosableSource
from worker.sources.decoding import intact_pictures, stream_info, to_bgr, video_stream
from worker.sources.network import LOOKUP_S, resolves, rtsp_fault
from worker.sources.source import CapturedFrame, FrameChoice, StreamInfo

_DIAGNOSIS_S = 1.5
FIRST_PICTURE_S = 20.0
"""A stream may begin within a long group of pictures, which shows nothing until its next key frame."""


@dataclass(frozen=True)
class RtspLink:
    """How to reach a camera. `transport` is tcp or udp."""

    url: SecretStr
    transport: str = "tcp"
    open_timeout_s: float = 5.0
    read_timeout_s: float = 3.0


def diagnosis(link: RtspLink) -> CameraCause:
    """Why a stream could not be opened, where neither FFmpeg nor GStreamer names it."""
    url = link.url.get_secret_value()
    secure = urlsplit(url).scheme.lower() == "rtsps"
    fault = rtsp_fault(*endpoint_of(url), secure=secure, timeout_s=_DIAGNOSIS_S)
    return CameraCause.LOST if fault is None else fault  # it answers now and did not before


class RtspSource(ClosableSource):
    """Pictures as they arrive, with as little delay as the decoder allows.

    captured_at is the wall clock at arrival. Damaged pictures are dropped. What PyAV says in its errors holds
    the URL with its password, so its text never leaves this module.
    """

    def __init__(self, link: RtspLink, choice: FrameChoice | None = None) -> None:
        super().__init__()
        self.progressed_at = time.monotonic()
        self._link = link
        self._choice = choice
        self._address = address_of(link.url.get_secret_value())
        self._container: InputContainer | None = None
        self._packets: Iterator[av.Packet[VideoStream]] = iter(())
        self._pictures: deque[av.VideoFrame] = deque()
        self._sequence = 0
        self._picture_due_at = 0.0

    def open(self) -> StreamInfo:
        with self._owner:
            host, _ = endpoint_of(self._link.url.get_secret_value())
            if not resolves(host, LOOKUP_S):
                raise camera_error(CameraCause.HOST_UNKNOWN, self._address)
            self._progress()
            container = self._connect()
            self._container = container
            stream = video_stream(container, self._address)
            stream.codec_context.thread_count = 1  # threads decode frames in parallel, each a frame late
            stream.codec_context.flags |= Flags.low_delay
            self._packets = container.demux(stream)
            self._picture_due_at = self._progress() + FIRST_PICTURE_S
            return stream_info(stream)

    def read(self) -> CapturedFrame | None:
        with self._owner:
            while not self._closing.is_set():
                while self._pictures:
                    frame = self._wanted(self._pictures.popleft())
                    if frame is not None:
                        return frame
                self._pictures.extend(intact_pictures(self._next_packet(), self._address))
                self._check_pictures_come()
            self._release()
            return None

    def _release(self) -> None:
        self._pictures.clear()
        if self._container is not None:
            self._container.close()
            self._container = None

    def _progress(self) -> float:
        self.progressed_at = time.monotonic()
        return self.progressed_at

    def _connect(self) -> InputContainer:
        began = time.monotonic()
        fault: CameraError | None = None
        try:
            return av.open(
                self._link.url.get_secret_value(),
                options=_options(self._link),
                timeout=(self._link.open_timeout_s, self._link.read_timeout_s),
            )
        except (av.FFmpegError, ValueError) as error:
            fault = self._open_fault(error, time.monotonic() - began)
        raise fault  # out here, so that no traceback or context carries PyAV's text

    def _open_fault(self, error: Exception, took_s: float) -> CameraError:
        cause = _cause_of(error)
        if cause is None:
            cause = self._opening_cause(took_s)
        return camera_error(cause, self._address)

    def _opening_cause(self, took_s: float) -> CameraCause:
        """What stands behind an error that only says that opening failed."""
        if took_s >= 0.9 * self._link.open_timeout_s:
            return CameraCause.TIMEOUT
        self._progress()
        return diagnosis(self._link)

    def _next_packet(self) -> "av.Packet[VideoStream]":
        cause = CameraCause.LOST
        try:
            began = time.monotonic()
            packet = next(self._packets, None)
            if self._progress() - began >= self._link.read_timeout_s:
                # FFmpeg hands out the packet it held back, then would wait as long again
                cause = CameraCause.NO_FRAMES
            elif packet is not None:
                return packet
        except (av.ExitError, av.TimeoutError):
            cause = CameraCause.NO_FRAMES
        except av.FFmpegError as error:
            cause = _cause_of(error) or CameraCause.LOST
        raise camera_error(cause, self._address)

    def _check_pictures_come(self) -> None:
        now = time.monotonic()
        if self._pictures:
            self._picture_due_at = now + FIRST_PICTURE_S
        elif now > self._picture_due_at:
            raise camera_error(CameraCause.CODEC, self._address)

    def _wanted(self, picture: av.VideoFrame) -> CapturedFrame | None:
        sequence = self._sequence
        self._sequence += 1
        if self._choice is not None and not self._choice.wants(time.monotonic()):
            return None
        return CapturedFrame(to_bgr(picture, self._address), datetime.now(UTC), sequence)


def _options(link: RtspLink) -> dict[str, str]:
    return {
        "rtsp_transport": link.transport,
        "timeout": str(int(link.open_timeout_s * 1e6)),  # of the socket, in microseconds
        "fflags": "nobuffer",
        "analyzeduration": "0",  # looking ahead would swallow the first group of pictures
        "probesize": "32",
        "max_delay": "200000",  # waits this long, in microseconds, for a packet that comes out of order
    }


def _cause_of(error: Exception) -> CameraCause | None:
    """The cause that the error's type tells, or None where it only says that something failed."""
    causes: tuple[tuple[type[Exception], CameraCause], ...] = (
        (av.HTTPUnauthorizedError, CameraCause.UNAUTHORISED),
        (av.HTTPForbiddenError, CameraCause.UNAUTHORISED),
        (av.HTTPNotFoundError, CameraCause.NOT_FOUND),
        (av.HTTPClientError, CameraCause.REJECTED),
        (av.HTTPServerError, CameraCause.REJECTED),
        (av.ConnectionRefusedError, CameraCause.REFUSED),
        (av.ExitError, CameraCause.TIMEOUT),
        (av.TimeoutError, CameraCause.TIMEOUT),
        (av.DecoderNotFoundError, CameraCause.CODEC),
    )
    if isinstance(error, OSError) and error.errno == errno.EPROTONOSUPPORT:  # of 461 Unsupported Transport
        return CameraCause.REJECTED
    return next((cause for kind, cause in causes if isinstance(error, kind)), None)
