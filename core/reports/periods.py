"""The days that a report is about."""

from dataclasses import dataclass
from datetime import date

from core.domain.schedule import ONE_DAY
from core.errors import GspeError


@dataclass(frozen=True, slots=True)
class Period:
    """From a day to another, inclusive. Raises GspeError, code `report_period`, for one that cannot be."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise GspeError("the last day is before the first; choose it anew", code="report_period")

    def to_sunday(self) -> "Period":
        """With the rest of its last week."""
        return Period(self.first, self.last + (6 - self.last.weekday()) * ONE_DAY)

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}..{self.last}"


def month_of(day: date) -> Period:
    """The month in which a date lies."""
    first = day.replace(day=1)
    return Period(first, (first + 31 * ONE_DAY).replace(day=1) - ONE_DAY)
