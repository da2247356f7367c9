"""The REST API as one application, and the route by which the dashboard gives requests to it."""

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

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
    app.include_router(metrics.router)
    problems.install(app)
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
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
        if not mine or scope["type"] != "http":
            return Match.NONE, {}
        others = any(route.matches(scope)[0] is Match.PARTIAL for route in self._beside)
        return (Match.NONE if others else Match.FULL), {}  # another method of theirs is theirs to refuse

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer: ASGIApp = self.app
        if _length(scope) > MAX_BODY_BYTES:  # the framework would refuse it in plain text
            answer = problems.problem(Request(scope), problems.Refused("body_too_large"), 413)
        await answer(scope, receive, send)


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
    routes = [(PREFIX + route.path, route) for subject in SUBJECTS for route in subject.router.routes]
    routes += [(route.path, route) for route in metrics.router.routes]
    for path, route in routes:
        for access in (one.call for one in route.dependant.dependencies if isinstance(one.call, Access)):
            yield from ((path, method, access) for method in sorted(route.methods))


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
