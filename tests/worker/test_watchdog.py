import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.states import WorkerPhase
from core.home import ResolvedHome
from core.paths import SitePaths
from core.supervision import Program, ProgramState, RestartCode, read_causes
from worker.watchdog import (
    FIRST_RETRY_S,
    LOADING_STALE_AFTER_S,
    LONGEST_RETRY_S,
    SETTLED_AFTER_S,
    STALE_AFTER_S,
    Heartbeat,
    HeartbeatWatch,
    RetryPolicy,
    Watchdog,
    read_heartbeat,
)

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PID = 4711


def beat(second: float = 0, *, phase: WorkerPhase = WorkerPhase.RUNNING, pid: int = PID) -> Heartbeat:
    return Heartbeat(pid, phase, NOW + timedelta(seconds=second))


def first_overdue_s(heartbeat: Heartbeat | None, until_s: int = 400) -> int | None:
    """When a heartbeat that never changes is called overdue, looking once a second."""
    watch = HeartbeatWatch()
    return next((s for s in range(until_s) if watch.is_overdue(PID, heartbeat, 1000.0 + s)), None)


@pytest.mark.parametrize(
    ("heartbeat", "limit_s"),
    [
        (beat(), STALE_AFTER_S),
        (beat(phase=WorkerPhase.STOPPING), STALE_AFTER_S),
        (beat(phase=WorkerPhase.LOADING), LOADING_STALE_AFTER_S),
        (None, LOADING_STALE_AFTER_S),
        (beat(pid=PID - 1), LOADING_STALE_AFTER_S),
    ],
    ids=["running", "stopping", "loading", "none yet", "an earlier process's"],
)
def test_a_heartbeat_that_stands_still_is_overdue_after_its_phase_s_limit(
    heartbeat: Heartbeat | None, limit_s: float
) -> None:
    assert first_overdue_s(heartbeat) == limit_s + 1


@given(st.lists(st.floats(0, STALE_AFTER_S), max_size=40))
def test_a_heartbeat_that_changes_in_time_is_never_overdue(gaps_s: list[float]) -> None:
    watch, now_s = HeartbeatWatch(), 0.0
    for number, gap_s in enumerate(gaps_s):
        now_s += gap_s
        assert not watch.is_overdue(PID, beat(number), now_s)


@pytest.mark.parametrize("step_s", [-3600, 3600])
def test_a_step_of_the_system_clock_is_no_standstill(step_s: int) -> None:
    watch = HeartbeatWatch()
    assert not watch.is_overdue(PID, beat(0), 0.0)
    assert not watch.is_overdue(PID, beat(step_s), 1.0)


