"""How the cameras of a wall are, as their mirrors in the database say."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.storage.models import Camera, WorkerStatus
from dashboard.data import STALE_AFTER


@dataclass(frozen=True)
class CameraState:
    """`refusal` says why it cannot be watched at all; `status` and `cause` are null when it is not there."""

    refusal: str | None
    status: str | None = None
    cause: str | None = None


def camera_states(session: Session, cameras: Collection[int]) -> dict[int, CameraState]:
    """One for each of these numbers."""
    query = select(Camera.id, Camera.enabled, Camera.status, Camera.cause)
    rows = session.execute(query.where(Camera.id.in_(cameras), Camera.removed_at.is_(None)))
    known = {
        row.id: CameraState(None if row.enabled else "camera_disabled", row.status, row.cause) for row in rows
    }
    return {camera_id: known.get(camera_id, CameraState("unknown_camera")) for camera_id in cameras}


def worker_is_silent(session: Session, now: datetime) -> bool:
    said_at = session.scalar(select(WorkerStatus.heartbeat_at).order_by(WorkerStatus.id).limit(1))
    return said_at is None or now - said_at > STALE_AFTER
