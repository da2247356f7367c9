"""One run of many kills: strike, look, let it come back, look again."""

import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.chaos.checks import Inspection
from benchmarks.chaos.invariants import Outage, Violation
from benchmarks.chaos.journal import JournalProcess
from benchmarks.chaos.migrations import MigrationStrikes
from benchmarks.chaos.rows import connect
from benchmarks.chaos.site import copy_settings, make_site
from benchmarks.chaos.strikes import Moment, Order, Strike, Strikes, plan, utc_now
from benchmarks.chaos.system import POLL_S, System, SystemFailed

OBSERVING_WITHIN_S = 60.0
AFTERWARDS_S = (0.5, 2.5)
"""So long facts are written before the look after a restart, and on until the next kill."""


@dataclass(frozen=True)
class Kill:
    """One kill and the return from it. back_s: from the kill to the next running worker.

    Without strike and back_s the system failed before; the violations say how.
    """

    number: int
    order: Order
    strike: Strike | None
    back_s: float | None
    violations: tuple[Violation, ...]


class Campaign:
    """Kills one site again and again; everything lies below the new folder `work`."""

    def __init__(self, work: Path, seed: int) -> None:
        self._work = work
        self._paths = make_site(work / "site")
        self._system = System(self._paths, work / "run.log")
        self._rng = random.Random(seed)
        self._strikes = Strikes(self._system, self._rng)
        self._migrations = MigrationStrikes(work / "migrations", self._rng)
        self._journal = JournalProcess(self._paths.database, work / "journal.jsonl")
        self.inspection = Inspection(self._paths, work / "copy", self._journal)

    def run(self, kills: int) -> Iterator[Kill]:
        """Each kill when it is over. Ends early, with the violation, when the system fails."""
        with self._journal:
            try:
                self._come_up(utc_now())
                for number, order in enumerate(plan(kills, self._rng), 1):
                    kill = self._kill(number, order)
                    yield kill
                    if kill.strike is None:
                        return
                self._system.stop()
            finally:
                if self._system.started:
                    self._system.kill(self._system.targets(everything=True), everything=True)

    def _kill(self, number: int, order: Order) -> Kill:
        how: dict[Moment, Callable[[], tuple[Strike, float, list[Violation]]]] = {
            Moment.MIGRATION: self._kill_migration,
            Moment.FIRST_START: self._kill_first_start,
        }
        try:
            strike, back_s, found = how.get(order.moment, lambda: self._kill_system(order))()
        except SystemFailed as failure:
            failed = Violation("system_failed", order.moment, str(failure))
            return Kill(number, order, None, None, (failed,))
        return Kill(number, order, strike, round(back_s, 2), tuple(found))

    def _kill_system(self, order: Order) -> tuple[Strike, float, list[Violation]]:
        strike = self._strikes.strike(order)
        began_s = time.monotonic()
        found = self.inspection.look_at_remains(everything=order.everything)
        return strike, *self._return(strike.killed_at, began_s, found)

    def _kill_migration(self) -> tuple[Strike, float, list[Violation]]:
        self._system.stop()
        stopped_at = utc_now()
        strike = self._migrations.upgrade(self._paths)
        began_s = time.monotonic()
        found = self.inspection.look_at_remains(everything=True)
        self._migrations.finish(self._paths)
        found += self.inspection.look_at_remains(everything=True)
        self._migrations.go_back(self._paths)
        return strike, *self._return(stopped_at, began_s, found)

    def _kill_first_start(self) -> tuple[Strike, float, list[Violation]]:
        """In a home of its own, of which nothing remains."""
        system = System(copy_settings(self._paths, self._work / "first"), self._work / "first.log")
        try:
            strike = self._migrations.first_start(system)
            began_s = time.monotonic()
            system.start()
            system.wait_for_worker(strike.killed_at)
            back_s = time.monotonic() - began_s
            system.stop()
        finally:
            if system.started:
                system.kill(system.targets(everything=True), everything=True)
        shutil.rmtree(system.paths.home)
        return strike, back_s, self.inspection.look_at_return()

    def _return(
        self, stopped_at: str, began_s: float, found: list[Violation]
    ) -> tuple[float, list[Violation]]:
        """Lets the system come back and looks again; adds to what was found before."""
        open_visits = self.inspection.history.open_visits()
        restarted_at = self._come_up(stopped_at)
        back_s = time.monotonic() - began_s
        self.inspection.outages.append(Outage(stopped_at, restarted_at, open_visits))
        self._wait_for_observing(restarted_at)
        time.sleep(self._rng.uniform(*AFTERWARDS_S))
        return back_s, found + self.inspection.look_at_return()

    def _come_up(self, stopped_at: str) -> str:
        """Starts what supervisord does not; returns when the new worker was started."""
        began_s = time.monotonic()
        cold = not self._system.started
        if cold:
            self._journal.tell("detach")
            self._system.start()
            self._journal.tell("attach")
        sign = self._system.wait_for_worker(stopped_at)
        took_s = time.monotonic() - began_s
        if cold:
            self._strikes.start_s = took_s
        else:
            self._strikes.load_s = took_s
        return sign.started_at

    def _wait_for_observing(self, since: str) -> None:
        query = "SELECT count(*) FROM camera_coverage WHERE state = 'observing' AND ended_at > ?"
        deadline_s = time.monotonic() + OBSERVING_WITHIN_S
        with closing(connect(self._paths.database)) as connection:
            while not connection.execute(query, (since,)).fetchone()[0]:
                if time.monotonic() > deadline_s:
                    raise SystemFailed(f"no camera was observed {OBSERVING_WITHIN_S:.0f} s after a restart")
                time.sleep(POLL_S)
