"""Cameras as the worker mirrors them; no address, user or password is among it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Security
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.states import CameraStatus, Role, Scope
from core.storage.models import Camera
from dashboard.api.rest.access import Access, Caller
from dashboard.api.rest.listing import HEADERS, Paged
from dashboard.database import reader

router = APIRouter(tags=["cameras"])


class CameraOut(BaseModel):
    """cause: a code of the precise reason while the camera is not online."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    location: str
    enabled: bool
    status: CameraStatus
    status_since: datetime
    cause: str | None
    last_frame_at: datetime | None
    frame_width: int | None
    frame_height: int | None
    codec: str | None
    source_fps: float | None
    analysed_fps: float | None
    drops: int
    reconnects: int


@router.get(
    "/cameras",
    summary="List the cameras",
    response_model=list[CameraOut],
    responses={200: {"headers": HEADERS}},
)
def list_cameras(
    page: Paged, _caller: Annotated[Caller, Security(Access(Role.VIEWER, Scope.READ_CAMERAS))]
) -> object:
    """Every configured camera with its state, in order of id."""
    query = select(Camera).where(Camera.removed_at.is_(None), Camera.id > page.after()).order_by(Camera.id)
    with Session(reader()) as session:
        rows = session.scalars(query.limit(page.limit + 1)).all()
    return page.cut(rows, lambda camera: camera.id)
