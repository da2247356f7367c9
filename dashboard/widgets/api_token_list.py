"""Tokens of programs: made with what they may do, listed, revoked."""

from datetime import UTC, datetime, time, timedelta
from html import escape

import streamlit as st

from core.domain.states import Scope
from core.errors import GspeError
from core.storage import queries
from core.storage.api_tokens import LONGEST_NAME, NewToken, is_in_force
from core.storage.models import ApiToken
from dashboard import data, user_commands
from dashboard.widgets.confirm import ask_first
from dashboard.widgets.markup import Markup, joined, line
from dashboard.widgets.page import Page, show_error
from dashboard.widgets.shown_once import keep_to_show

LASTS = timedelta(days=365)
MADE = "tokens_made"
"""How many tokens this reader has made: each form begins empty, that no token may what another one may."""


def show_tokens(page: Page) -> None:
    words = page.words
    st.caption(words("users.tokens_about"))
    tokens = user_commands.list_tokens()
    in_force = [token for token in tokens if is_in_force(token, page.now)]
    if not in_force:
        st.info(words("users.no_token"), icon=":material/token:")
    for token in in_force:
        _token(token, page)
    _add(page)
    over = [token for token in tokens if token not in in_force]
    if over:
        with st.expander(words("users.tokens_over", count=words.number(len(over)))):
            markup = Markup()
            for token in over:
                markup.add(_entry(token, page))
            markup.show("gspe-rows")


def _token(token: ApiToken, page: Page) -> None:
    words = page.words
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"token_{token.id}"):
        markup = Markup()
        markup.add(_entry(token, page))
        with st.container():
            markup.show("gspe-rows")
        question = words("users.revoke_sure", name=token.name)
        if ask_first(f"revoke_{token.id}", words("users.revoke"), question, icon=":material/key_off:"):
            try:
                user_commands.revoke_token(token.id)
            except GspeError as error:
                show_error(words, error)
                return
            st.rerun()


def _entry(token: ApiToken, page: Page) -> str:
    words = page.words
    scopes = ", ".join(words(f"users.scope.{scope}") for scope in token.scopes)
    made = words("users.token_made", actor=token.created_by, moment=words.moment(token.created_at, page.now))
    used = token.last_used_at
    use = words("users.token_used", ago=words.ago(min(used, page.now), page.now)) if used else None
    of = words("users.only_departments", departments=", ".join(token.departments))
    use = use or words("users.token_unused")
    about = joined(made, use, _end(token, page), of if token.departments else None)
    return (
        f'<li class="gspe-who"><b>{escape(token.name)} …{escape(token.hint)}</b>{line(scopes)}'
        f"{line(about)}</li>"
    )


def _end(token: ApiToken, page: Page) -> str:
    words = page.words
    if token.revoked_at is not None:
        moment = words.moment(token.revoked_at, page.now)
        return words("users.token_revoked", actor=token.revoked_by, moment=moment)
    if token.expires_at is None:
        return words("users.token_for_ever")
    day = words.date(token.expires_at.astimezone(words.zone))
    return words("users.token_until" if token.expires_at > page.now else "users.token_expired", day=day)


def _add(page: Page) -> None:
    words = page.words
    label, made = words("users.add_token"), st.session_state.setdefault(MADE, 0)
    with st.expander(label, icon=":material/add:"), st.form("add_token", border=False):
        name = st.text_input(
            words("users.token_name"),
            key=f"token_name_{made}",
            max_chars=LONGEST_NAME,
            help=words("users.token_name_help"),
        )
        scopes = st.multiselect(
            words("users.token_scopes"),
            list(Scope),
            format_func=lambda scope: words(f"users.scope.{scope}"),
            key=f"token_scopes_{made}",
            placeholder=words("users.choose"),
        )
        departments = st.multiselect(
            words("users.departments"),
            data.ask(queries.departments),
            key=f"token_departments_{made}",
            placeholder=words("users.all_departments"),
        )
        today = page.now.astimezone(words.zone).date()
        last = st.date_input(
            words("users.token_last_day"),
            today + LASTS,
            min_value=today,
            key=f"token_last_day_{made}",
            format="YYYY-MM-DD",
            width=200,
        )
        never = st.checkbox(words("users.token_never_ends"), key=f"token_never_ends_{made}")
        if st.form_submit_button(words("users.make_token"), type="primary", key="make_token"):
            midnight = datetime.combine(last + timedelta(days=1), time(), words.zone).astimezone(UTC)
            _make(NewToken(name or "", scopes, departments, None if never else midnight), page)


def _make(token: NewToken, page: Page) -> None:
    try:
        secret = user_commands.make_token(token)
    except GspeError as error:
        show_error(page.words, error)
        return
    keep_to_show(page.words("users.token_shown", name=token.name), secret)
    st.session_state[MADE] += 1
    st.rerun()
