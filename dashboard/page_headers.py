"""What a page load carries: a policy that keeps it on this site, our icon, the token our forms repeat."""

from base64 import b64encode
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.auth import CSRF_COOKIE, csrf_matches, new_csrf_token
from dashboard.cookies import set_cookie_header

POLICY = "; ".join(
    (
        "img-src 'self' data: blob:",
        "form-action 'self'",
        "frame-ancestors 'self'",
        "base-uri 'self'",
        "object-src 'none'",
    )
)


_MARK = (Path(__file__).with_name("assets") / "mark.svg").read_bytes()
STREAMLITS_ICON = b'<link rel="shortcut icon" href="./favicon.png" />'
OWN_ICON = b'<link rel="icon" href="data:image/svg+xml;base64,' + b64encode(_MARK) + b'" />'
"""By its `rel` Streamlit finds the link, to put the open page's symbol there from a font service outside."""


class PageHeaders:
    """ASGI middleware for page loads; other responses pass as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _is_page_load(request := Request(scope)):
            await self._app(scope, receive, send)
            return

        held = _HeldPage(send)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["content-security-policy"] = POLICY
                headers["referrer-policy"] = "same-origin"
                if not _has_token(request):
                    headers.append("set-cookie", set_cookie_header(CSRF_COOKIE, new_csrf_token()))
            await held.send(message)

        await self._app(_uncompressed(scope), receive, send_with_headers)


class _HeldPage:
    """Holds an HTML page until it is complete, to send it with our icon; passes everything else on."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_html(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            await self._hold(self._start, message)

    async def _hold(self, start: Message, message: Message) -> None:
        self._body += message.get("body", b"")
        if message.get("more_body", False):
            return
        page = self._body.replace(STREAMLITS_ICON, OWN_ICON)
        if page != self._body:
            MutableHeaders(scope=start)["content-length"] = str(len(page))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": page})


def _is_html(start: Message) -> bool:
    return MutableHeaders(scope=start).get("content-type", "").startswith("text/html")


def _uncompressed(scope: Scope) -> Scope:
    """The request for a page as one that takes it only as it is: it is short, and is changed on its way."""
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]}


def _is_page_load(request: Request) -> bool:
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")


def _has_token(request: Request) -> bool:
    token = request.cookies.get(CSRF_COOKIE)
    return csrf_matches(token, token)
