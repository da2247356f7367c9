"""Streamlit's uploads, files and figures are not for everybody who can reach the port."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.web.server.starlette import starlette_routes

from core.domain.states import Role
from dashboard.auth import SESSION_COOKIE
from dashboard.guarded_paths import MIN_ROLES
from dashboard.routes import all_middleware
from tests.dashboard.signed_in import session_cookie
from tests.seed import Seed

UPLOAD, MEDIA, METRICS = "/_stcore/upload_file/session/file", "/media/abc.csv", "/_stcore/metrics"


@pytest.fixture
def seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seed:
    monkeypatch.setenv("GSPE_HOME", str(tmp_path))
    seed = Seed(tmp_path)
    for role in Role:
        seed.user(str(role), role)
    return seed


@pytest.fixture
def reached() -> list[str]:
    """The bodies that came through."""
    return []


@pytest.fixture
def client(seed: Seed, reached: list[str]) -> TestClient:
    async def streamlit(request):  # type: ignore[no-untyped-def]
        reached.append(str(len(await request.body())))
        return PlainTextResponse("streamlit")

    every = Route("/{path:path}", streamlit, methods=["GET", "PUT", "DELETE"])
    return TestClient(Starlette(routes=[every], middleware=all_middleware()))


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", UPLOAD), ("DELETE", UPLOAD), ("GET", MEDIA), ("GET", METRICS)]
)
def test_a_stranger_gets_no_further(client: TestClient, reached: list[str], method: str, path: str) -> None:
    for cookie in (None, "forged"):
        client.cookies.clear()
        if cookie:
            client.cookies.set(SESSION_COOKIE, cookie)
        assert client.request(method, path).status_code == 401
    assert reached == []


@pytest.mark.parametrize(("path", "needed"), [(UPLOAD, Role.HR), (MEDIA, Role.VIEWER), (METRICS, Role.ADMIN)])
@pytest.mark.parametrize("role", list(Role))
def test_the_role_decides(client: TestClient, seed: Seed, path: str, needed: Role, role: Role) -> None:
    client.cookies.set(SESSION_COOKIE, session_cookie(seed, str(role)))
    method = "PUT" if path == UPLOAD else "GET"
    roles = list(Role)
    expected = 200 if roles.index(role) >= roles.index(needed) else 401
    assert client.request(method, path, content=b"x" if method == "PUT" else None).status_code == expected


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/static/x.js", "/mediation"])
def test_the_sign_in_page_and_its_parts_stay_open(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200


def test_the_addresses_are_those_of_this_streamlit() -> None:
    known = starlette_routes
    named = (known.BASE_ROUTE_UPLOAD_FILE, known.ROUTE_METRICS, known.BASE_ROUTE_MEDIA)
    assert set(MIN_ROLES) == {f"/{name}" for name in named}
