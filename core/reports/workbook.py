"""Tables as an Excel workbook: real dates, times and durations, frozen headings, a line of totals.

Every text is written as a string cell: no name becomes a formula or a link.
"""

from collections.abc import Callable, Iterable, Sequence
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
from core.i18n import whole_percent
from core.reports.table import Cell, Form, Table
from core.reports.wording import Wording

FORMATS = {
    Form.TEXT: "@",
    Form.LONG_TEXT: "@",
    Form.DATE: "yyyy-mm-dd",
    Form.TIME: "hh:mm",
    Form.MOMENT: "yyyy-mm-dd hh:mm",
    Form.DURATION: "[h]:mm",
    Form.SHARE: "0 %",
    Form.COUNT: "0",
}
WIDTHS = {
    Form.TEXT: 20,
    Form.LONG_TEXT: 48,
    Form.DATE: 11,
    Form.TIME: 9,
    Form.MOMENT: 17,
    Form.DURATION: 13,
    Form.SHARE: 10,
    Form.COUNT: 11,
}
SUMMED = (Form.DURATION, Form.COUNT)


def workbook(tables: Iterable[Table], words: Wording) -> bytes:
    """The content of an .xlsx file, a sheet a table. Clock times are the site's."""
    content = BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        for table in tables:
            _sheet(book, table, words)
    return content.getvalue()


def _sheet(book: Workbook, table: Table, words: Wording) -> None:
    sheet = book.add_worksheet(words(f"sheet.{table.name}"))
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    formats = [book.add_format({"num_format": FORMATS[column.form]}) for column in table.columns]
    for index, column in enumerate(table.columns):
        sheet.write_string(0, index, words(column.key), bold)
        sheet.set_column(index, index, WIDTHS[column.form])
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(table.rows, 1):
        for index, (cell, form) in enumerate(zip(row, formats, strict=True)):
            _write(sheet, number, index, _plain(cell, table.columns[index].form, words.zone), form)
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
        if table.has_sums:
            _write_sums(book, sheet, table, words, bold)


def _write_sums(book: Workbook, sheet: Worksheet, table: Table, words: Wording, bold: Format) -> None:
    sheet.write_string(len(table.rows) + 1, 0, words("total"), bold)
    for index, column in enumerate(table.columns):
        if column.form in SUMMED:
            form = book.add_format({"bold": True, "num_format": FORMATS[column.form]})
            _write_sum(sheet, index, [row[index] for row in table.rows], form)


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
        case timedelta():
            write, cell = sheet.write_number, cell / ONE_DAY
        case date():
            write = sheet.write_datetime
        case _:
            write = sheet.write_number
    write(row, column, cell, form)


def _plain(cell: Cell, form: Form, zone: ZoneInfo) -> Cell:
    """Excel knows no zones: the site's clock time. It would round shares up: they are in whole percent."""
    if form is Form.SHARE and isinstance(cell, float):
        return whole_percent(cell) / 100
    if isinstance(cell, datetime) and cell.tzinfo is not None:
        return cell.astimezone(zone).replace(tzinfo=None)
    return cell
