"""Many days of one person together: sums, counts, and what exceeds the hours that law or contract allow."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from core.domain.schedule import ONE_DAY
from core.domain.states import DayStatus
from core.domain.workday import WorkDay

NOTHING = timedelta()


@dataclass(frozen=True, slots=True)
class Totals:
    """coverage: of all working time together, None without any. days: how many days had each status."""

    days: Mapping[DayStatus, int]
    working: timedelta
    present: timedelta
    late_times: int
    late_by: timedelta
    left_early_times: int
    left_early_by: timedelta
    overtime: timedelta
    missing: timedelta
    not_observable: timedelta
    coverage: float | None


def total(days: Iterable[WorkDay]) -> Totals:
    days = list(days)
    working, dark = _sum(days, lambda d: d.working), _sum(days, lambda d: d.not_observable)
    return Totals(
        days=Counter(day.status for day in days),
        working=working,
        present=_sum(days, lambda d: d.present),
        late_times=sum(day.late_by > NOTHING for day in days),
        late_by=_sum(days, lambda d: d.late_by),
        left_early_times=sum(day.left_early_by > NOTHING for day in days),
        left_early_by=_sum(days, lambda d: d.left_early_by),
        overtime=_sum(days, lambda d: d.overtime),
        missing=_sum(days, lambda d: d.missing),
        not_observable=dark,
        coverage=(working - dark) / working if working else None,
    )


@dataclass(frozen=True, slots=True)
class HourLimits:
    """Hours beyond which a report warns; None: no limit. A week is Monday to Sunday."""

    week_h: float | None = None
    overtime_day_h: float | None = None
    overtime_week_h: float | None = None

    @property
    def of_a_day(self) -> "HourLimits":
        """Without what only a whole week can exceed."""
        return HourLimits(overtime_day_h=self.overtime_day_h)


PLAIN = HourLimits()
INDONESIA = HourLimits(week_h=40, overtime_day_h=4, overtime_week_h=18)
"""Government regulation PP 35/2021, articles 21 and 26."""


@dataclass(frozen=True, slots=True)
class Exceeded:
    """code: `overtime_day`, `overtime_week` or `week`. first_date: the day, or the week's Monday."""

    code: str
    first_date: date
    reached: timedelta
    allowed: timedelta


def exceeded(days: Iterable[WorkDay], limits: HourLimits, first: date, last: date) -> list[Exceeded]:
    """What went beyond the limits from `first` to `last`, in order of date.

    Days are judged one by one, weeks whole: each that begins in that time. `days` go on to its Sunday.
    """
    days = list(days)
    weeks: dict[date, list[WorkDay]] = {}
    for day in days:
        weeks.setdefault(day.day - day.day.weekday() * ONE_DAY, []).append(day)
    within = (day for day in days if first <= day.day <= last)
    found = [_beyond("overtime_day", day.day, day.overtime, limits.overtime_day_h) for day in within]
    begun = ((monday, week) for monday, week in weeks.items() if first <= monday <= last)
    for monday, week in begun:
        overtime = _sum(week, lambda d: d.overtime)
        found.append(_beyond("overtime_week", monday, overtime, limits.overtime_week_h))
        found.append(_beyond("week", monday, _sum(week, lambda d: d.working), limits.week_h))
    return sorted((one for one in found if one is not None), key=lambda one: (one.first_date, one.code))


def _beyond(code: str, first: date, reached: timedelta, allowed_h: float | None) -> Exceeded | None:
    if allowed_h is None or reached <= timedelta(hours=allowed_h):
        return None
    return Exceeded(code, first, reached, timedelta(hours=allowed_h))


def _sum(days: Iterable[WorkDay], figure: Callable[[WorkDay], timedelta]) -> timedelta:
    return sum((figure(day) for day in days), NOTHING)
