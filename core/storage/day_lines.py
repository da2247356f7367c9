"""A day as the Attendance page lists it: what was judged, with the pictures of first in and last out."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from core.domain.workday import WorkDay
from core.storage import judged_days, queries
from core.storage.judged_days import StoredDay
from core.storage.rows import AttendanceRow, Shot


@dataclass(frozen=True, slots=True)
class DayLine:
    """One person's day; `judged` is None until the worker has judged it, `seen` where nobody saw him."""

    employee_id: int
    code: str
    name: str
    department: str | None
    day: date
    judged: StoredDay | None
    seen: AttendanceRow | None

    @property
    def work(self) -> WorkDay | None:
        return self.judged.work if self.judged else None

    @property
    def status(self) -> str | None:
        return str(self.judged.work.status) if self.judged else None

    @property
    def first_in_at(self) -> datetime | None:
        if self.seen is not None and not self._counts_as_judged:
            return self.seen.first_in_at
        return self.judged.work.first_in_at if self.judged else None

    @property
    def last_out_at(self) -> datetime | None:
        if self.seen is not None and not self._counts_as_judged:
            return self.seen.last_out_at
        return self.judged.work.last_out_at if self.judged else None

    @property
    def _counts_as_judged(self) -> bool:
        """A day that is over, or corrected; what was judged of one that goes on is older than its facts."""
        return self.judged is not None and (
            self.judged.work.is_final or self.judged.correction_id is not None
        )

    @property
    def first_in(self) -> Shot | None:
        return self.seen.first_in if self.seen else None

    @property
    def last_out(self) -> Shot | None:
        return self.seen.last_out if self.seen else None

    @property
    def visit_count(self) -> int:
        return self.seen.visit_count if self.seen else 0

    def is_provisional(self, now: datetime) -> bool:
        """Whether last out may still move."""
        if self.judged is not None and self.judged.work.is_final:
            return False
        return self.seen is not None and self.seen.is_provisional(now)


def lines_of_day(session: Session, day: date, departments: Collection[str] = ()) -> list[DayLine]:
    """Everybody who was judged or seen, in order of name."""
    judged = {row.employee_id: row for row in judged_days.of_day(session, day, departments)}
    seen = {row.employee_id: row for row in queries.attendance(session, day, departments)}
    people: dict[int, StoredDay | AttendanceRow] = {**seen, **judged}
    lines = [
        DayLine(
            employee_id,
            who.code,
            who.name,
            who.department,
            day,
            _unless_outdated(judged.get(employee_id), seen.get(employee_id)),
            seen.get(employee_id),
        )
        for employee_id, who in people.items()
    ]
    return sorted(lines, key=lambda line: (line.name, line.employee_id))


def _unless_outdated(judged: StoredDay | None, seen: AttendanceRow | None) -> StoredDay | None:
    """None for what was judged of somebody before he came; the worker judges him anew within a minute."""
    if judged is None or judged.work.is_final or seen is None:
        return judged
    return judged if judged.work.first_in_at is not None else None
