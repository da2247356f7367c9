"""A button that asks before it does what cannot be taken back easily."""

import streamlit as st


def ask_first(key: str, label: str, question: str, *, icon: str | None = None) -> bool:
    """True in the run in which the reader has pressed the button and then confirmed."""
    with st.popover(label, icon=icon, key=f"{key}_ask", width="content"):
        st.markdown(question)
        return st.button(label, key=f"{key}_sure", type="primary")
