"""Who is expected when: shifts, less the days and hours on which nobody expects him."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from core.domain.schedule import ONE_DAY
from core.domain.shifts import Roster
from core.domain.spans import Span, Spans
from core.domain.states import LeaveKind


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A holiday of everybody, or of one department."""

    day: date
    name: str
    department: str | None = None


@dataclass(frozen=True, slots=True)
class LeaveDays:
    """From a date to another, inclusive."""

    employee_id: int
    kind: LeaveKind
    first_date: date
    last_date: date


class Calendar:
    """Everything that decides of anybody whether he is expected, but his visits."""

    def __init__(
        self,
        roster: Roster,
        holidays: Iterable[FreeDay] = (),
        leaves: Iterable[LeaveDays] = (),
        excused: Mapping[int, Spans] | None = None,
        pauses: Spans = (),
    ) -> None:
        """excused: the hours of each employee; pauses: of the site; both sorted and disjoint."""
        self.roster = roster
        self.pauses = pauses
        self._holidays: dict[date, list[FreeDay]] = {}
        for holiday in holidays:
            self._holidays.setdefault(holiday.day, []).append(holiday)
        self._leaves: dict[int, list[LeaveDays]] = {}
        for leave in leaves:
            self._leaves.setdefault(leave.employee_id, []).append(leave)
        self._excused = dict(excused or {})

    def holiday_on(self, day: date, department: str | None) -> str | None:
        """The name of the holiday; that of his department before everybody's."""
        found = {holiday.department: holiday.name for holiday in self._holidays.get(day, ())}
        if department is not None and department in found:
            return found[department]
        return found.get(None)

    def leave_on(self, employee_id: int, day: date) -> LeaveKind | None:
        """Of several that hold on the day, the first that was given."""
        held = (
            one.kind for one in self._leaves.get(employee_id, ()) if one.first_date <= day <= one.last_date
        )
        return next(held, None)

    def split(self, employee_id: int, department: str | None, visit: Span) -> Iterator[tuple[date, Span]]:
        """To which of his attendance days a visit counts, and with what of it.

        It counts to the day on which it began. One that goes on into the working time of the next day is cut
        where that day begins.
        """
        start, end = visit
        day = self.roster.day_of(employee_id, department, start)
        while True:
            next_start, _ = self.roster.day_bounds(employee_id, department, day + ONE_DAY)
            work_start = self._work_begins(employee_id, department, day + ONE_DAY)
            if work_start is None or end <= max(next_start, work_start):
                yield day, (start, end)
                return
            yield day, (start, next_start)
            start, day = next_start, day + ONE_DAY

    def _work_begins(self, employee_id: int, department: str | None, day: date) -> datetime | None:
        """None where nobody expects him on the day."""
        shift = self.roster.shift_on(employee_id, department, day)
        if shift is None or self.holiday_on(day, department) or self.leave_on(employee_id, day):
            return None
        return shift.start_at

    def excused(self, employee_id: int) -> Spans:
        return self._excused.get(employee_id, ())
