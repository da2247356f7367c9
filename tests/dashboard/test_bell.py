"""The bell on every page: what it lists, what it tells and what can be done from it."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.domain.states import AlertState
from core.paths import REPOSITORY
from core.storage.models import AlertLog, AuditLog
from dashboard import auth, data
from dashboard.widgets.bell import OPEN
from tests.dashboard.signed_in import session_cookie, words_on
from tests.patience import PATIENCE_S
from tests.seed import Seed, working_day

OpenApp = Callable[..., AppTest]


@pytest.fixture
def seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seed:
    monkeypatch.setenv("GSPE_HOME", str(tmp_path))
    return working_day(tmp_path)


@pytest.fixture
def open_app(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> OpenApp:
    def open_as(username: str, *, bell_open: bool = True) -> AppTest:
        cookies = {auth.CSRF_COOKIE: "token", auth.SESSION_COOKIE: session_cookie(seed, username)}
        monkeypatch.setattr(type(st.context), "cookies", property(lambda _context: cookies))
        data.forget()
        app = AppTest.from_file(str(REPOSITORY / "dashboard" / "app.py"), default_timeout=PATIENCE_S)
        app.session_state[OPEN] = bell_open
        return app.run()

    return open_as


def alerts(seed: Seed) -> dict[int, AlertLog]:
    """Those that are not over."""
    with Session(seed.engine) as session:
        rows = session.query(AlertLog).filter(AlertLog.state != AlertState.RESOLVED)
        return {row.id: row for row in rows}


def news(app: AppTest) -> list[str]:
    """What the browser is told."""
    said: list[dict[str, Any]] = [json.loads(element.proto.json) for element in app.get("bidi_component")]
    return [one["text"] for told in said for one in told.get("news", [])]


def test_it_lists_who_since_when_with_a_picture(open_app: OpenApp) -> None:
    words = words_on(open_app("supervisor"))
    assert "Open alerts: <b>1</b>" in words
    assert "Eka Putri has not been seen since" in words
    assert ".gspe-pic-" in words


def test_closed_it_asks_for_nothing(open_app: OpenApp) -> None:
    app = open_app("supervisor", bell_open=False)
    assert "Open alerts: <b>1</b>" in words_on(app)
    assert "has not been seen since" not in words_on(app)


@pytest.mark.parametrize("username", ["viewer", "spv.gudang"])
def test_others_alerts_are_not_told(open_app: OpenApp, username: str) -> None:
    app = open_app(username)
    assert 'gspe-bell-count">' not in words_on(app)
    assert "has not been seen since" not in words_on(app)


def test_acknowledged_from_there(open_app: OpenApp, seed: Seed) -> None:
    (alert_id,) = alerts(seed)
    open_app("supervisor").button(key=f"bell_acknowledge_{alert_id}").click().run()
    assert alerts(seed)[alert_id].state == AlertState.ACKNOWLEDGED
    with Session(seed.engine) as session:
        row = session.query(AuditLog).filter_by(action="alert.acknowledged").one()
        assert (row.actor, row.subject) == ("supervisor", f"alert_logs:{alert_id}")


@pytest.mark.parametrize(("span", "least"), [("15_min", 15), ("1_h", 60), ("shift_end", 0)])
def test_snoozed_from_there(open_app: OpenApp, seed: Seed, span: str, least: int) -> None:
    (alert_id,) = alerts(seed)
    open_app("supervisor").button(key=f"bell_{span}_{alert_id}").click().run()
    alert = alerts(seed)[alert_id]
    assert alert.state == AlertState.SNOOZED
    assert alert.snoozed_until is not None
    assert alert.snoozed_until >= seed.now + timedelta(minutes=least)


def test_excused_with_a_reason_and_never_without(open_app: OpenApp, seed: Seed) -> None:
    (alert_id,) = alerts(seed)
    app = open_app("supervisor")
    app.button(key=f"bell_excuse_{alert_id}").click().run()
    app.button(key=f"bell_sure_{alert_id}").click().run()
    assert alerts(seed)[alert_id].state == AlertState.OPEN
    assert app.error, "it says that a reason is wanted"
    app.text_input(key=f"bell_reason_{alert_id}").set_value("at the doctor's")
    app.button(key=f"bell_sure_{alert_id}").click().run()
    assert alerts(seed)[alert_id].state == AlertState.EXCUSED


def test_only_what_came_after_the_page_was_opened_is_news(open_app: OpenApp, seed: Seed) -> None:
    app = open_app("supervisor", bell_open=False)
    assert news(app) == []
    seed.alert(1, seed.now)
    data.forget()
    (told,) = news(app.run())
    assert told.startswith("Ayu Lestari has not been seen since")
