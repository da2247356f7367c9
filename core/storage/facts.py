"""The write side: what the domain learned becomes rows, one short transaction a decision.

Nothing here decides anything; every function adds to the session it is given and leaves the commit to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.domain.coverage import CoverageInterval
from core.domain.events import (
    AbsenceAlerted,
    AbsenceEnded,
    PresenceChanged,
    PresenceEvent,
    VisitClosed,
    VisitExtended,
    VisitOpened,
)
from core.domain.presence import PersonMemory
from core.domain.states import (
    AlertKind,
    AlertState,
    CoverageState,
    EventKind,
    EvidenceKind,
    PresenceState,
    VisitClosedBy,
)
from core.storage.models import (
    AlertLog,
    Camera,
    CameraCoverage,
    Employee,
    Event,
    Evidence,
    Presence,
    Visit,
    VisitCamera,
    WorkerStatus,
)
from core.storage.projection import DayKey, project_days


@dataclass(frozen=True, slots=True)
class EvidencePicture:
    """A picture on disk; (employee_id, arrived_at) names its visit, `path` is relative to the home."""

    employee_id: int
    arrived_at: datetime
    kind: EvidenceKind
    camera_id: int
    captured_at: datetime
    path: str
    sha256: str
    score: float
    runner_up_id: int | None
    runner_up_score: float | None
    sharpness: float
    pack_id: str


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    kind: EventKind
    employee_id: int | None
    camera_id: int
    occurred_at: datetime
    picture_path: str | None
    score: float | None


@dataclass
class FactBatch:
    """Everything that one commit takes, in the order in which it happened.

    `cameras` and `worker` map column names of their tables to new values; cameras' rows carry their `id`.
    """

    presence: list[PresenceEvent] = field(default_factory=list)
    coverage: list[CoverageInterval] = field(default_factory=list)
    pictures: list[EvidencePicture] = field(default_factory=list)
    events: list[LoggedEvent] = field(default_factory=list)
    cameras: list[dict[str, Any]] = field(default_factory=list)
    worker: dict[str, Any] | None = None

    def __bool__(self) -> bool:
        facts = self.presence or self.coverage or self.pictures or self.events
        return bool(facts or self.cameras or self.worker)


@dataclass(frozen=True)
class Recorded:
    """What the files must follow after the commit: pictures no row names any more, and days that changed."""

    replaced_paths: list[str]
    days: list[DayKey]


def record(session: Session, batch: FactBatch, zone: ZoneInfo, last_out_delay_s: float) -> Recorded:
    """Writes a batch. Attendance rows of every visit it touches are projected again."""
    visits: set[int] = set()
    for camera in batch.cameras:
        _mirror_camera(session, camera)
    for interval in batch.coverage:
        _record_coverage(session, interval)
    for event in batch.presence:
        visits |= _record_presence(session, event)
    session.flush()
    replaced: list[str] = []
    for picture in batch.pictures:
        visit_id, old_path = _record_picture(session, picture)
        visits.add(visit_id)
        replaced += [old_path] if old_path else []
    for logged in batch.events:
        session.add(Event(**{name: getattr(logged, name) for name in LoggedEvent.__slots__}))
    if batch.worker is not None:
        mirror_worker(session, batch.worker)
    session.flush()
    return Recorded(replaced, project_days(session, visits, zone, last_out_delay_s))


def close_future_visits(session: Session, now: datetime) -> set[int]:
    """Ends open visits whose last sighting lies after `now`: the clock was set back behind it."""
    open_later = select(Visit).where(Visit.departed_at.is_(None), Visit.last_seen_at > now)
    closed = set()
    for visit in session.scalars(open_later).all():
        visit.departed_at, visit.closed_by = visit.last_seen_at, VisitClosedBy.CLOCK
        presence = _presence(session, visit.employee_id, now)
        presence.visit_id, presence.state, presence.since = None, PresenceState.UNOBSERVED, now
        closed.add(visit.id)
    session.flush()
    return closed


def memories(session: Session, now: datetime) -> list[PersonMemory]:
    """What the presence monitor needs to take up where an earlier run ended, for active employees.

    Sightings after `now`, made before the clock was set back, are not remembered.
    """
    rows = session.execute(
        select(Presence, Visit.arrived_at, Visit.last_seen_at)
        .join(Employee, Employee.id == Presence.employee_id)
        .outerjoin(Visit, (Visit.employee_id == Presence.employee_id) & Visit.departed_at.is_(None))
        .where(Employee.active)
        .order_by(Presence.employee_id)
    )
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
        )
        for presence, arrived_at, visit_seen_at in rows
    ]
    return [memory if _is_past(memory, now) else _forgotten(memory, now) for memory in remembered]


def _is_past(memory: PersonMemory, now: datetime) -> bool:
    times = (memory.last_seen_at, memory.alerted_absence_at, memory.last_alert_opened_at)
    return all(at is None or at <= now for at in times)


def _forgotten(memory: PersonMemory, now: datetime) -> PersonMemory:
    return PersonMemory(memory.employee_id, PresenceState.UNOBSERVED, now, None, None, None, None, None)


def coverage_since(session: Session, since: datetime) -> list[CoverageInterval]:
    """Recorded intervals that end at or after `since`, oldest first."""
    rows = session.scalars(
        select(CameraCoverage).where(CameraCoverage.ended_at >= since).order_by(CameraCoverage.started_at)
    )
    return [CoverageInterval(r.camera_id, CoverageState(r.state), r.started_at, r.ended_at) for r in rows]


def record_worker_stop(session: Session, now: datetime) -> None:
    """Fills the time from each camera's last recorded coverage to now: the worker was not running."""
    last = select(CameraCoverage.camera_id, func.max(CameraCoverage.ended_at).label("ended_at"))
    for camera_id, ended_at in session.execute(last.group_by(CameraCoverage.camera_id)).all():
        if ended_at < now:
            session.add(
                CameraCoverage(
                    camera_id=camera_id, state=CoverageState.WORKER_STOPPED, started_at=ended_at, ended_at=now
                )
            )


