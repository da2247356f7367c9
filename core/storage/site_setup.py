"""What the first administrator sets up: the site's name, and the steps that somebody confirmed."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.domain.states import CameraStatus, RequestKind
from core.errors import GspeError
from core.storage import audit
from core.storage.employees import clean_text
from core.storage.models import Camera, Employee, FaceTemplate, Site, WorkerRequest

LONGEST_NAME = 120
DISMISSED = "dismissed"


class SetupStep(StrEnum):
    """In the order of the list. PASSWORD, CAMERA and EMPLOYEE are facts, the others are confirmed."""

    PASSWORD = "password"
    SITE = "site"
    HOURS = "hours"
    CAMERA = "camera"
    EMPLOYEE = "employee"


CONFIRMED = (SetupStep.SITE, SetupStep.HOURS)


def steps_done(session: Session) -> frozenset[SetupStep]:
    """Who reads this has changed his password, or no page but that one would be open to him."""
    confirmed = _site(session).setup
    facts = {SetupStep.PASSWORD: True, **{step: step in confirmed for step in CONFIRMED}}
    facts |= {SetupStep.CAMERA: _camera_works(session), SetupStep.EMPLOYEE: _somebody_is_enrolled(session)}
    return frozenset(step for step, done in facts.items() if done)


def is_dismissed(session: Session) -> bool:
    return DISMISSED in _site(session).setup


def wants_attention(session: Session) -> bool:
    """Whether an administrator should be led to the list: something is left, and nobody put it away."""
    return not is_dismissed(session) and len(steps_done(session)) < len(SetupStep)


def confirm(session: Session, step: SetupStep, *, actor: str, now: datetime) -> None:
    """Raises ValueError for a step that only facts can do."""
    if step not in CONFIRMED:
        raise ValueError(f"{step} is done by facts")
    _note(session, step, now)
    audit.append(session, now, actor, "setup.confirmed", "site:1", {"step": step})


def dismiss(session: Session, *, actor: str, now: datetime) -> None:
    """Nobody is led to the list any more; it stays within reach."""
    _note(session, DISMISSED, now)
    audit.append(session, now, actor, "setup.dismissed", "site:1", {})


def rename_site(session: Session, name: str, *, actor: str, now: datetime) -> None:
    """Raises GspeError, code `site_name_invalid`."""
    clean = clean_text(name)
    if not 0 < len(clean) <= LONGEST_NAME:
        raise GspeError(
            f"a site's name has 1 to {LONGEST_NAME} characters",
            code="site_name_invalid",
            longest=LONGEST_NAME,
        )
    site = _site(session)
    if site.site_name == clean:
        return
    params = {"before": site.site_name, "after": clean}
    site.site_name = clean
    audit.append(session, now, actor, "site.renamed", f"site:{site.id}", params)


def _note(session: Session, code: str, now: datetime) -> None:
    site = _site(session)
    site.setup = {**site.setup, code: now.isoformat()}


def _site(session: Session) -> Site:
    return session.scalars(select(Site).limit(1)).one()


def _camera_works(session: Session) -> bool:
    """One that gives pictures, or did so when it was tested."""
    online = select(Camera.id).where(
        Camera.removed_at.is_(None),
        Camera.enabled.is_(True),
        Camera.status == CameraStatus.ONLINE,
        Camera.last_frame_at.is_not(None),
    )
    tested = select(WorkerRequest.id).where(
        WorkerRequest.kind == RequestKind.TEST_CAMERA,
        func.json_extract(WorkerRequest.result, "$.status") == CameraStatus.ONLINE,
    )
    return any(session.scalar(query.limit(1)) is not None for query in (online, tested))


def _somebody_is_enrolled(session: Session) -> bool:
    enrolled = (
        select(FaceTemplate.id)
        .join(Employee, Employee.id == FaceTemplate.employee_id)
        .where(FaceTemplate.revoked_at.is_(None), Employee.active.is_(True))
    )
    return session.scalar(enrolled.limit(1)) is not None
