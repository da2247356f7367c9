"""A button that asks before it does what cannot be taken back easily."""

import streamlit as st

from dashboard.widgets.words import Words


def ask_first(key: str, label: str, question: str, words: Words, *, danger: bool = True) -> bool:
    """True in the run in which the reader has pressed the button and then confirmed."""
    with st.popover(label, icon=":material/delete:" if danger else None, key=f"{key}_ask", width="content"):
        st.markdown(question)
        return st.button(label, key=f"{key}_sure", type="primary")
