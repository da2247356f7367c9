"""How every page opens: who looks, in which words, at which moment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from core.domain.states import Role
from core.errors import GspeError, SettingsError
from core.settings import InvalidSettings, Parameters
from dashboard import data
from dashboard.auth import Account, require
from dashboard.record_commands import require_whole_site
from dashboard.widgets.markup import STYLE_SHEET
from dashboard.widgets.settings_words import error_words
from dashboard.widgets.words import Words

Do = Callable[[Callable[[], None]], None]
"""Runs a command and says what came of it."""


@dataclass(frozen=True)
class Page:
    account: Account
    words: Words
    now: datetime


def open_page(role: Role, title_key: str | None = None) -> Page:
    """Checks the role, shows the title and the style sheet. Raises AccessDenied."""
    account = require(role)
    words = Words(account.language, data.zone())
    st.html(STYLE_SHEET)
    if title_key is not None:
        st.header(words(title_key), anchor=False)
    return Page(account, words, datetime.now(UTC))


def open_site_page(role: Role, title_key: str) -> Page:
    """Only for accounts that see the whole site; to others the page says so and ends."""
    page = open_page(role, title_key)
    try:
        require_whole_site()
    except GspeError as error:
        show_error(page.words, error)
        st.stop()
    return page


def site_parameters(page: Page) -> Parameters:
    """The settings by which days are judged; where the file is broken, the page says why and ends."""
    try:
        return data.settings_store().load_parameters().value
    except SettingsError as error:
        show_error(page.words, error)
        st.stop()


def show_error(words: Words, error: GspeError) -> None:
    """What went wrong, in the reader's language."""
    st.error(error_sentence(words, error), icon=":material/error:")


def error_sentence(words: Words, error: GspeError) -> str:
    if isinstance(error, InvalidSettings):
        return error_words(error, words)
    keys = (f"{area}.{error.code}" for area in ("errors", "employees.error", "cameras.error"))
    return words.first(*keys, "errors.error", **{**error.params, **_field(words, error)})


def _field(words: Words, error: GspeError) -> dict[str, str]:
    """The name by which the form knows the field that an error is about."""
    key = f"employees.field.{error.params.get('field')}"
    return {"field": words(key)} if words.has(key) else {}
