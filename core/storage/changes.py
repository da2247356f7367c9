"""What presence streams tell: each change in the transaction of its fact, in the order of the commits.

There is one writer at a time, so ids grow in the order in which changes become visible, and whoever knows the
last one that he saw misses nothing. Nothing decides anything from these rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.domain.states import ChangeKind
from core.storage.models import AlertLog, Camera, Change

KEPT = timedelta(days=3)
"""So long a stream that was cut off can be taken up where it ended."""

CAMERA_STATE = ("enabled", "status", "cause")
"""What of a camera is told when it changes."""


@dataclass(frozen=True)
class About:
    """Whom or what a change concerns."""

    employee_id: int | None = None
    camera_id: int | None = None
    alert_id: int | None = None


def note(session: Session, kind: ChangeKind, at: datetime, about: About, params: Mapping[str, Any]) -> None:
    """Adds a change to the caller's transaction. params: codes, ids and ISO times; no names."""
    row = Change(kind=kind, at=at, params=dict(params))
    row.employee_id, row.camera_id, row.alert_id = about.employee_id, about.camera_id, about.alert_id
    session.add(row)


def note_camera(session: Session, camera: Camera, before: Mapping[str, Any], at: datetime) -> None:
    """Tells of the camera when its `camera_state` is not the one before."""
    state = camera_state(camera)
    if state != before:
        note(session, ChangeKind.CAMERA_CHANGED, at, About(camera_id=camera.id), state)


def camera_state(camera: Camera) -> dict[str, Any]:
    """`CAMERA_STATE` as JSON."""
    return {name: _plain(getattr(camera, name)) for name in CAMERA_STATE}


def note_alert(session: Session, kind: ChangeKind, alert: AlertLog, at: datetime) -> None:
    params = {"alert_kind": str(alert.kind), "state": str(alert.state)}
    params |= {"resolution": str(alert.resolution)} if alert.resolution else {}
    note(session, kind, at, About(alert.employee_id, alert.camera_id, alert.id), params)


def after(session: Session, cursor: int, limit: int) -> Sequence[Change]:
    """The next changes behind a cursor, in order."""
    query = select(Change).where(Change.id > cursor).order_by(Change.id).limit(limit)
    return session.scalars(query).all()


def bounds(session: Session) -> tuple[int, int]:
    """The cursors of the oldest and of the newest change that is kept; (0, 0) without any."""
    oldest, newest = session.execute(select(func.min(Change.id), func.max(Change.id))).one()
    return oldest or 0, newest or 0


def prune(session: Session, before: datetime) -> int:
    """Removes what is older and returns how many that were.

    The newest change stays: it says where streams are.
    """
    newest = select(func.max(Change.id)).scalar_subquery()
    gone = session.execute(
        delete(Change).where(Change.at < before, Change.id < newest),
        execution_options={"synchronize_session": False},
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value
