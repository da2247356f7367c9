"""What the dashboard does about people's faces. Each checks the role again and leaves an audit row."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from core.domain.states import Role
from core.storage import employees, enrolling
from core.storage.asking import CapturePayload, EnrolPayload
from core.storage.biometrics import remove_picture, revoke_template
from core.storage.enrolling import Withdrawn
from core.storage.models import FaceTemplate
from core.storage.requests import remove_request_photo, store_request_photo
from dashboard.auth import require
from dashboard.database import site_paths
from dashboard.writes import refuse_foreign, write, write_or


@dataclass(frozen=True)
class Shot:
    """A photo as the page has it. pose: the one that was asked for; source: as in NewTemplate."""

    file_name: str
    content: bytes
    source: str = "upload"
    pose: str | None = None


def record_consent(employee_id: int, basis: str) -> None:
    account = require(Role.HR)

    def work(session: Session, now: datetime) -> None:
        refuse_foreign(session, account, employee_id)
        employees.record_consent(
            session, employee_id, basis, employees.CONSENT_TEXT_VERSION, actor=account.username, now=now
        )

    write(work)


def withdraw_consent(employee_id: int) -> int:
    """Returns how many templates ended with it."""
    account = require(Role.HR)

    def work(session: Session, now: datetime) -> Withdrawn:
        refuse_foreign(session, account, employee_id)
        return enrolling.withdraw_consent(session, employee_id, actor=account.username, now=now)

    withdrawn, paths = write(work), site_paths()
    for path in withdrawn.pictures:
        remove_picture(paths, path)
    for name in withdrawn.waiting:
        remove_request_photo(paths, name)
    return withdrawn.templates


def submit_photo(employee_id: int, shot: Shot, *, allow_look_alike: bool = False) -> int:
    """Keeps a photo for the worker and asks it to enrol; returns the request's id.

    Only an administrator may have a look-alike taken. Raises GspeError, code `no_consent`, while no basis is
    recorded.
    """
    account = require(_role(allow_look_alike))
    paths = site_paths()
    name = store_request_photo(paths, shot.content)

    def work(session: Session, now: datetime) -> int:
        refuse_foreign(session, account, employee_id)
        asked = EnrolPayload(employee_id, name, shot.file_name, shot.source, allow_look_alike, shot.pose)
        return enrolling.ask_to_enrol(session, asked, actor=account.username, now=now)

    return write_or(work, lambda: remove_request_photo(paths, name))


def submit_capture(asked: CapturePayload) -> int:
    """Asks the worker to take the photo from a camera of the site; returns the request's id."""
    account = require(_role(asked.allow_look_alike))

    def work(session: Session, now: datetime) -> int:
        refuse_foreign(session, account, asked.employee_id)
        return enrolling.ask_to_capture(session, asked, actor=account.username, now=now)

    return write(work)


def remove_template(template_id: int) -> None:
    account = require(Role.HR)

    def work(session: Session, now: datetime) -> list[str]:
        template = session.get(FaceTemplate, template_id)
        if template is not None:
            refuse_foreign(session, account, template.employee_id)
        return revoke_template(session, template_id, actor=account.username, now=now)

    for photo in write(work):
        remove_picture(site_paths(), photo)


def _role(allow_look_alike: bool) -> Role:
    return Role.ADMIN if allow_look_alike else Role.HR
