"""The routes of the dashboard over a working day, asked by accounts and by tokens."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.domain.states import Role, Scope
from core.paths import SitePaths
from core.storage.api_tokens import NewToken, create
from core.storage.engine import writer_engine
from dashboard import data
from dashboard.api.rest.access import CSRF_HEADER, wrong_tokens
from dashboard.auth import SESSION_COOKIE
from dashboard.routes import all_middleware, all_routes
from tests.dashboard.signed_in import session_cookie
from tests.seed import Seed, working_day

ORIGIN = "http://testserver"


class Site:
    """A home of this test's own, and clients of it."""

    def __init__(self, seed: Seed) -> None:
        self.seed = seed
        self.app = Starlette(routes=all_routes(), middleware=all_middleware())

    def client(self) -> TestClient:
        """Nobody."""
        return TestClient(self.app, base_url=ORIGIN, raise_server_exceptions=False)

    def account(self, username: str, *, csrf: bool = True) -> TestClient:
        """csrf: with the header that our own pages' scripts send."""
        client = self.client()
        client.cookies.set(SESSION_COOKIE, session_cookie(self.seed, username))
        token = client.get("/api/csrf").json()["token"]
        if csrf:
            client.headers[CSRF_HEADER] = token
        return client

    def token(self, *scopes: Scope, name: str = "program", departments: tuple[str, ...] = ()) -> TestClient:
        client = self.client()
        client.headers["authorization"] = f"Bearer {self.secret(*scopes, name=name, departments=departments)}"
        return client

    def secret(self, *scopes: Scope, name: str = "program", departments: tuple[str, ...] = ()) -> str:
        with Session(self.seed.engine) as session, session.begin():
            token = NewToken(name, scopes, departments)
            return create(session, token, actor="admin", now=self.seed.now)


@pytest.fixture(scope="session")
def day_home(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Seed]:
    """Copies one working day: quicker than seeding each."""
    original = working_day(tmp_path_factory.mktemp("day") / "home")
    original.user("hr.gudang", Role.HR, ("Gudang",))
    original.user("admin.gudang", Role.ADMIN, ("Gudang",))
    original.engine.dispose()

    def copied(target: Path) -> Seed:
        shutil.copytree(original.home, target)
        seed = object.__new__(Seed)
        seed.home, seed.now, seed.paths = target, original.now, SitePaths(target)
        seed.engine = writer_engine(seed.paths.database)
        return seed

    return copied


@pytest.fixture
def site(day_home: Callable[[Path], Seed], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    seed = day_home(tmp_path / "home")
    monkeypatch.setenv("GSPE_HOME", str(seed.home))
    data.forget()
    wrong_tokens.forget(("token", "testclient"))
    yield Site(seed)
    seed.engine.dispose()
