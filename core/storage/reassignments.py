"""Whose visit it really was: another employee's, or that of nobody we know. Nothing of the visit is lost.

The visit keeps its times, cameras and pictures and only changes hands, so that it can be given back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.schedule import attendance_day
from core.domain.states import UnknownState, VisitOrigin
from core.errors import GspeError
from core.settings import Parameters
from core.storage import audit
from core.storage.corrections import Deed
from core.storage.day_repair import Repair, repaired, taken_back
from core.storage.employees import MAX_LENGTH, clean_text, find_employee
from core.storage.models import Camera, Reassignment, UnknownFace, Visit
from core.storage.unknown_faces import decide


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
    `visit_unknown`, `visit_open`, `visit_same`, `visit_faces_decided`, `employee_unknown`, `reason_missing`,
    `month_locked` or `correction_rules_changed`.
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


def needs_hr(arrived_at: datetime, parameters: Parameters, now: datetime) -> bool:
    """Whether a supervisor alone may not give away a visit that began then.

    Where a second person approves corrections, a day that is over does not change by one hand below HR.
    """
    over = attendance_day(arrived_at, parameters.zone) < attendance_day(now, parameters.zone)
    return parameters.corrections_need_approval and over


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
    _refuse_decided_faces(session, visit)
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
    """Faces that made the visit are his whose it is now; of nobody we know, they wait for a name again.

    One that made another visit as well, and is somebody's by that, stays with it.
    """
    if visit.origin != VisitOrigin.NAMED:
        return
    faces = _faces_of(session, visit)
    others = _made_of(session, visit, faces)
    for face in faces:
        if face.visit_id not in (visit.id, None):
            continue
        holders = [visit] if visit.employee_id is not None else _with(face, others)
        decide(face, UnknownState.NAMED if holders else UnknownState.OPEN, deed.actor, deed.now)
        face.employee_id = holders[0].employee_id if holders else None
        face.visit_id = holders[0].id if holders else None


def _refuse_decided_faces(session: Session, visit: Visit) -> None:
    """What made a visit of nobody must not count again once it counts elsewhere.

    Faces whose time is over are no longer kept; the visits that they made say so for them.
    """
    if visit.employee_id is not None or visit.origin != VisitOrigin.NAMED:
        return
    faces = _faces_of(session, visit)
    others = _made_of(session, visit, faces)
    gone = [face for face in faces if face.state != UnknownState.OPEN and not _with(face, others)]
    if gone or any(_share_time(visit, other) for other in others):
        raise GspeError(
            "somebody decided on the faces of this visit since; it cannot be given back",
            code="visit_faces_decided",
        )


def _faces_of(session: Session, visit: Visit) -> Sequence[UnknownFace]:
    """As far as they are kept."""
    return session.scalars(select(UnknownFace).where(UnknownFace.id.in_(visit.face_ids))).all()


def _made_of(session: Session, visit: Visit, faces: Sequence[UnknownFace]) -> list[Visit]:
    """Somebody's other visits that were made of the same faces."""
    query = select(Visit).where(
        Visit.origin == VisitOrigin.NAMED,
        Visit.employee_id.is_not(None),
        Visit.id != visit.id,
        Visit.arrived_at <= max([visit.last_seen_at, *(face.last_seen_at for face in faces)]),
        Visit.last_seen_at >= min([visit.arrived_at, *(face.first_seen_at for face in faces)]),
    )
    named = session.scalars(query.order_by(Visit.arrived_at, Visit.id))
    return [other for other in named if not set(visit.face_ids).isdisjoint(other.face_ids)]


def _with(face: UnknownFace, visits: Sequence[Visit]) -> list[Visit]:
    return [visit for visit in visits if face.id in visit.face_ids]


def _share_time(one: Visit, other: Visit) -> bool:
    """More than a moment, or the moment that one of them is."""
    start, end = max(one.arrived_at, other.arrived_at), min(one.last_seen_at, other.last_seen_at)
    shortest = min(visit.last_seen_at - visit.arrived_at for visit in (one, other))
    return start < end or (start == end and not shortest)


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
