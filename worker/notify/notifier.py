"""One step of the notifier: record what came, watch the site, address what is new, send what is due."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.errors import StorageError
from core.storage import deliveries, outbox
from core.storage.retry import failure_of, run_in_order
from worker.notify.channels import ChannelWatch
from worker.notify.dispatch import Dispatch
from worker.notify.watching import SiteGuard

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass
class Notifier:
    """`step` is called again and again. One thread writes rows: the caller's."""

    writer: Engine
    reader: Engine
    channels: ChannelWatch
    guard: SiteGuard
    dispatch: Dispatch
    _started: bool = False
    _trouble: str = ""

    def step(self, now: datetime, wait_s: float = 0.0) -> None:
        """Everything that is due, then up to wait_s seconds for an answer.

        While the database is locked, full or away nothing is sent; that is told to the log, once.
        """
        self.channels.look()
        self._guarded(lambda: self._work(now))
        self.dispatch.wait(wait_s)

    def finish(self, now: datetime, wait_s: float) -> None:
        """Gives what is on its way so many seconds; the rest is repeated after the next start."""
        self.dispatch.wait_for_all(wait_s)
        self._guarded(lambda: self.dispatch.record(now))

    def _work(self, now: datetime) -> None:
        if not self._started:
            self.dispatch.start(now)
            self._started = True
        self.dispatch.record(now)
        self._watch(now)
        self._address(now)
        self.dispatch.send(self.channels.settings, now)

    def _watch(self, now: datetime) -> None:
        settings = self.channels.settings
        camera_down_after = timedelta(seconds=settings.parameters.camera_down_after_sec)
        for work in self.guard.look(now, camera_down_after, settings.escalate_after):
            self._write(work)

    def _address(self, now: datetime) -> None:
        if self._read(outbox.has_unaddressed):
            settings = self.channels.settings
            addressing = outbox.Addressing(settings.recipients(), settings.group)
            self._write(lambda session: outbox.address(session, addressing, now))
        if self._read(lambda session: deliveries.has_obsolete(session, now)):
            self._write(lambda session: deliveries.cancel_obsolete(session, now))

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except StorageError as error:
            self._tell(error)
        except DBAPIError as error:
            failure = failure_of(self.writer, error)
            if failure is None:
                raise
            self._tell(failure)
        else:
            if self._trouble:
                log.warning("the database answers again")
            self._trouble = ""

    def _tell(self, error: StorageError) -> None:
        if error.code != self._trouble:
            log.error("nothing is told until this is over: %s", error)
        self._trouble = error.code

    def _read(self, question: Callable[[Session], T]) -> T:
        with Session(self.reader) as session:
            return question(session)

    def _write(self, work: Callable[[Session], T]) -> T:
        return run_in_order(self.writer, work, budget_s=0.0)
