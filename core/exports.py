"""Files that people take away: a day's attendance as CSV that Excel opens rightly and that runs nothing."""

import csv
import io
import re
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from core.i18n import text
from core.storage.rows import AttendanceRow, Shot

BYTE_ORDER_MARK = "\ufeff"
"""Excel takes a file without it for the machine's own code page."""

ATTENDANCE_COLUMNS = (
    "attendance_date",
    "code",
    "name",
    "department",
    "first_in_at",
    "first_in_picture_at",
    "last_out_at",
    "last_out_picture_at",
    "provisional",
    "visits",
)

DELIMITERS = {"id": ";"}
"""Where the decimal sign is a comma, Excel splits a CSV file at semicolons; elsewhere at commas."""

_FORMULA = re.compile(r'(^|[;,|\t\r\n])([\s"]*)(?=[=+\-@＝＋－＠])')  # noqa: RUF001 - Excel takes them too
"""Where a formula would start for a program that splits the file at any of the usual separators."""
_CONTROLS = ("\t", "\r", "\n")


def attendance_csv(rows: Iterable[AttendanceRow], now: datetime, zone: ZoneInfo, language: str) -> bytes:
    """A day's rows in their order, one line each below a heading in the reader's language.

    Times are ISO 8601 in the site's zone with their offset, so that they compare equal to the database.
    `now` decides whether a last out is still provisional. UTF-8 with byte order mark, lines end in CRLF,
    cells are divided by the `DELIMITERS` of the language.
    """
    target = io.StringIO()
    writer = csv.writer(target, delimiter=DELIMITERS.get(language, ","))
    writer.writerow(text(f"attendance.column.{name}", language) for name in ATTENDANCE_COLUMNS)
    for row in rows:
        writer.writerow(safe_cell(cell) for cell in _cells(row, now, zone, language))
    return (BYTE_ORDER_MARK + target.getvalue()).encode()


def safe_cell(value: str) -> str:
    """The value with an apostrophe before each place where a spreadsheet would run it as a formula.

    A file that is opened with another separator than ours is split within cells, so these count too.
    """
    made_text = _FORMULA.sub(r"\1'\2", value)
    return f"'{made_text}" if made_text.lstrip(" ").startswith(_CONTROLS) else made_text


def _cells(row: AttendanceRow, now: datetime, zone: ZoneInfo, language: str) -> tuple[str, ...]:
    return (
        row.attendance_date.isoformat(),
        row.code,
        row.name,
        row.department or "",
        _time(row.first_in_at, zone),
        _captured(row.first_in, zone),
        _time(row.last_out_at, zone),
        _captured(row.last_out, zone),
        text("units.yes" if row.is_provisional(now) else "units.no", language),
        str(row.visit_count),
    )


def _time(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat()


def _captured(shot: Shot | None, zone: ZoneInfo) -> str:
    return "" if shot is None else _time(shot.captured_at, zone)
