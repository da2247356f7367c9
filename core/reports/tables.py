"""The tables of each kind of report."""

from collections.abc import Sequence

import pandas as pd

from core.domain.states import DayStatus
from core.reports.frame import DAYS_OF, DURATIONS, PERSON, cells, told_reasons, totals
from core.reports.report import Report, ReportKind, Warned
from core.reports.table import Cell, Column, Form, Table
from core.reports.wording import Wording
from core.storage.report_rows import CorrectionRow

WHO = tuple(Column(f"column.{name}", Form.TEXT) for name in PERSON)
SUMS = (
    Column("column.coverage", Form.SHARE),
    *(Column(f"status.{status}", Form.COUNT) for status in DayStatus),
    Column("column.working", Form.DURATION),
    Column("column.present", Form.DURATION),
    Column("column.late_times", Form.COUNT),
    Column("column.late_by", Form.DURATION),
    Column("column.left_early_times", Form.COUNT),
    Column("column.left_early_by", Form.DURATION),
    Column("column.overtime", Form.DURATION),
    Column("column.missing", Form.DURATION),
    Column("column.not_observable", Form.DURATION),
    Column("column.corrected_days", Form.COUNT),
)
SUMMED = (
    "coverage",
    *DAYS_OF.values(),
    *("working", "present", "late_times", "late_by", "left_early_times", "left_early_by"),
    *("overtime", "missing", "not_observable", "corrected"),
)
"""What stands below SUMS, as `frame.totals` calls it."""
TOTALS = (*WHO, *SUMS)
DEPARTMENTS = (Column("column.department", Form.TEXT), Column("column.people", Form.COUNT), *SUMS)
DAYS = (
    Column("column.date", Form.DATE),
    *WHO,
    Column("column.first_in", Form.TIME),
    Column("column.last_out", Form.TIME),
    Column("column.status", Form.TEXT),
    Column("column.coverage", Form.SHARE),
    *(Column(f"column.{name}", Form.DURATION) for name in DURATIONS),
    Column("column.corrected", Form.TEXT),
    Column("column.provisional", Form.TEXT),
    Column("column.reasons", Form.LONG_TEXT),
)
WARNINGS = (
    *WHO,
    Column("column.date", Form.DATE),
    Column("column.exceeded", Form.LONG_TEXT),
    Column("column.reached", Form.DURATION),
    Column("column.allowed", Form.DURATION),
)
CORRECTIONS = (
    *WHO,
    Column("column.date", Form.DATE),
    Column("column.first_in", Form.TIME),
    Column("column.last_out", Form.TIME),
    Column("column.status", Form.TEXT),
    Column("column.note", Form.LONG_TEXT),
    Column("column.reason", Form.LONG_TEXT),
    Column("column.author", Form.TEXT),
    Column("column.corrected_at", Form.MOMENT),
    Column("column.approved_by", Form.TEXT),
)

_SHEETS = {
    ReportKind.DAY: ("days", "departments"),
    ReportKind.MONTH: ("totals", "days"),
    ReportKind.PERSON: ("days", "totals"),
    ReportKind.DEPARTMENT: ("totals", "departments", "days"),
}
_MAIN = {ReportKind.MONTH: "days"}
"""The table of a file that has room for one, where it is not the first."""


def tables_of(report: Report, words: Wording) -> list[Table]:
    """Warnings and corrections where there are any."""
    tables = [table_of(name, report, words) for name in _SHEETS[report.scope.kind]]
    if report.warnings:
        rows = [_warning(one, words) for one in report.warnings]
        tables.append(Table("warnings", WARNINGS, rows))
    if report.corrections:
        tables.append(
            Table("corrections", CORRECTIONS, [_correction(one, words) for one in report.corrections])
        )
    return tables


def main_table(report: Report, words: Wording) -> Table:
    """What the report says in a file of one table."""
    kind = report.scope.kind
    return table_of(_MAIN.get(kind, _SHEETS[kind][0]), report, words)


def first_table(report: Report, words: Wording) -> Table:
    """What is looked at first: the days of a day or person, else the sums of each person."""
    return table_of(_SHEETS[report.scope.kind][0], report, words)


def table_of(name: str, report: Report, words: Wording) -> Table:
    """name: `days`, `totals` of each person, or `departments`."""
    days = report.days
    if name == "days":
        return Table(name, DAYS, _days(days, words))
    if name == "totals":
        summed = totals(days, ["employee_id", *PERSON])[[*PERSON, *SUMMED]]
        return Table(name, TOTALS, list(cells(summed)), has_sums=True)
    summed = totals(days, ["department"]).sort_values("department")[["department", "people", *SUMMED]]
    return Table(name, DEPARTMENTS, list(cells(summed)), has_sums=True)


def _days(days: pd.DataFrame, words: Wording) -> list[Sequence[Cell]]:
    said = days.assign(
        status=[words(f"status.{status}") for status in days["status"]],
        corrected=[words("mark.corrected") if corrected else "" for corrected in days["corrected"]],
        provisional=["" if is_final else words("mark.provisional") for is_final in days["is_final"]],
        reasons=[
            words.reasons(told_reasons(cell), day.date())
            for cell, day in zip(days["reasons"], days["day"], strict=True)
        ],
    )
    columns = ["day", *PERSON, "first_in", "last_out", "status", "coverage", *DURATIONS]
    return list(cells(said[[*columns, "corrected", "provisional", "reasons"]]))


def _warning(warned: Warned, words: Wording) -> list[Cell]:
    person, what = warned.person, warned.what
    told = words(f"exceeded.{what.code}")
    return [person.code, person.name, person.department, what.first_date, told, what.reached, what.allowed]


def _correction(row: CorrectionRow, words: Wording) -> list[Cell]:
    return [
        row.code,
        row.name,
        row.department,
        row.day,
        row.first_in_at,
        row.last_out_at,
        words(f"status.{row.status}") if row.status else None,
        row.note,
        row.reason,
        row.author,
        row.created_at,
        row.decided_by,
    ]
