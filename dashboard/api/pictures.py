"""Stored pictures of people, for those whose role and departments let them see that person."""

from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from core.domain.states import Role
from core.errors import GspeError
from core.storage.biometrics import read_picture
from core.storage.models import AlertLog, Employee, Event, Evidence, FaceTemplate, UnknownFace, Visit
from dashboard.api.rest.problems import Refused
from dashboard.attention import sight_of
from dashboard.auth import SESSION_COOKIE, Account, account_of
from dashboard.database import reader, site_paths
from dashboard.viewing import note_picture

MIN_ROLES = {
    "evidence": Role.SUPERVISOR,
    "event": Role.SUPERVISOR,
    "alert": Role.SUPERVISOR,
    "template": Role.HR,
    "unknown": Role.HR,
}
TABLES = {
    "evidence": "evidence",
    "event": "events",
    "alert": "alert_logs",
    "template": "face_templates",
    "unknown": "unknown_faces",
}
PICTURED: dict[str, type[Event | UnknownFace]] = {"event": Event, "unknown": UnknownFace}
MAX_DIGITS = 18
PRIVATE = {"cache-control": "private, no-store", "x-content-type-options": "nosniff"}


def picture_routes() -> list[BaseRoute]:
    return [Route("/api/picture/{kind}/{picture_id}", _picture, methods=["GET"])]


def _picture(request: Request) -> Response:
    """The JPEG, its view noted. Raises Refused.

    401 when not signed in, 403 when it is not for him, 404 when there is none (any more), 503 when its view
    cannot be noted.
    """
    account = account_of(request.cookies.get(SESSION_COOKIE))
    if account is None or account.must_change_password:
        raise Refused("not_signed_in")
    kind, number = request.path_params["kind"], _id_of(request.path_params["picture_id"])
    found = _find_for(account, kind, number)
    try:
        picture = read_picture(site_paths(), str(found.path))
    except GspeError as error:
        raise Refused("picture_not_kept") from error
    subject = f"{TABLES[kind]}:{number}" if found.employee_id is None else f"employees:{found.employee_id}"
    try:
        note_picture(account, kind, subject)
    except GspeError as error:
        raise Refused("view_not_noted") from error
    return Response(picture, media_type="image/jpeg", headers=PRIVATE)


def _find_for(account: Account, kind: str, picture_id: int | None) -> Row[*tuple[Any, ...]]:
    """Path, department and employee_id of a picture that this account may see."""
    if kind not in MIN_ROLES:
        raise Refused("picture_not_kept")
    if not account.may(MIN_ROLES[kind]):
        raise Refused("picture_not_for_role")
    found = None if picture_id is None else _find(kind, picture_id)
    if found is None or found.path is None:
        raise Refused("picture_not_kept")
    if not _concerns(account, kind, found):
        raise Refused("picture_of_others")
    return found


def _id_of(digits: str) -> int | None:
    """None for what is no number of the database's 64 bits."""
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= MAX_DIGITS else None


def _find(kind: str, picture_id: int) -> Row[*tuple[Any, ...]] | None:
    with Session(reader()) as session:
        return session.execute(_query(kind, picture_id)).first()


def _query(kind: str, picture_id: int) -> Select[*tuple[Any, ...]]:
    """Path, department and employee of one picture."""
    person = (Employee.department.label("department"), Employee.id.label("employee_id"))
    if kind == "evidence":
        shots = select(Evidence.path.label("path"), *person).join(Visit, Visit.id == Evidence.visit_id)
        whose = shots.outerjoin(Employee, Employee.id == Visit.employee_id)  # it may be nobody's we know
        return whose.where(Evidence.id == picture_id)
    if kind == "template":
        photos = select(FaceTemplate.photo_path.label("path"), *person)
        of_person = photos.join(Employee, Employee.id == FaceTemplate.employee_id)
        return of_person.where(FaceTemplate.id == picture_id)
    table: type[Event | UnknownFace | AlertLog] = PICTURED.get(kind, AlertLog)
    pictures = select(table.picture_path.label("path"), *person)
    return pictures.outerjoin(Employee, Employee.id == table.employee_id).where(table.id == picture_id)


def _concerns(account: Account, kind: str, found: Row[*tuple[Any, ...]]) -> bool:
    """Somebody without department, and a stranger, is seen by those who may see everybody.

    The picture of an alert is seen by those who see the alert.
    """
    if kind == "unknown":
        return not account.departments
    if kind == "alert" and found.employee_id is None:
        return sight_of(account).whole_site
    return not account.departments or found.department in account.departments