def covering_cameras(
    session: Session, enabled: frozenset[int], seen_after: datetime
) -> dict[int, frozenset[int]]:
    """For each active employee the enabled cameras that saw him after `seen_after`, or all enabled ones."""
    seen: dict[int, set[int]] = {}
    rows = session.execute(
        select(Visit.employee_id, VisitCamera.camera_id)
        .join(Visit, Visit.id == VisitCamera.visit_id)
        .where(VisitCamera.last_seen_at >= seen_after)
        .distinct()
    )
    for employee_id, camera_id in rows:
        seen.setdefault(employee_id, set()).add(camera_id)
    active = session.scalars(select(Employee.id).where(Employee.active))
    return {
        employee_id: frozenset(seen.get(employee_id, set())) & enabled or enabled for employee_id in active
    }


def _record_presence(session: Session, event: PresenceEvent) -> set[int]:
    """Writes one domain event and returns the visits it touched."""
    match event:
        case VisitOpened():
            return {_open_visit(session, event)}
        case VisitExtended():
            return _extend_visit(session, event)
        case VisitClosed():
            return _close_visit(session, event)
        case PresenceChanged():
            presence = _presence(session, event.employee_id, event.since)
            presence.state, presence.since = event.state, event.since
        case AbsenceAlerted():
            _open_alert(session, event)
        case AbsenceEnded():
            _resolve_alert(session, event)
    return set()


def _open_visit(session: Session, event: VisitOpened) -> int:
    visit = Visit(
        employee_id=event.employee_id,
        camera_id=event.camera_id,
        last_camera_id=event.camera_id,
        arrived_at=event.arrived_at,
        last_seen_at=event.last_seen_at,
    )
    session.add(visit)
    session.flush()
    seen = VisitCamera(
        visit_id=visit.id,
        camera_id=event.camera_id,
        first_seen_at=event.arrived_at,
        last_seen_at=event.last_seen_at,
    )
    session.add(seen)
    presence = _presence(session, event.employee_id, event.arrived_at)
    presence.visit_id = visit.id
    presence.last_seen_at, presence.last_camera_id = event.last_seen_at, event.camera_id
    return visit.id


def _extend_visit(session: Session, event: VisitExtended) -> set[int]:
    visit = _open_visit_of(session, event.employee_id)
    if visit is None:
        return set()
    if event.last_seen_at >= visit.last_seen_at:
        visit.last_seen_at, visit.last_camera_id = event.last_seen_at, event.camera_id
        presence = _presence(session, event.employee_id, visit.arrived_at)
        presence.last_seen_at, presence.last_camera_id = event.last_seen_at, event.camera_id
    seen = session.get(VisitCamera, (visit.id, event.camera_id))
    if seen is None:
        seen = VisitCamera(visit_id=visit.id, camera_id=event.camera_id, first_seen_at=event.first_seen_at)
        session.add(seen)
    seen.last_seen_at = event.last_seen_at
    return {visit.id}


