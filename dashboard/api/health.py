"""Whether the dashboard can answer questions; for load balancers and scripts, so it says nothing else."""

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.database import reader


def health_routes() -> list[BaseRoute]:
    return [Route("/api/health", _health, methods=["GET"])]


def _health(_request: Request) -> Response:
    try:
        with reader().connect() as connection:
            connection.execute(text("SELECT 1 FROM site"))
    except DBAPIError:
        return JSONResponse({"ok": False}, 503)
    return JSONResponse({"ok": True})
