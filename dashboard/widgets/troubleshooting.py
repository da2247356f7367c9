"""The section of the troubleshooting guide about a cause, so that help is at hand without leaving a page."""

from functools import cache

import streamlit as st

from core.paths import REPOSITORY
from dashboard.widgets.words import Words

GUIDES = {
    "en": REPOSITORY / "docs" / "troubleshooting.md",
    "id": REPOSITORY / "docs" / "troubleshooting.id.md",
}


def show_help(cause: str | None, words: Words, key: str) -> None:
    """A button that opens the cause's section; nothing where the guide has none."""
    section = sections(words.language).get(cause or "")
    if section is not None:
        with st.popover(words("cameras.what_to_do"), icon=":material/help:", key=key):
            st.markdown(section)


@cache
def sections(language: str) -> dict[str, str]:
    """The guide's sections by the anchor that stands before each, down to the next anchor or chapter."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for text in GUIDES[language].read_text("utf-8").splitlines():
        if text.startswith('<a id="'):
            lines = found.setdefault(text.removeprefix('<a id="').partition('"')[0], [])
        elif text.startswith("## "):
            lines = []
        else:
            lines.append(f"##{text}" if text.startswith("#") else text)
    return {anchor: "\n".join(kept).strip() for anchor, kept in found.items()}
