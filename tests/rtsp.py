"""A real RTSP camera for tests: GStreamer's server from Debian packages, run by the system's Python.

Started, killed, frozen, thawed and restarted on the same port. Run as a program it is the server itself,
so everything above `serve` needs nothing but the standard library.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

SYSTEM_PYTHON = Path("/usr/bin/python3")
PACKAGES = (
    "python3-gi gir1.2-gst-rtsp-server-1.0 gir1.2-gst-plugins-base-1.0 gstreamer1.0-plugins-base "
    "gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-libav"
)
"""For the server, and for the GStreamer source that is tested against it."""

_PROBE = """
import gi
for name in ("Gst", "GstRtspServer", "GstVideo"):
    gi.require_version(name, "1.0")
from gi.repository import Gst, GstRtspServer, GstVideo
Gst.init(None)
assert all(map(Gst.ElementFactory.find, ("rtspsrc", "h264parse", "rtph264pay", "avdec_h264")))
"""
_START_TIMEOUT_S = 120.0


def server_missing() -> str | None:
    """Why no RTSP server can run here, or None when one can."""
    if not SYSTEM_PYTHON.exists():
        return f"needs {SYSTEM_PYTHON} and {PACKAGES}"
    command = [SYSTEM_PYTHON, "-c", _PROBE]
    probe = subprocess.run(command, capture_output=True, env=_clean_environment(), check=False)
    return None if probe.returncode == 0 else f"needs: apt-get install {PACKAGES}"


def require_server() -> None:
    """Skips the test by name where no RTSP server can run; under CI it fails instead."""
    import pytest

    missing = server_missing()
    if missing is not None and os.environ.get("CI") == "true":
        pytest.fail(missing)
    if missing is not None:
        pytest.skip(missing)


class RtspServer:
    """Serves H.264 Annex-B clips, looped in real time, at `rtsp://127.0.0.1:PORT/NAME`.

    Several clips under one name follow one another, so that the picture's size may change on the way.
    A context manager; `freeze` and `thaw` stop and continue the process, `kill` ends it without a goodbye.
    """

    def __init__(
        self,
        clips: dict[str, Path],
        *,
        user: str | None = None,
        password: str = "",
        fps: int = 25,
        port: int = 0,
    ) -> None:
        self._setup = {"clips": {name: str(path) for name, path in clips.items()}, "fps": fps}
        self._setup |= {"user": user, "password": password}
        self.port = port
        self._process: subprocess.Popen[str] | None = None

    def url(self, name: str, credentials: str = "") -> str:
        """`credentials` is `user:password` as it stands in a URL, or empty."""
        return f"rtsp://{credentials}{'@' if credentials else ''}127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        command = [str(SYSTEM_PYTHON), __file__, "--port", str(self.port)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_clean_environment()
        )
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(self._setup) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()  # ends with the process, so it cannot wait for ever
        if not answer.startswith("port "):
            raise RuntimeError(f"the RTSP server did not start: {answer!r}")
        self.port = int(answer.split()[1])

    def kill(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait(_START_TIMEOUT_S)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        self._process = None

    def freeze(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def __enter__(self) -> "RtspServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


def _clean_environment() -> dict[str, str]:
    """Without the virtual environment's variables, which would mislead the system's Python."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_"))}


def serve(port: int) -> None:
    """Reads its set-up as one JSON line from standard input, answers `port N` and serves until killed."""
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtspServer

    setup = json.loads(sys.stdin.readline())
    Gst.init(None)
    server = GstRtspServer.RTSPServer(address="127.0.0.1", service=str(port))
    for name, path in setup["clips"].items():
        factory = GstRtspServer.RTSPMediaFactory(shared=True, launch=_pipeline(path, setup["fps"]))
        if setup["user"]:
            factory.set_permissions(_viewers_only(GstRtspServer))
        server.get_mount_points().add_factory(f"/{name}", factory)
    if setup["user"]:
        server.set_auth(_password(GstRtspServer, setup["user"], setup["password"]))
    if not server.attach(None):
        raise SystemExit(f"port {port} is taken")
    sys.stdout.write(f"port {server.get_bound_port()}\n")
    sys.stdout.flush()
    GLib.MainLoop().run()


def _pipeline(path: str, fps: int) -> str:
    caps = f"video/x-h264,stream-format=byte-stream,framerate={fps}/1"
    return (
        f'( multifilesrc location="{path}" loop=true caps="{caps}" ! h264parse ! rtph264pay name=pay0 pt=96 )'
    )


def _viewers_only(rtsp_server):
    permissions = rtsp_server.RTSPPermissions()
    permissions.add_role("viewer")
    for right in ("media.factory.access", "media.factory.construct"):
        permissions.add_permission_for_role("viewer", right, True)
    return permissions


def _password(rtsp_server, user: str, password: str):
    token = rtsp_server.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth = rtsp_server.RTSPAuth()
    auth.add_basic(rtsp_server.RTSPAuth.make_basic(user, password), token)
    return auth


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    serve(parser.parse_args().port)
