"""Attendance of a day as a projection of visits: no state of its own, the same rows at every rebuild."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, slots=True)
class VisitFact:
    """What attendance needs of a visit; departed_at is None while it is open."""

    visit_id: int
    arrived_at: datetime
    last_seen_at: datetime
    departed_at: datetime | None


@dataclass(frozen=True, slots=True)
class AttendanceDay:
    """One person's day. last_out_final_at is None while he is present."""

    attendance_date: date
    first_in_at: datetime
    first_in_visit_id: int
    last_out_at: datetime
    last_out_visit_id: int
    last_out_final_at: datetime | None
    visit_count: int


def project(
    visits: Iterable[VisitFact], day_of: Callable[[datetime], date], last_out_delay_s: float
) -> list[AttendanceDay]:
    """The attendance days of one person's visits, oldest first. day_of: which of his days holds an instant.

    A visit belongs to the day on which it began, also when it ends after that.
    """
    days: dict[date, list[VisitFact]] = {}
    for visit in visits:
        days.setdefault(day_of(visit.arrived_at), []).append(visit)
    return [_day(day, days[day], timedelta(seconds=last_out_delay_s)) for day in sorted(days)]


def _day(day: date, visits: list[VisitFact], last_out_delay: timedelta) -> AttendanceDay:
    first = min(visits, key=lambda v: (v.arrived_at, v.visit_id))
    last = max(visits, key=lambda v: (v.last_seen_at, v.visit_id))
    is_open = any(v.departed_at is None for v in visits)
    return AttendanceDay(
        attendance_date=day,
        first_in_at=first.arrived_at,
        first_in_visit_id=first.visit_id,
        last_out_at=last.last_seen_at,
        last_out_visit_id=last.visit_id,
        last_out_final_at=None if is_open else last.last_seen_at + last_out_delay,
        visit_count=len(visits),
    )
