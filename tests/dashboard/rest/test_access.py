"""Who may use which route: each route, by everybody."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.domain.states import Role, Scope
from core.storage import api_tokens
from core.storage.lockout import FREE_FAILURES
from core.storage.models import ApiToken, User
from dashboard.api.rest.access import CSRF_HEADER, Access
from dashboard.api.rest.app import protected
from dashboard.auth import CSRF_COOKIE
from tests.dashboard.rest.conftest import Site

ROUTES = [(method, path, access) for path, method, access in protected()]
IDS = [f"{method} {path}" for method, path, _ in ROUTES]

TABLE = """
GET    /api/cameras                        viewer      cameras:read
GET    /api/employees                      hr          employees:read|employees:write
GET    /api/employees/{employee_id}        hr          employees:read|employees:write
POST   /api/employees                      hr          employees:write
PUT    /api/employees/{employee_id}        hr          employees:write
DELETE /api/employees/{employee_id}        hr          employees:write
GET    /api/tracking/state                 viewer      presence:read
GET    /api/attendance                     supervisor  attendance:read
GET    /api/report/attendance_captures     supervisor  attendance:read
GET    /api/alerts                         supervisor  alerts:read|alerts:write
GET    /api/alerts/{alert_id}              supervisor  alerts:read|alerts:write
POST   /api/alerts/{alert_id}/acknowledge  supervisor  alerts:write
POST   /api/alerts/{alert_id}/snooze       supervisor  alerts:write
POST   /api/alerts/{alert_id}/excuse       supervisor  alerts:write
POST   /api/alerts/{alert_id}/resolve      supervisor  alerts:write
GET    /api/stream                         viewer      presence:read|cameras:read|alerts:read|alerts:write
POST   /api/admin/reset_logs               admin       logs:reset
GET    /metrics                            admin       metrics:read
"""
WHOLE_SITE = {"/api/admin/reset_logs", "/metrics"}
RANKS = list(Role)
REFUSALS = {401, 403}


def test_every_route_asks_for_what_the_table_says() -> None:
    told = [f"{method} {path} {access.role} {'|'.join(access.scopes)}" for method, path, access in ROUTES]
    assert told == [" ".join(line.split()) for line in TABLE.strip().splitlines()]
    assert {path for _, path, access in ROUTES if access.whole_site} == WHOLE_SITE


def status(site: Site, client: object, method: str, path: str) -> int:
    """Of a request that is wrong in all but who sends it, so that nothing happens and no stream opens."""
    address = path.replace("{employee_id}", "4711").replace("{alert_id}", "4711")
    options = {"json": {"nonsense": 1}} if method in ("POST", "PUT") else {}
    query = {"cursor": "nonsense", "limit": "0", "from_date": "nonsense", "date": "nonsense"}
    answer = client.request(method, address, params=query, **options)  # type: ignore[attr-defined]
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
    return int(answer.status_code)


@pytest.mark.parametrize(("method", "path", "access"), ROUTES, ids=IDS)
def test_roles_scopes_and_departments(site: Site, method: str, path: str, access: Access) -> None:
    assert status(site, site.client(), method, path) == 401
    for role in Role:
        allowed = RANKS.index(role) >= RANKS.index(access.role)
        got = status(site, site.account(str(role)), method, path)
        assert (got == 403) is not allowed, role
        assert got != 401, role
    limited = status(site, site.account("admin.gudang"), method, path)
    assert (limited == 403) is access.whole_site
    others = [scope for scope in Scope if scope not in access.scopes]
    assert status(site, site.token(*others, name="others"), method, path) == 403
    for scope in access.scopes:
        assert status(site, site.token(scope, name=f"own {scope}"), method, path) not in REFUSALS
    token = site.token(*access.scopes, name="limited", departments=("Gudang",))
    assert (status(site, token, method, path) == 403) is access.whole_site


CHANGING = [(method, path) for method, path, _ in ROUTES if method != "GET"]


@pytest.mark.parametrize(("method", "path"), CHANGING, ids=[f"{m} {p}" for m, p in CHANGING])
def test_a_cookie_alone_changes_nothing(site: Site, method: str, path: str) -> None:
    client = site.account("admin", csrf=False)
    address = path.replace("{employee_id}", "1").replace("{alert_id}", "1")
    assert client.request(method, address, json={}).json()["code"] == "csrf_missing"
    own = client.get("/api/csrf").json()["token"]
    for token in ("", "x", f"{own}x"):
        refused = client.request(method, address, json={}, headers={CSRF_HEADER: token})
        assert refused.json()["code"] == "csrf_missing"
    foreign = {CSRF_HEADER: own, "origin": "http://evil.example"}
    assert client.request(method, address, json={}, headers=foreign).json()["code"] == "other_site"


def test_the_token_for_scripts_is_the_cookies_own(site: Site) -> None:
    client = site.account("viewer")
    first, second = (client.get("/api/csrf").json() for _ in range(2))
    assert first == second == {"header": CSRF_HEADER, "token": client.cookies[CSRF_COOKIE]}
    assert site.client().get("/api/csrf").json()["code"] == "not_signed_in"


def test_an_account_that_must_change_its_password_reaches_nothing(site: Site) -> None:
    client = site.account("admin")
    with Session(site.seed.engine) as session, session.begin():
        session.execute(update(User).where(User.username == "admin").values(must_change_password=True))
    refused = client.get("/api/cameras")
    assert (refused.status_code, refused.json()["code"]) == (403, "password_due")


def change(site: Site, **columns: object) -> None:
    with Session(site.seed.engine) as session, session.begin():
        session.execute(update(ApiToken).values(**columns))


@pytest.mark.parametrize(
    "columns", [{"revoked_at": datetime.now(UTC)}, {"expires_at": datetime.now(UTC)}], ids=["revoked", "over"]
)
def test_a_token_that_has_ended(site: Site, columns: dict[str, object]) -> None:
    client = site.token(Scope.READ_CAMERAS)
    assert client.get("/api/cameras").status_code == 200
    change(site, **columns)
    refused = client.get("/api/cameras")
    assert (refused.status_code, refused.json()["code"]) == (401, "token_refused")
    assert refused.headers["www-authenticate"] == "Bearer"


def test_wrong_tokens_are_slowed_down_and_a_right_one_is_not(site: Site) -> None:
    stranger, right = site.client(), site.token(Scope.READ_CAMERAS)
    stranger.headers["authorization"] = "Bearer gspe_" + "0" * 48
    codes = [stranger.get("/api/cameras") for _ in range(FREE_FAILURES + 2)]
    assert [answer.status_code for answer in codes] == [401] * FREE_FAILURES + [429] * 2
    assert int(codes[-1].headers["retry-after"]) > 0
    assert codes[-1].json()["code"] == "too_many_attempts"
    assert right.get("/api/cameras").status_code == 200


def test_its_use_is_noted(site: Site) -> None:
    client = site.token(Scope.READ_CAMERAS)
    client.get("/api/cameras")
    with Session(site.seed.engine) as session:
        [row] = session.scalars(select(ApiToken))
        assert row.last_used_at is not None
        assert not api_tokens.use_is_due(row, row.last_used_at + timedelta(minutes=1))


def test_a_refusal_speaks_the_readers_language(site: Site) -> None:
    indonesian = site.client().get("/api/cameras", headers={"accept-language": "id"}).json()
    assert indonesian["detail"].startswith("Masuk dahulu")
    assert indonesian | {"detail": ""} == {
        "type": "urn:gspe:problem:not_signed_in",
        "title": "Unauthorized",
        "status": 401,
        "code": "not_signed_in",
        "detail": "",
    }
