"""The watch over the site, from rows, the worker's heartbeat file and supervisord."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.domain.escalation import escalates, wakes
from core.domain.site_watch import Decision, SiteWatch, Situation
from core.domain.states import WorkerPhase
from core.errors import SupervisionError
from core.paths import SitePaths
from core.storage.site_state import SiteState, carry_out, past_alerts, read_site, wake_and_escalate
from core.supervision import Program, ProgramState
from worker.watchdog import read_heartbeat

ASK_EVERY = timedelta(seconds=10)
"""supervisord is asked that often."""

log = logging.getLogger(__name__)


@dataclass
class GivenUp:
    """The programs that supervisord gave up and that do not run again yet."""

    programs: Callable[[], Iterable[Program]]
    _asked_at: datetime | None = None
    _names: frozenset[str] | None = None

    def names(self, now: datetime) -> frozenset[str] | None:
        """None while supervisord does not answer."""
        if self._asked_at is None or not timedelta(0) <= now - self._asked_at < ASK_EVERY:
            self._asked_at = now
            self._names = self._ask()
        return self._names

    def _ask(self) -> frozenset[str] | None:
        try:
            states = {program.name: program.state for program in self.programs()}
        except SupervisionError:
            return None
        fatal = {name for name, state in states.items() if state is ProgramState.FATAL}
        back = {name for name, state in states.items() if state is ProgramState.RUNNING}
        return (frozenset(fatal) | (self._names or frozenset())) - back


@dataclass
class SiteGuard:
    """One look at everything a call. Reading takes no lock; only what is decided does."""

    paths: SitePaths
    reader: Engine
    given_up: GivenUp
    watch: SiteWatch = field(default_factory=SiteWatch)

    def look(
        self, now: datetime, camera_down_after: timedelta, escalate_after: timedelta
    ) -> list[Callable[[Session], object]]:
        """What is to be written, each in a transaction of its own."""
        with Session(self.reader) as session:
            state = read_site(session, now)
            situation = self._situation(state, now, camera_down_after)
            decisions = self.watch.look(situation, partial(past_alerts, session))
        work: list[Callable[[Session], object]] = []
        if decisions:
            _tell(decisions)
            work.append(partial(carry_out, decisions=decisions, now=now))
        if _has_steps(state, now, escalate_after):
            work.append(partial(wake_and_escalate, now=now, after=escalate_after))
        return work

    def _situation(self, state: SiteState, now: datetime, camera_down_after: timedelta) -> Situation:
        beat = read_heartbeat(self.paths.heartbeat)
        return Situation(
            now=now,
            worker=state.worker,
            cameras=state.cameras,
            standing=state.standing,
            loading_at=beat.at if beat is not None and beat.phase is WorkerPhase.LOADING else None,
            given_up=self.given_up.names(now),
            paused=state.paused,
            camera_down_after=camera_down_after,
        )


def _has_steps(state: SiteState, now: datetime, after: timedelta) -> bool:
    return any(
        wakes(alert, now, paused=state.paused) or escalates(alert, now, after, paused=state.paused)
        for alert in state.waiting
    )


def _tell(decisions: Iterable[Decision]) -> None:
    for decision in decisions:
        log.warning("%s", decision)
