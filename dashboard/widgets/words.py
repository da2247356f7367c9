"""Everything a page says, in the reader's language and the site's time zone."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from core.i18n import (
    catalogue,
    format_date,
    format_datetime,
    format_duration,
    format_number,
    format_time,
    text,
)
from dashboard.data import NEVER


@dataclass(frozen=True)
class Words:
    """Call it with a key for a sentence; `at` methods take aware datetimes."""

    language: str
    zone: ZoneInfo

    def __call__(self, key: str, **params: object) -> str:
        return text(key, self.language, **params)

    def has(self, key: str) -> bool:
        return key in catalogue(self.language)

    def first(self, *keys: str, **params: object) -> str:
        """The sentence of the first key that the catalogue has: the precise one before the general one."""
        return self(next(key for key in keys if self.has(key)), **params)

    def time(self, at: datetime, *, seconds: bool = False) -> str:
        return format_time(at, self.language, self.zone, seconds=seconds)

    def date(self, day: date) -> str:
        return format_date(day, self.language, self.zone)

    def moment(self, at: datetime, now: datetime) -> str:
        """The clock time, with its date when that is not today."""
        if at.astimezone(self.zone).date() == now.astimezone(self.zone).date():
            return self.time(at)
        return format_datetime(at, self.language, self.zone)

    def since(self, key: str, at: datetime, now: datetime) -> str:
        """The sentence of a key with `time`; of `key_always` when that moment never was."""
        if at <= NEVER:
            return self(f"{key}_always")
        return self(key, time=self.moment(at, now))

    def duration(self, seconds: float) -> str:
        """To the second below a minute, else to the minute: what is read at a glance should not flicker."""
        whole_s = seconds if seconds < 60 else seconds // 60 * 60
        return format_duration(whole_s, self.language)

    def ago(self, at: datetime, now: datetime) -> str:
        return text("units.ago", self.language, duration=self.duration((now - at).total_seconds()))

    def number(self, value: float, decimals: int = 0) -> str:
        return format_number(value, self.language, decimals)
