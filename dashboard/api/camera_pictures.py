"""The newest picture of a camera, as the worker wrote it: without boxes, and black under privacy masks."""

from datetime import UTC, datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from core.domain.states import Role
from core.live_frame import split_overlay
from dashboard.api.pictures import PRIVATE
from dashboard.api.rest.problems import Refused
from dashboard.auth import SESSION_COOKIE, account_of
from dashboard.database import site_paths
from dashboard.live.feed import renew_lease
from dashboard.viewing import note_faces


def camera_picture_routes() -> list[BaseRoute]:
    return [Route("/api/camera-picture/{camera_id:int}", _picture, methods=["GET"])]


def _picture(request: Request) -> Response:
    """The JPEG, its age in seconds in X-GSPE-Age-S; the worker writes more of them for a while.

    401 when not signed in, 403 when not an administrator, 404 while there is none.
    """
    account = account_of(request.cookies.get(SESSION_COOKIE))
    if account is None or account.must_change_password:
        raise Refused("not_signed_in")
    if not account.may(Role.ADMIN):
        raise Refused("picture_not_for_role")
    camera_id = request.path_params["camera_id"]
    try:
        jpeg, age_s = _newest(site_paths().live_frame(camera_id))
        renew_lease(site_paths().viewer_lease(camera_id))
    except (OSError, ValueError) as error:
        raise Refused("picture_not_kept") from error
    note_faces(account, "live")
    return Response(jpeg, media_type="image/jpeg", headers={**PRIVATE, "x-gspe-age-s": f"{age_s:.1f}"})


def _newest(file: Path) -> tuple[bytes, float]:
    content, written_at_s = file.read_bytes(), file.stat().st_mtime
    return split_overlay(content)[1], max(0.0, datetime.now(UTC).timestamp() - written_at_s)
