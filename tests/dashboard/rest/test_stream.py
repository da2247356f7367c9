"""Server-sent events: what is told to whom, from where on, and when it ends."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx2 as httpx
import pytest
from sqlalchemy.orm import Session

from core.domain.states import AlertKind, ChangeKind, Role, Scope
from core.paths import REPOSITORY
from core.storage import api_tokens, changes
from core.storage.alerts import open_alert
from core.storage.changes import About
from core.storage.models import AlertLog
from dashboard.api.rest import stream
from dashboard.api.rest.access import Caller, token_caller
from dashboard.api.rest.stream import HEARTBEAT_S, RECHECK_S, Follower
from tests.browser import free_port
from tests.dashboard.rest.conftest import Site
from tests.patience import PATIENCE_S

AYU, CITRA = 1, 3
PRESENCE, CAMERAS, ALERTS = Scope.READ_PRESENCE, Scope.READ_CAMERAS, Scope.READ_ALERTS


def tell(site: Site, *told: tuple[ChangeKind, About]) -> None:
    with Session(site.seed.engine) as session, session.begin():
        for kind, about in told:
            changes.note(session, kind, datetime.now(UTC), about, {})


def caller(*scopes: Scope, role: Role | None = None, departments: tuple[str, ...] = ()) -> Caller:
    return Caller("x", departments, 1, role=role, scopes=frozenset(scopes))


class Heard:
    """What a stream tells until nothing is left to tell."""

    def __init__(self, who: Caller, cursor: int | None = None) -> None:
        self.looks = 0
        self.now_s = 0.0
        self.follower = Follower(who, cursor, ends=self._ends, clock=lambda: self.now_s)

    def _ends(self) -> bool:
        self.looks += 1
        return self.looks > 3

    def events(self) -> list[tuple[str, int, dict[str, Any]]]:
        return [parsed(text) for text in self.texts() if text.startswith("id")]

    def texts(self) -> list[str]:
        async def gather() -> list[str]:
            return [text async for text in self.follower.events()]

        whole = "".join(asyncio.run(gather()))
        return [text for text in whole.split("\n\n") if text]


def parsed(text: str) -> tuple[str, int, dict[str, Any]]:
    fields = dict(line.split(": ", 1) for line in text.splitlines())
    return fields["event"], int(fields["id"]), json.loads(fields["data"])


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "POLL_S", 0.01)


@pytest.fixture
def told(site: Site) -> Site:
    """Changes 1 to 6."""
    tell(
        site,
        (ChangeKind.ARRIVED, About(AYU, 1)),
        (ChangeKind.PRESENCE_CHANGED, About(CITRA)),
        (ChangeKind.CAMERA_CHANGED, About(camera_id=1)),
        (ChangeKind.ALERT_LOG_CREATED, About(CITRA, alert_id=1)),
        (ChangeKind.ALERT_LOG_CREATED, About(camera_id=1, alert_id=2)),
        (ChangeKind.DEPARTED, About(AYU, 1)),
    )
    return site


@pytest.mark.parametrize(
    ("who", "ids"),
    [
        (caller(role=Role.VIEWER), [1, 2, 3, 6]),
        (caller(role=Role.SUPERVISOR), [1, 2, 3, 4, 5, 6]),
        (caller(role=Role.SUPERVISOR, departments=("Gudang",)), [2, 3, 4]),
        (caller(role=Role.ADMIN, departments=("Gudang",)), [2, 3, 4, 5]),
        (caller(PRESENCE), [1, 2, 6]),
        (caller(CAMERAS), [3]),
        (caller(ALERTS), [4, 5]),
        (caller(Scope.WRITE_ALERTS), [4, 5]),
        (caller(PRESENCE, ALERTS, departments=("Gudang",)), [2, 4]),
    ],
)
def test_everybody_hears_of_what_he_may_see(told: Site, who: Caller, ids: list[int]) -> None:
    ready, *events = Heard(who, 0).events()
    assert ready == ("ready", 0, {"cursor": 0})
    assert [number for _, number, _ in events] == ids


def test_an_event_says_what_happened_to_whom(site: Site) -> None:
    with Session(site.seed.engine) as session, session.begin():
        alert = AlertLog(kind=AlertKind.ABSENT, opened_at=site.seed.now, employee_id=AYU)
        number = open_alert(session, alert).id
    _, (name, cursor, content) = Heard(caller(ALERTS), 0).events()
    assert (name, cursor) == ("alert_log_created", 1)
    assert content == {
        "id": 1,
        "kind": "alert_log_created",
        "at": site.seed.now.isoformat(),
        "employee_id": AYU,
        "alert_id": number,
        "alert_kind": "absent",
        "state": "open",
    }


def test_without_a_cursor_it_begins_now_and_with_one_behind_it(told: Site) -> None:
    who = caller(PRESENCE)
    assert Heard(who).events() == [("ready", 6, {"cursor": 6})]
    assert [number for _, number, _ in Heard(who, 2).events()] == [2, 6]


def test_what_is_not_kept_any_more_is_a_gap(told: Site) -> None:
    with Session(told.seed.engine) as session, session.begin():
        changes.prune(session, datetime.max.replace(tzinfo=UTC))
    who = caller(PRESENCE)
    assert [name for name, _, _ in Heard(who, 2).events()] == ["gap", "departed"]
    assert Heard(who, 5).events()[0] == ("ready", 5, {"cursor": 5})
    assert Heard(who, 99).events() == [("gap", 6, {"cursor": 6})]


def test_silence_is_filled_with_heartbeats(site: Site) -> None:
    who = token_caller(site.secret(PRESENCE))
    assert who is not None
    heard = Heard(who)
    seconds = count(step=HEARTBEAT_S)
    heard.follower.clock = lambda: next(seconds)
    assert heard.texts()[-1] == ": heartbeat"


def test_it_ends_with_the_token(site: Site) -> None:
    who = token_caller(site.secret(PRESENCE))
    assert who is not None
    heard = Heard(who)
    follower, moments = heard.follower, count(step=RECHECK_S)

    async def followed() -> list[str]:
        told = []
        async for text in follower.events():
            told.append(text)
            heard.looks = -1000
            with Session(site.seed.engine) as session, session.begin():
                api_tokens.revoke(session, who.id, actor="admin", now=datetime.now(UTC))
            follower.clock = lambda: next(moments)
        return told

    assert len(asyncio.run(followed())) == 1
    assert stream.open_streams.total() == 0


def test_a_cursor_that_is_none(site: Site) -> None:
    client = site.token(PRESENCE)
    for options in ({"params": {"cursor": "-1"}}, {"headers": {"last-event-id": "x"}}):
        refused = client.get("/api/stream", **options)  # type: ignore[arg-type]
        assert refused.status_code == 400


def test_streams_have_a_limit(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MOST_STREAMS", 0)
    refused = site.token(PRESENCE).get("/api/stream")
    assert (refused.status_code, refused.json()["code"]) == (503, "too_many_streams")


def test_one_caller_cannot_take_all_streams(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(stream.open_streams, "token:greedy", stream.MOST_OF_ONE)
    refused = site.token(PRESENCE, name="greedy").get("/api/stream")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_own_streams")
    assert "8" in refused.json()["detail"]
    assert site.token(PRESENCE, name="modest").head("/api/stream").status_code == 200


@pytest.fixture
def served(site: Site) -> Iterator[tuple[str, Callable[[], int]]]:
    """The API under a real server: its address, and what asks it to end and returns its status."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", "dashboard.api.rest.app:rest_app"]
    command += ["--port", str(port), "--log-level", "warning"]
    process = subprocess.Popen(command, cwd=REPOSITORY, env={**os.environ, "GSPE_HOME": str(site.seed.home)})

    def end() -> int:
        process.send_signal(signal.SIGTERM)
        return process.wait(PATIENCE_S)

    try:
        yield f"http://127.0.0.1:{port}", end
    finally:
        process.kill()
        process.wait()


def test_a_real_server_streams_at_once_and_ends_with_streams_open(
    site: Site, served: tuple[str, Callable[[], int]]
) -> None:
    address, end = served
    headers = {"authorization": f"Bearer {site.secret(PRESENCE)}"}
    transport = httpx.HTTPTransport(retries=60)  # until it listens
    with (
        httpx.Client(base_url=address, timeout=PATIENCE_S, transport=transport) as client,
        client.stream("GET", "/api/stream", headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        names = (line for line in answer.iter_lines() if line.startswith("event"))
        assert next(names) == "event: ready"
        tell(site, (ChangeKind.ARRIVED, About(AYU, 1)))
        assert next(names) == "event: arrived"
        assert end() in (0, -signal.SIGTERM)
