"""What goes on now: cameras with their tracks, and where everybody stands."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Security
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.states import CameraStatus, PresenceState, Role, Scope
from core.storage import queries
from core.storage.models import Camera, Employee, Presence
from dashboard import data
from dashboard.api.rest.access import Access, Caller
from dashboard.database import reader

router = APIRouter(tags=["presence"])


class Track(BaseModel):
    """employee_id null: without a name, or somebody whom the caller may not see."""

    track_id: int | None
    employee_id: int | None
    since: datetime


class CameraState(BaseModel):
    id: int
    name: str
    enabled: bool
    status: CameraStatus
    status_since: datetime
    cause: str | None
    last_frame_at: datetime | None
    frame_age_ms: int | None = Field(description="How old the newest frame is now")
    analysed_fps: float | None
    tracks: list[Track]


class LastCamera(BaseModel):
    id: int
    name: str


class EmployeeState(BaseModel):
    """state null: never seen."""

    id: int
    code: str
    name: str
    department: str | None
    state: PresenceState | None
    since: datetime | None
    last_seen_at: datetime | None
    last_camera: LastCamera | None


class TrackingState(BaseModel):
    at: datetime
    known_until: datetime | None = Field(
        description="Null while the worker reports; else when its last word was, and states may be outdated"
    )
    cameras: list[CameraState]
    employees: list[EmployeeState]


@router.get("/tracking/state", summary="Who is where now", response_model=TrackingState)
def tracking_state(
    caller: Annotated[Caller, Security(Access(Role.VIEWER, Scope.READ_PRESENCE))],
) -> TrackingState:
    """Every configured camera with what it tracks, and every active employee with his state."""
    now = datetime.now(UTC)
    with Session(reader()) as session:
        people = _people(session, caller)
        mirrored = session.scalars(select(Camera).where(Camera.removed_at.is_(None)).order_by(Camera.id))
        seen = {person.id for person in people} if caller.departments else None
        cameras = [_camera(camera, seen, now) for camera in mirrored]
        until = data.known_until(queries.worker(session), queries.cameras(session), now)
    known_until = None if until is None else max(until, datetime(1970, 1, 1, tzinfo=UTC))
    return TrackingState(at=now, known_until=known_until, cameras=cameras, employees=people)


def _camera(camera: Camera, seen: set[int] | None, now: datetime) -> CameraState:
    age = now - camera.last_frame_at if camera.last_frame_at is not None else None
    names = ("id", "name", "enabled", "status", "status_since", "cause", "last_frame_at", "analysed_fps")
    return CameraState(
        **{name: getattr(camera, name) for name in names},
        frame_age_ms=None if age is None else max(0, round(age.total_seconds() * 1000)),
        tracks=[_track(track, seen) for track in camera.tracks],
    )


def _track(track: Mapping[str, Any], seen: set[int] | None) -> Track:
    employee_id = track.get("employee_id")
    hidden = seen is not None and employee_id not in seen
    return Track(
        track_id=track.get("track_id"), employee_id=None if hidden else employee_id, since=track["since"]
    )


def _people(session: Session, caller: Caller) -> list[EmployeeState]:
    of_person = (Employee.id, Employee.code, Employee.name, Employee.department)
    query = (
        select(*of_person, Presence.state, Presence.since, Presence.last_seen_at)
        .add_columns(Camera.id.label("camera_id"), Camera.name.label("camera_name"))
        .outerjoin(Presence, Presence.employee_id == Employee.id)
        .outerjoin(Camera, Camera.id == Presence.last_camera_id)
        .where(Employee.active.is_(True))
        .order_by(Employee.name, Employee.id)
    )
    if caller.departments:
        query = query.where(Employee.department.in_(caller.departments))
    return [
        EmployeeState(
            **{name: getattr(row, name) for name in EmployeeState.model_fields if name != "last_camera"},
            last_camera=row.camera_id and LastCamera(id=row.camera_id, name=row.camera_name),
        )
        for row in session.execute(query)
    ]
