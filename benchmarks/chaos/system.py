"""The running system from outside: started by scripts/run, killed without a warning."""

import os
import secrets
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.chaos.rows import connect
from core.paths import REPOSITORY, SitePaths
from core.supervision import Supervision, supervisor_socket

BACK_WITHIN_S = 180.0
STOP_WITHIN_S = 15.0
POLL_S = 0.02
MARK = "GSPE_CHAOS"
WORKER = b"\0-m\0worker\0run\0"


class SystemFailed(Exception):
    """The system did not do what it must whatever was killed: start, come back, or stop in time."""


@dataclass(frozen=True)
class WorkerSign:
    """What the worker last said of itself; started_at as the database stores it."""

    pid: int
    phase: str
    started_at: str


class System:
    """scripts/run and all that it starts, in one home. Every process carries a mark by which it is found."""

    def __init__(self, paths: SitePaths, log: Path) -> None:
        self.paths = paths
        self.log = log
        self._mark = secrets.token_hex(8)
        self._root: subprocess.Popen[bytes] | None = None
        inherited = {name: value for name, value in os.environ.items() if name not in _not_inherited()}
        self.environment = inherited | {"GSPE_HOME": str(paths.home), MARK: self._mark}

    def start(self) -> None:
        """Returns at once; `wait_for_worker` waits."""
        assert self._root is None
        command = [str(REPOSITORY / "scripts" / "run"), "--no-demo", "--port", str(_free_port())]
        with self.log.open("ab") as log:
            self._root = subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    @property
    def started(self) -> bool:
        return self._root is not None

    def stop(self) -> float:
        """By SIGTERM, as Ctrl-C would; returns the seconds until everything was gone."""
        assert self._root is not None
        began_s = time.monotonic()
        self._root.terminate()
        while (took_s := time.monotonic() - began_s) < STOP_WITHIN_S:
            if self._root.poll() is not None and not self.processes():
                self._root = None
                return took_s
            time.sleep(POLL_S)
        raise SystemFailed(f"{len(self.processes())} processes still run {STOP_WITHIN_S:.0f} s after SIGTERM")

    def targets(self, *, everything: bool) -> list[int]:
        """Process numbers to kill, the worker first and then what would start it again."""
        worker = self.worker_pid()
        if not everything:
            return [worker] if worker else []
        assert self._root is not None
        first = [pid for pid in (worker, self._root.pid) if pid]
        return first + [pid for pid in self.processes() if pid not in first]

    def kill(self, targets: list[int], *, everything: bool) -> None:
        """SIGKILL; returns when they are dead, and with `everything` all that was started meanwhile, too."""
        for pid in targets:
            kill(pid)
        killed = set(targets)
        while everything and (left := self.processes()):
            for pid in left:
                kill(pid)
            killed.update(left)
        while any(_is_alive(pid) for pid in killed):
            time.sleep(0.001)
        if everything and self._root is not None:
            self._root.wait()
            self._root = None

    def processes(self) -> list[int]:
        mark = f"{MARK}={self._mark}".encode()
        return [pid for pid in _pids() if mark in _read(pid, "environ").split(b"\0")]

    def worker_pid(self) -> int | None:
        """The worker's process, from its very start on."""
        for pid in self.processes():
            if WORKER in _read(pid, "cmdline"):
                return pid
        return None

    def worker_sign(self) -> WorkerSign | None:
        if not self.paths.database.exists():
            return None
        connection = connect(self.paths.database)
        try:
            row = connection.execute("SELECT pid, phase, started_at FROM worker_status").fetchone()
        finally:
            connection.close()
        return WorkerSign(*row) if row else None

    def wait_for_worker(self, not_before: str) -> WorkerSign:
        """Until a worker that was started after `not_before` is running. Raises SystemFailed."""
        deadline_s = time.monotonic() + BACK_WITHIN_S
        while time.monotonic() < deadline_s:
            sign = self.worker_sign()
            if sign and sign.phase == "running" and sign.started_at > not_before and _is_alive(sign.pid):
                return sign
            if self._root is not None and self._root.poll() is not None:
                raise SystemFailed(f"scripts/run ended with status {self._root.returncode}; see {self.log}")
            time.sleep(POLL_S)
        raise SystemFailed(f"no worker was back {BACK_WITHIN_S:.0f} s after a kill; see {self.paths.logs}")

    def restart_worker(self) -> None:
        """By supervisord, as the watchdog does; returns while the new one starts."""
        Supervision(supervisor_socket(self.environment)).restart("worker")


def kill(pid: int) -> None:
    """SIGKILL to a process that may be gone already."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _not_inherited() -> set[str]:
    return {name for name in os.environ if name.startswith("GSPE_") and name != "GSPE_MODEL_CACHE"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _pids() -> list[int]:
    return [int(entry.name) for entry in os.scandir("/proc") if entry.name.isdigit()]


def _read(pid: int, name: str) -> bytes:
    """Empty for a process that ended, is a zombie or belongs to somebody else."""
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return b""


def _is_alive(pid: int) -> bool:
    """Until its last thread has ended: until then it holds its files and their locks."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208  names only
    except (FileNotFoundError, ProcessLookupError):
        return False
    states = (_read(pid, f"task/{thread}/stat").rpartition(b")")[2].split() for thread in threads)
    return any(state and state[0] not in (b"Z", b"X") for state in states)
