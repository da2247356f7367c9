"""python -m worker watchdog: starts programs anew that stand still or that supervisord has given up.

The decisions are pure (`HeartbeatWatch`, `RetryPolicy`); `Watchdog` asks supervisord and does what they say.
"""

import argparse
import json
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from core.domain.states import WorkerPhase
from core.errors import SupervisionError
from core.home import ResolvedHome, current_home, has_site_begun
from core.logs import configure_logging
from core.supervision import (
    Program,
    ProgramState,
    RestartCause,
    RestartCode,
    Supervision,
    read_causes,
    write_causes,
)

POLL_S = 1.0
STALE_AFTER_S = 20.0
LOADING_STALE_AFTER_S = 180.0
"""Models are loaded before the main loop turns; also granted to a worker without a heartbeat yet."""
FIRST_RETRY_S = 10.0
LONGEST_RETRY_S = 300.0
SETTLED_AFTER_S = 300.0
"""A program that ran for so long has recovered: its next failure is retried quickly again."""

WORKER, DASHBOARD, NOTIFIER = "worker", "dashboard", "notifier"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Heartbeat:
    """What the worker's main loop writes each second."""

    pid: int
    phase: WorkerPhase
    at: datetime


def read_heartbeat(path: Path) -> Heartbeat | None:
    """None when there is none, or none that can be read: the worker then counts as loading."""
    try:
        content = json.loads(path.read_text())
        return Heartbeat(
            int(content["pid"]), WorkerPhase(content["phase"]), datetime.fromisoformat(content["at"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


class HeartbeatWatch:
    """Notices a heartbeat that no longer changes.

    Ages are taken on the watchdog's own monotonic clock from the moment of the last change seen, so that a
    step of the system's clock looks like nothing at all.
    """

    def __init__(self) -> None:
        self._seen: tuple[int, Heartbeat | None] | None = None
        self._changed_s = 0.0

    def is_overdue(self, pid: int, heartbeat: Heartbeat | None, now_s: float) -> bool:
        """pid: the worker's process now. A heartbeat of another process is of an earlier start."""
        own = heartbeat if heartbeat is not None and heartbeat.pid == pid else None
        if self._seen != (pid, own):
            self._seen, self._changed_s = (pid, own), now_s
        loading = own is None or own.phase == WorkerPhase.LOADING
        return now_s - self._changed_s > (LOADING_STALE_AFTER_S if loading else STALE_AFTER_S)


@dataclass
class RetryPolicy:
    """When to start a program again that supervisord gave up: after 10 s, 20 s, 40 s … 5 min."""

    delay_s: float = FIRST_RETRY_S
    due_s: float | None = None
    running_since_s: float | None = None

    def is_due(self, state: ProgramState, now_s: float) -> bool:
        """Call it at every look. True once for each retry; the next one waits twice as long."""
        if state == ProgramState.RUNNING:
            self._note_running(now_s)
            return False
        self.running_since_s = None
        if state != ProgramState.FATAL:
            return False
        if self.due_s is None:
            self.due_s = now_s + self.delay_s
        if now_s < self.due_s:
            return False
        self.due_s = None
        self.delay_s = min(LONGEST_RETRY_S, 2 * self.delay_s)
        return True

    def _note_running(self, now_s: float) -> None:
        self.due_s = None
        if self.running_since_s is None:
            self.running_since_s = now_s
        if now_s - self.running_since_s >= SETTLED_AFTER_S:
            self.delay_s = FIRST_RETRY_S


class ProgramControl(Protocol):
    """What the watchdog needs of supervisord; `core.supervision.Supervision` is the real one."""

    def programs(self) -> Iterable[Program]: ...
    def start(self, name: str) -> None: ...
    def restart(self, name: str) -> None: ...


@dataclass
class Watchdog:
    """One look at all programs a call. Raises SupervisionError when supervisord does not do as asked."""

    home: ResolvedHome
    control: ProgramControl
    heartbeats: HeartbeatWatch = field(default_factory=HeartbeatWatch)
    policies: dict[str, RetryPolicy] = field(default_factory=dict)
    causes: dict[str, RestartCause] = field(default_factory=dict)

    def look(self, now_s: float, at: datetime) -> None:
        """now_s: monotonic seconds; at: aware UTC, for the dashboard."""
        for program in self.control.programs():
            policy = self.policies.setdefault(program.name, RetryPolicy())
            if policy.is_due(program.state, now_s):
                self._act(self.control.start, program.name, RestartCode.FATAL, at)
            elif self._stands_still(program, now_s):
                self._act(self.control.restart, program.name, RestartCode.HEARTBEAT_STALE, at)

    def end_demo(self, at: datetime) -> bool:
        """Whether the site got its first camera; the programs then start anew in the site's own home."""
        if not self.home.demo or not has_site_begun(self.home.site):
            return False
        for name in (WORKER, DASHBOARD, NOTIFIER):
            self._act(self.control.restart, name, RestartCode.DEMO_ENDED, at)
        return True

    def _stands_still(self, program: Program, now_s: float) -> bool:
        if program.name != WORKER or program.state != ProgramState.RUNNING:
            return False
        return self.heartbeats.is_overdue(program.pid, read_heartbeat(self.home.paths.heartbeat), now_s)

    def _act(self, action: Callable[[str], None], name: str, code: RestartCode, at: datetime) -> None:
        log.warning("restarting %s: %s", name, code)
        count = self.causes[name].count + 1 if name in self.causes else 1
        self.causes[name] = RestartCause(name, code, at, count)
        try:
            write_causes(self.home.paths, self.causes)
        except OSError as error:  # a full disk is one more reason to go on
            log.error("the cause cannot be written: %s", error.strerror)
        action(name)


def configure(parser: argparse.ArgumentParser) -> None:
    """It takes no options."""


def main(arguments: argparse.Namespace) -> int:
    """Looks once a second until SIGTERM, or until the demo has ended: supervisord then starts it anew too."""
    configure_logging("watchdog")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    home = current_home(os.environ)
    watchdog = Watchdog(home, Supervision.from_environment(), causes=read_causes(home.paths))
    while not stop.wait(POLL_S):
        try:
            if watchdog.end_demo(datetime.now(UTC)):
                return 0
            watchdog.look(time.monotonic(), datetime.now(UTC))
        except SupervisionError as error:
            log.log(logging.INFO if error.code == "supervision_stopping" else logging.ERROR, "%s", error)
    return 0
