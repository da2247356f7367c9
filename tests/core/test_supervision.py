import os
import signal
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import SupervisionError
from core.home import current_home
from core.paths import SitePaths
from core.supervision import (
    SOCKET_PATH_LIMIT,
    ProgramState,
    RestartCode,
    Supervision,
    make_socket_folder,
    read_causes,
    supervisor_socket,
)
from tests.patience import PATIENCE_S
from tests.supervised import PROGRAMS, SupervisedPrograms, eventually, is_alive
from worker.watchdog import FIRST_RETRY_S, STALE_AFTER_S, Watchdog

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[SupervisedPrograms]:
    with SupervisedPrograms(tmp_path / "a site") as running:
        assert eventually(running.all_started)
        yield running


def state_of(programs: SupervisedPrograms, name: str) -> ProgramState:
    return next(program.state for program in programs.control.programs() if program.name == name)


def watchdog(programs: SupervisedPrograms, *, demo: bool = False) -> Watchdog:
    site = programs.site
    home = {"GSPE_HOME": str(site.demo_home), "GSPE_SITE_HOME": str(site.home), "GSPE_DEMO": "1"}
    return Watchdog(current_home(home if demo else {"GSPE_HOME": str(site.home)}), programs.control)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_programs_run_and_sigterm_leaves_none_of_them(programs: SupervisedPrograms) -> None:
    assert tuple(program.name for program in programs.control.programs()) == PROGRAMS
    assert mode(programs.socket) == 0o600
    assert {mode(file) for file in programs.site.logs.iterdir()} == {0o600}
    pids = programs.pids()
    programs.process.terminate()
    assert programs.process.wait(PATIENCE_S) == 0
    assert not any(map(is_alive, pids))


def test_a_killed_supervisord_takes_the_programs_with_it(programs: SupervisedPrograms) -> None:
    pids = programs.pids()
    programs.process.kill()
    assert eventually(lambda: not any(map(is_alive, pids)))


def test_a_frozen_worker_is_restarted(programs: SupervisedPrograms) -> None:
    assert eventually(lambda: state_of(programs, "worker") == ProgramState.RUNNING)
    programs.site.demo_home.mkdir(exist_ok=True)
    dog, frozen = watchdog(programs, demo=True), int(programs.started("worker")["pid"])
    os.kill(frozen, signal.SIGSTOP)
    dog.look(0.0, NOW)
    dog.look(STALE_AFTER_S + 1, NOW)  # stops it by force: a frozen process hears no SIGTERM
    assert eventually(lambda: programs.started("worker")["pid"] != frozen)
    assert not is_alive(frozen)
    assert read_causes(dog.home.paths)["worker"].code == RestartCode.HEARTBEAT_STALE


def test_a_program_given_up_is_started_again(tmp_path: Path) -> None:
    broken = tmp_path / "data" / "dashboard.broken"
    broken.parent.mkdir()
    broken.touch()
    with SupervisedPrograms(tmp_path) as programs:
        assert eventually(lambda: bool(programs.started("worker")))
        assert eventually(lambda: state_of(programs, "dashboard") == ProgramState.FATAL)
        broken.unlink()
        dog = watchdog(programs)
        dog.look(0.0, NOW)
        dog.look(FIRST_RETRY_S, NOW)
        assert eventually(lambda: bool(programs.started("dashboard")))
        assert eventually(lambda: state_of(programs, "dashboard") == ProgramState.RUNNING)


def test_the_first_camera_moves_the_programs_from_the_demo_to_the_site(programs: SupervisedPrograms) -> None:
    site = programs.site
    homes = {str(programs.started(name)["home"]) for name in PROGRAMS}
    assert homes == {str(site.demo_home)}
    site.camera_config(1).parent.mkdir()
    site.camera_config(1).write_text("{}")
    assert watchdog(programs, demo=True).end_demo(NOW)
    for name in ("worker", "dashboard"):
        assert eventually(lambda name=name: programs.started(name)["home"] == str(site.home))


def test_an_unknown_program_is_refused(programs: SupervisedPrograms) -> None:
    with pytest.raises(SupervisionError, match="BAD_NAME"):
        programs.control.start("notthere")


def test_no_supervisord_is_told(tmp_path: Path) -> None:
    with pytest.raises(SupervisionError, match="does not answer"):
        Supervision(tmp_path / "no.sock").programs()


@pytest.mark.parametrize(("length", "inside"), [(20, True), (70, True), (120, False)])
def test_the_socket_s_path_is_never_too_long(length: int, inside: bool) -> None:
    home = "/" + "h" * (length - 1)
    file = supervisor_socket({"GSPE_HOME": home, "XDG_RUNTIME_DIR": "/run/user/1000"})
    assert len(f"{file}.4194304") <= SOCKET_PATH_LIMIT
    assert file.is_relative_to(SitePaths(Path(home)).run) == inside


def test_two_long_homes_have_two_sockets() -> None:
    homes = ("/" + "h" * 120, "/" + "h" * 121)
    assert len({supervisor_socket({"GSPE_HOME": home}) for home in homes}) == 2


def test_a_folder_that_somebody_else_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    with pytest.raises(SupervisionError, match="belongs to somebody else"):
        make_socket_folder(tmp_path / "link" / "supervisor.sock")
    make_socket_folder(tmp_path / "own" / "supervisor.sock")
    assert mode(tmp_path / "own") == 0o700
