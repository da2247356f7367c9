from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.settings import CameraSettings, Parameters
from tests.worker.sources.clips import write_clip
from worker.sources import frames, open_source
from worker.sources.demo import DemoSource
from worker.sources.file import FileSource
from worker.sources.gstreamer import GstreamerSource
from worker.sources.opening import file_path
from worker.sources.rtsp import RtspSource
from worker.sources.webcam import WebcamSource

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def camera(url: str) -> CameraSettings:
    return CameraSettings.parse({"id": 1, "name": "Front", "rtsp_url": url})


@pytest.mark.parametrize(
    ("url", "values", "kind"),
    [
        ("rtsp://u:p@10.0.0.5/x", {}, RtspSource),
        ("rtsps://10.0.0.5/x", {}, RtspSource),
        ("rtsp://10.0.0.5/x", {"use_gstreamer_rtsp": True}, GstreamerSource),
        ("/srv/clip.mp4", {"use_gstreamer_rtsp": True}, FileSource),
        ("file:///srv/clip.mp4", {}, FileSource),
        ("0", {}, WebcamSource),
        ("demo:", {}, DemoSource),
    ],
)
def test_the_url_and_the_settings_choose_the_source(url: str, values: dict[str, object], kind: type) -> None:
    assert type(open_source(camera(url), Parameters.parse(values))) is kind


def test_a_recording_is_replayed_at_the_camera_s_rate(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "two words.mp4", 25)
    url = f"file://{tmp_path}/two%20words.mp4"
    source = open_source(camera(url), Parameters.parse({"fps_target": 5.0, "loop_file": True}), START)
    source.open()
    captured = list(frames(source))
    source.close()
    assert [frame.sequence for frame in captured] == [0, 5, 10, 15, 20]
    assert captured[0].captured_at == START
    assert path == file_path(url)
