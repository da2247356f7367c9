"""Decisions about unknown faces. They may be anybody's, so that they are for who sees the whole site."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from core.domain.states import PhotoOutcome, Role
from core.errors import AccessDenied, GspeError
from core.storage import biometrics, employees, enrolling, naming, unknown_faces
from core.storage.asking import EnrolPayload
from core.storage.corrections import Deed
from core.storage.day_repair import point_links, taken_back
from core.storage.models import UnknownFace
from core.storage.naming import Named
from core.storage.requests import remove_request_photo, store_request_photo
from dashboard.auth import Account, require
from dashboard.database import reader, site_paths
from dashboard.day_commands import parameters
from dashboard.writes import refuse_department, refuse_foreign, rehearse, write, write_or

SOURCE = "unknown"
"""Of a template that was made from the picture of an unknown face."""


@dataclass(frozen=True)
class Naming:
    """Whose faces they are: `employee_id`, or a new employee of these `fields`.

    template_of: the face whose picture the worker is to make a template of. basis: on which his face may be
    processed, where none is recorded yet.
    """

    face_ids: tuple[int, ...]
    employee_id: int | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    template_of: int | None = None
    basis: str | None = None


def preview_naming(wanted: Naming) -> Named:
    account, settings = _account(), parameters()

    def work(session: Session, now: datetime) -> Named:
        deed = Deed(account.username, now, settings)
        with taken_back(session):
            return naming.preview(session, wanted.face_ids, _person(session, account, wanted, now), deed)

    return rehearse(work)


def name_faces(wanted: Naming) -> int:
    """Returns the employee's id. The template, if one is wanted, is the worker's to make.

    Raises GspeError, code `no_consent` where a template is wanted and no basis is known, `picture_gone`, and
    what `naming.apply` and `employees.create_employee` raise.
    """
    account, settings, paths = _account(), parameters(), site_paths()
    photo = _photo(wanted)

    def work(session: Session, now: datetime) -> tuple[int, Named]:
        employee_id = _person(session, account, wanted, now)
        deed = Deed(account.username, now, settings)
        named = naming.apply(session, paths, wanted.face_ids, employee_id, deed)
        if photo is not None:
            _ask_for_template(session, employee_id, photo, wanted, deed)
        return employee_id, named

    employee_id, named = write_or(work, lambda: remove_request_photo(paths, photo) if photo else None)
    point_links(reader(), paths, named.repair)
    return employee_id


def ignore_faces(face_ids: Collection[int]) -> int:
    account = _account()
    return write(
        lambda session, now: unknown_faces.ignore(session, face_ids, actor=account.username, now=now)
    )


def lift_faces(face_ids: Collection[int]) -> int:
    account = _account()
    return write(lambda session, now: unknown_faces.lift(session, face_ids, actor=account.username, now=now))


def discard_faces(face_ids: Collection[int]) -> int:
    """How many are gone."""
    account = _account()
    pictures = write(
        lambda session, now: unknown_faces.discard(session, face_ids, actor=account.username, now=now)
    )
    for path in pictures:
        biometrics.remove_picture(site_paths(), path)
    return len(set(face_ids))


def _account() -> Account:
    account = require(Role.HR)
    if account.departments:
        raise AccessDenied(
            "unknown faces may be anybody's; ask somebody who sees all departments",
            code="unknown_whole_site",
        )
    return account


def _person(session: Session, account: Account, wanted: Naming, now: datetime) -> int:
    if wanted.employee_id is not None:
        refuse_foreign(session, account, wanted.employee_id)
        return wanted.employee_id
    refuse_department(account, wanted.fields.get("department") or None)
    return employees.create_employee(session, wanted.fields, actor=account.username, now=now).id


def _photo(wanted: Naming) -> str | None:
    """A copy of the picture for the worker, by its name."""
    if wanted.template_of is None:
        return None
    with Session(reader()) as session:
        face = session.get(UnknownFace, wanted.template_of)
        path = face.picture_path if face is not None else None
    if path is None:
        raise GspeError("the picture is no longer kept", code="picture_gone")
    return store_request_photo(site_paths(), biometrics.read_picture(site_paths(), path))


def _ask_for_template(session: Session, employee_id: int, photo: str, wanted: Naming, deed: Deed) -> None:
    if not employees.has_consent(session, employee_id):
        if wanted.basis is None:
            raise GspeError("record the basis before the first template", code=PhotoOutcome.NO_CONSENT)
        text_version = employees.CONSENT_TEXT_VERSION
        employees.record_consent(
            session, employee_id, wanted.basis, text_version, actor=deed.actor, now=deed.now
        )
    asked = EnrolPayload(employee_id, photo, f"unknown-{wanted.template_of}.jpg", SOURCE)
    enrolling.ask_to_enrol(session, asked, actor=deed.actor, now=deed.now)
