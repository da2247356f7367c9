"""Tabs of which only those that were looked at are built: drawing the others is most of what a page costs."""

from collections.abc import Callable, Mapping

import streamlit as st

from dashboard.widgets.in_address import kept_tabs


def show_tabs(key: str, names: Mapping[str, str], shows: Mapping[str, Callable[[], None]]) -> None:
    """Tabs as `kept_tabs` has them, and what shows each.

    One that was opened stays, with what was typed in it, until the reader leaves the page.
    """
    if key not in st.session_state:  # Streamlit forgets it when the page is left
        st.session_state[f"{key}_opened"] = set[str]()
    opened: set[str] = st.session_state.setdefault(f"{key}_opened", set())
    for code, place in kept_tabs(key, names).items():
        if place.open:
            opened.add(code)
        if code in opened:
            with place:
                shows[code]()
