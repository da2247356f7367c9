"""Whose visit it really was: another employee's, or that of nobody we know. Nothing of the visit is lost.

The visit keeps its times, cameras and pictures and only changes hands, so that it can be given back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.states import UnknownState, VisitOrigin
from core.errors import GspeError
from core.storage import audit
from core.storage.corrections import Deed
from core.storage.day_repair import Repair, repaired, taken_back
from core.storage.employees import MAX_LENGTH, clean_text, find_employee
from core.storage.models import Camera, Reassignment, UnknownFace, Visit


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """A visit that the other person has of his own at that time. until: None while it goes on."""

    camera_name: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Effect:
    """meanwhile: his own visits at the same time. What they share is counted once."""

    repair: Repair
    meanwhile: Sequence[Meanwhile]


def preview(session: Session, visit_id: int, to_employee_id: int | None, deed: Deed) -> Effect:
    """What `apply` would change; the session must be one that may write. Raises as `apply` does."""
    with taken_back(session):
        return _move(session, _closed(session, visit_id), to_employee_id, "-", deed)


def apply(session: Session, visit_id: int, to_employee_id: int | None, reason: str, deed: Deed) -> Effect:
    """Gives a visit to another employee; None: to nobody we know.

    Attendance and judged days of both are written again in the same transaction. Raises GspeError, code
    `visit_unknown`, `visit_open`, `visit_same`, `employee_unknown`, `reason_missing`, `month_locked` or
    `correction_rules_changed`.
    """
    visit = _closed(session, visit_id)
    why = clean_text(reason)
    if not 0 < len(why) <= MAX_LENGTH:
        raise GspeError("say why, in at most 200 characters", code="reason_missing")
    before = visit.employee_id
    effect = _move(session, visit, to_employee_id, why, deed)
    params = {
        "from": before,
        "to": to_employee_id,
        "reason": why,
        "days": len(effect.repair.changed),
        "arrived_at": visit.arrived_at.isoformat(),
    }
    audit.append(session, deed.now, deed.actor, "visit.reassigned", f"visits:{visit_id}", params)
    return effect


def find_visit(session: Session, visit_id: int) -> Visit:
    """Raises GspeError, code `visit_unknown`."""
    visit = session.get(Visit, visit_id)
    if visit is None:
        raise GspeError("there is no such visit; reload the page", code="visit_unknown")
    return visit


def last_owner(session: Session, visit_id: int) -> int | None:
    """Whose the visit was before somebody said last that it was another's."""
    moves = select(Reassignment.from_employee_id).where(Reassignment.visit_id == visit_id)
    return session.scalar(moves.order_by(Reassignment.id.desc()).limit(1))


def _closed(session: Session, visit_id: int) -> Visit:
    visit = find_visit(session, visit_id)
    if visit.departed_at is None:
        raise GspeError(
            "this visit goes on and is still being written; say so when it is over", code="visit_open"
        )
    return visit


def _move(session: Session, visit: Visit, to_employee_id: int | None, reason: str, deed: Deed) -> Effect:
    if visit.employee_id == to_employee_id:
        raise GspeError("the visit is his already; choose somebody else", code="visit_same")
    if to_employee_id is not None:
        find_employee(session, to_employee_id)
    span = (visit.arrived_at, visit.last_seen_at)
    concerned = {person: [span] for person in (visit.employee_id, to_employee_id) if person is not None}
    meanwhile = _meanwhile(session, visit, to_employee_id)

    def change() -> None:
        session.add(
            Reassignment(
                visit_id=visit.id,
                from_employee_id=visit.employee_id,
                to_employee_id=to_employee_id,
                reason=reason,
                author=deed.actor,
                at=deed.now,
            )
        )
        visit.employee_id = to_employee_id
        _take_faces_along(session, visit, deed)

    return Effect(repaired(session, concerned, deed, change), meanwhile)


def _take_faces_along(session: Session, visit: Visit, deed: Deed) -> None:
    """Faces that made the visit are his whose it is now; of nobody we know, they wait for a name again."""
    if visit.origin != VisitOrigin.NAMED:
        return
    for face in session.scalars(select(UnknownFace).where(UnknownFace.visit_id == visit.id)).all():
        face.employee_id = visit.employee_id
        face.decided_by, face.decided_at = deed.actor, deed.now
        if visit.employee_id is None:
            face.state, face.visit_id = UnknownState.OPEN, None


def _meanwhile(session: Session, visit: Visit, employee_id: int | None) -> list[Meanwhile]:
    if employee_id is None:
        return []
    rows = session.execute(
        select(Camera.name, Visit.arrived_at, Visit.departed_at)
        .join(Camera, Camera.id == Visit.last_camera_id)
        .where(
            Visit.employee_id == employee_id,
            Visit.arrived_at < visit.last_seen_at,
            (Visit.last_seen_at > visit.arrived_at) | Visit.departed_at.is_(None),
        )
        .order_by(Visit.arrived_at)
    )
    return [Meanwhile(*row) for row in rows]
