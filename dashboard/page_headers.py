"""What a page load carries: a policy that keeps it on this site, and the token that our forms repeat."""

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.auth import CSRF_COOKIE, csrf_matches, new_csrf_token
from dashboard.cookies import set_cookie_header

POLICY = "; ".join(
    (
        "img-src 'self' data: blob:",  # Streamlit would fetch page icons from a font service
        "form-action 'self'",
        "frame-ancestors 'self'",
        "base-uri 'self'",
        "object-src 'none'",
    )
)


class PageHeaders:
    """ASGI middleware for page loads; other responses pass as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _is_page_load(request := Request(scope)):
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["content-security-policy"] = POLICY
                headers["referrer-policy"] = "same-origin"
                if not _has_token(request):
                    headers.append("set-cookie", set_cookie_header(CSRF_COOKIE, new_csrf_token()))
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _is_page_load(request: Request) -> bool:
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")


def _has_token(request: Request) -> bool:
    token = request.cookies.get(CSRF_COOKIE)
    return csrf_matches(token, token)
