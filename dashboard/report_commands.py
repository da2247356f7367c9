"""Reports that leave the system by a page: limited to what the account may see, and in the audit trail."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from core.domain.states import Role
from core.errors import StorageError
from core.reports.files import Desk, Ending, ReportFile, muster_file, payroll_file, report_file
from core.reports.report import Scope
from core.reports.trail import note_export
from core.storage.report_rows import person_by_code
from dashboard import data
from dashboard.auth import Account, require
from dashboard.database import reader, site_paths
from dashboard.writes import refuse_department, write


def within(account: Account, session: Session, scope: Scope) -> Scope:
    """The scope with the departments that the account may see, and the person as he is now.

    Raises AccessDenied for a department that is not his, GspeError for a person that is not.
    """
    for department in scope.departments:
        refuse_department(account, department)
    person = scope.person and person_by_code(session, scope.person.code, account.departments)
    return replace(scope, departments=scope.departments or account.departments, person=person)


def make_report(scope: Scope, ending: Ending) -> ReportFile:
    account = require(Role.SUPERVISOR)
    return _make(
        account, lambda session, desk: report_file(session, within(account, session, scope), ending, desk)
    )


def make_payroll(scope: Scope) -> ReportFile:
    account = require(Role.HR)
    settings = data.settings_store().load_payroll().value
    return _make(
        account, lambda session, desk: payroll_file(session, within(account, session, scope), settings, desk)
    )


def make_muster(departments: tuple[str, ...], ending: Ending) -> tuple[ReportFile, bool]:
    """The list, and whether it is in the trail: in an emergency it comes also when nothing can be stored."""
    account = require(Role.VIEWER)
    for department in departments:
        refuse_department(account, department)
    made = _read(account, lambda s, desk: muster_file(s, departments or account.departments, ending, desk))
    try:
        _note(account, made)
    except StorageError:
        return made, False
    return made, True


def _make(account: Account, make: Callable[[Session, Desk], ReportFile]) -> ReportFile:
    made = _read(account, make)
    _note(account, made)
    return made


def _read(account: Account, make: Callable[[Session, Desk], ReportFile]) -> ReportFile:
    parameters = data.settings_store().load_parameters().value
    desk = Desk(site_paths(), parameters, account.language, datetime.now(UTC))
    with Session(reader()) as session:
        return make(session, desk)


def _note(account: Account, made: ReportFile) -> None:
    write(lambda session, now: note_export(session, now, account.username, made.subject, made.params))
