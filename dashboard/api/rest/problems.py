"""Refusals as RFC 9457 problems: a status, a stable code and one sentence in the reader's language."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response

from core.errors import AccessDenied, GspeError, StorageError
from core.i18n import catalogue, text
from core.storage.retry import failure_of
from dashboard.database import writer
from dashboard.place import language_of

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:gspe:problem:"
RETRY_AFTER_S = 5

STATUS = {
    "not_signed_in": 401,
    "token_refused": 401,
    "password_due": 403,
    "picture_not_for_role": 403,
    "picture_of_others": 403,
    "employee_unknown": 404,
    "alert_unknown": 404,
    "link_over": 404,
    "picture_not_kept": 404,
    "path_unknown": 404,
    "method_unknown": 405,
    "employee_code_taken": 409,
    "employee_code_taken_elsewhere": 409,
    "alert_moved_on": 409,
    "reset_counted_anew": 409,
    "body_too_large": 413,
    "too_many_attempts": 429,
    "too_many_own_streams": 429,
    "too_many_streams": 503,
    "view_not_noted": 503,
}
"""Of codes that their error's class does not tell; any other GspeError is a 400."""

AREAS = ("api", "errors", "employees.error")
"""Of the catalogue, where a code has its sentence. Somebody at a browser reads it the other way round."""

OF_HTTP = {404: "path_unknown", 405: "method_unknown", 413: "body_too_large"}
"""What the framework refuses itself."""


class Problem(BaseModel):
    """RFC 9457. `code` is stable and means what docs/api.md says; `detail` is for people."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": f"{TYPE}employee_code_taken",
                "title": "Conflict",
                "status": 409,
                "code": "employee_code_taken",
                "detail": "The code E01 belongs to Ayu Lestari; use another code or edit that person.",
            }
        }
    )

    type: str = Field(description="`urn:gspe:problem:` and the code")
    title: str
    status: int
    code: str
    detail: str
    fields: list[dict[str, str]] = Field(
        default=[], description="Of `request_invalid`: each field, where it stands, and what is wrong with it"
    )


class Refused(GspeError):
    """A refusal of this interface. Headers are sent along."""

    def __init__(
        self, code: str, *, headers: dict[str, str] | None = None, **params: str | int | float
    ) -> None:
        super().__init__(code, code=code, **params)
        self.headers = headers or {}


TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's documentation."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": TITLES[status], "content": content} for status in sorted(statuses)}


def install(app: FastAPI) -> None:
    """Every refusal leaves as a problem, those of the framework among them."""
    app.add_exception_handler(GspeError, _of_error)
    app.add_exception_handler(RequestValidationError, _of_request)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(DBAPIError, _of_database)
    app.add_exception_handler(Exception, _of_fault)


def problem(
    request: Request,
    error: GspeError,
    status: int,
    *,
    headers: Mapping[str, str] | None = None,
    fields: list[dict[str, str]] | None = None,
) -> Response:
    """For a browser that shows a page the sentence alone."""
    if "text/html" in request.headers.get("accept", ""):
        said = sentence(error, language_of(request), reversed(AREAS))
        return PlainTextResponse(said, status, headers)
    content = {"type": TYPE + error.code, "title": TITLES.get(status, "Error"), "status": status}
    content["code"] = error.code
    content["detail"] = sentence(error, language_of(request), AREAS)
    content |= {"fields": fields} if fields else {}
    return JSONResponse(content, status, headers, media_type=MEDIA_TYPE)


def sentence(error: GspeError, language: str, areas: Iterable[str]) -> str:
    known = catalogue(language)
    key = next((key for area in areas if (key := f"{area}.{error.code}") in known), "errors.error")
    return text(key, language, **error.params)


def status_of(error: GspeError) -> int:
    if error.code in STATUS:
        return STATUS[error.code]
    if isinstance(error, AccessDenied):
        return 403
    return 503 if isinstance(error, StorageError) else 400


def _of_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, GspeError)
    status = status_of(error)
    headers = dict(getattr(error, "headers", {}))
    if status == 503:
        headers.setdefault("retry-after", str(RETRY_AFTER_S))
        log.warning("%s %s: %s", request.method, request.url.path, error)
    if status == 401:
        headers.setdefault("www-authenticate", "Bearer")
    return problem(request, error, status, headers=headers)


def _of_request(request: Request, error: Exception) -> Response:
    """Names the fields that cannot be used; what they held is not repeated, it may be a secret."""
    assert isinstance(error, RequestValidationError)
    fields = [
        {"field": ".".join(map(str, one["loc"][1:])), "in": str(one["loc"][0]), "problem": str(one["type"])}
        for one in error.errors()
    ]
    named = ", ".join(sorted({f"{one['field'] or one['in']} ({one['problem']})" for one in fields}))
    return problem(request, Refused("request_invalid", fields=named), 400, fields=fields)


def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    refused = Refused(OF_HTTP.get(error.status_code, "request_invalid"), fields="body")
    return problem(request, refused, error.status_code, headers=error.headers)


def _of_database(request: Request, error: Exception) -> Response:
    """A locked database or a full disk is a refusal; a mistake of ours is not."""
    assert isinstance(error, DBAPIError)
    failure = failure_of(writer(), error)
    if failure is None:
        return _of_fault(request, error)
    return _of_error(request, failure)


def _of_fault(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem(request, GspeError("a mistake of ours"), 500)
