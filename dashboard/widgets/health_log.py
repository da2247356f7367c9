"""The end of a program's log, without credentials."""

import os

import streamlit as st

from core.home import site_paths
from core.log_tail import LOGS, MAX_LINES, log_tail
from dashboard.refreshing import refreshing
from dashboard.widgets.in_address import kept
from dashboard.widgets.words import Words

REFRESH_S = 3.0
HEIGHT_PX = 420


@refreshing(REFRESH_S)
def show_log(words: Words) -> None:
    """Of the site's programs, also while they work in the demo's home."""
    left, right = st.columns([1, 2])
    program = left.selectbox(words("health.log_of"), LOGS, **kept("log_program", LOGS, default=LOGS[0]))
    contains = right.text_input(
        words("health.log_contains"),
        key="log_contains",
        bind="query-params",
        placeholder=words("health.log_example"),
    )
    lines = log_tail(site_paths(os.environ), program or LOGS[0], contains or "")
    if lines is None:
        st.info(words("health.log_missing", name=program), icon=":material/info:")
    elif not lines:
        st.info(words("health.log_empty"), icon=":material/search_off:")
    else:
        st.caption(words("health.log_about", count=len(lines), most=MAX_LINES))
        st.code("\n".join(reversed(lines)), language="log", height=HEIGHT_PX)
