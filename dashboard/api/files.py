"""What pages offer to download."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dashboard.api.rest.problems import Refused
from dashboard.auth import SESSION_COOKIE, account_of
from dashboard.downloads import PATH, offered


def file_routes() -> list[BaseRoute]:
    return [Route(PATH + "/{token}", _file, methods=["GET"])]


def _file(request: Request) -> Response:
    """Raises Refused: 401 when not signed in, 404 when the link is over; and what making it raises."""
    cookie = request.cookies.get(SESSION_COOKIE)
    account = account_of(cookie)
    if account is None or account.must_change_password:
        raise Refused("not_signed_in")
    found = offered(cookie, request.path_params["token"])
    if found is None:
        raise Refused("link_over")
    headers = {
        "content-disposition": f'attachment; filename="{found.file_name}"',
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
    }
    return Response(found.make(account), media_type=found.mime, headers=headers)
