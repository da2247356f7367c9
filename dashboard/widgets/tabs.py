"""Tabs of which only those that were looked at are built: drawing the others is most of what a page costs."""

from collections.abc import Callable, Mapping

import streamlit as st


def show_tabs(key: str, tabs: Mapping[str, Callable[[], None]]) -> None:
    """What shows each tab, by its label. One that was opened stays, with what was typed in it, until the
    reader leaves the page."""
    if key not in st.session_state:  # Streamlit forgets it when the page is left
        st.session_state[f"{key}_opened"] = set[int]()
    opened: set[int] = st.session_state.setdefault(f"{key}_opened", set())
    places = st.tabs(list(tabs), key=key, on_change="rerun")
    for number, (place, show) in enumerate(zip(places, tabs.values(), strict=True)):
        if place.open:
            opened.add(number)
        if number in opened:
            with place:
                show()
