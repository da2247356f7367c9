"""The muster list: what is recorded last of everybody, and who of them is believed inside."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from core.domain.muster import MAYBE_FOR, Belief, LastVisit, MusterReason, belief
from core.domain.states import PresenceState, VisitClosedBy
from core.storage.models import Camera, Employee, FaceTemplate, Presence, Visit, WorkerStatus


@dataclass(frozen=True, slots=True)
class MusterRow:
    """Somebody who is believed inside. Place and time are of his last sighting; None: never seen."""

    employee_id: int
    code: str
    name: str
    department: str | None
    belief: Belief
    reason: MusterReason
    last_seen_at: datetime | None
    camera_name: str | None
    location: str | None

    @property
    def place(self) -> str:
        """Where he was seen last: the location of the camera, or its name where it has none."""
        return self.location or self.camera_name or ""


@dataclass(frozen=True, slots=True)
class Muster:
    """known_at: when the last word on who is here was spoken; None when no worker ever ran here.
    departments: of whose people the list is; empty: everybody.
    enrolled: whether cameras could know any of them at all; where not, no list says anything.
    """

    rows: list[MusterRow]
    known_at: datetime | None
    departments: tuple[str, ...] = ()
    enrolled: bool = True

    def believed(self, wanted: Belief) -> list[MusterRow]:
        return [row for row in self.rows if row.belief == wanted]


def muster(session: Session, now: datetime, departments: Collection[str] = ()) -> Muster:
    """Everybody who is inside or may be, those first who surely are, then by place, department and name."""
    known_at = last_word_at(session)
    at = min(now, known_at) if known_at else now
    found = [
        row for facts in session.execute(_last_facts(at, departments)) if (row := _row(tuple(facts), at))
    ]
    enrolled = session.scalar(_anybody_enrolled(departments)) is not None
    return Muster(sorted(found, key=_order), known_at, tuple(sorted(departments)), enrolled)


def _anybody_enrolled(departments: Collection[str]) -> Select[int]:
    a_face = exists().where(FaceTemplate.employee_id == Employee.id, FaceTemplate.revoked_at.is_(None))
    query = select(Employee.id).where(Employee.active.is_(True), a_face).limit(1)
    return query.where(Employee.department.in_(sorted(departments))) if departments else query


def _order(row: MusterRow) -> tuple[int, bool, str, str, str]:
    """Who surely is inside first, unknown places last."""
    return list(Belief).index(row.belief), not row.place, row.place, row.department or "", row.name


def last_word_at(session: Session) -> datetime | None:
    """When the worker last reported, or the newest frame of any camera where that is older."""
    heartbeat_at = session.scalar(select(WorkerStatus.heartbeat_at).order_by(WorkerStatus.id).limit(1))
    if heartbeat_at is None:
        return None
    enabled = select(func.max(Camera.last_frame_at)).where(
        Camera.enabled.is_(True), Camera.removed_at.is_(None)
    )
    return min(heartbeat_at, session.scalar(enabled) or heartbeat_at)


def _last_facts(at: datetime, departments: Collection[str]) -> Select[*tuple[Any, ...]]:
    seen, visit = aliased(Camera), aliased(Visit)
    query = (
        select(
            Employee.id,
            Employee.code,
            Employee.name,
            Employee.department,
            Presence.state,
            visit.last_seen_at,
            visit.closed_by,
            Presence.last_seen_at,
            seen.name,
            seen.location,
        )
        .outerjoin(Presence, Presence.employee_id == Employee.id)
        .outerjoin(visit, visit.id == _last_visit_id())
        .outerjoin(seen, seen.id == func.coalesce(visit.last_camera_id, Presence.last_camera_id))
        .where(
            or_(
                Employee.active.is_(True),
                and_(Employee.active.is_(False), Employee.deactivated_at >= at - MAYBE_FOR),
            )
        )
    )
    return query.where(Employee.department.in_(sorted(departments))) if departments else query


def _last_visit_id() -> ColumnElement[Any]:
    """The open one; a visit that somebody said was his may have begun later and be over."""
    his = select(Visit.id).where(Visit.employee_id == Employee.id).limit(1).correlate(Employee)
    still_open = his.where(Visit.departed_at.is_(None)).scalar_subquery()
    newest = his.order_by(Visit.arrived_at.desc()).scalar_subquery()
    return func.coalesce(still_open, newest)


def _row(facts: tuple[Any, ...], at: datetime) -> MusterRow | None:
    *person, state, visit_seen_at, closed_by, seen_at, camera_name, location = facts
    visit = None
    if visit_seen_at is not None:
        visit = LastVisit(visit_seen_at, VisitClosedBy(closed_by) if closed_by else None)
    believed = belief(visit, PresenceState(state) if state else None, at)
    if believed is None:
        return None
    facts = (*person, *believed, visit_seen_at or seen_at, camera_name, location or None)
    return MusterRow(*facts)
