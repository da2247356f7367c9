"""What refreshes by itself stops with the account: a browser may ask for such a part alone, for ever."""

import os
from pathlib import Path

import pytest
import streamlit as st
from sqlalchemy import update
from sqlalchemy.orm import Session
from streamlit.runtime.scriptrunner import RerunException, get_script_run_ctx

from core.domain.states import RequestKind, Role
from core.storage.models import User
from core.storage.requests import submit
from dashboard.auth import SESSION_COOKIE, end_session
from dashboard.database import writer
from dashboard.refreshing import refreshing
from tests.dashboard.signed_in import open_view
from tests.seed import Seed, working_day

HERE = "tests.dashboard.test_refreshing"
ADDRESSES = {"live": {"camera": "1"}, "employees": {"employee": "1"}}
"""Where a view has fragments at some addresses only."""
VIEWS = {
    "presence": ("supervisor", {}),
    "alerts": ("supervisor", {}),
    "live": ("viewer", {}),
    "cameras": ("admin", {}),
    "employees": ("hr", {}),
}


@pytest.fixture
def seed(tmp_path: Path) -> Seed:
    return working_day(tmp_path)


def disable(account: str) -> None:
    change(account, active=False)


def demote(account: str) -> None:
    change(account, departments=["Somewhere else"])


def sign_out(_account: str) -> None:
    end_session(st.context.cookies[SESSION_COOKIE])


def change(account: str, **values: object) -> None:
    with Session(writer()) as session, session.begin():
        session.execute(update(User).where(User.username == account).values(**values))


def open_and_refresh() -> None:
    """Opens the view, takes something from the account, then runs each fragment as a browser can ask for."""
    name, account, event = os.environ["OPENED"].split()
    module = __import__(f"dashboard.views.{name}", fromlist=["show"])
    module.show()
    context = get_script_run_ctx()
    assert context is not None
    fragments = list(context.fragment_storage._fragments.values())  # type: ignore[attr-defined]
    globals()[event](account)
    told = []
    for fragment in fragments:
        try:
            fragment()
        except RerunException:
            told.append("app runs again")
        else:
            told.append("shown")
    st.session_state["told"] = told
    st.stop()


@pytest.mark.parametrize("event", ["disable", "demote", "sign_out"])
@pytest.mark.parametrize("name", VIEWS)
def test_no_fragment_shows_anything_to_an_account_that_changed(
    seed: Seed, monkeypatch: pytest.MonkeyPatch, name: str, event: str
) -> None:
    account, state = VIEWS[name]
    monkeypatch.setenv("OPENED", f"{name} {account} {event}")
    page = open_view(seed, monkeypatch, f"{HERE}:open_and_refresh", account)
    for key, value in state.items():
        page.session_state[key] = value
    for key, value in ADDRESSES.get(name, {}).items():
        page.query_params[key] = value
    with Session(seed.engine) as session, session.begin():
        submit(session, RequestKind.ENROL, {"employee_id": 1, "file_name": "a.jpg"}, "hr", seed.now, 60.0)
    page.run()

    assert not page.exception, page.exception
    assert set(page.session_state["told"]) == {"app runs again"}


def test_streamlit_fragments_are_made_in_one_place_only() -> None:
    folder = Path(refreshing.__code__.co_filename).parent
    named = [path.name for path in folder.rglob("*.py") if "st.fragment(" in path.read_text("utf-8")]

    assert named == ["refreshing.py"]


def test_who_is_still_the_same_goes_on_seeing(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENED", "muster supervisor nothing")
    page = open_view(seed, monkeypatch, f"{HERE}:open_and_refresh", "supervisor").run()

    assert page.session_state["told"] == ["shown"]


def nothing(_account: str) -> None:
    """The event of a quiet second."""


def test_roles_are_part_of_the_comparison(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENED", "cameras admin lower_role")
    page = open_view(seed, monkeypatch, f"{HERE}:open_and_refresh", "admin").run()

    assert page.session_state["told"] == ["app runs again"]


def lower_role(account: str) -> None:
    change(account, role=Role.VIEWER)
