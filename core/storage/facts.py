"""The write side: what the domain learned becomes rows, one short transaction a decision.

Nothing here decides anything; every function adds to the session it is given and leaves the commit to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.coverage import CoverageInterval
from core.domain.events import (
    PresenceChanged,
    PresenceEvent,
    UnknownPersonSeen,
    VisitClosed,
    VisitExtended,
    VisitOpened,
)
from core.domain.states import (
    ChangeKind,
    EventKind,
    EvidenceKind,
    VisitOrigin,
)
from core.storage import changes
from core.storage.alert_facts import open_unknown, record_alert
from core.storage.biometrics import (
    NewUnknownFace,
    add_unknown_face,
    extend_unknown_face,
    unknown_face_ended_at,
    withdraw_unknown_face,
)
from core.storage.changes import About
from core.storage.models import (
    Camera,
    CameraCoverage,
    Event,
    Evidence,
    Reassignment,
    Visit,
    VisitCamera,
    WorkerStatus,
)
from core.storage.presence_row import presence_of
from core.storage.projection import AttendanceRules, DayKey, project_days


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
    unknown: list[UnknownPersonSeen] = field(default_factory=list)
    unknown_faces: list[NewUnknownFace] = field(default_factory=list)
    unknown_seen: dict[str, datetime] = field(default_factory=dict)
    """Until when somebody who is still unknown was seen, by the picture of his face."""
    unknown_settled: list[str] = field(default_factory=list)
    """Pictures of faces whose tracks got a name, or proved to be ignored, after all."""
    cameras: list[dict[str, Any]] = field(default_factory=list)
    worker: dict[str, Any] | None = None

    def __bool__(self) -> bool:
        facts = self.presence or self.coverage or self.pictures or self.events or self.unknown
        faces = self.unknown_faces or self.unknown_seen or self.unknown_settled
        return bool(facts or faces or self.cameras or self.worker)


@dataclass(frozen=True)
class Recorded:
    """What the files must follow after the commit: pictures no row names any more, and days that changed.

    decided: unknown faces that cannot grow because somebody decided on them, by picture, with the end of
    each; None where it was discarded.
    """

    replaced_paths: list[str]
    days: list[DayKey]
    decided: dict[str, datetime | None] = field(default_factory=dict)


def record(session: Session, batch: FactBatch, rules: AttendanceRules) -> Recorded:
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
    for seen in batch.unknown:
        open_unknown(session, seen)
    decided = _record_unknown_faces(session, batch)
    replaced += [path for path in batch.unknown_settled if withdraw_unknown_face(session, path)]
    if batch.worker is not None:
        mirror_worker(session, batch.worker)
    session.flush()
    return Recorded(replaced, project_days(session, visits, rules), decided)


def _record_unknown_faces(session: Session, batch: FactBatch) -> dict[str, datetime | None]:
    """Returns what `Recorded.decided` holds."""
    for face in batch.unknown_faces:
        add_unknown_face(session, face)
    return {
        path: unknown_face_ended_at(session, path)
        for path, seen_at in batch.unknown_seen.items()
        if not extend_unknown_face(session, path, seen_at)
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
            presence = presence_of(session, event.employee_id, event.since)
            presence.state, presence.since = event.state, event.since
            params = {"state": str(event.state)}
            about = About(employee_id=event.employee_id)
            changes.note(session, ChangeKind.PRESENCE_CHANGED, event.since, about, params)
        case _:
            record_alert(session, event)
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
    presence = presence_of(session, event.employee_id, event.arrived_at)
    presence.visit_id = visit.id
    presence.last_seen_at, presence.last_camera_id = event.last_seen_at, event.camera_id
    about = About(event.employee_id, event.camera_id)
    changes.note(session, ChangeKind.ARRIVED, event.arrived_at, about, {"visit_id": visit.id})
    return visit.id


def _extend_visit(session: Session, event: VisitExtended) -> set[int]:
    visit = _open_visit_of(session, event.employee_id)
    if visit is None:
        return set()
    if event.last_seen_at >= visit.last_seen_at:
        visit.last_seen_at, visit.last_camera_id = event.last_seen_at, event.camera_id
        presence = presence_of(session, event.employee_id, visit.arrived_at)
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
    presence = presence_of(session, event.employee_id, event.departed_at)
    presence.visit_id = None
    params = {"visit_id": visit.id, "closed_by": str(event.closed_by)}
    about = About(event.employee_id, visit.last_camera_id)
    changes.note(session, ChangeKind.DEPARTED, event.departed_at, about, params)
    return {visit.id}


def _open_visit_of(session: Session, employee_id: int) -> Visit | None:
    return session.scalars(
        select(Visit).where(Visit.employee_id == employee_id, Visit.departed_at.is_(None))
    ).one_or_none()


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
    """The picture's visit and the path of the picture that it replaces, if any.

    Somebody may have named a face of the very same moment, or given the employee a visit that began then; the
    worker's own is open until its last picture is here, and only closed ones change hands.
    """
    moved = select(Reassignment.id).where(Reassignment.visit_id == Visit.id)
    visit_id = session.scalars(
        select(Visit.id)
        .where(
            Visit.employee_id == picture.employee_id,
            Visit.arrived_at == picture.arrived_at,
            Visit.origin == VisitOrigin.WORKER,
            ~moved.exists(),
        )
        .order_by(Visit.id.desc())
        .limit(1)
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
    before = changes.camera_state(row) if row is not None else {}
    if row is None:
        row = Camera(id=values["id"])
        session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    changes.note_camera(session, row, before, row.updated_at)
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
