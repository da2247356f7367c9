"""Sign in, sign out and change the password: form posts that answer with a redirect back to a page.

Every post must come from our own pages (Origin) and repeat the browser's token (`csrf`). What went wrong
returns in the address as `problem`, a code that the page turns into a sentence.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from core.errors import AccountError, GspeError
from core.i18n import text
from core.storage import users
from core.storage.retry import failure_of
from core.storage.user_sessions import Client
from core.storage.users import SignIn, SignInOutcome
from dashboard.account_changes import change_password, end_all_sessions
from dashboard.api.rest.problems import Refused, problem
from dashboard.auth import (
    CSRF_COOKIE,
    DEVICE_COOKIE,
    DEVICE_MAX_AGE_S,
    SESSION_COOKIE,
    account_of,
    csrf_matches,
    device_of,
    end_session,
    issue_device,
    issue_session,
)
from dashboard.browser_name import browser_name
from dashboard.cookies import set_cookie_header
from dashboard.database import writer
from dashboard.origin import same_origin
from dashboard.place import ANSWERS, language_of, with_query

LONGEST_FIELD = 1024
PARALLEL_POSTS = 2
"""Each may hash a password, which takes 64 MiB: more at once would be a way to exhaust the machine."""

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
SAID = ("storage_full", "database_busy")
"""Failures that `sign_in.problem.*` tells apart; the others are its `storage`."""

Action = Callable[[Request, FormData], Response]


def session_routes() -> list[BaseRoute]:
    slots = asyncio.Semaphore(PARALLEL_POSTS)
    actions: dict[str, Action] = {
        "/api/session": _sign_in,
        "/api/session/end": _sign_out,
        "/api/session/end-all": _sign_out_everywhere,
        "/api/session/password": _change_password,
    }
    return [Route(path, _guarded(act, slots), methods=["POST"]) for path, act in actions.items()]


def _guarded(act: Action, slots: asyncio.Semaphore) -> Callable[[Request], Awaitable[Response]]:
    """Runs the action off the event loop: the live view must not wait while a password is hashed."""

    async def endpoint(request: Request) -> Response:
        if not same_origin(request):
            return _refused(request, "other_site", 403)
        if not _is_form(request):
            return problem(request, Refused("request_invalid", fields="body (form)"), 400)
        async with request.form(max_files=0, max_fields=8) as form:
            if any(len(str(value)) > LONGEST_FIELD for value in form.values()):
                return _refused(request, "field_too_long", 400)
            if not csrf_matches(request.cookies.get(CSRF_COOKIE), _field(form, "csrf")):
                return _back(form, problem="form_expired")
            async with slots:
                return await run_in_threadpool(_told, act, request, form)

    return endpoint


def _told(act: Action, request: Request, form: FormData) -> Response:
    """The action's answer; a full disk or a locked database is said in the form, with nothing changed."""
    try:
        return act(request, form)
    except GspeError as error:
        return _back(form, problem=error.code if error.code in SAID else "storage")
    except DBAPIError as error:
        failure = failure_of(writer(), error)
        if failure is None:
            raise
        return _back(form, problem=failure.code if failure.code in SAID else "storage")


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith(FORMS)


def _refused(request: Request, reason: str, status: int) -> Response:
    """A sentence for a browser that shows a page, a problem for anybody else."""
    if "text/html" in request.headers.get("accept", ""):
        return PlainTextResponse(text(f"sign_in.refused.{reason}", language_of(request)), status)
    code = reason if reason == "other_site" else "request_invalid"
    return problem(request, Refused(code, fields="body (string_too_long)"), status)


def _sign_in(request: Request, form: FormData) -> Response:
    now, device = datetime.now(UTC), device_of(request.cookies.get(DEVICE_COOKIE))
    answer = users.sign_in(writer(), _field(form, "username"), _field(form, "password"), now, device)
    if answer.user_id is None or answer.session_epoch is None:
        return _refusal(form, answer)
    response = _back(form)
    cookie = issue_device(answer.user_id, device)
    response.headers.append("set-cookie", set_cookie_header(DEVICE_COOKIE, cookie, DEVICE_MAX_AGE_S))
    return _with_session(response, request, answer.user_id, answer.session_epoch)


def _sign_out(request: Request, form: FormData) -> Response:
    try:
        return _ended(_end_here(request, form))
    except GspeError:
        return _ended(_back(form, problem="sign_out_unstored"))


def _end_here(request: Request, form: FormData) -> Response:
    end_session(request.cookies.get(SESSION_COOKIE))
    return _back(form)


def _ended(response: Response) -> Response:
    """This browser forgets the session, whatever could be stored of its end."""
    response.headers.append("set-cookie", set_cookie_header(SESSION_COOKIE, "", max_age_s=0))
    return response


def _sign_out_everywhere(request: Request, form: FormData) -> Response:
    return _ended(_told(_end_everywhere, request, form))


def _end_everywhere(request: Request, form: FormData) -> Response:
    account = account_of(request.cookies.get(SESSION_COOKIE))
    if account is not None:
        end_all_sessions(account)
    return _end_here(request, form)


def _change_password(request: Request, form: FormData) -> Response:
    account = account_of(request.cookies.get(SESSION_COOKIE))
    if account is None:
        return _back(form)
    current, new = _field(form, "current"), _field(form, "new")
    if new != _field(form, "repeated"):
        return _back(form, problem="passwords_differ")
    if new == current:
        return _back(form, problem="password_unchanged")
    device = device_of(request.cookies.get(DEVICE_COOKIE))
    answer = users.sign_in(writer(), account.username, current, datetime.now(UTC), device)
    if answer.outcome != SignInOutcome.ACCEPTED:
        return _refusal(form, answer)
    try:
        epoch = change_password(account, new)
    except AccountError as error:
        return _back(form, problem=error.code)
    return _with_session(_back(form, done="password_changed"), request, account.id, epoch)


def _refusal(form: FormData, answer: SignIn) -> Response:
    if answer.locked_until is None:
        return _back(form, problem="wrong")
    return _back(form, problem="locked", until=f"{answer.locked_until.timestamp():.0f}")


def _with_session(response: Response, request: Request, user_id: int, session_epoch: int) -> Response:
    """The address is the one that the server gives: behind a proxy that it trusts, the browser's own."""
    address = request.client.host if request.client else ""
    client = Client(browser_name(request.headers.get("user-agent", "")), address)
    cookie = set_cookie_header(SESSION_COOKIE, issue_session(user_id, session_epoch, client))
    response.headers.append("set-cookie", cookie)
    return response


def _back(form: FormData, **said: str) -> Response:
    """To the page that the form names, with its query, never to another site."""
    wanted = urlsplit(_field(form, "next"))
    path = wanted.path
    if not path.startswith("/") or path.startswith("//") or "\\" in path:
        return RedirectResponse(with_query("/", said.items()), 303)
    kept = [(key, value) for key, value in parse_qsl(wanted.query) if key not in ANSWERS]
    return RedirectResponse(with_query(path, [*kept, *said.items()]), 303)


def _field(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""
