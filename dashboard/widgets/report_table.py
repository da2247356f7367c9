"""A report's table to look at: as its files say it, but shorter."""

from datetime import date, datetime, timedelta

import pandas as pd

from core.i18n import whole_percent
from core.reports.table import Cell, Form, Table
from dashboard.widgets.words import Words


def shown(table: Table, words: Words) -> pd.DataFrame:
    """Clock times without their day, lengths in hours and minutes, nothing for none."""
    names = [words(f"reports.{column.key}") for column in table.columns]
    rows = [
        [_said(cell, column.form, words) for cell, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]
    return pd.DataFrame(rows, columns=names)


def _said(cell: Cell, form: Form, words: Words) -> str | int | None:
    match cell:
        case datetime() if form is not Form.DATE:
            return words.time(cell)
        case date():
            return f"{cell:%Y-%m-%d}"
        case timedelta():
            minutes = round(cell.total_seconds() / 60)
            return f"{minutes // 60}:{minutes % 60:02}" if minutes else ""
        case float():
            return f"{whole_percent(cell)} %"
    return cell
