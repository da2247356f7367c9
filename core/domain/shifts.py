"""Shifts, who works which on what day, and the attendance day that follows from them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from core.domain.schedule import ONE_DAY, WorkingHours, day_bounds, instant
from core.domain.schedule import Span as ClockSpan
from core.domain.spans import Spans, union

DAY_SLACK = timedelta(hours=4)
"""An attendance day reaches this far beyond its shift, or half-way to the next shift where that is nearer."""

WHOLE_WEEK = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Shift:
    """Local clock times of one working day. An end at or before the start belongs to the next day.

    breaks: clock times within the shift. weekdays: on which it begins, Monday 0. Graces, minutes: so much
    later or earlier is neither late nor left early. Raises ValueError for breaks that are not within the
    shift or overlap.
    """

    id: int
    name: str
    start: time
    end: time
    breaks: tuple[ClockSpan, ...] = ()
    late_grace_min: int = 0
    early_grace_min: int = 0
    weekdays: frozenset[int] = WHOLE_WEEK

    def __post_init__(self) -> None:
        minutes = [(_after(self.start, b.start), _after(self.start, b.end, is_end=True)) for b in self.breaks]
        length = _after(self.start, self.end, is_end=True)
        if any(not start < end <= length for start, end in minutes):
            raise ValueError(f"a break of shift {self.name} is not within the shift")
        ordered = sorted(minutes)
        if any(later[0] < earlier[1] for earlier, later in pairwise(ordered)):
            raise ValueError(f"two breaks of shift {self.name} overlap")

    def on(self, day: date, zone: ZoneInfo) -> "ShiftDay | None":
        """The shift that begins on a site day; None on a weekday without it."""
        if day.weekday() not in self.weekdays:
            return None
        breaks = union(
            (self._instant(day, pause.start, zone), self._instant(day, pause.end, zone, is_end=True))
            for pause in self.breaks
        )
        start, end = instant(day, self.start, zone), self._instant(day, self.end, zone, is_end=True)
        return ShiftDay(self, day, start, end, breaks)

    def _instant(self, day: date, clock: time, zone: ZoneInfo, *, is_end: bool = False) -> datetime:
        """A clock time of the shift that begins on `day`; one before its start is of the next day."""
        is_next_day = clock <= self.start if is_end else clock < self.start
        return instant(day + ONE_DAY if is_next_day else day, clock, zone)


@dataclass(frozen=True, slots=True)
class ShiftDay:
    """A shift on one day as instants, UTC."""

    shift: Shift
    day: date
    start_at: datetime
    end_at: datetime
    breaks: Spans


@dataclass(frozen=True, slots=True)
class Assignment:
    """A shift for one employee, or for a department, from a date to another, inclusive; None: open-ended.

    Raises ValueError for both of them, or neither.
    """

    id: int
    shift: Shift
    first_date: date
    last_date: date | None = None
    employee_id: int | None = None
    department: str | None = None

    def __post_init__(self) -> None:
        if (self.employee_id is None) == (self.department is None):
            raise ValueError("a shift is assigned to an employee or to a department")

    def holds_on(self, day: date) -> bool:
        return self.first_date <= day and (self.last_date is None or day <= self.last_date)


@dataclass(frozen=True)
class SiteHours:
    """When work is where nobody has a shift: the site's working hours, its zone, and its graces, minutes."""

    hours: WorkingHours
    zone: ZoneInfo
    late_grace_min: int = 0
    early_grace_min: int = 0

    def shift_on(self, day: date) -> ShiftDay | None:
        """The day's spans as one shift: from the first start to the last end, with breaks in between."""
        spans = sorted(self.hours.week[day.weekday()])
        if not spans:
            return None
        breaks = tuple(ClockSpan(a.end, b.start) for a, b in pairwise(spans) if a.end < b.start)
        graces = (self.late_grace_min, self.early_grace_min)
        return Shift(0, "", spans[0].start, spans[-1].end, breaks, *graces).on(day, self.zone)


class Roster:
    """Which shift an employee works on a day.

    His own assignments go before his department's, and those before the site's working hours: any assignment
    that holds on the day hides the levels below it, also on a weekday on which its shift does not begin. Of
    several on one level whose shift begins on that weekday the one with the latest first date counts.
    """

    def __init__(self, assignments: Iterable[Assignment], site: SiteHours) -> None:
        self._site = site
        self._of_employee: dict[int, list[Assignment]] = {}
        self._of_department: dict[str, list[Assignment]] = {}
        for one in sorted(assignments, key=lambda a: (a.first_date, a.id), reverse=True):
            if one.employee_id is not None:
                self._of_employee.setdefault(one.employee_id, []).append(one)
            else:
                self._of_department.setdefault(str(one.department), []).append(one)

    @property
    def zone(self) -> ZoneInfo:
        return self._site.zone

    def site_shift_on(self, day: date) -> ShiftDay | None:
        """Of who has none of his own."""
        return self._site.shift_on(day)

    def shift_on(self, employee_id: int, department: str | None, day: date) -> ShiftDay | None:
        """None on a day off."""
        for level in (self._of_employee.get(employee_id, ()), self._of_department.get(department or "", ())):
            held = [one for one in level if one.holds_on(day)]
            if held:
                days = (one.shift.on(day, self.zone) for one in held)
                return next((found for found in days if found is not None), None)
        return self.site_shift_on(day)

    def day_of(self, employee_id: int, department: str | None, at: datetime) -> date:
        """The attendance day to which an aware instant belongs for this employee."""
        day = at.astimezone(self.zone).date() - ONE_DAY
        while at >= self.day_bounds(employee_id, department, day)[1]:
            day += ONE_DAY
        return day

    def day_bounds(self, employee_id: int, department: str | None, day: date) -> tuple[datetime, datetime]:
        """The instants between which his attendance day lies; all his days join without gap or overlap."""
        before, own, after = (self.shift_on(employee_id, department, day + n * ONE_DAY) for n in (-1, 0, 1))
        start, end = day_bounds(day, self.zone)
        return _cut(start, before, own), _cut(end, own, after)


def _cut(midnight: datetime, before: ShiftDay | None, after: ShiftDay | None) -> datetime:
    """Where one attendance day ends and the next begins: midnight, kept away from the shifts around it."""
    slack = DAY_SLACK
    if before is not None and after is not None:
        slack = min(slack, (after.start_at - before.end_at) / 2)
    if before is not None and midnight < before.end_at + slack:
        return before.end_at + slack
    if after is not None and midnight > after.start_at - slack:
        return after.start_at - slack
    return midnight


def _after(start: time, clock: time, *, is_end: bool = False) -> int:
    """Minutes from a shift's start to a clock time of it; as an end, the start's own is a day later."""
    minutes = (clock.hour - start.hour) * 60 + clock.minute - start.minute
    return minutes + 24 * 60 if minutes < 0 or (is_end and minutes == 0) else minutes
