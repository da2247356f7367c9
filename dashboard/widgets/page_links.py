"""Links from one page to another, which the browser follows without loading everything anew."""

import streamlit as st

from dashboard.pages import HIDDEN_PAGES, PAGES


def page_link(url_path: str, label: str, icon: str) -> None:
    spec = next(spec for spec in (*PAGES, *HIDDEN_PAGES) if spec.url_path == url_path)
    st.page_link(st.Page(spec.open, title=label, url_path=url_path), label=label, icon=icon)
