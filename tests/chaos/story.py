"""A site on which the worker's recorder has really recorded a morning."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import Engine

from benchmarks.chaos.site import parameters
from core.paths import SitePaths
from core.settings import CameraSettings
from core.settings_store import MISSING, SettingsStore
from tests.painted import LEFT, Box, painted, painted_pack, painted_site
from worker.pipeline import CameraFrame
from worker.recorder import Recorder, SiteSettings
from worker.replay import camera_row
from worker.sources.source import CapturedFrame

ANA, STRANGER = 1, 9
START = datetime(2026, 11, 23, 9, tzinfo=UTC)
FRAMES_PER_S = 5
STORY: tuple[tuple[dict[int, Box], int], ...] = (({ANA: LEFT}, 4), ({}, 6), ({ANA: LEFT}, 3), ({}, 2))
"""Who is shown for how many seconds: two visits, with an alert in between."""


def record_a_morning(home: Path) -> SitePaths:
    paths, engine = painted_site(home, [ANA])
    SettingsStore(paths).save_parameters(parameters(), MISSING)
    recorder = start_recorder(paths, engine, START)
    now, number = START, 0
    for people, seconds in STORY:
        for _ in range(seconds * FRAMES_PER_S):
            recorder.process([CameraFrame(1, CapturedFrame(painted(people), now, number))], now)
            now += timedelta(seconds=1 / FRAMES_PER_S)
            number += 1
    recorder.commit(now)
    engine.dispose()
    return paths


def start_recorder(paths: SitePaths, engine: Engine, now: datetime) -> Recorder:
    """As a worker does when it starts."""
    camera = CameraSettings(id=1, name="CAM1", rtsp_url=SecretStr("1.mp4"))
    recorder = Recorder(paths, engine, painted_pack(), SiteSettings(parameters(), {1: camera}))
    recorder.start(now, [camera_row(camera, now)])
    return recorder
