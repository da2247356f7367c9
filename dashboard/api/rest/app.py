"""The REST API as one application, and the route by which the dashboard gives requests to it."""

from collections.abc import Iterator, Sequence
from typing import Any

import anyio.lowlevel
from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.api import files
from dashboard.api.camera_pictures import camera_picture_routes
from dashboard.api.pictures import picture_routes
from dashboard.api.rest import (
    admin,
    alerts,
    attendance,
    browser,
    cameras,
    captures,
    employees,
    health,
    metrics,
    problems,
    stream,
    tracking,
)
from dashboard.api.rest.access import Access

PREFIX, VERSIONED = "/api", "/api/v1"
OPENAPI = f"{PREFIX}/openapi.json"
MAX_BODY_BYTES = 65_536
MAX_DIGITS = 18
SUBJECTS = (cameras, employees, tracking, attendance, captures, alerts, stream, admin, health, browser)
ABOUT = """Attendance and presence of the site. Times are ISO 8601 in UTC, days are days of the site's time
zone. Every path below `/api/` is also served below `/api/v1/`. Refusals are `application/problem+json`."""


def rest_app() -> FastAPI:
    app = FastAPI(
        title="GSPE Auto-Monitoring System",
        version="1",
        description=ABOUT,
        openapi_url=OPENAPI,
        docs_url=None,
        redoc_url=None,
        max_body_size=MAX_BODY_BYTES,
        redirect_slashes=False,
    )
    subjects = APIRouter()
    for subject in SUBJECTS:
        subjects.include_router(subject.router)
    app.include_router(subjects, prefix=PREFIX)
    app.include_router(subjects, prefix=VERSIONED, include_in_schema=False)
    app.include_router(files.router, prefix=PREFIX)
    app.include_router(metrics.router)
    app.include_router(metrics.router, prefix=VERSIONED, include_in_schema=False)
    app.router.routes += [*picture_routes(), *camera_picture_routes()]
    problems.install(app)
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    app.add_route(f"{VERSIONED}/openapi.json", lambda _: JSONResponse(app.openapi()), include_in_schema=False)
    return app


def rest_routes(beside: Sequence[BaseRoute]) -> list[BaseRoute]:
    """To stand behind every other route below /api, which are `beside` it."""
    return [Delegated(rest_app(), beside)]


class Delegated(BaseRoute):
    """Everything below /api, and /metrics, as it is: also what is not there is answered as a problem."""

    def __init__(self, app: FastAPI, beside: Sequence[BaseRoute]) -> None:
        self.app, self._beside = app, beside

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path = scope["path"]
        mine = path in (PREFIX, "/metrics") or path.startswith(f"{PREFIX}/")
        return (Match.FULL if mine and scope["type"] == "http" else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer: ASGIApp = self.app
        if allowed := self._methods_beside(scope):
            refused, headers = problems.Refused("method_unknown"), {"allow": ", ".join(sorted(allowed))}
            answer = problems.problem(Request(scope), refused, 405, headers=headers)
        elif _length(scope) > MAX_BODY_BYTES:  # the framework would refuse it in plain text
            answer = problems.problem(Request(scope), problems.Refused("body_too_large"), 413)
        elif scope["method"] == "HEAD":
            answer = HeadOnly(self.app)
        await answer(scope, receive, send)

    def _methods_beside(self, scope: Scope) -> set[str]:
        """What another route takes at this address, which is none of ours."""
        routes = (route for route in self._beside if isinstance(route, Route))
        return {
            method
            for route in routes
            if route.matches(scope)[0] is Match.PARTIAL
            for method in route.methods or ()
        }


class HeadOnly:
    """Asks as GET would and sends all but the body, of which the first piece ends the work."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with anyio.CancelScope() as answered:

            async def send_head(message: Message) -> None:
                if message["type"] == "http.response.body":
                    await send({"type": "http.response.body"})
                    answered.cancel()
                    await anyio.lowlevel.checkpoint()  # a stream would go on to its next piece
                else:
                    await send(message)

            await self._app({**scope, "method": "GET"}, receive, send_head)


def _length(scope: Scope) -> int:
    """What the request says of its body; one that says nothing is cut off while it is read."""
    told = Headers(scope=scope).get("content-length", "")
    return int(told[:MAX_DIGITS]) if told.isascii() and told.isdecimal() else 0


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document: each route says who may use it, and which problems it may answer with."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        schemas = made["components"]["schemas"]
        schemas.pop("HTTPValidationError", None)
        schemas.pop("ValidationError", None)
        schemas["Problem"] = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        accesses = {(path, method): access for path, method, access in protected()}
        for path, operations in made["paths"].items():
            for method, operation in operations.items():
                _complete(operation, accesses.get((path, method.upper())))
        app.openapi_schema = made
    return app.openapi_schema


def protected() -> Iterator[tuple[str, str, Access]]:
    """Every route that asks who comes: path and method, and what it asks."""
    found = [(PREFIX, route) for subject in SUBJECTS for route in subject.router.routes]
    found += [("", route) for route in metrics.router.routes]
    routes = [(prefix + route.path, route) for prefix, route in found if isinstance(route, APIRoute)]
    for path, route in routes:
        for access in (one.call for one in route.dependant.dependencies if isinstance(one.call, Access)):
            yield from ((path, method, access) for method in sorted(route.methods or ()))


def _complete(operation: dict[str, Any], access: Access | None) -> None:
    told = operation["responses"]
    told.pop("422", None)
    told |= {
        str(code): said for code, said in problems.responses(400, 429, 503).items() if str(code) not in told
    }
    if "requestBody" in operation:
        told |= {str(code): said for code, said in problems.responses(413).items()}
    if access is not None:
        told |= {str(code): said for code, said in problems.responses(401, 403).items()}
        operation["description"] = f"{operation.get('description', '')}\n\n{access.described()}".strip()
