"""What a correction of a day may say, and which instants its clock times mean."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from core.domain.schedule import ONE_DAY, instant
from core.domain.shifts import ShiftDay
from core.domain.spans import Span
from core.domain.states import DayStatus
from core.domain.workday import NOTHING

CORRECTABLE = (
    DayStatus.PRESENT,
    DayStatus.LATE,
    DayStatus.HALF_DAY,
    DayStatus.ABSENT,
    DayStatus.LEAVE,
    DayStatus.HOLIDAY,
    DayStatus.DAY_OFF,
)
"""What somebody can answer for; the others say that nobody knows."""


def clock_instant(
    clock: time, day: date, bounds: Span, shift: ShiftDay | None, zone: ZoneInfo
) -> datetime | None:
    """When clocks show a time on an attendance day; None where they never do within its bounds.

    An attendance day around a night shift can show a time twice: the one nearer to the shift is meant,
    without a shift the one of the calendar day itself.
    """
    shown = [instant(day + n * ONE_DAY, clock, zone) for n in (0, 1, -1, 2)]
    within = [at for at in shown if bounds[0] <= at < bounds[1]]
    if shift is None or not within:
        return within[0] if within else None
    return min(within, key=lambda at: max(shift.start_at - at, at - shift.end_at, NOTHING))
