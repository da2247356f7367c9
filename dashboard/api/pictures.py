"""Stored pictures of people, for those whose role and departments let them see that person."""

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from core.domain.states import Role
from core.errors import GspeError
from core.i18n import text
from core.storage.biometrics import read_picture
from core.storage.models import Employee, Event, Evidence, FaceTemplate, Visit
from dashboard.auth import SESSION_COOKIE, Account, account_of
from dashboard.database import reader, site_paths
from dashboard.place import language_of

MIN_ROLES = {"evidence": Role.SUPERVISOR, "event": Role.SUPERVISOR, "template": Role.HR}
MAX_DIGITS = 18
PRIVATE = {"cache-control": "private, no-store", "x-content-type-options": "nosniff"}


def picture_routes() -> list[BaseRoute]:
    return [Route("/api/picture/{kind}/{picture_id}", _picture, methods=["GET"])]


def _picture(request: Request) -> Response:
    """The JPEG; 401 when not signed in, 403 when it is not for him, 404 when there is none (any more)."""
    account = account_of(request.cookies.get(SESSION_COOKIE))
    if account is None or account.must_change_password:
        raise _refusal(401, "sign_in", language_of(request))
    path = _path_for(account, request.path_params["kind"], _id_of(request.path_params["picture_id"]))
    try:
        return Response(read_picture(site_paths(), path), media_type="image/jpeg", headers=PRIVATE)
    except GspeError as error:
        raise _refusal(404, "gone", account.language) from error


def _path_for(account: Account, kind: str, picture_id: int | None) -> str:
    if kind not in MIN_ROLES:
        raise _refusal(404, "gone", account.language)
    if not account.may(MIN_ROLES[kind]):
        raise _refusal(403, "role", account.language)
    found = None if picture_id is None else _find(kind, picture_id)
    if found is None or found.path is None:
        raise _refusal(404, "gone", account.language)
    if not _concerns(account, found.department):
        raise _refusal(403, "department", account.language)
    return str(found.path)


def _refusal(status: int, reason: str, language: str) -> HTTPException:
    return HTTPException(status, text(f"presence.picture_refused.{reason}", language))


def _id_of(digits: str) -> int | None:
    """None for what is no number of the database's 64 bits."""
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= MAX_DIGITS else None


def _find(kind: str, picture_id: int) -> Row[str | None, str | None] | None:
    with Session(reader()) as session:
        return session.execute(_query(kind, picture_id)).first()


def _query(kind: str, picture_id: int) -> Select[str | None, str | None]:
    """Path and department of one picture."""
    if kind == "evidence":
        query = select(Evidence.path.label("path"), Employee.department.label("department"))
        joined = query.join(Visit, Visit.id == Evidence.visit_id).join(
            Employee, Employee.id == Visit.employee_id
        )
        return joined.where(Evidence.id == picture_id)
    if kind == "event":
        query = select(Event.picture_path.label("path"), Employee.department.label("department"))
        return query.outerjoin(Employee, Employee.id == Event.employee_id).where(Event.id == picture_id)
    photos = select(FaceTemplate.photo_path.label("path"), Employee.department.label("department"))
    return photos.join(Employee, Employee.id == FaceTemplate.employee_id).where(FaceTemplate.id == picture_id)


def _concerns(account: Account, department: str | None) -> bool:
    """Somebody without department, and a stranger, is seen by those who may see everybody."""
    return not account.departments or department in account.departments
