"""The kills: each waits for its moment, strikes, and says whether it fell where it should."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from benchmarks.chaos.moments import has_torn_commit, wait_for_picture, wait_for_write
from benchmarks.chaos.rows import connect, stored
from benchmarks.chaos.system import POLL_S, System, SystemFailed

TRIGGER_WITHIN_S = 30.0
LATE_S = 0.004
"""Some kills follow their trigger this much later, to fall while the log is flushed and not only written."""


class Moment(StrEnum):
    """When a kill falls."""

    STEADY = "steady"
    STARTUP = "startup"
    COMMIT = "commit"
    RENAME = "rename"
    MIGRATION = "migration"
    FIRST_START = "first_start"


@dataclass(frozen=True)
class Order:
    """What to kill when: the worker alone, or everything, as a power cut does."""

    moment: Moment
    everything: bool


@dataclass(frozen=True)
class Strike:
    """A kill that was done. killed_at: when all targets were dead. hit: it fell into its moment.

    found: a code for what it interrupted.
    """

    killed_at: str
    hit: bool
    found: str


MIX = (
    Order(Moment.STEADY, everything=False),
    Order(Moment.STEADY, everything=True),
    Order(Moment.STARTUP, everything=False),
    Order(Moment.STARTUP, everything=True),
    Order(Moment.COMMIT, everything=False),
    Order(Moment.COMMIT, everything=True),
    Order(Moment.RENAME, everything=False),
    Order(Moment.RENAME, everything=True),
    Order(Moment.MIGRATION, everything=True),
    Order(Moment.FIRST_START, everything=True),
)


def plan(kills: int, rng: random.Random) -> list[Order]:
    """Every ten kills hold each order once, in an order of their own."""
    orders: list[Order] = []
    while len(orders) < kills:
        orders += rng.sample(MIX, len(MIX))
    return orders[:kills]


def utc_now() -> str:
    return stored(datetime.now(UTC))


class Strikes:
    """Kills one running system. start_s, load_s: how long its last start and its worker's took."""

    def __init__(self, system: System, rng: random.Random) -> None:
        self.start_s = 10.0
        self.load_s = 3.0
        self._system = system
        self._rng = rng

    def strike(self, order: Order) -> Strike:
        """Kills what runs; for a kill while starting, what runs is first stopped in good order."""
        strikes: dict[Moment, Callable[[bool], Strike]] = {
            Moment.STEADY: self._at_random,
            Moment.COMMIT: self._in_commit,
            Moment.RENAME: self._around_rename,
            Moment.STARTUP: self._while_starting,
        }
        return strikes[order.moment](order.everything)

    def _at_random(self, everything: bool) -> Strike:
        time.sleep(self._rng.uniform(0.0, 3.0))
        return Strike(self._kill(self._system.targets(everything=everything), everything), True, "running")

    def _in_commit(self, everything: bool) -> Strike:
        targets = self._system.targets(everything=everything)
        wal = self._system.paths.database.with_name(f"{self._system.paths.database.name}-wal")
        late_s = self._rng.choice((0.0, self._rng.uniform(0.0, LATE_S)))
        hit = wait_for_write(wal, TRIGGER_WITHIN_S)
        if late_s:
            time.sleep(late_s)
        killed_at = self._kill(targets, everything)
        return Strike(killed_at, hit, "torn" if has_torn_commit(wal) else "whole")

    def _around_rename(self, everything: bool) -> Strike:
        targets = self._system.targets(everything=everything)
        evidence = self._system.paths.evidence
        name = wait_for_picture(evidence, TRIGGER_WITHIN_S, renamed=self._rng.random() < 0.5)
        killed_at = self._kill(targets, everything)
        found = self._picture_state(evidence, name) if name else "no_picture"
        return Strike(killed_at, found in ("temporary", "no_row"), found)

    def _picture_state(self, evidence: Path, name: str) -> str:
        """How far the picture came that was being written: `.NAME.RANDOM.tmp` becomes NAME."""
        if next(evidence.rglob(name), None) and name.endswith(".tmp"):
            return "temporary"
        final = name if name.endswith(".jpg") else name[1:].rpartition(".tmp")[0].rpartition(".")[0]
        connection = connect(self._system.paths.database)
        try:
            query = "SELECT count(*) FROM evidence WHERE path LIKE ?"
            return "committed" if connection.execute(query, (f"%/{final}",)).fetchone()[0] else "no_row"
        finally:
            connection.close()

    def _while_starting(self, everything: bool) -> Strike:
        before = utc_now()
        if everything:
            self._system.stop()
            before = utc_now()
            self._system.start()
        else:
            self._system.restart_worker()
            self._wait_for_process()
        time.sleep(self._rng.uniform(0.0, self.start_s if everything else self.load_s))
        found = self._stage(before)
        killed_at = self._kill(self._system.targets(everything=everything), everything)
        return Strike(killed_at, found != "running", found)

    def _wait_for_process(self) -> None:
        deadline_s = time.monotonic() + TRIGGER_WITHIN_S
        while self._system.worker_pid() is None:
            if time.monotonic() > deadline_s:
                raise SystemFailed("supervisord started no worker after a restart")
            time.sleep(POLL_S)

    def _stage(self, before: str) -> str:
        """How far the start is."""
        sign = self._system.worker_sign()
        if sign is not None and sign.started_at > before:
            return "running"
        if self._system.worker_pid():
            return "loading"
        return "preparing"

    def _kill(self, targets: list[int], everything: bool) -> str:
        self._system.kill(targets, everything=everything)
        return utc_now()
