"""The files of pages, behind the links of `dashboard.chosen_rows`: read, and noted, once asked for."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from core.audit_csv import audit_csv
from core.domain.states import Role
from core.errors import AccessDenied
from core.exports import attendance_csv
from core.i18n import text
from core.storage.audit_list import AuditFilter
from dashboard import commands, data, record_commands
from dashboard.api.pictures import PRIVATE
from dashboard.api.rest.problems import Refused
from dashboard.api.rest.values import Day, Moment
from dashboard.auth import SESSION_COOKIE, Account, account_of
from dashboard.chosen_rows import ATTENDANCE, AUDIT, DayFilter

router = APIRouter(include_in_schema=False)


def _who(role: Role) -> Callable[[Request], Account]:
    """A dependency: the signed-in account. Raises Refused, code `not_signed_in`, and AccessDenied."""

    def account(request: Request) -> Account:
        found = account_of(request.cookies.get(SESSION_COOKIE))
        if found is None or found.must_change_password:
            raise Refused("not_signed_in")
        if not found.may(role):
            raise AccessDenied(f"this needs the role {role}", code="role_too_low", role=str(role))
        return found

    return account


@router.get(ATTENDANCE)
def attendance(
    account: Annotated[Account, Depends(_who(Role.SUPERVISOR))],
    day: Day,
    search: str = "",
    department: str | None = None,
    status: Annotated[tuple[str, ...], Query()] = (),
) -> Response:
    rows = commands.attendance_export(account, day, DayFilter(search, department, status).takes)
    content = attendance_csv(rows, datetime.now(UTC), data.zone(), account.language)
    return _csv(content, text("attendance.file_name", account.language, date=day.isoformat()))


@router.get(AUDIT)
def audit(
    account: Annotated[Account, Depends(_who(Role.ADMIN))],
    start: Moment,
    end: Moment,
    actor: str | None = None,
    action: str | None = None,
    subject: str = "",
) -> Response:
    rows = record_commands.audit_export(account, AuditFilter(start, end, actor, action, subject))
    today = datetime.now(data.zone()).date().isoformat()
    name = text("audit.file_name", account.language, date=today)
    return _csv(audit_csv(rows, data.zone(), account.language), name)


def _csv(content: bytes, name: str) -> Response:
    headers = {**PRIVATE, "content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="text/csv", headers=headers)
