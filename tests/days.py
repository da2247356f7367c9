"""A site in Jakarta whose days are judged: who was seen when, and when cameras observed."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from core.domain.states import CoverageState
from core.settings import Parameters
from core.settings_store import MISSING, SettingsStore
from core.storage import judged_days
from core.storage.models import CameraCoverage, VisitCamera
from core.storage.rulebook import read_rulebook
from core.storage.work_days import PersonDay, work_days
from tests.seed import Seed

ZONE = ZoneInfo("Asia/Jakarta")
DAY = date(2026, 11, 23)
"""A Monday."""
ONE_DAY = timedelta(days=1)
SETTINGS: dict[str, Any] = {
    "time_zone": "Asia/Jakarta",
    "working_hours": {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "late_grace_min": 10,
    "early_grace_min": 10,
}


def at(clock: str, day: date = DAY) -> datetime:
    """A clock time of a day in Jakarta; hours beyond 23 are of the next days."""
    hour, minute = clock.split(":")
    return datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(
        hours=int(hour), minutes=int(minute)
    )


@dataclass
class DaysSite:
    """One camera, working hours 08:00-17:00 from Monday to Friday, and 23:00 of `DAY` for now."""

    home: Path
    now: datetime = field(default_factory=lambda: at("23:00").astimezone(UTC))
    parameters: Parameters = field(default_factory=lambda: Parameters.parse(SETTINGS))
    seed: Seed = field(init=False)

    def __post_init__(self) -> None:
        self.seed = Seed(self.home, self.now)
        SettingsStore(self.seed.paths).save_parameters(self.parameters, MISSING)
        self.seed.camera(1, "Gate", location="Entrance")

    @property
    def engine(self) -> Any:
        return self.seed.engine

    def see(self, employee: int, start: str, end: str, day: date = DAY, camera: int = 1) -> int:
        visit = self.seed.visit(employee, at(start, day), at(end, day), camera_id=camera)
        times = {"first_seen_at": at(start, day), "last_seen_at": at(end, day)}
        self.seed.add(VisitCamera(visit_id=visit, camera_id=camera, **times))
        return visit

    def cover(
        self,
        start: str = "00:00",
        end: str = "24:00",
        day: date = DAY,
        camera: int = 1,
        state: CoverageState = CoverageState.OBSERVING,
    ) -> None:
        times = {"started_at": at(start, day), "ended_at": at(end, day)}
        self.seed.add(CameraCoverage(camera_id=camera, state=state, **times))

    def judged(self, first: date = DAY, last: date = DAY, now: datetime | None = None) -> list[PersonDay]:
        with Session(self.engine) as session:
            book = read_rulebook(session, first, last, self.parameters)
            return work_days(session, first, last, book, now or self.now)

    def store(self, first: date = DAY, last: date = DAY, now: datetime | None = None) -> int:
        """How many rows differed."""
        days = self.judged(first, last, now)
        with Session(self.engine) as session, session.begin():
            return judged_days.store(session, days, now or self.now)
