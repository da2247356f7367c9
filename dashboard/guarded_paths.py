"""Streamlit's own addresses that take or give files: for those who are signed in, as our routes are.

Streamlit lets everybody upload into its memory who can reach it, and gives its files to whoever names them.
"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from core.domain.states import Role
from dashboard.auth import SESSION_COOKIE, account_of

MIN_ROLES = {
    "/_stcore/upload_file": Role.HR,  # photos for enrolment, the only upload there is
    "/_stcore/metrics": Role.ADMIN,
    "/media": Role.VIEWER,
}


class GuardedPaths:
    """ASGI middleware: 401 before a byte of the body is read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        needed = _needed(scope["path"]) if scope["type"] == "http" else None
        if needed is None or await run_in_threadpool(_may, Request(scope), needed):
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse("Sign in first.", 401)(scope, receive, send)


def _needed(path: str) -> Role | None:
    """By the first guarded address that the path is or lies below."""
    return next((role for start, role in MIN_ROLES.items() if f"{path}/".startswith(f"{start}/")), None)


def _may(request: Request, role: Role) -> bool:
    account = account_of(request.cookies.get(SESSION_COOKIE))
    return account is not None and not account.must_change_password and account.may(role)
