"""The bars above every page: nothing old passes for the present, and an admin learns what he must know."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.domain.states import CameraStatus, WorkerPhase
from core.i18n import LANGUAGES, catalogue
from core.launch import programs_environment
from core.paths import SitePaths
from core.preflight import Endpoint
from core.settings.problems import invalid
from core.storage.pauses import PauseRow
from core.storage.rows import CameraRow, WorkerRow
from core.supervision import RestartCause, RestartCode
from dashboard.bars import Bar, Situation, camera_status, current_bars, pause_bars, standing_bars
from dashboard.gpu import BY_DEFAULT, GpuLack, Machine, gpu_lack, machine
from dashboard.widgets.words import Words

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
MOMENTS = ("alerts.resolution.", "shell.bar.restart.")
WORDS = Words("en", ZoneInfo("Asia/Jakarta"))


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


WORKER = WorkerRow(
    phase=WorkerPhase.RUNNING,
    started_at=ago(3600),
    heartbeat_at=ago(1),
    pack_id="open",
    pack_licence="MIT",
    provider="CPUExecutionProvider",
    providers_wanted="CPUExecutionProvider",
    pictures_paused=False,
    settings_error=None,
)
CAMERA = CameraRow(
    id=1,
    name="Gate",
    location="",
    enabled=True,
    status=CameraStatus.ONLINE,
    status_since=ago(3600),
    cause=None,
    last_frame_at=ago(1),
    frame_width=1920,
    frame_height=1080,
    codec="h264",
    source_fps=25.0,
    analysed_fps=5.0,
    drops=0,
    reconnects=0,
    refused_faces={},
    updated_at=NOW,
)


def bars(
    worker: WorkerRow | None = WORKER, *cameras: CameraRow, restarts: dict[str, RestartCause] | None = None
) -> list[Bar]:
    return current_bars(Situation(worker, cameras or (CAMERA,), restarts or {}, NOW), WORDS)


def test_no_bar_when_all_is_well() -> None:
    assert bars() == []


@pytest.mark.parametrize(("age_s", "shown"), [(10.0, False), (10.1, True)])
def test_red_from_ten_seconds_of_silence_on(age_s: float, shown: bool) -> None:
    silent = bars(replace(WORKER, heartbeat_at=ago(age_s)))
    assert [bar.level for bar in silent] == (["error"] if shown else [])
    if shown:
        assert "silent since 09:59 (10 s)" in silent[0].text


def test_a_silent_workers_other_facts_are_not_shown() -> None:
    gone = replace(WORKER, heartbeat_at=ago(60), pictures_paused=True, phase=WorkerPhase.LOADING)
    assert len(bars(gone, replace(CAMERA, last_frame_at=ago(60)))) == 1


def test_red_when_the_worker_never_reported() -> None:
    assert [bar.level for bar in bars(None)] == ["error"]


@pytest.mark.parametrize("code", RestartCode)
def test_the_watchdogs_last_restart_is_told(code: RestartCode) -> None:
    restarts = {"worker": RestartCause("worker", code, ago(120), 3)}
    (bar,) = bars(replace(WORKER, heartbeat_at=ago(60)), restarts=restarts)
    assert "09:58" in bar.text


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"last_frame_at": ago(10)}, False),
        ({"last_frame_at": ago(11)}, True),
        ({"last_frame_at": None, "status_since": ago(5)}, False),
        ({"last_frame_at": None, "status_since": ago(11)}, True),
        ({"last_frame_at": ago(11), "enabled": False}, False),
        ({"last_frame_at": ago(11), "status": CameraStatus.UNREACHABLE}, True),
    ],
)
def test_red_for_an_enabled_camera_without_current_picture(changes: dict[str, object], shown: bool) -> None:
    found = bars(WORKER, CAMERA, replace(CAMERA, id=2, name="Store", **changes))
    assert [bar.level for bar in found] == (["error"] if shown else [])
    if shown:
        assert "Store since 09:59" in found[0].text
        assert "Gate" not in found[0].text


def test_many_cameras_are_counted() -> None:
    down = [replace(CAMERA, id=n, name=f"C{n}", last_frame_at=ago(60)) for n in range(8)]
    (bar,) = bars(WORKER, *down)
    assert "C4" in bar.text
    assert "C5" not in bar.text
    assert "and 3 more" in bar.text


CPU, CUDA, BOTH = "CPUExecutionProvider", "CUDAExecutionProvider", BY_DEFAULT


@pytest.mark.parametrize(
    ("wanted", "provider", "machine", "lack"),
    [
        (BOTH, CUDA, Machine(has_gpu=True, worked=True), GpuLack.NONE),
        (BOTH, None, Machine(has_gpu=True), GpuLack.NONE),
        (CPU, CPU, Machine(has_gpu=True, asked_for=True, worked=True), GpuLack.NONE),
        (None, CPU, Machine(), GpuLack.NONE),
        (BOTH, CPU, Machine(), GpuLack.NO_GPU),
        (BOTH, CPU, Machine(has_gpu=True), GpuLack.UNUSED),
        (BOTH, CPU, Machine(asked_for=True), GpuLack.LOST),
        (BOTH, CPU, Machine(worked=True), GpuLack.LOST),
        (CUDA, CPU, Machine(), GpuLack.LOST),
        ("CUDAExecutionProvider, OpenVINOExecutionProvider", CPU, Machine(), GpuLack.LOST),
    ],
)
def test_a_gpu_that_is_not_used_shouts_only_where_somebody_chose_or_had_it(
    wanted: str | None, provider: str | None, machine: Machine, lack: GpuLack
) -> None:
    worker = replace(WORKER, providers_wanted=wanted, provider=provider)
    assert gpu_lack(worker, machine) is lack
    told = {GpuLack.UNUSED: [True], GpuLack.LOST: [False, True]}.get(lack, [])
    for for_admin in (False, True):
        situation = Situation(worker, (CAMERA,), {}, NOW, machine, for_admin)
        levels = [bar.level for bar in current_bars(situation, WORDS)]
        assert levels == (["warning"] if for_admin in told else [])


def test_the_machine_is_asked(tmp_path: Path) -> None:
    paths = SitePaths(tmp_path).create()
    before = machine(paths)
    paths.gpu_worked.touch()
    assert (before.worked, machine(paths)) == (False, replace(before, worked=True))


def test_amber_for_paused_pictures_and_refused_settings_in_the_readers_language() -> None:
    stored = invalid("missing_key", key="fps_target").to_json()
    found = bars(replace(WORKER, pictures_paused=True, settings_error=stored))
    assert [bar.level for bar in found] == ["warning", "warning"]
    assert "Analysed frames is missing" in found[1].text


def test_loading_models_is_no_fault() -> None:
    assert [bar.level for bar in bars(replace(WORKER, phase=WorkerPhase.LOADING))] == ["info"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", CameraStatus)
def test_every_status_has_a_word(language: str, status: CameraStatus) -> None:
    words = Words(language, WORDS.zone)
    assert camera_status(replace(CAMERA, status=status), words)


def test_an_online_camera_without_picture_is_not_called_online() -> None:
    assert camera_status(CAMERA, WORDS) == WORDS("camera.status.no_frames")


@pytest.mark.parametrize(
    ("environ", "levels"),
    [
        ({}, []),
        ({"GSPE_DEMO": "1"}, ["info"]),
        ({"GSPE_PLAIN_HTTP": ""}, []),
        ({"GSPE_PLAIN_HTTP": "1"}, ["warning"]),
        ({"GSPE_PLAIN_HTTP": "1", "GSPE_DEMO": "1"}, ["info", "warning"]),
    ],
)
def test_standing_bars(environ: dict[str, str], levels: list[str]) -> None:
    assert [bar.level for bar in standing_bars(environ, WORDS)] == levels


@pytest.mark.parametrize("language", LANGUAGES)
def test_moments_may_carry_a_date_so_no_sentence_calls_them_a_clock_time(language: str) -> None:
    told = {key: said for key, said in catalogue(language).items() if key.startswith(MOMENTS)}
    assert len(told) >= len(MOMENTS)
    assert [key for key, said in told.items() if "pukul {time}" in said or " at {time}" in said] == []


@pytest.mark.parametrize(
    ("host", "tls", "warned"),
    [
        ("127.0.0.1", False, False),
        ("::1", False, False),
        ("localhost", False, False),
        ("0.0.0.0", False, True),
        ("192.168.1.20", False, True),
        ("gspe.lan", False, True),
        ("192.168.1.20", True, False),
    ],
)
def test_every_address_that_others_reach_in_plain_is_warned_of(
    tmp_path: Path, host: str, tls: bool, warned: bool
) -> None:
    certificate = tmp_path / "cert.pem" if tls else None
    endpoint = Endpoint(host, 8501, certificate, certificate)
    environ = programs_environment(endpoint, SitePaths(tmp_path), tmp_path / "s.sock")
    assert [bar.text for bar in standing_bars(environ, WORDS)] == [WORDS("shell.bar.plain_http")] * warned


def pause(**changes: object) -> PauseRow:
    times = {"started_at": ago(60), "until_at": NOW + timedelta(hours=4)}
    facts = {"id": 1, "reason": "fire drill", "paused_by": "sari", "stops_recognition": False}
    ended = {"lifted_at": None, "lifted_by": None}
    return PauseRow(**(times | facts | ended | changes))  # type: ignore[arg-type]


def test_a_pause_says_until_when_by_whom_and_why() -> None:
    told = "Monitoring paused until 14:00 by sari: fire drill"
    assert pause_bars([pause()], WORDS, NOW) == [Bar("warning", told)]
    stops = pause_bars([pause(stops_recognition=True)], WORDS, NOW)
    assert stops == [Bar("warning", f"{told}. Nobody is recognised meanwhile.")]


@pytest.mark.parametrize(
    "changes", [{"until_at": ago(1)}, {"lifted_at": ago(1), "lifted_by": "hr"}, {"started_at": ago(-60)}]
)
def test_a_pause_that_does_not_hold_says_nothing(changes: dict[str, object]) -> None:
    assert pause_bars([pause(**changes)], WORDS, NOW) == []
