"""Keeps judged days up to date on a thread of its own: those that go on every minute, those missed at the
start.

People are judged a few at a time with a breath in between: neither the main loop nor the database's writer
waits long. Days that are final stay as they are, and locked months are never touched.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.domain.schedule import attendance_day
from core.errors import DatabaseCorrupt, GspeError
from core.paths import SitePaths
from core.settings import Parameters
from core.storage import day_rounds, judged_days
from core.storage.engine import reader_engine, writer_engine
from core.storage.retry import run_in_order
from core.storage.rulebook import read_rulebook
from core.storage.work_days import Bench, Only, prepare
from worker.upkeep import Upkeep

log = logging.getLogger(__name__)

ROUND_S = 60.0
BREATH_S = 0.02
PEOPLE_AT_ONCE = 20


class DayKeeper(Upkeep):
    def __init__(self, paths: SitePaths, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__("days", paths, now)

    def work(self) -> None:
        engines = reader_engine(self._paths.database), writer_engine(self._paths.database)
        keeping = Keeping(*engines, self._stopping.wait)
        try:
            while not self._stopping.is_set():
                began_s = time.monotonic()
                self._try(partial(keeping.keep_up, self.parameters, self._now()))
                while time.monotonic() - began_s < ROUND_S and self._catches_up(keeping):
                    self._stopping.wait(BREATH_S)
                self._stopping.wait(max(0.0, ROUND_S - (time.monotonic() - began_s)))
        finally:
            for engine in engines:
                engine.dispose()

    def _catches_up(self, keeping: "Keeping") -> bool:
        return self._try(partial(keeping.catch_up, self.parameters, self._now()))

    def _try(self, work: Callable[[], bool]) -> bool:
        """What the disk or the database refuses is logged and tried again in the next round."""
        try:
            return work()
        except DatabaseCorrupt:
            raise
        except (GspeError, DBAPIError) as error:
            log.error("judging days failed and is tried again: %s", " ".join(str(error).split()))
        return False


class Keeping:
    """The work itself. wait: pauses for so many seconds and tells whether to stop."""

    def __init__(self, reader: Engine, writer: Engine, wait: Callable[[float], bool]) -> None:
        self._reader, self._writer, self._wait = reader, writer, wait

    def keep_up(self, parameters: Parameters, now: datetime) -> bool:
        """Judges the days that go on; False when it was stopped meanwhile."""
        today = attendance_day(now, parameters.zone)
        find = partial(day_rounds.going_on, today=today, parameters=parameters, now=now)
        return all(
            self._judge(day, people, parameters, now)
            for day, people in run_in_order(self._reader, find).items()
        )

    def catch_up(self, parameters: Parameters, now: datetime) -> bool:
        """Judges one day that was missed, the latest first; False when there is none, or it was stopped."""
        today = attendance_day(now, parameters.zone)
        days = run_in_order(self._reader, partial(day_rounds.missed, today=today, parameters=parameters))
        return bool(days) and self._judge(days[0], None, parameters, now)

    def _judge(self, day: date, people: Sequence[int] | None, parameters: Parameters, now: datetime) -> bool:
        """One day of these people, or of everybody for good; False when it was stopped."""

        def read(session: Session) -> Bench:
            book = read_rulebook(session, day, day, parameters)
            return prepare(session, day, day, book, now, Only(people=people))

        bench = run_in_order(self._reader, read)
        for chunk in bench.parts(PEOPLE_AT_ONCE):
            days = list(bench.judged(chunk))
            run_in_order(self._writer, partial(judged_days.store, days=days, now=now))
            if self._wait(BREATH_S):
                return False
        run_in_order(self._writer, partial(day_rounds.note, day=day, now=now, complete=people is None))
        return True
