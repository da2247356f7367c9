"""Users: accounts with their roles, locks and sessions, and the tokens of programs."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.domain.states import Role
from core.errors import GspeError
from core.i18n import languages
from core.storage import queries
from core.storage.account_list import AccountRow
from core.storage.users import AccountChange
from dashboard import data, user_commands
from dashboard.widgets.api_token_list import show_tokens
from dashboard.widgets.confirm import ask_first
from dashboard.widgets.in_address import kept_tabs
from dashboard.widgets.markup import joined
from dashboard.widgets.page import Page, open_site_page, show_error
from dashboard.widgets.sessions import show_sessions
from dashboard.widgets.shown_once import keep_to_show, show_once

DONE = "users_done"
ADDED = "users_added"
"""How many accounts this reader has added: each form begins empty, whatever was in the one before."""
TABS = ("accounts", "tokens")


def show() -> None:
    page = open_site_page(Role.ADMIN, "users.title")
    words = page.words
    if done := st.session_state.pop(DONE, None):
        st.toast(done, icon=":material/check_circle:")
    show_once(words)
    tabs = kept_tabs("users_tab", {tab: words(f"users.tab.{tab}") for tab in TABS})
    with tabs["accounts"]:
        st.caption(words("users.about"))
        _add(page)
        for row in user_commands.list_users(page.now):
            _account(row, page)
    with tabs["tokens"]:
        show_tokens(page)


def _add(page: Page) -> None:
    words = page.words
    label, new = words("users.add"), f"new_{st.session_state.setdefault(ADDED, 0)}"
    with st.expander(label, icon=":material/person_add:"), st.form("add_user", border=False):
        name = st.text_input(words("users.username"), key=f"name_{new}", max_chars=64, autocomplete="off")
        change = _change_fields(new, AccountChange(Role.SUPERVISOR, (), page.account.language), page)
        st.caption(words("users.add_help"))
        if st.form_submit_button(words("users.add"), type="primary", key="add_account"):
            try:
                added, password = user_commands.add_user(
                    name or "", change.role, change.departments, change.language
                )
            except GspeError as error:
                show_error(words, error)
                return
            keep_to_show(words("users.password_shown", username=added), password)
            st.session_state[ADDED] += 1
            st.rerun()


def _change_fields(key: str, change: AccountChange, page: Page) -> AccountChange:
    words = page.words
    roles, names = list(Role), languages()
    with st.container(horizontal=True):
        role = st.selectbox(
            words("users.role"),
            roles,
            index=roles.index(change.role),
            format_func=lambda one: words(f"shell.role.{one}"),
            key=f"role_{key}",
            help=words("users.role_help"),
            width=220,
        )
        language = st.selectbox(
            words("shell.language"),
            list(names),
            index=list(names).index(change.language),
            format_func=names.__getitem__,
            key=f"language_of_{key}",
            width=220,
        )
    departments = st.multiselect(
        words("users.departments"),
        sorted({*data.ask(queries.departments), *change.departments}),
        list(change.departments),
        key=f"departments_{key}",
        placeholder=words("users.all_departments"),
        help=words("users.departments_help"),
    )
    return AccountChange(role, tuple(departments), language)


def _account(row: AccountRow, page: Page) -> None:
    words = page.words
    icon = ":material/person:" if row.active else ":material/person_off:"
    icon = ":material/lock:" if row.locked_until else icon
    with st.expander(f"**{row.username}** · {_summary(row, page)}", icon=icon, key=f"account_{row.id}"):
        if row.locked_until is not None:
            _locked(row, page)
        if row.must_change_password:
            st.caption(words("users.must_change"))
        with st.form(f"change_{row.id}", border=False):
            change = _change_fields(str(row.id), AccountChange(row.role, row.departments, row.language), page)
            if st.form_submit_button(words("units.save"), key=f"save_user_{row.id}"):
                _do(page, partial(user_commands.change_user, row.username, change), "users.changed")
        if row.id != page.account.id:
            _power(row, page)
        _sessions(row, page)


def _summary(row: AccountRow, page: Page) -> str:
    words = page.words
    limited = words("users.only_departments", departments=", ".join(row.departments))
    last = row.last_sign_in_at
    seen = words("users.last_sign_in", moment=words.moment(last, page.now)) if last else words("users.never")
    state = None if row.active else words("users.disabled")
    return joined(words(f"shell.role.{row.role}"), limited if row.departments else None, state, seen)


def _locked(row: AccountRow, page: Page) -> None:
    assert row.locked_until is not None
    words = page.words
    st.warning(
        words("users.locked", moment=words.moment(row.locked_until, page.now)), icon=":material/lock_clock:"
    )
    if st.button(words("users.unlock"), key=f"unlock_{row.id}", icon=":material/lock_open:"):
        _do(page, partial(user_commands.unlock, row.username), "users.unlocked")


def _power(row: AccountRow, page: Page) -> None:
    words = page.words
    with st.container(horizontal=True):
        question = words("users.reset_sure", username=row.username)
        if row.active and ask_first(
            f"reset_{row.id}", words("users.reset"), question, icon=":material/lock_reset:"
        ):
            _reset(row, page)
        verb = "disable" if row.active else "enable"
        question = words(f"users.{verb}_sure", username=row.username)
        icon = ":material/person_off:" if row.active else ":material/person:"
        if ask_first(f"switch_{row.id}", words(f"users.{verb}"), question, icon=icon):
            switch = partial(user_commands.set_active, row.username, active=not row.active)
            _do(page, switch, f"users.{verb}d_done")


def _sessions(row: AccountRow, page: Page) -> None:
    words = page.words
    title = words("users.sessions")
    st.markdown(f"**{title}**")
    show_sessions(user_commands.sessions_of(row.id, page.now), page, user_commands.end_session)
    if row.sessions > 1 and ask_first(
        f"end_all_{row.id}", words("users.end_all"), words("users.end_all_sure"), icon=":material/logout:"
    ):
        _do(page, partial(user_commands.end_sessions, row.id), "users.all_ended")


def _reset(row: AccountRow, page: Page) -> None:
    try:
        password = user_commands.reset_password(row.username)
    except GspeError as error:
        show_error(page.words, error)
        return
    keep_to_show(page.words("users.password_shown", username=row.username), password)
    st.rerun()


def _do(page: Page, command: Callable[[], None], done_key: str) -> None:
    try:
        command()
    except GspeError as error:
        show_error(page.words, error)
        return
    st.session_state[DONE] = page.words(done_key)
    st.rerun()
