"""The users page: accounts are made, changed, locked out, let in again; sessions and tokens end."""

from datetime import timedelta
from pathlib import Path

import pytest
import streamlit as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.domain.states import Role, Scope
from core.storage import api_tokens
from core.storage.models import AuditLog, User
from core.storage.passwords import password_matches
from core.storage.user_sessions import Client
from dashboard import user_commands
from dashboard.auth import SESSION_COOKIE, account_of, issue_session
from tests.dashboard.signed_in import open_view, session_cookie, words_on
from tests.seed import Seed, working_day

VIEW = "dashboard.views.users:show"
OWN = "dashboard.views.password:show"


@pytest.fixture
def seed(tmp_path: Path) -> Seed:
    return working_day(tmp_path)


@pytest.fixture
def page(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return open_view(seed, monkeypatch, VIEW, "admin").run()


def user(seed: Seed, name: str) -> User:
    with Session(seed.engine, expire_on_commit=False) as session:
        return session.scalars(select(User).where(User.username == name)).one()


def last_deed(seed: Seed) -> tuple[str, str, str]:
    with Session(seed.engine) as session:
        row = session.scalars(select(AuditLog).order_by(AuditLog.id.desc()).limit(1)).one()
        return row.actor, row.action, row.subject


def buttons(page: AppTest) -> list[str]:
    return [str(button.key) for button in page.button]


def test_a_new_account_gets_a_password_that_is_shown_once(page: AppTest, seed: Seed) -> None:
    page.text_input(key="name_new_0").set_value(" Rina ")
    page.selectbox(key="role_new_0").select(Role.HR)
    page.multiselect(key="departments_new_0").select("Gudang")
    page.button(key="add_account").click().run()
    rina = user(seed, "rina")
    assert (rina.role, rina.departments, rina.must_change_password) == ("hr", ["Gudang"], True)
    (shown,) = page.code
    assert password_matches(rina.password_hash, shown.value)
    assert last_deed(seed) == ("admin", "user.added", f"users:{rina.id}")
    assert page.multiselect(key="departments_new_1").value == [], "the next form begins empty"
    page.button(key="shown_once_noted").click().run()
    assert not page.code


@pytest.mark.parametrize(("name", "sentence"), [("hr", "already"), ("x", "2 to 64"), ("", "2 to 64")])
def test_a_name_that_cannot_be_is_said_and_stays(page: AppTest, seed: Seed, name: str, sentence: str) -> None:
    page.text_input(key="name_new_0").set_value(name)
    page.button(key="add_account").click().run()
    assert sentence in page.error[0].value
    assert page.text_input(key="name_new_0").value == name
    assert not page.code


def test_role_and_departments_change(page: AppTest, seed: Seed) -> None:
    of = user(seed, "supervisor").id
    page.multiselect(key=f"departments_{of}").select("Kantor")
    page.selectbox(key=f"language_of_{of}").select("id")
    page.button(key=f"save_user_{of}").click().run()
    changed = user(seed, "supervisor")
    assert (changed.departments, changed.language) == (["Kantor"], "id")


def test_the_last_administrator_stays_one(page: AppTest, seed: Seed) -> None:
    of = user(seed, "admin").id
    page.selectbox(key=f"role_{of}").select(Role.HR)
    page.button(key=f"save_user_{of}").click().run()
    assert "last administrator of the whole site" in page.error[0].value
    assert user(seed, "admin").role == "admin"
    assert f"switch_{of}_sure" not in buttons(page), "nobody shuts himself out"


def test_a_lock_is_shown_and_lifted(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    of = user(seed, "hr").id
    with seed.engine.begin() as connection:
        until = seed.now + timedelta(minutes=14)
        connection.execute(update(User).where(User.id == of).values(locked_until=until, failed_sign_ins=6))
    page = open_view(seed, monkeypatch, VIEW, "admin").run()
    assert "Locked until" in page.warning[0].value
    page.button(key=f"unlock_{of}").click().run()
    assert (user(seed, "hr").locked_until, user(seed, "hr").failed_sign_ins) == (None, 0)
    assert not page.warning


def test_a_reset_password_is_shown_once_and_ends_his_sessions(page: AppTest, seed: Seed) -> None:
    of, cookie = user(seed, "hr").id, session_cookie(seed, "hr")
    page.button(key=f"reset_{of}_sure").click().run()
    (shown,) = page.code
    assert password_matches(user(seed, "hr").password_hash, shown.value)
    assert user(seed, "hr").must_change_password
    assert account_of(cookie) is None


def test_an_account_is_disabled_and_enabled(page: AppTest, seed: Seed) -> None:
    of = user(seed, "viewer").id
    page.button(key=f"switch_{of}_sure").click().run()
    assert not user(seed, "viewer").active
    page.button(key=f"switch_{of}_sure").click().run()
    assert user(seed, "viewer").active


def test_a_session_is_listed_and_ended(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "admin").run()
    hr = user(seed, "hr")
    cookie = issue_session(hr.id, hr.session_epoch, Client("Firefox 131, Windows", "192.0.2.40"))
    words = words_on(page.run())
    assert "Firefox 131, Windows · 192.0.2.40" in words
    (end,) = [key for key in buttons(page) if key.startswith("end_session_")]
    page.button(key=end).click().run()
    assert account_of(cookie) is None
    assert last_deed(seed)[:2] == ("admin", "user.session_ended")
    assert "Firefox 131" not in words_on(page)


def test_everybody_ends_his_own_sessions_and_nobody_elses(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_view(seed, monkeypatch, OWN, "viewer")
    phone = session_cookie(seed, "viewer")
    others = session_cookie(seed, "hr")
    page.run()
    (end,) = [key for key in buttons(page) if key.startswith("end_session_")]
    page.button(key=end).click().run()
    assert account_of(phone) is None
    assert account_of(others) is not None
    from dashboard.account_changes import end_own_session

    with Session(seed.engine) as session:
        hrs = user_commands.user_sessions.open_sessions(session, seed.now + timedelta(minutes=1))
    for row in hrs:
        if row.user_id == user(seed, "hr").id:
            end_own_session(row.id)
    assert account_of(others) is not None
    assert account_of(st.context.cookies[SESSION_COOKIE]) is not None


def test_a_token_is_made_shown_once_and_revoked(page: AppTest, seed: Seed) -> None:
    page.text_input(key="token_name_0").set_value("Payroll")
    page.multiselect(key="token_scopes_0").select(Scope.READ_ATTENDANCE)
    page.button(key="make_token").click().run()
    (shown,) = page.code
    with Session(seed.engine) as session:
        token = api_tokens.token_of(session, shown.value, seed.now)
        assert token is not None
        assert (token.name, token.scopes) == ("Payroll", ["attendance:read"])
        token_id = token.id
    assert page.multiselect(key="token_scopes_1").value == [], "the next form begins empty"
    page.button(key="shown_once_noted").click().run()
    assert shown.value not in words_on(page)
    page.button(key=f"revoke_{token_id}_sure").click().run()
    with Session(seed.engine) as session:
        assert api_tokens.token_of(session, shown.value, seed.now) is None
    assert last_deed(seed)[1] == "token.revoked"
    assert "revoked by admin" in words_on(page)


def test_a_token_that_may_nothing_is_refused(page: AppTest) -> None:
    page.text_input(key="token_name_0").set_value("Payroll")
    page.button(key="make_token").click().run()
    assert "at least one thing" in page.error[0].value
    assert page.text_input(key="token_name_0").value == "Payroll"


def test_an_admin_of_some_departments_manages_nobody(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    seed.user("admin.gudang", Role.ADMIN, ("Gudang",))
    page = open_view(seed, monkeypatch, VIEW, "admin.gudang").run()
    assert "limited to departments" in page.error[0].value
    assert "supervisor" not in words_on(page)
