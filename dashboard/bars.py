"""The bars above every page: what makes old facts look like the present, and what an admin must know."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from core.domain.states import CameraStatus, WorkerPhase
from core.settings.problems import InvalidSettings
from core.storage.pauses import PauseRow
from core.storage.rows import CameraRow, WorkerRow
from core.supervision import RestartCause
from dashboard.data import STALE_AFTER
from dashboard.gpu import GpuLack, Machine, gpu_lack
from dashboard.widgets.settings_words import error_words
from dashboard.widgets.words import Words

NAMED_CAMERAS = 5
"""More than these are counted."""


@dataclass(frozen=True)
class Bar:
    level: Literal["error", "warning", "info"]
    text: str


@dataclass(frozen=True)
class Situation:
    """What the bars are derived from."""

    worker: WorkerRow | None
    cameras: Sequence[CameraRow]
    restarts: Mapping[str, RestartCause]
    now: datetime
    machine: Machine = field(default_factory=Machine)
    for_admin: bool = False


def current_bars(situation: Situation, words: Words) -> list[Bar]:
    """The worst first. While the worker is silent its other facts are old and say nothing."""
    worker, now = situation.worker, situation.now
    if worker is None:
        return [Bar("error", words("shell.bar.worker_never"))]
    if now - worker.heartbeat_at > STALE_AFTER:
        return [Bar("error", _silence(worker, situation.restarts, words, now))]
    cameras = _without_picture(situation.cameras, now)
    bars = [Bar("error", _cameras_down(cameras, words, now))] if cameras else []
    return [*bars, *_worker_bars(worker, situation, words)]


def pause_bars(pauses: Sequence[PauseRow], words: Words, now: datetime) -> list[Bar]:
    """The pauses in force, whatever else holds."""
    return [
        Bar(
            "warning",
            words(
                "pauses.bar_stopped" if pause.stops_recognition else "pauses.bar",
                time=words.moment(pause.until_at, now),
                name=pause.paused_by,
                reason=pause.reason,
            ),
        )
        for pause in pauses
        if pause.holds_at(now)
    ]


def standing_bars(environ: Mapping[str, str], words: Words) -> list[Bar]:
    """What holds as long as the programs run: a demo, passwords over plain HTTP."""
    bars = [Bar("info", words("shell.bar.demo"))] if environ.get("GSPE_DEMO") == "1" else []
    if environ.get("GSPE_PLAIN_HTTP") == "1":
        bars.append(Bar("warning", words("shell.bar.plain_http")))
    return bars


def environment() -> Mapping[str, str]:
    return os.environ


def camera_status(camera: CameraRow, words: Words) -> str:
    """The status of a camera without current picture, in a word or two."""
    online = camera.status == CameraStatus.ONLINE
    return words(f"camera.status.{CameraStatus.NO_FRAMES if online else camera.status}")


def _silence(worker: WorkerRow, restarts: Mapping[str, RestartCause], words: Words, now: datetime) -> str:
    silent_s = (now - worker.heartbeat_at).total_seconds()
    said = words(
        "shell.bar.worker_silent",
        time=words.moment(worker.heartbeat_at, now),
        duration=words.duration(silent_s),
    )
    restart = restarts.get("worker")
    if restart is None:
        return said
    cause = words(
        f"shell.bar.restart.{restart.code}", time=words.moment(restart.at, now), count=restart.count
    )
    return f"{said} {cause}"


def _without_picture(cameras: Sequence[CameraRow], now: datetime) -> list[CameraRow]:
    """Enabled cameras whose newest picture is older than what may pass for now."""
    return [
        camera
        for camera in cameras
        if camera.enabled and now - (camera.last_frame_at or camera.status_since) > STALE_AFTER
    ]


def _cameras_down(cameras: Sequence[CameraRow], words: Words, now: datetime) -> str:
    named = "; ".join(
        words(
            "shell.bar.camera",
            camera=camera.name,
            status=camera_status(camera, words),
            time=words.moment(camera.last_frame_at or camera.status_since, now),
        )
        for camera in cameras[:NAMED_CAMERAS]
    )
    more = len(cameras) - NAMED_CAMERAS
    if more > 0:
        named = f"{named}; {words('shell.bar.more_cameras', count=more)}"
    return words("shell.bar.cameras_old", cameras=named)


def _worker_bars(worker: WorkerRow, situation: Situation, words: Words) -> Iterator[Bar]:
    if worker.phase == WorkerPhase.LOADING:
        yield Bar("info", words("shell.bar.loading"))
    lack = gpu_lack(worker, situation.machine)
    if lack is GpuLack.LOST or (lack is GpuLack.UNUSED and situation.for_admin):
        yield Bar("warning", words("shell.bar.provider", provider=worker.provider))
    if worker.pictures_paused:
        yield Bar("warning", words("shell.bar.pictures_paused"))
    if worker.settings_error:
        problem = error_words(InvalidSettings.from_json(worker.settings_error), words)
        yield Bar("warning", words("shell.bar.settings", problem=problem))
