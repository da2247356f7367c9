"""Opens a page as somebody who is really signed in: account in the database, signed cookie in the request."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from core.storage.models import User
from dashboard import data
from dashboard.auth import SESSION_COOKIE, issue_session
from dashboard.routes import all_routes
from tests.patience import PATIENCE_S
from tests.seed import Seed

NOTICES = ("info", "warning", "error", "success")


def _run_view(view: str) -> None:
    from importlib import import_module

    module, _, function = view.partition(":")
    getattr(import_module(module), function)()


def open_view(seed: Seed, monkeypatch: pytest.MonkeyPatch, view: str, username: str) -> AppTest:
    """An AppTest of "module:function", not yet run; the browser's cookie is the only thing made up."""
    monkeypatch.setenv("GSPE_HOME", str(seed.home))
    data.forget()
    cookie = {SESSION_COOKIE: session_cookie(seed, username)}
    monkeypatch.setattr(type(st.context), "cookies", property(lambda _context: cookie))
    return AppTest.from_function(_run_view, args=(view,), default_timeout=PATIENCE_S)


def session_cookie(seed: Seed, username: str) -> str:
    assert Path(os.environ["GSPE_HOME"]) == seed.home
    with Session(seed.engine) as session:
        user_id, epoch = session.execute(
            select(User.id, User.session_epoch).where(User.username == username)
        ).one()
    return issue_session(user_id, epoch)  # outside: the seed's transaction would keep it from writing


def get_file(address: str, accept: str = "*/*") -> Any:
    """The response that the browser of the open page is given there."""
    client = TestClient(Starlette(routes=all_routes()), cookies=dict(st.context.cookies))
    return client.get(address, headers={"accept": accept})


def turn_to(page: AppTest, tabs: str, label: str) -> AppTest:
    """Opens a tab of the tabs with this key; those that were not opened are not there."""
    page.session_state[tabs] = label
    return page.run()


def words_on(page: AppTest) -> str:
    """Every word of the page's HTML, notices, texts and headings, in order."""
    assert not page.exception, page.exception
    kinds = ("header", "subheader", "html", "bidi_component", "markdown", "caption", "text", *NOTICES)
    return "\n".join(_words_of(element) for kind in kinds for element in page.get(kind))


def _words_of(element: Any) -> str:
    if element.type == "bidi_component":
        return str(json.loads(element.proto.json).get("html", ""))
    return str(element.body if element.type == "html" else element.value)
