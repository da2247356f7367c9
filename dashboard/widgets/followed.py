"""HTML that follows the facts in place: what stays the same is not touched, so that nothing flickers, jumps
or loses the focus."""

from pathlib import Path

import streamlit as st

_mount = st.components.v2.component(
    "gspe.followed",
    html='<div class="gspe-followed"></div>',
    js=Path(__file__).with_suffix(".js").read_text(),
    isolate_styles=False,  # our style sheets hold for it
)


def show_followed(key: str, html: str) -> None:
    """`html` is escaped already; an element with `data-key` stays the same one wherever it moves."""
    _mount(key=key, data={"html": html})
