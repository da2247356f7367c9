"""The CSV file for payroll: one line a person, with the columns that the site's settings choose."""

import csv
import io
from datetime import date

import pandas as pd

from core.domain.states import DayStatus
from core.exports import BYTE_ORDER_MARK, safe_cell
from core.i18n import whole_percent
from core.reports.frame import DAYS_OF, PERSON, cells, totals
from core.reports.report import Report
from core.settings import PayrollSettings

_DATES = {
    "YYYY-MM-DD": "%Y-%m-%d",
    "DD/MM/YYYY": "%d/%m/%Y",
    "DD-MM-YYYY": "%d-%m-%Y",
    "DD.MM.YYYY": "%d.%m.%Y",
    "MM/DD/YYYY": "%m/%d/%Y",
    "YYYYMMDD": "%Y%m%d",
}
_NAMES = {
    "days_half_day": "days_half",
    "days_day_off": "days_off",
    "corrected": "days_corrected",
    "late_times": "times_late",
    "left_early_times": "times_left_early",
}
"""The codes of the settings for what `frame.totals` calls otherwise."""
_ATTENDED = [DAYS_OF[status] for status in (DayStatus.PRESENT, DayStatus.LATE, DayStatus.HALF_DAY)]


def payroll_csv(report: Report, settings: PayrollSettings) -> bytes:
    """UTF-8 with byte order mark, lines end in CRLF. The report is of a month."""
    frame = payroll_frame(report)[[column.code for column in settings.columns]]
    target = io.StringIO()
    writer = csv.writer(target, delimiter=settings.separator)
    writer.writerow(safe_cell(column.header) for column in settings.columns)
    for row in cells(frame):
        writer.writerow(_said(cell, settings) for cell in row)
    return (BYTE_ORDER_MARK + target.getvalue()).encode()


def payroll_frame(report: Report) -> pd.DataFrame:
    """One row a person with every column that settings may choose, in order of name."""
    summed = totals(report.days, ["employee_id", *PERSON])
    return summed.rename(columns=_NAMES).assign(
        first_date=report.scope.period.first,
        last_date=report.scope.period.last,
        days_attended=summed[_ATTENDED].sum(axis=1),
    )


def _said(cell: object, settings: PayrollSettings) -> str:
    match cell:
        case None:
            return ""
        case date():
            return cell.strftime(_DATES[settings.date_format])
        case pd.Timedelta() if settings.durations == "minutes":
            return str(round(cell.total_seconds() / 60))
        case pd.Timedelta():
            return _number(cell.total_seconds() / 3600, 2, settings)
        case float():
            return str(whole_percent(cell))
    return safe_cell(str(cell))


def _number(value: float, decimals: int, settings: PayrollSettings) -> str:
    return f"{value:.{decimals}f}".replace(".", settings.decimal_sign)
