"""The browsers in which somebody is signed in, each with a way to end it."""

from collections.abc import Callable, Sequence

import streamlit as st

from core.errors import GspeError
from core.storage.user_sessions import SessionRow
from dashboard.auth import SESSION_COOKIE, session_key
from dashboard.widgets.markup import joined
from dashboard.widgets.page import Page, show_error


def show_sessions(sessions: Sequence[SessionRow], page: Page, end: Callable[[int], None]) -> None:
    """This very browser's session is marked; it ends by signing out."""
    words, own = page.words, session_key(st.context.cookies.get(SESSION_COOKIE))
    if not sessions:
        st.caption(words("users.no_session"))
    for row in sessions:
        with st.container(
            border=True,
            horizontal=True,
            vertical_alignment="center",
            horizontal_alignment="distribute",
            key=f"session_{row.id}",
        ):
            name = row.browser or words("users.unknown_browser")
            since = words("users.session_since", moment=words.moment(row.started_at, page.now))
            seen = words("users.session_seen", ago=words.ago(min(row.last_seen_at, page.now), page.now))
            st.text(joined(name, row.address, since, seen), width="stretch")
            if row.key_sha256 == own:
                st.badge(words("users.this_browser"))
            elif st.button(words("users.end_session"), key=f"end_session_{row.id}", icon=":material/logout:"):
                _end(row.id, end, page)


def _end(session_id: int, end: Callable[[int], None], page: Page) -> None:
    try:
        end(session_id)
    except GspeError as error:
        show_error(page.words, error)
        return
    st.rerun()
