"""A password or token that was just made: shown until the reader says that he has it, and never again."""

import streamlit as st

from dashboard.widgets.words import Words

SHOWN = "shown_once"


def keep_to_show(about: str, secret: str) -> None:
    """about: a sentence that says whose it is and what to do with it."""
    st.session_state[SHOWN] = (about, secret)


def show_once(words: Words) -> None:
    shown: tuple[str, str] | None = st.session_state.get(SHOWN)
    if shown is None:
        return
    about, secret = shown
    with st.container(border=True, key="gspe-shown-once"):
        st.markdown(f":material/key: {about}")
        st.code(secret, language=None, wrap_lines=True)
        st.button(
            words("users.noted"),
            key="shown_once_noted",
            icon=":material/check:",
            on_click=lambda: st.session_state.pop(SHOWN, None),
        )
