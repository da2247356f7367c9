"""What is written down: columns with a name and a form, and rows below them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

Cell = str | int | float | date | datetime | timedelta | None


class Form(StrEnum):
    """How the cells of a column are written."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    DATE = "date"
    TIME = "time"
    """An aware moment, of which the clock time is shown."""
    MOMENT = "moment"
    DURATION = "duration"
    SHARE = "share"
    COUNT = "count"


@dataclass(frozen=True)
class Column:
    """`reports.<key>` of the catalogue names it."""

    key: str
    form: Form


@dataclass(frozen=True)
class Table:
    """`reports.sheet.<name>` of the catalogue names it. has_sums: a line of totals stands below."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    has_sums: bool = False
