"""Where an earlier run ended: what a worker reads, and first puts right, when it starts."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, type_coerce
from sqlalchemy.orm import Session

from core.domain.coverage import CoverageInterval
from core.domain.presence import PersonMemory
from core.domain.states import (
    AlertKind,
    AlertResolution,
    ChangeKind,
    CoverageState,
    PresenceState,
    VisitClosedBy,
)
from core.storage import changes
from core.storage.alerts import resolve
from core.storage.changes import About
from core.storage.models import (
    AlertLog,
    Camera,
    CameraCoverage,
    Employee,
    FaceTemplate,
    InactiveTime,
    Presence,
    UnknownFace,
    UtcDateTime,
    Visit,
    VisitCamera,
)
from core.storage.presence_row import presence_of
from core.storage.ties import ties_of_everybody


def close_future_visits(session: Session, now: datetime) -> set[int]:
    """Ends what lies after `now`, open visits and alerts: the clock was set back behind it."""
    for alert in resolve(session, AlertLog.opened_at > now, AlertResolution.CLOCK, now):
        if alert.kind == AlertKind.NOT_ARRIVED and alert.employee_id is not None:
            presence_of(session, alert.employee_id, now).not_arrived_date = None  # it is still to come
    later = select(Visit).where(Visit.departed_at.is_(None), Visit.last_seen_at > now)
    return _close(session, later, VisitClosedBy.CLOCK, PresenceState.UNOBSERVED, now)


def close_visits_of_inactive(session: Session, now: datetime) -> set[int]:
    """Ends visits and alerts of people who were deactivated while no worker ran."""
    inactive = select(Employee.id).where(Employee.active.is_(False))
    resolve(session, AlertLog.employee_id.in_(inactive), AlertResolution.DEACTIVATED, now)
    stale = select(Presence).where(Presence.employee_id.in_(inactive), Presence.state != PresenceState.OFF)
    for presence in session.scalars(stale).all():
        presence.state, presence.since = PresenceState.OFF, presence.last_seen_at or now
    theirs = select(Visit).where(Visit.departed_at.is_(None), Visit.employee_id.in_(inactive))
    return _close(session, theirs, VisitClosedBy.DEACTIVATED, PresenceState.OFF, now)


def memories(session: Session, now: datetime, people: Collection[int] | None = None) -> list[PersonMemory]:
    """What the presence monitor needs to take up active employees again, all or these `people`.

    Sightings after `now`, made before the clock was set back, are not remembered.
    """
    query = (
        select(Presence, Visit.arrived_at, Visit.last_seen_at, _known_since())
        .join(Employee, Employee.id == Presence.employee_id)
        .outerjoin(Visit, (Visit.employee_id == Presence.employee_id) & Visit.departed_at.is_(None))
        .where(Employee.active)
        .order_by(Presence.employee_id)
    )
    if people is not None:
        query = query.where(Presence.employee_id.in_(people))
    remembered = [
        PersonMemory(
            employee_id=presence.employee_id,
            state=PresenceState(presence.state),
            since=presence.since,
            last_seen_at=visit_seen_at or presence.last_seen_at,
            last_camera_id=presence.last_camera_id,
            arrived_at=arrived_at,
            alerted_absence_at=presence.alerted_absence_at,
            last_alert_opened_at=presence.last_alert_opened_at,
            not_arrived_date=presence.not_arrived_date,
            known_since=known_since,
        )
        for presence, arrived_at, visit_seen_at, known_since in session.execute(query)
    ]
    return [memory if _is_past(memory, now) else _forgotten(memory, now) for memory in remembered]


def _known_since() -> ColumnElement[Any]:
    """Since when a face of the employee is enrolled and he is active, without a break."""
    enrolled = (
        select(func.min(FaceTemplate.created_at))
        .where(FaceTemplate.employee_id == Employee.id, FaceTemplate.revoked_at.is_(None))
        .correlate(Employee)
        .scalar_subquery()
    )
    back = (
        select(func.max(InactiveTime.ended_at))
        .where(InactiveTime.employee_id == Employee.id)
        .correlate(Employee)
        .scalar_subquery()
    )
    return type_coerce(func.max(enrolled, func.coalesce(back, enrolled)), UtcDateTime).label("known_since")


def coverage_between(session: Session, since: datetime, now: datetime) -> list[CoverageInterval]:
    """Recorded intervals that end at or after `since`, cut off at `now`, oldest first."""
    rows = session.scalars(
        select(CameraCoverage)
        .where(CameraCoverage.ended_at >= since, CameraCoverage.started_at < now)
        .order_by(CameraCoverage.started_at)
    )
    return [
        CoverageInterval(r.camera_id, CoverageState(r.state), r.started_at, min(r.ended_at, now))
        for r in rows
    ]


def kept_since(session: Session, since: datetime) -> list[tuple[int, datetime]]:
    """Camera and time of the unknown faces that were kept after `since`, oldest first."""
    rows = session.execute(
        select(UnknownFace.camera_id, UnknownFace.last_seen_at)
        .where(UnknownFace.last_seen_at >= since)
        .order_by(UnknownFace.last_seen_at)
    )
    return [(camera_id, at) for camera_id, at in rows]


def record_worker_stop(session: Session, now: datetime) -> None:
    """Fills the time from each configured camera's last recorded coverage to now: no worker was running."""
    cameras = session.scalars(select(Camera.id).where(Camera.removed_at.is_(None))).all()
    for camera_id in cameras:
        last = session.scalars(
            select(CameraCoverage)
            .where(CameraCoverage.camera_id == camera_id)
            .order_by(CameraCoverage.ended_at.desc(), CameraCoverage.id.desc())
            .limit(1)
        ).first()
        if last is not None and last.ended_at < now:
            off = last.state == CoverageState.DISABLED  # a camera that is switched off stays so
            state = CoverageState.DISABLED if off else CoverageState.WORKER_STOPPED
            row = CameraCoverage(camera_id=camera_id, state=state, ended_at=now)
            row.started_at = last.ended_at
            session.add(row)


