"""Files that people take away: a day's attendance as CSV that Excel opens rightly and that runs nothing."""

import csv
import io
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.domain.workday import WorkDay
from core.i18n import text, whole_percent
from core.reasons import reason_sentence
from core.storage.day_lines import DayLine
from core.storage.rows import Shot

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
    "status",
    "coverage",
    "working",
    "present",
    "late_by",
    "left_early_by",
    "overtime",
    "missing",
    "not_observable",
    "reasons",
)

DELIMITERS = {"id": ";"}
"""Where the decimal sign is a comma, Excel splits a CSV file at semicolons; elsewhere at commas."""

_FORMULA = re.compile(r'(^|[;,|\t\r\n])([\s"]*)(?=[=+\-@＝＋－＠])')  # noqa: RUF001 - Excel takes them too
"""Where a formula would start for a program that splits the file at any of the usual separators."""
_CONTROLS = ("\t", "\r", "\n")


def attendance_csv(rows: Iterable[DayLine], now: datetime, zone: ZoneInfo, language: str) -> bytes:
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


def _cells(row: DayLine, now: datetime, zone: ZoneInfo, language: str) -> tuple[str, ...]:
    return (
        row.day.isoformat(),
        row.code,
        row.name,
        row.department or "",
        _time(row.first_in_at, zone),
        _captured(row.first_in, zone),
        _time(row.last_out_at, zone),
        _captured(row.last_out, zone),
        text("units.yes" if row.is_provisional(now) else "units.no", language),
        str(row.visit_count),
        *_judged(row.work, zone, language),
    )


def _judged(work: WorkDay | None, zone: ZoneInfo, language: str) -> tuple[str, ...]:
    """Coverage in percent and durations in minutes, as whole numbers; empty for a day not judged yet."""
    if work is None:
        return ("",) * 10
    return (
        text(f"reports.status.{work.status}", language),
        "" if work.coverage is None else str(whole_percent(work.coverage)),
        _minutes(work.working),
        _minutes(work.present),
        _minutes(work.late_by),
        _minutes(work.left_early_by),
        _minutes(work.overtime),
        _minutes(work.missing),
        _minutes(work.not_observable),
        "; ".join(reason_sentence(reason, work.day, zone, language) for reason in work.reasons),
    )


def _minutes(duration: timedelta) -> str:
    return str(int(duration.total_seconds()) // 60)


def _time(at: datetime | None, zone: ZoneInfo) -> str:
    return "" if at is None else at.astimezone(zone).isoformat()


def _captured(shot: Shot | None, zone: ZoneInfo) -> str:
    return "" if shot is None else _time(shot.captured_at, zone)