def _close_visit(session: Session, event: VisitClosed) -> set[int]:
    visit = _open_visit_of(session, event.employee_id)
    if visit is None:
        return set()
    visit.last_seen_at = visit.departed_at = event.departed_at
    visit.closed_by = event.closed_by
    presence = _presence(session, event.employee_id, event.departed_at)
    presence.visit_id = None
    return {visit.id}


def _open_visit_of(session: Session, employee_id: int) -> Visit | None:
    return session.scalars(
        select(Visit).where(Visit.employee_id == employee_id, Visit.departed_at.is_(None))
    ).one_or_none()


def _presence(session: Session, employee_id: int, since: datetime) -> Presence:
    presence = session.get(Presence, employee_id)
    if presence is None:
        presence = Presence(employee_id=employee_id, state=PresenceState.OFF, since=since)
        session.add(presence)
    return presence


def _open_alert(session: Session, event: AbsenceAlerted) -> None:
    session.add(
        AlertLog(
            kind=AlertKind.ABSENT,
            state=AlertState.OPEN,
            employee_id=event.employee_id,
            camera_id=event.camera_id,
            absent_since=event.absent_since,
            opened_at=event.opened_at,
        )
    )
    presence = _presence(session, event.employee_id, event.absent_since)
    presence.alerted_absence_at, presence.last_alert_opened_at = event.absent_since, event.opened_at


def _resolve_alert(session: Session, event: AbsenceEnded) -> None:
    session.execute(
        update(AlertLog)
        .where(
            AlertLog.employee_id == event.employee_id,
            AlertLog.kind == AlertKind.ABSENT,
            AlertLog.absent_since == event.absent_since,
            AlertLog.state != AlertState.RESOLVED,
        )
        .values(
            state=AlertState.RESOLVED,
            resolved_at=event.ended_at,
            resolution=event.resolution,
            duration_s=(event.ended_at - event.absent_since).total_seconds(),
        )
    )


def _record_coverage(session: Session, interval: CoverageInterval) -> None:
    """Extends the interval's row or begins one; an interval is known by camera, state and start."""
    row = session.scalars(
        select(CameraCoverage)
        .where(
            CameraCoverage.camera_id == interval.camera_id,
            CameraCoverage.started_at == interval.started_at,
            CameraCoverage.state == interval.state,
        )
        .order_by(CameraCoverage.id.desc())
        .limit(1)
    ).first()
    if row is not None:
        row.ended_at = interval.ended_at
        return
    session.add(
        CameraCoverage(
            camera_id=interval.camera_id,
            state=interval.state,
            started_at=interval.started_at,
            ended_at=interval.ended_at,
        )
    )
    session.flush()


def _record_picture(session: Session, picture: EvidencePicture) -> tuple[int, str | None]:
    """The picture's visit and the path of the picture that it replaces, if any."""
    visit_id = session.scalars(
        select(Visit.id).where(
            Visit.employee_id == picture.employee_id, Visit.arrived_at == picture.arrived_at
        )
    ).one()
    row = session.scalars(
        select(Evidence).where(Evidence.visit_id == visit_id, Evidence.kind == picture.kind)
    ).one_or_none()
    old_path = row.path if row is not None else None
    if row is None:
        row = Evidence(visit_id=visit_id, kind=picture.kind)
        session.add(row)
    for name in ("camera_id", "captured_at", "path", "sha256", "score", "runner_up_id"):
        setattr(row, name, getattr(picture, name))
    for name in ("runner_up_score", "sharpness", "pack_id"):
        setattr(row, name, getattr(picture, name))
    return visit_id, old_path if old_path != picture.path else None


def _mirror_camera(session: Session, values: dict[str, Any]) -> None:
    row = session.get(Camera, values["id"])
    if row is None:
        row = Camera(id=values["id"])
        session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()


def mirror_worker(session: Session, values: dict[str, Any]) -> None:
    """The worker's own row; `values` by column."""
    row = session.get(WorkerStatus, 1)
    if row is None:
        row = WorkerStatus(id=1)
        session.add(row)
    for name, value in values.items():
        setattr(row, name, value)


def coalesced(intervals: Iterable[CoverageInterval]) -> list[CoverageInterval]:
    """The latest word on each interval, in the order in which they began."""
    latest: dict[tuple[int, str, datetime], CoverageInterval] = {}
    for interval in intervals:
        latest[(interval.camera_id, interval.state, interval.started_at)] = interval
    return list(latest.values())