def covering_cameras(
    session: Session, enabled: frozenset[int], configured: frozenset[int], seen_after: datetime
) -> dict[int, frozenset[int]]:
    """The cameras that cover each active employee: the configured ones that he is tied to, else those that
    saw him after `seen_after`.

    One of them that is switched off still covers him: he could be there unseen. Who was seen by none is
    covered by every enabled camera; who was seen by or tied to removed ones only, by none.
    """
    seen: dict[int, set[int]] = {}
    rows = session.execute(
        select(Visit.employee_id, VisitCamera.camera_id)
        .join(Visit, Visit.id == VisitCamera.visit_id)
        .where(VisitCamera.last_seen_at >= seen_after)
        .distinct()
    )
    for employee_id, camera_id in rows:
        if employee_id is not None:
            seen.setdefault(employee_id, set()).add(camera_id)
    known = {employee_id: frozenset(cameras) for employee_id, cameras in seen.items()}
    known |= ties_of_everybody(session)
    active = session.scalars(select(Employee.id).where(Employee.active))
    return {
        employee_id: known[employee_id] & configured if employee_id in known else enabled
        for employee_id in active
    }


def _close(
    session: Session, visits: Select[Any], closed_by: VisitClosedBy, state: PresenceState, now: datetime
) -> set[int]:
    closed = set()
    found: Sequence[Visit] = session.scalars(visits).all()
    for visit in found:
        assert visit.employee_id is not None, "an open visit is somebody's"
        visit.departed_at, visit.closed_by = visit.last_seen_at, closed_by
        presence = presence_of(session, visit.employee_id, now)
        presence.visit_id, presence.state = None, state
        presence.since = min(visit.last_seen_at, now)
        _tell_closed(session, visit, presence)
        closed.add(visit.id)
    session.flush()
    return closed


def _tell_closed(session: Session, visit: Visit, presence: Presence) -> None:
    params = {"visit_id": visit.id, "closed_by": str(visit.closed_by)}
    about = About(visit.employee_id, visit.last_camera_id)
    changes.note(session, ChangeKind.DEPARTED, visit.last_seen_at, about, params)
    about, state = About(employee_id=visit.employee_id), {"state": str(presence.state)}
    changes.note(session, ChangeKind.PRESENCE_CHANGED, presence.since, about, state)


def _is_past(memory: PersonMemory, now: datetime) -> bool:
    times = (memory.last_seen_at, memory.alerted_absence_at, memory.last_alert_opened_at)
    return all(at is None or at <= now for at in times)


def _forgotten(memory: PersonMemory, now: datetime) -> PersonMemory:
    return PersonMemory(
        memory.employee_id, PresenceState.UNOBSERVED, now, None, None, None, None, None, known_since=now
    )
