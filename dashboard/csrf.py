"""Gives every browser that opens a page a token that our forms repeat; no other site can read or set it."""

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.auth import CSRF_COOKIE, csrf_matches, new_csrf_token
from dashboard.cookies import set_cookie_header


class CsrfCookie:
    """ASGI middleware: sets the cookie on a page load that came without a valid one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _needs_token(Request(scope)):
            await self._app(scope, receive, send)
            return

        async def send_with_token(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.append("set-cookie", set_cookie_header(CSRF_COOKIE, new_csrf_token()))
            await send(message)

        await self._app(scope, receive, send_with_token)


def _needs_token(request: Request) -> bool:
    if request.method != "GET" or "text/html" not in request.headers.get("accept", ""):
        return False
    token = request.cookies.get(CSRF_COOKIE)
    return not csrf_matches(token, token)
