"""The pictures of first in and last out of a day, behind links that expire.

A link needs no further sign-in, so that a mail or another system can show the picture. It stands for whoever
asked for it: it is audited in his name, and opens nothing once his session or token has ended, or he may not
see the person any more.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from itsdangerous import BadSignature
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from core.domain.states import Role, Scope
from core.errors import GspeError
from core.storage import queries
from core.storage.api_tokens import is_in_force
from core.storage.biometrics import read_picture
from core.storage.models import ApiToken, Attendance, Employee, Evidence, Visit
from dashboard.api.pictures import PRIVATE
from dashboard.api.rest.access import Caller
from dashboard.api.rest.attendance import EmployeeId, Reading
from dashboard.api.rest.problems import Refused, responses
from dashboard.api.rest.values import Day
from dashboard.auth import account_behind, session_key, signer
from dashboard.database import reader, site_paths
from dashboard.viewing import note_picture

router = APIRouter(tags=["attendance"])

LINK_MAX_AGE_S = 600
ACCESS_OF = (Role.SUPERVISOR, Scope.READ_ATTENDANCE)


class Captures(BaseModel):
    """Addresses on this server, good for ten minutes."""

    ok: bool = True
    first_in: str | None = Field(examples=["/api/captures/WyJ0IiwxLDddLg"])
    last_out: str | None


@router.get(
    "/report/attendance_captures",
    summary="Pictures of first in and last out",
    response_model=Captures,
    responses=responses(404),
)
def attendance_captures(
    caller: Reading, employee_id: EmployeeId, day: Annotated[Day, Query(alias="date")]
) -> Captures:
    """Null where there is none: nobody was seen, or the picture's time is over."""
    with Session(reader()) as session:
        if queries.employee(session, employee_id, caller.departments) is None:
            raise Refused("employee_unknown", employee_id=employee_id)
        first, last = aliased(Evidence), aliased(Evidence)
        found = session.execute(
            select(first.id, first.path, last.id, last.path)
            .select_from(Attendance)
            .outerjoin(first, first.id == Attendance.first_in_evidence_id)
            .outerjoin(last, last.id == Attendance.last_out_evidence_id)
            .where(Attendance.employee_id == employee_id, Attendance.attendance_date == day)
        ).first()
    if found is None:
        return Captures(first_in=None, last_out=None)
    return Captures(first_in=_link(caller, *found[:2]), last_out=_link(caller, *found[2:]))


@router.get(
    "/captures/{link}",
    summary="A picture behind a link",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "The picture"}, **responses(404)},
)
def capture(link: str) -> Response:
    """404 `link_over` once the link has expired, or whoever asked for it may not see the person any more."""
    try:
        made_by, evidence_id = signer("captures").loads(link, max_age=LINK_MAX_AGE_S)
    except BadSignature as error:
        raise Refused("link_over") from error
    with Session(reader()) as session:
        viewer = _viewer(session, *made_by)
        shot = _shot(session, evidence_id)
    if viewer is None or shot is None or (viewer.departments and shot.department not in viewer.departments):
        raise Refused("link_over")
    try:
        picture = read_picture(site_paths(), shot.path)
    except GspeError as error:
        raise Refused("link_over") from error
    note_picture(viewer, "evidence", f"employees:{shot.employee_id}")
    return Response(picture, media_type="image/jpeg", headers=PRIVATE)


def _link(caller: Caller, evidence_id: int | None, path: str | None) -> str | None:
    if evidence_id is None or path is None:
        return None
    session = session_key(caller.key) if caller.role is not None else None
    return f"/api/captures/{signer('captures').dumps([[caller.id, session], evidence_id])}"


@dataclass(frozen=True)
class _Shot:
    path: str
    employee_id: int
    department: str | None


def _shot(session: Session, evidence_id: int) -> _Shot | None:
    row = session.execute(
        select(Evidence.path, Employee.id, Employee.department)
        .join(Visit, Visit.id == Evidence.visit_id)
        .join(Employee, Employee.id == Visit.employee_id)
        .where(Evidence.id == evidence_id, Evidence.path.is_not(None))
    ).first()
    return _Shot(row[0], row[1], row[2]) if row is not None and row[0] is not None else None


def _viewer(session: Session, caller_id: int, key_sha256: str | None) -> Caller | None:
    """Whoever asked for the link, with the rights he has now; None when they are not enough any more.

    key_sha256: of the session in which an account asked; None: a token did.
    """
    role, scope = ACCESS_OF
    if key_sha256 is not None:
        account = account_behind(caller_id, key_sha256)
        if account is None or account.must_change_password or not account.may(role):
            return None
        return Caller(account.username, account.departments, account.id, role=account.role)
    token = session.get(ApiToken, caller_id)
    if token is None or not is_in_force(token, datetime.now(UTC)) or scope not in token.scopes:
        return None
    return Caller(f"token:{token.name}", tuple(token.departments), token.id)
