"""Who is expected when, person by person and day by day: what makes it matter that somebody is not seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.domain.calendar import Calendar
from core.domain.schedule import ONE_DAY
from core.domain.shifts import Roster, ShiftDay, SiteHours
from core.domain.spans import Span, Spans, difference, union

PICTURED_AROUND = timedelta(hours=1)
"""Who comes or goes so near to his shift is not off duty: the pictures of first in and last out are kept."""


@dataclass(frozen=True, slots=True)
class DayPlan:
    """One person's attendance day. bounds: of the day. expected: when missing him matters. on_duty: when his
    pictures are kept although those of people off duty are not. arrival_grace: how much of the expected time
    may pass before he has not arrived; None where no arrival is due. ends_at: of the last time in which he is
    expected, if no pause takes it; None where there is none.
    """

    day: date
    bounds: Span
    expected: Spans
    on_duty: Spans
    arrival_grace: timedelta | None
    ends_at: datetime | None

    def holds(self, at: datetime) -> bool:
        return self.bounds[0] <= at < self.bounds[1]

    def is_expected(self, at: datetime) -> bool:
        return _within(self.expected, at)

    def is_over(self, at: datetime) -> bool:
        """Whether nobody expects him any more on this day; a pause may be lifted."""
        return self.ends_at is None or self.ends_at <= at


class Expectation:
    """The plans of everybody's days, each made once.

    calendar: of the days that are asked for. departments: of each employee; who is not named has none.
    """

    def __init__(self, calendar: Calendar, departments: Mapping[int, str | None]) -> None:
        self._calendar = calendar
        self._departments = dict(departments)
        self._plans: dict[tuple[int, date], DayPlan] = {}

    @classmethod
    def plain(cls, site: SiteHours) -> "Expectation":
        """Of a site where nobody has a shift, a holiday or leave."""
        return cls(Calendar(Roster((), site)), {})

    def plan(self, employee_id: int, at: datetime) -> DayPlan:
        """The plan of the attendance day that holds an aware instant."""
        department = self._departments.get(employee_id)
        day = self._calendar.roster.day_of(employee_id, department, at)
        if (employee_id, day) not in self._plans:
            self._plans[employee_id, day] = self._make(employee_id, department, day)
        return self._plans[employee_id, day]

    def is_on_duty(self, employee_id: int, at: datetime) -> bool:
        return _within(self.plan(employee_id, at).on_duty, at)

    def is_paused(self, at: datetime) -> bool:
        return _within(self._calendar.pauses, at)

    def site_is_open(self, at: datetime) -> bool:
        """Whether it is the site's working time: no holiday of everybody's, no pause."""
        roster = self._calendar.roster
        today = at.astimezone(roster.zone).date()
        working = (
            (shift.start_at, shift.end_at)
            for day in (today - ONE_DAY, today)
            if self._calendar.holiday_on(day, None) is None
            and (shift := roster.site_shift_on(day)) is not None
        )
        return _within(self._without_pauses(union(working)), at)

    def _make(self, employee_id: int, department: str | None, day: date) -> DayPlan:
        calendar = self._calendar
        bounds = calendar.roster.day_bounds(employee_id, department, day)
        shift = calendar.roster.shift_on(employee_id, department, day)
        free = calendar.holiday_on(day, department) or calendar.leave_on(employee_id, day)
        if shift is None or free is not None:
            return DayPlan(day, bounds, (), (), None, None)
        around = (shift.start_at - PICTURED_AROUND, shift.end_at + PICTURED_AROUND)
        off = union(shift.breaks, calendar.excused(employee_id))
        due = difference(((shift.start_at, shift.end_at),), off)
        return DayPlan(
            day,
            bounds,
            self._without_pauses(due),
            self._without_pauses(difference((around,), off)),
            _arrival_grace(shift),
            due[-1][1] if due else None,
        )

    def _without_pauses(self, spans: Spans) -> Spans:
        return difference(spans, self._calendar.pauses)


def _arrival_grace(shift: ShiftDay) -> timedelta | None:
    """Nobody arrives at a shift that is never over."""
    if shift.end_at - shift.start_at >= ONE_DAY:
        return None
    return timedelta(minutes=shift.shift.late_grace_min)


def _within(spans: Spans, at: datetime) -> bool:
    return any(start <= at < end for start, end in spans)