def test_a_new_process_gets_the_time_to_load() -> None:
    watch = HeartbeatWatch()
    watch.is_overdue(PID, beat(), 0.0)
    assert watch.is_overdue(PID, beat(), STALE_AFTER_S + 1)
    assert not watch.is_overdue(PID + 1, beat(), STALE_AFTER_S + 2)


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"pid": 1}', '{"pid":1,"phase":"odd","at":"x"}'])
def test_an_unreadable_heartbeat_counts_as_none(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "worker.heartbeat"
    if content is not None:
        file.write_text(content)
    assert read_heartbeat(file) is None


def test_a_heartbeat_is_read(tmp_path: Path) -> None:
    file = tmp_path / "worker.heartbeat"
    file.write_text(json.dumps({"pid": PID, "phase": "loading", "at": NOW.isoformat()}))
    assert read_heartbeat(file) == beat(phase=WorkerPhase.LOADING)


def retries_s(states: Iterator[tuple[float, ProgramState]]) -> list[float]:
    policy = RetryPolicy()
    return [now_s for now_s, state in states if policy.is_due(state, now_s)]


def test_a_program_given_up_is_retried_ever_more_seldom() -> None:
    fatal = ((float(s), ProgramState.FATAL) for s in range(2000))
    found = retries_s(fatal)
    gaps = [later - sooner for sooner, later in zip([0.0, *found], found, strict=False)]
    assert found[0] == FIRST_RETRY_S
    # between two tries one look passes before the clock starts
    assert [round(gap) for gap in gaps[1:6]] == [21, 41, 81, 161, 301]
    assert max(gaps) == LONGEST_RETRY_S + 1


@pytest.mark.parametrize("state", [state for state in ProgramState if state != ProgramState.FATAL])
def test_only_a_program_given_up_is_retried(state: ProgramState) -> None:
    assert retries_s((float(s), state) for s in range(1000)) == []


@pytest.mark.parametrize(
    ("ran_s", "delay_s"), [(SETTLED_AFTER_S, FIRST_RETRY_S), (SETTLED_AFTER_S - 1, 20.0)]
)
def test_only_a_program_that_ran_for_long_is_retried_quickly_again(ran_s: float, delay_s: float) -> None:
    policy = RetryPolicy()
    policy.is_due(ProgramState.FATAL, 0.0)
    assert policy.is_due(ProgramState.FATAL, FIRST_RETRY_S)
    policy.is_due(ProgramState.RUNNING, 100.0)
    policy.is_due(ProgramState.RUNNING, 100.0 + ran_s)
    policy.is_due(ProgramState.FATAL, 1000.0)
    assert not policy.is_due(ProgramState.FATAL, 1000.0 + delay_s - 1)
    assert policy.is_due(ProgramState.FATAL, 1000.0 + delay_s)


class RecordedControl:
    """Keeps what it was asked to do."""

    def __init__(self, *programs: Program) -> None:
        self.listed = programs
        self.asked: list[tuple[str, str]] = []

    def programs(self) -> tuple[Program, ...]:
        return self.listed

    def start(self, name: str) -> None:
        self.asked.append(("start", name))

    def restart(self, name: str) -> None:
        self.asked.append(("restart", name))


def program(name: str, state: ProgramState = ProgramState.RUNNING) -> Program:
    return Program(name, state, PID, NOW, 0)


@pytest.fixture
def paths(tmp_path: Path) -> SitePaths:
    return SitePaths(tmp_path / "site").create()


def watchdog(paths: SitePaths, control: RecordedControl, *, demo: bool = False) -> Watchdog:
    if not demo:
        return Watchdog(ResolvedHome(paths, paths, False), control)
    return Watchdog(ResolvedHome(SitePaths(paths.demo_home).create(), paths, True), control)


def test_only_the_worker_is_restarted_for_its_heartbeat(paths: SitePaths) -> None:
    control = RecordedControl(program("dashboard"), program("worker"))
    dog = watchdog(paths, control)
    paths.heartbeat.write_text(json.dumps({"pid": PID, "phase": "running", "at": NOW.isoformat()}))
    for second in range(int(STALE_AFTER_S) + 1):
        dog.look(float(second), NOW)
    assert control.asked == []
    dog.look(STALE_AFTER_S + 1, NOW)
    assert control.asked == [("restart", "worker")]
    assert read_causes(paths)["worker"] == dog.causes["worker"]
    assert dog.causes["worker"].code == RestartCode.HEARTBEAT_STALE


def test_restarts_are_counted_over_a_restart_of_the_watchdog(paths: SitePaths) -> None:
    for expected in (1, 2):
        dog = watchdog(paths, RecordedControl(program("dashboard", ProgramState.FATAL)))
        dog.causes = read_causes(paths)
        dog.look(0.0, NOW)
        dog.look(FIRST_RETRY_S, NOW)
        assert read_causes(paths)["dashboard"].count == expected


def test_a_cause_that_cannot_be_written_keeps_no_program_down(paths: SitePaths) -> None:
    (paths.run / "watchdog.new").mkdir()  # what a full disk does, without one
    control = RecordedControl(program("dashboard", ProgramState.FATAL))
    dog = watchdog(paths, control)
    dog.look(0.0, NOW)
    dog.look(FIRST_RETRY_S, NOW)
    assert control.asked == [("start", "dashboard")]


def test_the_first_camera_of_the_site_ends_the_demo(paths: SitePaths) -> None:
    control = RecordedControl()
    dog = watchdog(paths, control, demo=True)
    assert not dog.end_demo(NOW)
    paths.camera_config(1).parent.mkdir()
    paths.camera_config(1).write_text("{}")
    assert dog.end_demo(NOW)
    assert control.asked == [("restart", name) for name in ("worker", "dashboard", "notifier")]


def test_a_camera_of_the_demo_does_not_end_it(paths: SitePaths) -> None:
    dog = watchdog(paths, RecordedControl(), demo=True)
    demo_camera = SitePaths(paths.demo_home).camera_config(1)
    demo_camera.parent.mkdir(parents=True)
    demo_camera.write_text("{}")
    assert not dog.end_demo(NOW)


def test_a_site_without_demo_ends_none(paths: SitePaths) -> None:
    paths.camera_config(1).parent.mkdir()
    paths.camera_config(1).write_text("{}")
    assert not watchdog(paths, RecordedControl()).end_demo(NOW)
