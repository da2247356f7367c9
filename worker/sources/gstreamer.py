"""A camera over RTSP or RTSPS, by GStreamer in a process of its own.

A virtual environment rarely has GStreamer's bindings, while the system's Python has them from a Debian
package. A process can also be ended whatever native code it hangs in.
"""

import json
import os
import select
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import numpy as np

from core.domain.states import CameraCause
from core.errors import CameraError
from worker.sources.causes import address_of, camera_error, endpoint_of
from worker.sources.closing import ClosableSource
from worker.sources.network import LOOKUP_S, resolves
from worker.sources.rtsp import FIRST_PICTURE_S, RtspLink, diagnosis
from worker.sources.source import CapturedFrame, FrameChoice, StreamInfo

PACKAGES = (
    "python3-gi gir1.2-gst-plugins-base-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good "
    "gstreamer1.0-plugins-bad gstreamer1.0-libav"
)
"""Debian's, in the words of apt-get install."""

_READER = Path(__file__).with_name("gstreamer_reader.py")
_SYSTEM_PYTHON = Path("/usr/bin/python3")
_END_S = 1.0
_TICK_S = 0.25
_CHUNK_BYTES = 1 << 20


class GstreamerSource(ClosableSource):
    """Pictures as they arrive, as RtspSource gives them.

    `open` raises CameraMisconfigured (backend_missing) where GStreamer is not complete.
    """

    def __init__(
        self,
        link: RtspLink,
        latency_ms: int,
        choice: FrameChoice | None = None,
        *,
        interpreter: Path | None = None,
    ) -> None:
        super().__init__()
        self.progressed_at = time.monotonic()
        self._link = link
        self._latency_ms = latency_ms
        self._choice = choice
        self._address = address_of(link.url.get_secret_value())
        self._interpreter = interpreter or _interpreter()
        self._process: subprocess.Popen[bytes] | None = None
        self._received = bytearray()
        self._sequence = 0

    def open(self) -> StreamInfo:
        with self._owner:
            host, _ = endpoint_of(self._link.url.get_secret_value())
            if not resolves(host, LOOKUP_S):
                raise camera_error(CameraCause.HOST_UNKNOWN, self._address)
            self._start()
            message = self._next_message(self._link.open_timeout_s)
            if message is None:
                raise self._fault(CameraCause.TIMEOUT)
            if "connected" not in message:
                raise self._fault(str(message["error"]))
            return StreamInfo(0, 0, str(message["connected"]), None)

    def read(self) -> CapturedFrame | None:
        with self._owner:
            while not self._closing.is_set():
                wait_s = self._link.read_timeout_s if self._sequence else FIRST_PICTURE_S
                message = self._next_message(wait_s)
                if message is None:
                    break
                if "error" in message:
                    raise self._fault(str(message["error"]))
                frame = self._offered(message) if "picture" in message else None
                if frame is not None:
                    return frame
            if not self._closing.is_set():
                raise self._fault(CameraCause.NO_FRAMES)
            self._release()
            return None

    def _release(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            process.wait(_END_S)  # it says goodbye to the camera
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _start(self) -> None:
        # -I: none of this environment's packages; unbuffered, as `select` does not see what a buffer holds
        self._process = subprocess.Popen(
            [str(self._interpreter), "-I", str(_READER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            pipesize=_CHUNK_BYTES,
        )
        self._send(json.dumps(_setup(self._link, self._latency_ms)).encode() + b"\n")

    def _send(self, message: bytes) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(message)
        except BrokenPipeError:
            raise self._fault(CameraCause.LOST) from None

    def _offered(self, message: dict[str, Any]) -> CapturedFrame | None:
        sequence = self._sequence
        self._sequence += 1
        if self._choice is not None and not self._choice.wants(time.monotonic()):
            self._send(b"n")
            return None
        self._send(b"y")
        width, height, stride, size = message["picture"]
        received = self._next_bytes(size)
        if received is None:
            return None
        rows = np.frombuffer(received, np.uint8, stride * height).reshape(height, stride)
        pixels = np.ascontiguousarray(rows[:, : width * 3]).reshape(height, width, 3)
        return CapturedFrame(pixels, datetime.now(UTC), sequence)

    def _next_bytes(self, size: int) -> bytes | None:
        """The bytes of a picture; None when the source was closed meanwhile."""
        deadline = time.monotonic() + self._link.read_timeout_s
        while len(self._received) < size:
            if not self._receive(deadline):
                if self._closing.is_set():
                    return None
                raise self._fault(CameraCause.NO_FRAMES)
        taken = bytes(self._received[:size])
        del self._received[:size]
        return taken

    def _next_message(self, wait_s: float) -> dict[str, Any] | None:
        """What the reader says next; None when it says nothing for `wait_s`, or the source was closed."""
        deadline = time.monotonic() + wait_s
        while b"\n" not in self._received:
            if not self._receive(deadline):
                return None
        line, _, rest = bytes(self._received).partition(b"\n")
        self._received = bytearray(rest)
        message: dict[str, Any] = json.loads(line)
        return message

    def _receive(self, deadline: float) -> bool:
        """Takes what has arrived; False when nothing came in time, or the source was closed."""
        assert self._process is not None
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        while not self._closing.is_set():
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return False
            self.progressed_at = time.monotonic()
            if select.select([pipe], [], [], min(left_s, _TICK_S))[0]:
                chunk = os.read(pipe, _CHUNK_BYTES)
                if not chunk:
                    raise self._fault(CameraCause.LOST)
                self._received += chunk
                return True
        return False

    def _fault(self, code: str) -> CameraError:
        if code == "missing":
            return camera_error(CameraCause.BACKEND_MISSING, self._address, packages=PACKAGES)
        if code == "failed":
            return camera_error(diagnosis(self._link), self._address)
        return camera_error(CameraCause(code), self._address)


def _interpreter() -> Path:
    """The Python that Debian's bindings belong to, or this one where there is no other."""
    return _SYSTEM_PYTHON if _SYSTEM_PYTHON.exists() else Path(sys.executable)


def _setup(link: RtspLink, latency_ms: int) -> dict[str, str | int]:
    parts = urlsplit(link.url.get_secret_value())
    host = parts.netloc.rpartition("@")[2]
    return {
        "location": urlunsplit(parts._replace(netloc=host)),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "protocol": link.transport,
        "latency_ms": latency_ms,
    }
