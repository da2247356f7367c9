"""Signing in and out, and changing the password, over HTTP with everything a stranger might try."""

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from core.domain.states import Role
from core.i18n import LANGUAGES, catalogue
from core.storage.models import AuditLog, User, UserSession
from core.storage.user_sessions import open_sessions_of
from dashboard.api.session import SAID
from dashboard.auth import CSRF_COOKIE, SESSION_COOKIE, account_of, new_csrf_token, session_key
from dashboard.routes import all_middleware, all_routes
from tests.browser import PASSWORD, give_password
from tests.core.storage.no_room import files_end_at
from tests.seed import Seed

ORIGIN = "http://testserver"
NUMBERS = count(1)
NEW_PASSWORD = "satu dua tiga empat"


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Seed:
    return Seed(tmp_path_factory.mktemp("home"))


@pytest.fixture
def user(seed: Seed) -> str:
    """An account of this test's own."""
    name = f"user{next(NUMBERS)}"
    seed.user(name, Role.SUPERVISOR)
    give_password(seed, name)
    return name


@pytest.fixture
def client(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A browser that has loaded a page: it has the token for forms."""
    monkeypatch.setenv("GSPE_HOME", str(seed.home))
    monkeypatch.delenv("GSPE_TLS", raising=False)
    page = Route("/live", lambda _request: HTMLResponse("page"))
    app = Starlette(routes=[*all_routes(), page], middleware=all_middleware())
    with TestClient(app, base_url=ORIGIN, follow_redirects=False) as browser:
        browser.headers["origin"] = ORIGIN
        browser.get("/live", headers={"accept": "text/html"})
        yield browser


def post(client: TestClient, path: str, **fields: str):  # type: ignore[no-untyped-def]
    return client.post(path, data={"csrf": client.cookies.get(CSRF_COOKIE, ""), "next": "/live", **fields})


def answered(response) -> tuple[int, str, dict[str, str]]:  # type: ignore[no-untyped-def]
    """Status, path and what the address says."""
    address = urlsplit(response.headers.get("location", ""))
    said = {key: values[0] for key, values in parse_qs(address.query).items()}
    return response.status_code, address.netloc + address.path, said


def test_the_right_password_makes_a_session_and_leads_back(client: TestClient, user: str) -> None:
    response = post(client, "/api/session", username=user, password=PASSWORD)
    assert answered(response) == (303, "/live", {})
    cookie = response.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    account = account_of(client.cookies[SESSION_COOKIE])
    assert account is not None
    assert account.username == user


def test_over_tls_cookies_never_travel_in_plain(
    client: TestClient, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GSPE_TLS", "1")
    response = post(client, "/api/session", username=user, password=PASSWORD)
    assert "Secure" in response.headers["set-cookie"].split("; ")


@pytest.mark.parametrize("name", ["", "nobody", None])
def test_wrong_name_and_wrong_password_say_the_same(client: TestClient, user: str, name: str | None) -> None:
    response = post(client, "/api/session", username=name if name is not None else user, password="wrong")
    assert answered(response) == (303, "/live", {"problem": "wrong"})
    assert SESSION_COOKIE not in client.cookies


def test_a_disabled_account_says_the_same(client: TestClient, seed: Seed, user: str) -> None:
    with seed.engine.begin() as connection:
        connection.execute(update(User).where(User.username == user).values(active=False))
    response = post(client, "/api/session", username=user, password=PASSWORD)
    assert answered(response)[2] == {"problem": "wrong"}


def test_a_locked_account_says_until_when(client: TestClient, seed: Seed, user: str) -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)
    with seed.engine.begin() as connection:
        connection.execute(update(User).where(User.username == user).values(locked_until=until))
    response = post(client, "/api/session", username=user, password=PASSWORD)
    assert answered(response)[2] == {"problem": "locked", "until": str(int(until.timestamp()))}
    assert SESSION_COOKIE not in client.cookies


@pytest.mark.parametrize("origin", ["https://testserver.evil.example", "http://testserver:81", "null", ""])
@pytest.mark.parametrize("path", ["/api/session", "/api/session/end", "/api/session/password"])
def test_another_sites_form_is_refused(client: TestClient, user: str, origin: str, path: str) -> None:
    client.headers["origin"] = origin
    response = post(client, path, username=user, password=PASSWORD)
    assert response.status_code == 403
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize("token", ["", "x", "other"])
def test_a_form_without_the_browsers_token_is_refused(client: TestClient, user: str, token: str) -> None:
    token = new_csrf_token() if token == "other" else token
    response = post(client, "/api/session", username=user, password=PASSWORD, csrf=token)
    assert answered(response) == (303, "/live", {"problem": "form_expired"})
    assert SESSION_COOKIE not in client.cookies


@pytest.mark.parametrize(
    "path",
    ["https://evil.example/x", "//evil.example/x", "/\\evil.example", "javascript:alert(1)", "", "live"],
)
def test_it_never_leads_to_another_site(client: TestClient, user: str, path: str) -> None:
    response = post(client, "/api/session", username=user, password=PASSWORD, next=path)
    location = response.headers["location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert "evil" not in location or location == "/x"


@pytest.mark.parametrize(
    ("wanted", "address"),
    [
        ("/presence?state=off&group=none", "/presence?state=off&group=none"),
        ("/person-day?person=3&day=2026-11-20", "/person-day?person=3&day=2026-11-20"),
        ("/presence?q=%26x%3D1+%C3%A9", "/presence?q=%26x%3D1+%C3%A9"),
        ("/presence?problem=wrong&state=off&until=1", "/presence?state=off"),
        ("/presence#x", "/presence"),
        ("/presence?q=" + "x" * 900, "/presence"),
        ("/presence?next=//evil.example", "/presence?next=%2F%2Fevil.example"),
        ("//evil.example/presence?state=off", "/presence?state=off"),
        ("https://evil.example/presence?state=off", "/presence?state=off"),
        ("/\\evil.example?x=1", "/"),
        ("/\t/evil.example/?x=1", "/?x=1"),
        ("/%0d%0aset-cookie:x?y=%0d%0az", "/%0d%0aset-cookie:x?y=%0D%0Az"),
    ],
)
def test_the_wanted_page_keeps_its_query_over_sign_in(
    client: TestClient, user: str, wanted: str, address: str
) -> None:
    response = post(client, "/api/session", username=user, password=PASSWORD, next=wanted)
    assert response.headers["location"] == address


def test_a_problem_keeps_the_query_too(client: TestClient, user: str) -> None:
    response = post(client, "/api/session", username=user, password="wrong", next="/presence?state=off")
    assert answered(response) == (303, "/presence", {"state": "off", "problem": "wrong"})


def test_long_fields_and_other_methods_are_refused(client: TestClient, user: str) -> None:
    assert post(client, "/api/session", username=user, password="x" * 2000).status_code == 400
    assert client.get("/api/session").status_code == 405


def test_signing_out_ends_the_session_for_a_kept_cookie_too(client: TestClient, user: str) -> None:
    post(client, "/api/session", username=user, password=PASSWORD)
    kept = client.cookies[SESSION_COOKIE]
    response = post(client, "/api/session/end", next="/")
    assert answered(response) == (303, "/", {})
    assert SESSION_COOKIE not in client.cookies
    assert account_of(kept) is None


def test_signing_out_everywhere_ends_all_sessions(client: TestClient, user: str) -> None:
    post(client, "/api/session", username=user, password=PASSWORD)
    elsewhere = client.cookies[SESSION_COOKIE]
    post(client, "/api/session", username=user, password=PASSWORD)
    post(client, "/api/session/end-all")
    assert account_of(elsewhere) is None


@contextmanager
def locked(seed: Seed) -> Iterator[None]:
    """Somebody else writes and does not end."""
    with closing(sqlite3.connect(seed.paths.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.storage.users.SIGN_IN_BUDGET_S", 0.0)
    monkeypatch.setattr("dashboard.account_changes.LOCK_BUDGET_S", 0.0)
    monkeypatch.setattr("dashboard.auth.LOCK_BUDGET_S", 0.0)


@pytest.mark.usefixtures("impatient")
def test_a_busy_database_is_said_in_the_form(client: TestClient, seed: Seed, user: str) -> None:
    with locked(seed):
        response = post(client, "/api/session", username=user, password=PASSWORD)
    assert answered(response) == (303, "/live", {"problem": "database_busy"})
    assert SESSION_COOKIE not in client.cookies


@pytest.mark.usefixtures("impatient")
def test_signing_out_everywhere_forgets_the_cookie_even_when_nothing_can_be_stored(
    client: TestClient, seed: Seed, user: str
) -> None:
    post(client, "/api/session", username=user, password=PASSWORD)
    with locked(seed):
        response = post(client, "/api/session/end-all", next="/")
    assert answered(response) == (303, "/", {"problem": "database_busy"})
    assert SESSION_COOKIE not in client.cookies


def test_a_full_disk_is_said_and_signing_out_still_works(client: TestClient, user: str) -> None:
    post(client, "/api/session", username=user, password=PASSWORD)
    kept = client.cookies[SESSION_COOKIE]
    with files_end_at(0):
        changed = answered(change(client))
        ended = answered(post(client, "/api/session/end", next="/"))
    assert changed == (303, "/live", {"problem": "storage_full"})
    assert ended == (303, "/", {"problem": "sign_out_unstored"})
    assert SESSION_COOKIE not in client.cookies
    assert account_of(kept) is None, "until the next start at least"


def test_guesses_elsewhere_do_not_keep_him_out_of_his_browser(
    client: TestClient, seed: Seed, user: str
) -> None:
    post(client, "/api/session", username=user, password=PASSWORD)
    post(client, "/api/session/end")
    until = datetime.now(UTC) + timedelta(minutes=5)
    with seed.engine.begin() as connection:
        connection.execute(update(User).where(User.username == user).values(locked_until=until))

    assert answered(post(client, "/api/session", username=user, password=PASSWORD))[2] == {}
    assert answered(change(client))[2] == {"done": "password_changed"}


def test_another_accounts_browser_is_not_a_known_device(client: TestClient, seed: Seed, user: str) -> None:
    other = f"{user}.other"
    seed.user(other, Role.VIEWER)
    give_password(seed, other)
    post(client, "/api/session", username=other, password=PASSWORD)
    until = datetime.now(UTC) + timedelta(minutes=5)
    with seed.engine.begin() as connection:
        connection.execute(update(User).where(User.username == user).values(locked_until=until))
    assert answered(post(client, "/api/session", username=user, password=PASSWORD))[2]["problem"] == "locked"


def test_refusals_without_a_page_are_in_the_readers_language(client: TestClient, user: str) -> None:
    client.headers |= {"accept-language": "id", "accept": "text/html"}
    assert post(client, "/api/session", username=user, password="x" * 2000).text.startswith("Isian terlalu")
    client.headers["origin"] = "null"
    assert post(client, "/api/session", username=user, password=PASSWORD).text.startswith("Formulir ini")


def test_programs_get_problems(client: TestClient, user: str) -> None:
    told = [
        client.post("/api/session", json={"username": user, "password": PASSWORD}),
        post(client, "/api/session", username=user, password="x" * 2000),
        client.post("/api/session", headers={"origin": "null"}),
    ]
    assert {one.headers["content-type"] for one in told} == {"application/problem+json"}
    codes = [(one.status_code, one.json()["code"]) for one in told]
    assert codes == [(400, "request_invalid"), (400, "request_invalid"), (403, "other_site")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_failure_of_the_storage_has_its_sentence(language: str) -> None:
    for code in (*SAID, "storage", "sign_out_unstored"):
        assert catalogue(language)[f"sign_in.problem.{code}"]


def change(client: TestClient, current: str = PASSWORD, new: str = NEW_PASSWORD, repeated: str = ""):  # type: ignore[no-untyped-def]
    return post(client, "/api/session/password", current=current, new=new, repeated=repeated or new)


def test_a_changed_password_keeps_this_session_and_ends_the_others(
    client: TestClient, seed: Seed, user: str
) -> None:
    give_password(seed, user, must_change=True)
    post(client, "/api/session", username=user, password=PASSWORD)
    elsewhere = client.cookies[SESSION_COOKIE]
    response = change(client)
    assert answered(response) == (303, "/live", {"done": "password_changed"})
    account = account_of(client.cookies[SESSION_COOKIE])
    assert account is not None
    assert not account.must_change_password
    assert account_of(elsewhere) is None
    assert answered(post(client, "/api/session", username=user, password=PASSWORD))[2] == {"problem": "wrong"}
    assert answered(post(client, "/api/session", username=user, password=NEW_PASSWORD))[2] == {}


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"current": "wrong"}, "wrong"),
        ({"repeated": "another one here"}, "passwords_differ"),
        ({"new": PASSWORD}, "password_unchanged"),
        ({"new": "short"}, "password_too_short"),
        ({"new": "x" * 200}, "password_too_long"),
        ({"new": "aaaaaaaaaaaaaaaa"}, "password_too_easy"),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(
    client: TestClient, user: str, fields: dict[str, str], problem: str
) -> None:
    post(client, "/api/session", username=user, password=PASSWORD)
    before = client.cookies[SESSION_COOKIE]
    assert answered(change(client, **fields))[2] == {"problem": problem}
    assert account_of(before) is not None


def test_without_a_session_no_password_changes(client: TestClient, user: str) -> None:
    assert answered(change(client)) == (303, "/live", {})
    assert SESSION_COOKIE not in client.cookies


def test_a_page_load_brings_policy_and_token_once(client: TestClient) -> None:
    load = {"accept": "text/html,application/xhtml+xml"}
    first = client.get("/live", headers=load)
    assert "img-src 'self'" in first.headers["content-security-policy"]
    assert "set-cookie" not in first.headers, "the browser has a valid token already"
    client.cookies.clear()
    client.cookies.set(CSRF_COOKIE, "forged")
    assert CSRF_COOKIE in client.get("/live", headers=load).headers["set-cookie"]
    assert "set-cookie" not in client.get("/live", headers={"accept": "image/png"}).headers


def test_health_tells_nothing_but_whether_it_works(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (client.get("/api/health").status_code, client.get("/api/health").json()) == (200, {"ok": True})
    monkeypatch.setenv("GSPE_HOME", str(tmp_path))
    assert (client.get("/api/health").status_code, client.get("/api/health").json()) == (503, {"ok": False})


def test_files_of_sessions_are_for_the_owner_only(client: TestClient, seed: Seed, user: str) -> None:
    post(client, "/api/session", username=user, password=PASSWORD)
    post(client, "/api/session/end")
    assert stat.S_IMODE((seed.paths.run / "cookie.secret").stat().st_mode) == 0o600


def test_coming_and_going_is_noted_once(client: TestClient, seed: Seed, user: str) -> None:
    post(client, "/api/session", username=user, password=PASSWORD)
    cookie = client.cookies.get(SESSION_COOKIE)
    post(client, "/api/session/end")
    client.cookies.set(SESSION_COOKIE, cookie)
    post(client, "/api/session/end")
    with Session(seed.engine) as session:
        query = select(AuditLog.action).where(AuditLog.actor == user).order_by(AuditLog.id)
        assert list(session.scalars(query)) == ["user.signed_in", "user.signed_out"]


def test_a_session_tells_browser_and_address(client: TestClient, seed: Seed, user: str) -> None:
    client.headers["user-agent"] = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Firefox/128.0"
    post(client, "/api/session", username=user, password=PASSWORD)
    with Session(seed.engine) as session:
        row = session.scalars(select(UserSession).order_by(UserSession.id.desc()).limit(1)).one()
        assert (row.browser, row.address) == ("Firefox 128, Windows", "testclient")


def test_a_changed_password_leaves_one_session_in_the_list(client: TestClient, seed: Seed, user: str) -> None:
    for _browser in range(2):
        post(client, "/api/session", username=user, password=PASSWORD)
    change(client)
    with Session(seed.engine) as session:
        (owner,) = session.scalars(select(User.id).where(User.username == user))
        (left,) = open_sessions_of(session, owner, datetime.now(UTC))
    assert left.key_sha256 == session_key(client.cookies[SESSION_COOKIE])
