"""What reports say, in one language and with the clock times of one zone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.domain.states import LeaveKind
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

    def reason(self, reason: Reason) -> str:
        return self(f"reason.{reason.code}", **{name: self._said(one) for name, one in reason.params.items()})

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

    def _said(self, value: object) -> object:
        match value:
            case datetime():
                return self.moment(value)
            case timedelta():
                return self.duration(value)
            case LeaveKind():
                return self(f"leave.{value}")
            case float():
                return self.share(value)
        return value
