"""The own account: password and sessions. For a new account the password comes before everything else."""

from datetime import UTC, datetime

import streamlit as st

from core.domain.states import Role
from core.storage.passwords import MIN_LENGTH
from dashboard import data
from dashboard.account_changes import end_own_session, own_sessions
from dashboard.auth import current_account, require
from dashboard.forms import Field, PostForm
from dashboard.place import current_address
from dashboard.views.sign_in import missing_cookie, problem
from dashboard.widgets.page import Page
from dashboard.widgets.sessions import show_sessions
from dashboard.widgets.words import Words


def show() -> None:
    """For a signed-in account whose own wish it is."""
    account = require(Role.VIEWER)
    words = Words(account.language, data.zone())
    if st.query_params.get("done") == "password_changed":
        st.success(words("sign_in.changed"), icon=":material/check_circle:")
    _, middle, _ = st.columns([1, 2, 1])
    with middle:
        _show_form(words, words("sign_in.change_why"))
        with st.container(border=True):
            st.subheader(words("users.own_sessions"), anchor=False)
            st.caption(words("users.own_sessions_about"))
            page = Page(account, words, datetime.now(UTC))
            show_sessions(own_sessions(account, page.now), page, end_own_session)
            st.caption(words("sign_in.end_all_help"))
            PostForm("/api/session/end-all", words("sign_in.end_all"), "/", quiet=True).show("end_all")


def show_forced() -> None:
    """For an account whose password somebody else chose: nothing else is open to it."""
    account = current_account()
    if account is None:  # signed out elsewhere between the check and this page
        st.rerun()
    words = Words(account.language, data.zone())
    _show_form(words, words("sign_in.first_why"))
    PostForm("/api/session/end", words("shell.sign_out"), "/", quiet=True).show("sign_out")


def _show_form(words: Words, why: str) -> None:
    with st.container(border=True, key="gspe-password"):
        st.subheader(words("sign_in.change_title"), anchor=False)
        st.caption(why)
        PostForm(
            action="/api/session/password",
            submit=words("sign_in.change_submit"),
            next_path=current_address(),
            fields=(
                Field("current", words("sign_in.current"), "password", "current-password"),
                Field("new", words("sign_in.new"), "password", "new-password", MIN_LENGTH),
                Field("repeated", words("sign_in.repeated"), "password", "new-password", MIN_LENGTH),
            ),
            error=problem(words) or missing_cookie(words),
        ).show("change_password")
        st.caption(words("sign_in.rules", length=MIN_LENGTH))
