"""Asking the worker for a template, and ending all of somebody's: what pages and routes do about faces.

Each takes the caller's transaction and leaves its audit row in it. Who may do so is the caller's to check.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.states import PhotoOutcome, RequestKind
from core.errors import GspeError
from core.storage import audit, employees
from core.storage.asking import CapturePayload, EnrolPayload, to_json
from core.storage.biometrics import revoke_template
from core.storage.models import Camera, Consent, FaceTemplate
from core.storage.requests import refuse_waiting_photos, submit
from core.storage.unknown_faces import forget_named_faces

PHOTO_KEPT_S = 7 * 24 * 3600.0
"""How long a photo waits for a worker that is down."""
CAPTURE_EXPIRES_S = 10.0
"""Later somebody else may stand before the camera."""


def ask_to_enrol(session: Session, asked: EnrolPayload, *, actor: str, now: datetime) -> int:
    """Queues a photo that lies in data/requests/ and returns the request's id.

    Raises GspeError with code `employee_unknown`, or `no_consent` while no basis is recorded.
    """
    _refuse_without_consent(session, asked.employee_id)
    request_id = submit(session, RequestKind.ENROL, to_json(asked), actor, now, PHOTO_KEPT_S)
    _note(session, "photo.submitted", asked, request_id, (actor, now))
    return request_id


def ask_to_capture(session: Session, asked: CapturePayload, *, actor: str, now: datetime) -> int:
    """Has the worker take a photo from a camera of the site; returns the request's id.

    Raises GspeError with code `employee_unknown`, `no_consent`, or `camera_not_enabled`.
    """
    _refuse_without_consent(session, asked.employee_id)
    camera = session.get(Camera, asked.camera_id)
    if camera is None or not camera.enabled or camera.removed_at is not None:
        raise GspeError("this camera is not watched; choose another one", code="camera_not_enabled")
    request_id = submit(session, RequestKind.CAPTURE, to_json(asked), actor, now, CAPTURE_EXPIRES_S)
    _note(session, "photo.capture_asked", asked, request_id, (actor, now))
    return request_id


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """templates: how many ended. The caller removes two kinds of files after the commit.

    pictures: of templates and unknown faces. waiting: photos that no worker had looked at, by name.
    """

    templates: int
    pictures: list[str]
    waiting: list[str]


def withdraw_consent(session: Session, employee_id: int, *, actor: str, now: datetime) -> Withdrawn:
    """Ends every basis of the person and every template: he is not recognised any more.

    Features and photos of his templates go, and of faces without a name that turned out to be his; what these
    added to his days stays, with its evidence. Photos that wait for the worker are refused. Raises GspeError
    with code `employee_unknown`, or `no_consent` when there is nothing to withdraw.
    """
    _refuse_without_consent(session, employee_id)
    in_force = select(Consent).where(Consent.employee_id == employee_id, Consent.withdrawn_at.is_(None))
    for consent in session.scalars(in_force):
        consent.withdrawn_at = now
    templates = select(FaceTemplate.id).where(
        FaceTemplate.employee_id == employee_id, FaceTemplate.revoked_at.is_(None)
    )
    ended = session.scalars(templates).all()
    photos = [
        photo
        for template_id in ended
        for photo in revoke_template(session, template_id, actor=actor, now=now)
    ]
    faces, pictures = forget_named_faces(session, employee_id)
    waiting = refuse_waiting_photos(session, employee_id, PhotoOutcome.NO_CONSENT, now)
    params = {"templates": len(ended), "faces": faces}
    audit.append(session, now, actor, "consent.withdrawn", f"employees:{employee_id}", params)
    return Withdrawn(len(ended), [*photos, *pictures], waiting)


def _refuse_without_consent(session: Session, employee_id: int) -> None:
    employees.find_employee(session, employee_id)
    if not employees.has_consent(session, employee_id):
        raise GspeError("no basis is recorded; record it first", code=PhotoOutcome.NO_CONSENT)


def _note(
    session: Session,
    action: str,
    asked: EnrolPayload | CapturePayload,
    request_id: int,
    by: tuple[str, datetime],
) -> None:
    params: dict[str, object] = {"request": request_id}
    if isinstance(asked, CapturePayload):
        params["camera"] = asked.camera_id
    if asked.allow_look_alike:
        params["allow_look_alike"] = True
    actor, now = by
    audit.append(session, now, actor, action, f"employees:{asked.employee_id}", params)
