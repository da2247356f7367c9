"""Whether the dashboard can answer; to administrators and tokens also how the rest does."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse

from core.domain.states import Role
from core.storage import queries
from dashboard.api.rest.access import Bearer, Caller, Cookie, caller_of
from dashboard.api.rest.problems import Refused
from dashboard.data import STALE_AFTER
from dashboard.database import reader

router = APIRouter(tags=["health"])


class Worker(BaseModel):
    running: bool
    heartbeat_age_s: float
    provider: str | None
    pack: str | None


class Health(BaseModel):
    """Without sign-in only `ok`."""

    ok: bool
    worker: Worker | None = None
    cameras_online: int | None = None
    cameras_enabled: int | None = None


@router.get(
    "/health",
    summary="Whether the dashboard works",
    response_model=Health,
    response_model_exclude_none=True,
    responses={503: {"model": Health, "description": "The database does not answer"}},
)
def health(request: Request, bearer: Bearer, cookie: Cookie) -> object:
    """Open to everybody, for load balancers. An administrator's session and any token get more."""
    try:
        with Session(reader()) as session:
            session.execute(text("SELECT 1 FROM site"))
            return {"ok": True} | (_more(session) if _may_know_more(request, bearer, cookie) else {})
    except DBAPIError:
        return JSONResponse({"ok": False}, 503)


def _may_know_more(request: Request, bearer: Any, cookie: str | None) -> bool:
    try:
        caller: Caller = caller_of(request, bearer, cookie)
    except Refused:
        return False
    return caller.role is None or caller.may(Role.ADMIN)


def _more(session: Session) -> dict[str, Any]:
    now = datetime.now(UTC)
    worker, cameras = queries.worker(session), [one for one in queries.cameras(session) if one.enabled]
    online = sum(camera.status == "online" for camera in cameras)
    told: dict[str, Any] = {"cameras_enabled": len(cameras), "cameras_online": online}
    if worker is not None:
        age = now - worker.heartbeat_at
        told["worker"] = {"running": age <= STALE_AFTER, "heartbeat_age_s": round(age.total_seconds(), 1)}
        told["worker"] |= {"provider": worker.provider, "pack": worker.pack_id}
    return told
