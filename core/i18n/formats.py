"""Times, dates, durations and numbers as each language writes them (after the Unicode CLDR)."""

import math
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.i18n.sentences import text

_TIME_SEPARATOR = {"en": ":", "id": "."}
_THOUSANDS_AND_DECIMAL = {"en": ",.", "id": ".,"}


def format_time(value: datetime, language: str, zone: ZoneInfo, *, seconds: bool = False) -> str:
    """The clock time of an aware datetime in a zone: 08:05 in English, 08.05 in Indonesian."""
    separator = _TIME_SEPARATOR[language]
    pattern = separator.join(("%H", "%M", "%S") if seconds else ("%H", "%M"))
    return _local(value, zone).strftime(pattern)


def format_date(value: date | datetime, language: str, zone: ZoneInfo | None = None) -> str:
    """A date, or the date an aware datetime has in a zone: 17 Aug 2026, 17 Agu 2026."""
    if isinstance(value, datetime):
        if zone is None:
            raise ValueError("a datetime has a date only in a time zone")
        value = _local(value, zone).date()
    return f"{value.day} {text(f'calendar.month.{value.month}', language)} {value.year}"


def format_datetime(value: datetime, language: str, zone: ZoneInfo, *, seconds: bool = False) -> str:
    """Date and clock time of an aware datetime in a zone."""
    return f"{format_date(value, language, zone)} {format_time(value, language, zone, seconds=seconds)}"


def format_duration(value: timedelta | float, language: str) -> str:
    """A duration (timedelta, or seconds) by its two largest units: 2 d 3 h, 1 h 5 min, 45 s.

    Rounded down to whole seconds; a negative one counts as none.
    """
    total_s = value.total_seconds() if isinstance(value, timedelta) else value
    minutes, seconds = divmod(max(0, int(total_s)), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    amounts = [("days", days), ("hours", hours), ("minutes", minutes), ("seconds", seconds)]
    first = next((index for index, (_, amount) in enumerate(amounts) if amount), 3)
    shown = [amounts[first], *(pair for pair in amounts[first + 1 : first + 2] if pair[1])]
    return " ".join(text(f"calendar.{unit}", language, count=amount) for unit, amount in shown)


def format_number(value: float, language: str, decimals: int = 0) -> str:
    """A number with grouped thousands: 1,234.5 in English, 1.234,5 in Indonesian."""
    return f"{value:,.{decimals}f}".translate(str.maketrans(",.", _THOUSANDS_AND_DECIMAL[language]))


def whole_percent(share: float) -> int:
    """Of a share: rounded down, so that only a whole one is 100; what a float lacks is not counted."""
    return math.floor(100 * share + 1e-9)


def _local(value: datetime, zone: ZoneInfo) -> datetime:
    if value.tzinfo is None:
        raise ValueError(f"naive datetime {value!r}: only aware times can be shown")
    return value.astimezone(zone)
