"""What the clocks of a site show, found by walking through time a quarter of an hour at a time."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

QUARTER_S = 900
"""Clocks are changed on quarters of an hour only."""


@cache
def shows_at(zone: str, day: date, clock: str) -> int:
    """The first second in which clocks show a time of a day.

    One that they skip is as far behind the change as it would have been without it. "24:00" is the next day's
    00:00.
    """
    hour, minute = (int(part) for part in clock.split(":"))
    wanted = _wall_s(day) + hour * 3600 + minute * 60
    before = wanted - 15 * 3600
    before -= before % QUARTER_S
    shown = before + _ahead_s(zone, before)
    for quarter in range(before, wanted + 15 * 3600, QUARTER_S):
        wall = quarter + _ahead_s(zone, quarter)
        if shown <= wanted < wall:
            return quarter + wanted - shown
        shown = wall + QUARTER_S
        if wall <= wanted < shown:
            return quarter + wanted - wall
    raise ValueError(f"clocks of {zone} never show {clock} on {day}")


def day_at(zone: str, at_s: int) -> date:
    """The date that clocks show."""
    return datetime.fromtimestamp(at_s + _ahead_s(zone, at_s), UTC).date()


def _wall_s(day: date) -> int:
    return (day - date(1970, 1, 1)) // timedelta(seconds=1)


@cache
def _ahead_s(zone: str, at_s: int) -> int:
    """How far clocks are ahead of UTC."""
    ahead = datetime.fromtimestamp(at_s, ZoneInfo(zone)).utcoffset()
    assert ahead is not None
    return int(ahead.total_seconds())
