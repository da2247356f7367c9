"""A table as CSV that spreadsheets open rightly and that runs nothing."""

import csv
import io
from datetime import date, datetime, timedelta

from core.exports import BYTE_ORDER_MARK, DELIMITERS, safe_cell
from core.i18n import whole_percent
from core.reports.table import Cell, Form, Table
from core.reports.wording import Wording


def separated(table: Table, words: Wording) -> bytes:
    """UTF-8 with byte order mark, lines end in CRLF, cells are divided as in the reader's language.

    Dates and moments are ISO 8601, the latter with the offset of the site's zone; durations are h:mm:ss.
    """
    target = io.StringIO()
    writer = csv.writer(target, delimiter=DELIMITERS.get(words.language, ","))
    writer.writerow(safe_cell(words(column.key)) for column in table.columns)
    for row in table.rows:
        writer.writerow(
            safe_cell(_said(cell, column.form, words))
            for cell, column in zip(row, table.columns, strict=True)
        )
    return (BYTE_ORDER_MARK + target.getvalue()).encode()


def _said(cell: Cell, form: Form, words: Wording) -> str:
    match cell:
        case None:
            return ""
        case datetime() if form is not Form.DATE:
            return cell.astimezone(words.zone).isoformat()
        case date():
            return f"{cell:%Y-%m-%d}"
        case timedelta():
            return _clock(cell)
        case float() if form is Form.SHARE:
            return f"{whole_percent(cell)}%"
    return str(cell)


def _clock(length: timedelta) -> str:
    """Rounded to whole seconds."""
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
