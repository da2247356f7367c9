"""Which source a camera's settings mean."""

from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from core.settings import CameraSettings, Parameters
from worker.sources.file import FileSource
from worker.sources.rtsp import RtspLink, RtspSource
from worker.sources.source import FrameChoice, FrameSource


def open_source(
    camera: CameraSettings, parameters: Parameters, start_at: datetime | None = None
) -> FrameSource:
    """The source of a camera, not yet opened; `parameters` are those of this camera.

    `start_at` (aware UTC) plays a recording by its own clock, as fast as it is read.
    """
    if camera.kind == "rtsp":
        return _rtsp(camera, parameters)
    if camera.kind == "webcam":
        from worker.sources.webcam import WebcamSource  # noqa: PLC0415

        return WebcamSource(int(camera.rtsp_url.get_secret_value()), _live_choice(parameters))
    if camera.kind == "demo":
        from worker.sources.demo import DemoSource  # noqa: PLC0415

        return DemoSource(parameters, start_at)
    choice = _live_choice(parameters) if start_at is None else _choice(parameters)
    path = file_path(camera.rtsp_url.get_secret_value())
    return FileSource(path, choice=choice, loop=parameters.loop_file, start_at=start_at)


def file_path(url: str) -> Path:
    """The path that a `file://` URL or a plain path names."""
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme.lower() == "file" else Path(url)


def _rtsp(camera: CameraSettings, parameters: Parameters) -> FrameSource:
    link = RtspLink(
        camera.rtsp_url,
        parameters.rtsp_protocol,
        parameters.rtsp_open_timeout_s,
        parameters.rtsp_read_timeout_s,
    )
    if parameters.use_gstreamer_rtsp:
        from worker.sources.gstreamer import GstreamerSource  # noqa: PLC0415

        return GstreamerSource(link, parameters.gst_latency_ms, _live_choice(parameters))
    return RtspSource(link, _live_choice(parameters))


def _choice(parameters: Parameters) -> FrameChoice:
    return FrameChoice(parameters.fps_target, parameters.frame_skip)


def _live_choice(parameters: Parameters) -> FrameChoice:
    return FrameChoice.live(parameters.fps_target, parameters.frame_skip)
