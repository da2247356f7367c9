"""What is wrong with cameras and programs becomes one alert an outage, also over restarts of the watch."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.site_watch import (
    GRACE,
    CameraState,
    Ended,
    KnownAlert,
    Opened,
    SiteWatch,
    Situation,
    WorkerState,
)
from core.domain.states import AlertKind, AlertResolution, CameraStatus, WorkerPhase

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
DOWN_AFTER_S = 60
CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


@dataclass
class Site:
    """Alerts as rows would keep them, and a clock; `pass_time` looks once a second."""

    now: datetime = NOW
    watch: SiteWatch = field(default_factory=SiteWatch)
    worker: WorkerState | None = None
    worker_lives: bool = True
    cameras: dict[int, CameraState] = field(default_factory=dict)
    alerts: list[KnownAlert] = field(default_factory=list)
    resolved: set[int] = field(default_factory=set)
    told: list[str] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.worker = WorkerState(WorkerPhase.RUNNING, NOW - timedelta(hours=1), NOW)

    def camera(self, status: CameraStatus, camera_id: int = 1, **more: Any) -> None:
        before = self.cameras.get(camera_id)
        last_frame_at = self.now if status is CameraStatus.ONLINE else before and before.last_frame_at
        facts = {"enabled": True, "since": self.now, "last_frame_at": last_frame_at, **more}
        self.cameras[camera_id] = CameraState(camera_id, status=status, **facts)

    def pass_time(self, seconds: float, step_s: float = 1) -> None:
        end = self.now + timedelta(seconds=seconds)
        while self.now < end:
            self.now += timedelta(seconds=step_s)
            self.look()

    def look(self) -> None:
        if self.worker is not None and self.worker_lives:
            self.worker = replace(self.worker, heartbeat_at=self.now)
        standing = [one for one in self.alerts if one.id not in self.resolved]
        situation = Situation(self.now, self.worker, list(self.cameras.values()), standing, **self.more)
        for decision in self.watch.look(situation, self._past):
            self._carry_out(decision)

    def close_by_hand(self, alert_id: int) -> None:
        self.resolved.add(alert_id)
        self.alerts[alert_id - 1] = replace(self.alerts[alert_id - 1], resolution=AlertResolution.BY_HAND)

    def restart(self) -> None:
        """Of the watch: what it kept in memory is gone."""
        self.watch = SiteWatch()

    def _past(self, kind: AlertKind, camera_id: int | None) -> list[KnownAlert]:
        return [one for one in reversed(self.alerts) if one.kind is kind and one.camera_id == camera_id]

    def _carry_out(self, decision: Opened | Ended) -> None:
        if isinstance(decision, Opened):
            number = len(self.alerts) + 1
            alert = KnownAlert(number, decision.kind, self.now, decision.camera_id, decision.cause)
            self.alerts.append(alert)
            self.told.append(f"{decision.kind} {decision.cause}")
        else:
            self.resolved.add(decision.alert_id)
            number = decision.alert_id - 1
            self.alerts[number] = replace(self.alerts[number], resolution=decision.resolution)
            self.told.append(f"end {decision.kind} {decision.resolution}{' told' * decision.notice}")


@pytest.fixture
def site() -> Site:
    """Everything works, and the grace after the start is over."""
    site = Site()
    site.camera(CameraStatus.ONLINE)
    site.pass_time(GRACE.total_seconds() + 1)
    assert site.told == []
    return site


def test_a_camera_is_down_after_its_time_and_back(site: Site) -> None:
    site.camera(CameraStatus.UNREACHABLE, cause="refused")
    site.pass_time(DOWN_AFTER_S - 1)
    assert site.told == []
    site.pass_time(1)
    assert site.told == ["camera_down refused"]
    site.pass_time(600)
    site.camera(CameraStatus.ONLINE)
    site.pass_time(600)
    assert site.told == ["camera_down refused", "end camera_down back told"]


def test_a_camera_that_fails_in_turns_is_down_since_the_first_failure(site: Site) -> None:
    for number in range(8):
        site.camera([CameraStatus.UNREACHABLE, CameraStatus.NO_FRAMES][number % 2], cause="lost")
        site.pass_time(10)
    assert site.told == ["camera_down lost"]


def test_a_camera_without_cause_is_told_by_its_status(site: Site) -> None:
    site.camera(CameraStatus.CONNECTING)
    site.pass_time(61)
    assert site.told == ["camera_down connecting"]


@pytest.mark.parametrize("gone", ["disabled", "removed"])
def test_a_camera_that_is_taken_out_of_use_ends_its_alert_quietly(site: Site, gone: str) -> None:
    site.camera(CameraStatus.UNREACHABLE)
    site.pass_time(61)
    if gone == "disabled":
        site.camera(CameraStatus.DISABLED, enabled=False)
    else:
        site.cameras.clear()
    site.pass_time(61)
    assert site.told[1:] == ["end camera_down deactivated"]


def test_while_the_worker_is_silent_its_cameras_say_nothing(site: Site) -> None:
    site.camera(CameraStatus.UNREACHABLE)
    site.worker_lives = False
    site.pass_time(300)
    assert site.told == ["worker_fault silent"]
    site.worker_lives = True
    site.pass_time(1)
    assert site.told[1:] == ["end worker_fault back", "camera_down unreachable"]


@pytest.mark.parametrize("seconds", [0, 30, 61, 600])
def test_a_killed_watch_neither_forgets_nor_repeats(site: Site, seconds: float) -> None:
    site.camera(CameraStatus.UNREACHABLE)
    site.pass_time(seconds)
    site.restart()
    site.pass_time(600)
    site.restart()
    site.pass_time(600)
    assert site.told == ["camera_down unreachable"]
    site.camera(CameraStatus.ONLINE)
    site.restart()
    site.pass_time(5)
    assert site.told[1:] == ["end camera_down back told"], "ends need no grace"


def test_what_somebody_closed_by_hand_stays_closed_until_it_worked_again(site: Site) -> None:
    site.camera(CameraStatus.UNREACHABLE)
    site.pass_time(61)
    site.close_by_hand(1)
    site.pass_time(600)
    site.restart()
    site.pass_time(600)
    assert site.told == ["camera_down unreachable"]
    site.camera(CameraStatus.ONLINE)
    site.pass_time(5)
    site.camera(CameraStatus.UNREACHABLE)
    site.pass_time(61)
    assert site.told == ["camera_down unreachable"] * 2


def test_a_fault_closed_by_hand_comes_again_once_it_was_right(site: Site) -> None:
    assert site.worker is not None
    site.worker = replace(site.worker, has_settings_error=True)
    site.pass_time(120)
    site.close_by_hand(1)
    site.pass_time(120)
    assert site.told == ["worker_fault settings"]
    site.worker = replace(site.worker, has_settings_error=False)
    site.pass_time(2)
    site.worker = replace(site.worker, has_settings_error=True)
    site.pass_time(120)
    assert site.told == ["worker_fault settings"] * 2


def test_a_silent_worker_does_not_reopen_what_was_closed_by_hand(site: Site) -> None:
    site.camera(CameraStatus.UNREACHABLE)
    site.pass_time(61)
    site.close_by_hand(1)
    site.worker_lives = False
    site.pass_time(61)
    site.worker_lives = True
    site.pass_time(61)
    assert site.told == ["camera_down unreachable", "worker_fault silent", "end worker_fault back"]


def test_a_pause_keeps_cameras_quiet_and_no_fault_of_the_worker(site: Site) -> None:
    site.camera(CameraStatus.UNREACHABLE)
    site.pass_time(61)
    site.more = {"paused": True}
    site.camera(CameraStatus.ONLINE)
    site.pass_time(1)
    assert site.told[1:] == ["end camera_down back"], "ended, and nobody is told"
    site.camera(CameraStatus.UNREACHABLE)
    site.pass_time(600)
    site.worker_lives = False
    site.pass_time(60)
    assert site.told[2:] == ["worker_fault silent"]


def test_a_start_and_a_stop_of_everything_is_no_fault() -> None:
    """The rows are of last night; the worker needs half a minute to load, the camera a minute more."""
    site = Site()
    site.camera(CameraStatus.ONLINE)
    site.now += timedelta(hours=10)
    site.worker_lives = False
    site.pass_time(2)
    for _ in range(30):
        site.more = {"loading_at": site.now}
        site.pass_time(1)
    site.more = {}
    assert site.worker is not None
    site.worker_lives, site.worker = True, replace(site.worker, started_at=site.now)
    site.camera(CameraStatus.CONNECTING)
    site.pass_time(50)
    site.camera(CameraStatus.ONLINE)
    site.pass_time(600)
    assert site.told == []


def test_a_machine_that_slept_is_no_fault(site: Site) -> None:
    site.now += timedelta(hours=2)
    site.worker_lives = False
    site.look()
    site.worker_lives = True
    site.pass_time(600)
    assert site.told == []


def test_a_clock_set_back_is_no_fault(site: Site) -> None:
    site.now -= timedelta(hours=2)
    site.pass_time(120)
    assert site.told == []


def test_a_worker_that_loads_is_given_time_but_not_for_ever(site: Site) -> None:
    site.worker_lives = False
    site.more = {"loading_at": site.now}
    site.pass_time(299)
    assert site.told == []
    site.pass_time(3)
    assert site.told == ["worker_fault silent"]


def test_a_worker_that_never_gets_ready_is_told(site: Site) -> None:
    site.worker = WorkerState(WorkerPhase.LOADING, site.now, site.now, has_settings_error=True)
    site.pass_time(59)
    assert site.told == []
    site.pass_time(300)
    assert site.told == ["worker_fault settings", "worker_fault loading"]


def test_a_worker_that_never_reported_is_told() -> None:
    site = Site()
    site.worker = None
    site.pass_time(60)
    assert site.told == []
    site.pass_time(1)
    assert site.told == ["worker_fault never_ran"]


def test_programs_given_up_are_told_each_by_its_name(site: Site) -> None:
    site.more = {"given_up": frozenset({"dashboard", "watchdog", "worker"})}
    site.pass_time(3)
    faults = ["worker_given_up", "dashboard_given_up", "watchdog_given_up"]
    assert site.told == [f"worker_fault {fault}" for fault in faults]
    site.more = {"given_up": None}
    site.pass_time(3)
    assert site.told[3:] == ["end worker_fault back"], "supervisord cannot say of the others"
    site.more = {"given_up": frozenset()}
    site.pass_time(3)
    assert site.told[4:] == ["end worker_fault back"] * 2


def test_one_fault_of_the_worker_is_one_alert_whatever_it_looks_like(site: Site) -> None:
    site.worker_lives = False
    site.pass_time(60)
    site.more = {"given_up": frozenset({"worker"})}
    site.pass_time(60)
    assert site.told == ["worker_fault silent"]


@pytest.mark.parametrize(
    ("wanted", "used", "fault"),
    [
        (f"{CUDA}, {CPU}", CPU, False),
        (CUDA, CPU, True),
        (CUDA, CUDA, False),
        (CUDA, None, False),
        (None, CPU, False),
        ("", CPU, False),
    ],
)
def test_another_processor_is_a_fault_where_the_settings_do_not_allow_it(
    site: Site, wanted: str | None, used: str | None, fault: bool
) -> None:
    assert site.worker is not None
    site.worker = replace(site.worker, provider=used, providers_wanted=wanted)
    site.pass_time(10)
    assert site.told == (["model_fault provider"] if fault else [])
    site.worker = replace(site.worker, provider=used, providers_wanted=used)
    site.pass_time(10)
    assert site.told[1:] == (["end model_fault back"] if fault else [])


moves = st.lists(
    st.tuples(
        st.sampled_from(["online", "down", "silent", "alive", "restart", "pause", "go_on"]),
        st.integers(1, 90),
    ),
    max_size=12,
)


@given(moves)
def test_alerts_open_and_end_in_turns(story: list[tuple[str, int]]) -> None:
    """Whatever happens: one alert of a topic stands at a time, and none when all is well."""
    site = Site()
    site.camera(CameraStatus.ONLINE)
    for move, seconds in story:
        _make(site, move)
        site.pass_time(seconds)
        standing = [(one.kind, one.camera_id) for one in site.alerts if one.id not in site.resolved]
        assert len(standing) == len(set(standing))
    for move in ("go_on", "alive", "online"):
        _make(site, move)
    site.pass_time(2)
    assert site.resolved == {one.id for one in site.alerts}


def _make(site: Site, move: str) -> None:
    if move in ("online", "down"):
        site.camera(CameraStatus.ONLINE if move == "online" else CameraStatus.UNREACHABLE)
    elif move in ("silent", "alive"):
        site.worker_lives = move == "alive"
    elif move == "restart":
        site.restart()
    else:
        site.more = {"paused": move == "pause"}
