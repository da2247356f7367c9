"""Reports as files: what is asked for, read and written in one go, with what the audit trail says of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from core.errors import GspeError
from core.paths import SitePaths
from core.reports.day_pictures import day_pictures
from core.reports.muster_list import muster_pdf, muster_table
from core.reports.payroll import payroll_csv
from core.reports.person_pdf import person_pdf
from core.reports.report import Report, ReportKind, Scope, read_report
from core.reports.separated import separated
from core.reports.tables import main_table, tables_of
from core.reports.wording import Wording
from core.reports.workbook import workbook
from core.settings import Parameters, PayrollSettings
from core.storage import queries
from core.storage.muster import muster


class Ending(StrEnum):
    """Of a file; it decides what the file is."""

    XLSX = "xlsx"
    CSV = "csv"
    PDF = "pdf"


ENDINGS = {
    ReportKind.DAY: (Ending.XLSX, Ending.CSV),
    ReportKind.MONTH: (Ending.XLSX, Ending.CSV),
    ReportKind.PERSON: (Ending.XLSX, Ending.CSV, Ending.PDF),
    ReportKind.DEPARTMENT: (Ending.XLSX, Ending.CSV),
}
PAYROLL_ENDINGS = (Ending.CSV,)
MUSTER_ENDINGS = (Ending.PDF, Ending.CSV)
MIME = {
    Ending.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Ending.CSV: "text/csv",
    Ending.PDF: "application/pdf",
}


@dataclass(frozen=True)
class ReportFile:
    """subject and params are for the audit trail."""

    content: bytes
    people: int
    subject: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Desk:
    """By what reports are made: one home, its settings, the words, and the moment that is now."""

    paths: SitePaths
    parameters: Parameters
    language: str
    now: datetime

    @property
    def words(self) -> Wording:
        return Wording(self.language, self.parameters.zone)


def report_file(session: Session, scope: Scope, ending: Ending, desk: Desk) -> ReportFile:
    """Raises GspeError, code `report_ending`, for what this kind of report cannot be."""
    if ending not in ENDINGS[scope.kind]:
        endings = ", ".join(f".{one}" for one in ENDINGS[scope.kind])
        raise GspeError(
            f"a {scope.kind} report is a file that ends in {endings}", code="report_ending", endings=endings
        )
    report = read_report(session, scope, desk.parameters, desk.now)
    params = {**_params(report, ending), "kind": str(scope.kind)}
    if ending is Ending.PDF:
        content, pictures = _person(session, report, desk)
        return ReportFile(content, report.people, scope.subject, {**params, "pictures": pictures})
    if ending is Ending.CSV:
        content = separated(main_table(report, desk.words), desk.words)
    else:
        content = workbook(tables_of(report, desk.words), desk.words)
    return ReportFile(content, report.people, scope.subject, params)


def payroll_file(session: Session, scope: Scope, settings: PayrollSettings, desk: Desk) -> ReportFile:
    report = read_report(session, scope, desk.parameters, desk.now)
    content = payroll_csv(report, settings)
    return ReportFile(content, report.people, "reports:payroll", _params(report, Ending.CSV))


def muster_file(session: Session, departments: tuple[str, ...], ending: Ending, desk: Desk) -> ReportFile:
    """Raises GspeError, code `report_ending`."""
    if ending not in MUSTER_ENDINGS:
        raise GspeError(
            "a muster list is a file that ends in .pdf or .csv", code="report_ending", endings=".pdf, .csv"
        )
    found = muster(session, desk.now, departments)
    if ending is Ending.PDF:
        content = muster_pdf(found, desk.words, site=_site(session), now=desk.now)
    else:
        content = separated(muster_table(found, desk.words), desk.words)
    return ReportFile(
        content, len(found.rows), "reports:muster", {"format": ending, "people": len(found.rows)}
    )


def _params(report: Report, ending: Ending) -> dict[str, Any]:
    params: dict[str, Any] = {
        "format": str(ending),
        "period": str(report.scope.period),
        "people": report.people,
    }
    if report.scope.departments:
        params["departments"] = sorted(report.scope.departments)
    return params


def _person(session: Session, report: Report, desk: Desk) -> tuple[bytes, int]:
    person = report.scope.person
    assert person is not None, "only a person's report is on paper"
    pictures = day_pictures(session, person, report.scope.period, desk.parameters, desk.paths)
    content = person_pdf(report, person, pictures, desk.words, site=_site(session), printed_at=desk.now)
    return content, sum(day.shown for day in pictures.values())


def _site(session: Session) -> str:
    site = queries.site(session)
    return site.site_name if site else ""
