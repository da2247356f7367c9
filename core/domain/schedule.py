"""Working hours and attendance days: local clock times of the site against UTC instants.

Where clocks are changed, a local time counts as RFC 5545 (section 3.3.5) reads it: one that clocks show twice
means the first, one that they skip means what it would have been without the change.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = time(0, 0)
ONE_DAY = timedelta(days=1)
_CLOCK = re.compile("(?:[01][0-9]|2[0-3]):[0-5][0-9]")


class Span(NamedTuple):
    """Local clock times; an end at or before the start belongs to the next day, so 00:00-00:00 is all day."""

    start: time
    end: time

    @property
    def past_midnight(self) -> bool:
        return self.end <= self.start


@dataclass(frozen=True)
class WorkingHours:
    """The working spans of each weekday, Monday first: a tuple of seven tuples.

    Raises ValueError when there are not seven days or two spans of one day overlap.
    """

    week: tuple[tuple[Span, ...], ...]

    def __post_init__(self) -> None:
        if len(self.week) != len(WEEKDAYS):
            raise ValueError(f"working hours need 7 days, got {len(self.week)}")
        for name, spans in zip(WEEKDAYS, self.week, strict=True):
            ordered = sorted(spans)
            for earlier, later in pairwise(ordered):
                if earlier.past_midnight or earlier.end > later.start:
                    raise ValueError(f"working hours of {name} overlap")

    @classmethod
    def parse(cls, week: Mapping[str, Sequence[tuple[str, str]]]) -> "WorkingHours":
        """From {"mon": [("08:00", "17:00")], …}; a weekday that is not named has none.

        "24:00" is an end only. Raises ValueError for a clock time that is none, and as the constructor does.
        """
        return cls(tuple(tuple(_parse_span(*span) for span in week.get(day, ())) for day in WEEKDAYS))

    @classmethod
    def always(cls) -> "WorkingHours":
        """Every minute of every day."""
        return cls(((Span(MIDNIGHT, MIDNIGHT),),) * len(WEEKDAYS))

    def spans_utc(self, day: date, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
        """The spans that begin on a site day as UTC instants, start inclusive, end exclusive."""
        return [
            (instant(day, start, zone), instant(day + ONE_DAY if end <= start else day, end, zone))
            for start, end in self.week[day.weekday()]
        ]

    def contains(self, at: datetime, zone: ZoneInfo) -> bool:
        """Whether an aware instant is working time. Raises ValueError for a naive one."""
        today = attendance_day(at, zone)
        spans = self.spans_utc(today - ONE_DAY, zone) + self.spans_utc(today, zone)
        return any(start <= at < end for start, end in spans)


def attendance_day(at: datetime, zone: ZoneInfo) -> date:
    """The site day of an aware instant: the one whose `day_bounds` hold it.

    Raises ValueError for a naive one.
    """
    if at.tzinfo is None:
        raise ValueError(f"naive datetime {at!r}: a site day needs an instant")
    day = at.astimezone(zone).date()
    start, end = day_bounds(day, zone)
    if at < start:
        return day - ONE_DAY
    return day if at < end else day + ONE_DAY


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The UTC instants between which a site day lies, start inclusive, end exclusive.

    The bounds of all days join without gap or overlap; a day that a zone left out is empty.
    """
    return instant(day, MIDNIGHT, zone), instant(day + ONE_DAY, MIDNIGHT, zone)


def instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The instant, UTC, at which clocks of the zone show this time."""
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _parse_span(start: str, end: str) -> Span:
    return Span(_parse_clock(start), MIDNIGHT if end == "24:00" else _parse_clock(end))


def _parse_clock(clock: str) -> time:
    if not _CLOCK.fullmatch(clock):
        raise ValueError(f"{clock!r} is not a time of day such as 08:00")
    return time.fromisoformat(clock)
