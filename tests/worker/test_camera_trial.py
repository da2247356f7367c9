import json
import threading
from itertools import count
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.domain.states import CameraCause
from core.settings import CameraSettings, Parameters
from tests.rtsp import RtspServer, require_server
from tests.worker.scripted_source import ScriptedSource
from tests.worker.sources.clips import write_clip
from worker.camera_trial import CameraTrial, try_camera
from worker.sources.causes import camera_error


def tried(url: str, script: ScriptedSource | None = None, **values: object) -> CameraTrial:
    camera = CameraSettings.parse({"id": 4, "name": "Gate", "rtsp_url": url})
    settings = {"rtsp_open_timeout_s": 2.0, "rtsp_read_timeout_s": 1.0, "fps_target": 20.0, **values}
    parameters = Parameters.parse(settings)
    if script is None:
        return try_camera(camera, parameters)
    return try_camera(camera, parameters, open_source=lambda camera, parameters: script)


def decoded(jpeg: bytes | None) -> np.ndarray:
    assert jpeg is not None
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return pixels


def test_a_recording_is_described_and_shown(tmp_path: Path) -> None:
    trial = tried(str(write_clip(tmp_path / "clip.mp4", 25, size=(320, 240))), stream_max_width=160)
    first_s = trial.result["time_to_first_frame_s"]
    assert trial.result | {"time_to_first_frame_s": None} == {
        "ok": True,
        "status": "online",
        "cause": None,
        "codec": "h264",
        "width": 320,
        "height": 240,
        "fps": 25.0,
        "time_to_first_frame_s": None,
        "frames": 3,
    }
    assert first_s > 0
    assert decoded(trial.picture_jpeg).shape == (120, 160, 3)
    assert json.loads(json.dumps(trial.result)) == trial.result


def test_a_recording_that_ends_early_is_fine(tmp_path: Path) -> None:
    trial = tried(str(write_clip(tmp_path / "clip.mp4", 1)), loop_file=False)
    assert (trial.result["ok"], trial.result["frames"]) == (True, 1)
    assert decoded(trial.picture_jpeg).shape == (96, 128, 3)


def test_what_is_missing_is_said_and_nothing_shown(tmp_path: Path) -> None:
    trial = tried(str(tmp_path / "absent.mp4"))
    assert trial.picture_jpeg is None
    expected = {"ok": False, "status": "misconfigured", "cause": "source_missing", "codec": None, "frames": 0}
    assert expected.items() <= trial.result.items()
    assert json.loads(json.dumps(trial.result)) == trial.result


def test_a_camera_that_fails_after_a_picture_has_failed_but_shows_it() -> None:
    lost = camera_error(CameraCause.LOST, "10.0.0.5:554")
    trial = tried("rtsp://10.0.0.5/x", ScriptedSource([30, lost]))
    assert (trial.result["ok"], trial.result["status"], trial.result["cause"]) == (
        False,
        "unreachable",
        "lost",
    )
    assert decoded(trial.picture_jpeg).shape == (48, 64, 3)


def test_a_camera_without_a_rate_has_it_measured() -> None:
    never = threading.Event()
    paced = ScriptedSource((lambda: never.wait(0.02) or 7 for _ in count()), fps=None)
    trial = tried("rtsp://10.0.0.5/x", paced)
    assert trial.result["ok"]
    assert 0 < trial.result["fps"] < 50


def test_a_call_that_hangs_is_given_up() -> None:
    released = threading.Event()
    hanging = ScriptedSource([lambda: released.wait() and None])
    trial = tried("rtsp://10.0.0.5/x", hanging, rtsp_read_timeout_s=0.5)
    released.set()
    assert (trial.result["ok"], trial.result["status"], trial.result["cause"]) == (
        False,
        "no_frames",
        "stuck",
    )


@pytest.mark.rtsp
def test_a_real_camera_tells_right_from_wrong_credentials(tmp_path: Path) -> None:
    require_server()
    clip = write_clip(tmp_path / "camera.h264", 25)
    with RtspServer({"front": clip}, user="viewer", password="s3cret") as server:
        good = tried(server.url("front", "viewer:s3cret"))
        wrong = tried(server.url("front", "viewer:guess"))
    assert good.result["ok"]
    assert decoded(good.picture_jpeg).shape == (96, 128, 3)
    assert (wrong.result["status"], wrong.result["cause"]) == ("unauthorised", "unauthorised")
    assert "guess" not in json.dumps(wrong.result)
