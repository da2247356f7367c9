"""HTML forms that the browser itself posts to our routes: only a response of a route can set a cookie."""

from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from dashboard.auth import csrf_token

_FOLDER = Path(__file__).parent

_mount = st.components.v2.component(
    "gspe.form",
    html='<div class="gspe-form"></div>',
    css=(_FOLDER / "form.css").read_text(),
    js=(_FOLDER / "form.js").read_text(),
    isolate_styles=False,  # password managers do not look into shadow roots
)


@dataclass(frozen=True)
class Field:
    name: str
    label: str
    type: str
    """An HTML input type."""
    autocomplete: str
    min_length: int = 0


@dataclass(frozen=True)
class PostForm:
    """`action` is one of our routes, `next_path` the page to return to, `error` a sentence shown above."""

    action: str
    submit: str
    next_path: str
    fields: tuple[Field, ...] = ()
    error: str | None = None
    quiet: bool = False
    """A plain button instead of a prominent one."""

    def show(self, key: str) -> None:
        _mount(key=key, data={**asdict(self), "csrf": csrf_token() or ""})
