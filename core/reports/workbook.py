"""A month as an Excel workbook: real dates, times and durations, frozen headings, a line of totals.

Every text is written as a string cell: no name becomes a formula or a link.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from core.domain.schedule import ONE_DAY
from core.domain.states import DayStatus, LeaveKind
from core.domain.workday import Reason
from core.i18n import format_datetime, format_duration, format_number, text
from core.reports.month import PersonMonth
from core.storage.work_days import PersonDay

DATE, TIME, DURATION, SHARE, TEXT, COUNT = "yyyy-mm-dd", "hh:mm", "[h]:mm", "0 %", "@", "0"
SUMMED = (DURATION, COUNT)
WIDTHS = {TEXT: 22, DATE: 11, TIME: 16, DURATION: 13, SHARE: 10, COUNT: 12}

Cell = str | int | float | date | datetime | timedelta | None


@dataclass(frozen=True)
class Column:
    """`key` of the catalogue names it; `form` is its number format."""

    key: str
    form: str


PERSON = (Column("column.code", TEXT), Column("column.name", TEXT), Column("column.department", TEXT))
TOTALS = (
    *PERSON,
    *(Column(f"status.{status}", COUNT) for status in DayStatus),
    Column("column.working", DURATION),
    Column("column.present", DURATION),
    Column("column.late_times", COUNT),
    Column("column.late_by", DURATION),
    Column("column.left_early_times", COUNT),
    Column("column.left_early_by", DURATION),
    Column("column.overtime", DURATION),
    Column("column.missing", DURATION),
    Column("column.not_observable", DURATION),
    Column("column.coverage", SHARE),
)
DAYS = (
    Column("column.date", DATE),
    *PERSON,
    Column("column.first_in", TIME),
    Column("column.last_out", TIME),
    Column("column.status", TEXT),
    Column("column.working", DURATION),
    Column("column.present", DURATION),
    Column("column.late_by", DURATION),
    Column("column.left_early_by", DURATION),
    Column("column.overtime", DURATION),
    Column("column.missing", DURATION),
    Column("column.not_observable", DURATION),
    Column("column.coverage", SHARE),
    Column("column.provisional", TEXT),
    Column("column.reasons", TEXT),
)
WARNINGS = (
    *PERSON,
    Column("column.date", DATE),
    Column("column.exceeded", TEXT),
    Column("column.reached", DURATION),
    Column("column.allowed", DURATION),
)


def month_workbook(people: Sequence[PersonMonth], zone: ZoneInfo, language: str) -> bytes:
    """The content of an .xlsx file. Clock times are the site's."""
    content = BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        words = Wording(language, zone)
        _sheet(book, words, "sheet.totals", TOTALS, (_totals(one) for one in people), sums=True)
        days = (_day(day, words) for one in people for day in one.days)
        _sheet(book, words, "sheet.days", DAYS, days)
        beyond = [_warning(one, words) for one in people]
        if any(beyond):
            _sheet(book, words, "sheet.warnings", WARNINGS, (row for rows in beyond for row in rows))
    return content.getvalue()


@dataclass(frozen=True)
class Wording:
    """The report's sentences in one language, with clock times of one zone."""

    language: str
    zone: ZoneInfo

    def __call__(self, key: str, **params: object) -> str:
        return text(f"reports.{key}", self.language, **params)

    def reason(self, reason: Reason) -> str:
        return self(f"reason.{reason.code}", **{name: self._said(one) for name, one in reason.params.items()})

    def _said(self, value: object) -> object:
        match value:
            case datetime():
                return format_datetime(value, self.language, self.zone)
            case timedelta():
                return format_duration(value, self.language)
            case LeaveKind():
                return self(f"leave.{value}")
            case float():
                return f"{format_number(100 * value, self.language)} %"
        return value


def _totals(month: PersonMonth) -> list[Cell]:
    totals = month.totals
    return [
        *_person(month.person),
        *(totals.days.get(status, 0) for status in DayStatus),
        totals.working,
        totals.present,
        totals.late_times,
        totals.late_by,
        totals.left_early_times,
        totals.left_early_by,
        totals.overtime,
        totals.missing,
        totals.not_observable,
        totals.coverage,
    ]


def _day(day: PersonDay, words: Wording) -> list[Cell]:
    work = day.work
    return [
        work.day,
        *_person(day),
        _local(work.first_in_at, words.zone),
        _local(work.last_out_at, words.zone),
        words(f"status.{work.status}"),
        work.working,
        work.present,
        work.late_by,
        work.left_early_by,
        work.overtime,
        work.missing,
        work.not_observable,
        work.coverage,
        None if work.is_final else words("column.provisional"),
        "; ".join(words.reason(reason) for reason in work.reasons),
    ]


def _warning(month: PersonMonth, words: Wording) -> list[list[Cell]]:
    return [
        [*_person(month.person), one.first_date, words(f"exceeded.{one.code}"), one.reached, one.allowed]
        for one in month.exceeded
    ]


def _person(day: PersonDay) -> tuple[Cell, Cell, Cell]:
    return day.code, day.name, day.department


def _local(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    """Excel knows no zones: the site's clock time."""
    return None if at is None else at.astimezone(zone).replace(tzinfo=None)


def _sheet(
    book: Workbook,
    words: Wording,
    name: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    *,
    sums: bool = False,
) -> None:
    sheet = book.add_worksheet(words(name))
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    formats = [book.add_format({"num_format": column.form}) for column in columns]
    for index, column in enumerate(columns):
        sheet.write_string(0, index, words(column.key), bold)
        sheet.set_column(index, index, WIDTHS[column.form])
    sheet.freeze_panes(1, 0)
    filled = list(rows)
    for number, row in enumerate(filled, 1):
        for index, (cell, form) in enumerate(zip(row, formats, strict=True)):
            _write(sheet, number, index, cell, form)
    if filled:
        sheet.autofilter(0, 0, len(filled), len(columns) - 1)
    if sums and filled:
        sheet.write_string(len(filled) + 1, 0, words("total"), bold)
        for index, column in enumerate(columns):
            if column.form in SUMMED:
                form = book.add_format({"bold": True, "num_format": column.form})
                _write_sum(sheet, index, [row[index] for row in filled], form)


def _write_sum(sheet: Worksheet, column: int, cells: Sequence[Cell], form: Format) -> None:
    """A live sum below the cells, with its value for programs that do not calculate."""
    value = sum(cell / ONE_DAY if isinstance(cell, timedelta) else float(str(cell)) for cell in cells)
    letter = xl_col_to_name(column)
    sheet.write_formula(len(cells) + 1, column, f"=SUM({letter}2:{letter}{len(cells) + 1})", form, value)


def _write(sheet: Worksheet, row: int, column: int, cell: Cell, form: Format) -> None:
    write: Callable[..., Any]
    match cell:
        case None:
            write, cell = sheet.write_blank, None
        case str():
            write = sheet.write_string
        case date() | timedelta():
            write = sheet.write_datetime
        case _:
            write = sheet.write_number
    write(row, column, cell, form)
