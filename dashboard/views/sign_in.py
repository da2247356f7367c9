"""The page of those who are not signed in, and what a posted form of the account pages answers."""

from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from core.i18n import catalogue
from core.storage import queries
from dashboard import data
from dashboard.auth import csrf_token
from dashboard.forms import Field, PostForm
from dashboard.place import current_address, reader_language
from dashboard.widgets.words import Words

LOGO = Path(__file__).parent.parent / "assets" / "logo.svg"


def show() -> None:
    words = Words(reader_language(None), data.zone())
    with st.container(border=True, key="gspe-sign-in"):
        st.image(LOGO, width=170)
        site = data.ask(queries.site)
        st.subheader(words("sign_in.title"), anchor=False)
        if site is not None:
            st.caption(words("sign_in.site", site=site.site_name))
        PostForm(
            action="/api/session",
            submit=words("sign_in.submit"),
            next_path=current_address(),
            fields=(
                Field("username", words("sign_in.username"), "text", "username"),
                Field("password", words("sign_in.password"), "password", "current-password"),
            ),
            error=problem(words) or missing_cookie(words),
        ).show("sign_in")
        st.caption(words("sign_in.help"))


def problem(words: Words) -> str | None:
    """The sentence for the problem in the address, with which our route answered; other codes say nothing."""
    code = st.query_params.get("problem", "")
    key = f"sign_in.problem.{code}"
    if key not in catalogue(words.language):
        return None
    until = st.query_params.get("until", "")
    now = datetime.now(UTC)
    at = datetime.fromtimestamp(int(until), UTC) if until.isdecimal() and len(until) < 12 else now
    return words(key, time=words.time(at, seconds=True))


def missing_cookie(words: Words) -> str | None:
    """Without the browser's token no form can be sent."""
    return None if csrf_token() else words("sign_in.problem.no_cookies")
