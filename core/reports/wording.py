"""What reports say, in one language and with the clock times of one zone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.domain.workday import Reason
from core.i18n import (
    catalogue,
    format_date,
    format_datetime,
    format_duration,
    format_number,
    format_time,
    text,
    whole_percent,
)
from core.reasons import reason_sentence

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Wording:
    """Call it with a key of the area `reports` for its sentence."""

    language: str
    zone: ZoneInfo

    def __call__(self, key: str, **params: object) -> str:
        return text(f"reports.{key}", self.language, **params)

    def has(self, key: str) -> bool:
        return f"reports.{key}" in catalogue(self.language)

    def reasons(self, reasons: Iterable[Reason], day: date) -> str:
        """Why a day is judged as it is."""
        return "; ".join(reason_sentence(reason, day, self.zone, self.language) for reason in reasons)

    def day(self, day: date) -> str:
        return format_date(day, self.language, self.zone)

    def weekday(self, day: date) -> str:
        return text(f"calendar.weekday.{WEEKDAYS[day.weekday()]}", self.language)

    def time(self, at: datetime) -> str:
        return format_time(at, self.language, self.zone)

    def moment(self, at: datetime) -> str:
        return format_datetime(at, self.language, self.zone)

    def duration(self, length: timedelta) -> str:
        return format_duration(length, self.language)

    def number(self, value: float, decimals: int = 0) -> str:
        return format_number(value, self.language, decimals)

    def share(self, share: float | None) -> str:
        """In percent; a dash where nothing could be observed or not."""
        return self("no_figure") if share is None else f"{whole_percent(share)} %"

    def period(self, first: date, last: date) -> str:
        if first == last:
            return self.day(first)
        return self("period", first=self.day(first), last=self.day(last))
