"""A scratch home for the system that is going to be killed."""

import shutil
from pathlib import Path

from pydantic import SecretStr

from benchmarks.chaos.clip import write_clip
from core.paths import SitePaths
from core.settings import CameraSettings, Parameters, WorkingWeek
from core.settings_store import MISSING, SettingsStore
from worker.demo_site import prepare

CLIP = "clip.mp4"
FOREVER_DAYS = 3650


def parameters() -> Parameters:
    """Times so short that visits, pictures and alerts are written all the time; nothing is ever purged."""
    return Parameters(
        time_zone="UTC",
        working_hours=WorkingWeek.always(),
        detector_width_px=320,
        smoothing_window=3,
        smoothing_min_votes=2,
        present_timeout_sec=1.0,
        tracking_timeout=3.0,
        alert_min_interval_sec=2.0,
        attendance_last_out_delay_sec=1.0,
        event_min_interval_sec=1.0,
        events_retention_days=FOREVER_DAYS,
        attendance_captures_retention_days=FOREVER_DAYS,
        min_free_mb=10,
    )


def make_site(home: Path) -> SitePaths:
    """Settings, a camera that plays the clip, three enrolled people. Raises GspeError without models."""
    paths = SitePaths(home).create()
    write_clip(home / CLIP)
    store = SettingsStore(paths)
    store.save_parameters(parameters(), MISSING)
    camera = CameraSettings(id=1, name="Chaos", rtsp_url=SecretStr(str(home / CLIP)), location="Scratch")
    store.save_camera(camera)
    prepare(paths)
    return paths


def copy_settings(paths: SitePaths, home: Path) -> SitePaths:
    """A home with the same settings and nothing else."""
    for folder in (paths.config, paths.camera_configs):
        shutil.copytree(folder, home / folder.name)
    return SitePaths(home)
