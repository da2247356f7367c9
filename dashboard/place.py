"""Where the reader stands: the address of the page, and his language before he has signed in."""

from urllib.parse import urlsplit

import streamlit as st
from starlette.requests import HTTPConnection

from core.i18n import LANGUAGES
from dashboard.auth import Account


def current_path() -> str:
    """The path of the open page, to return to after a form was posted."""
    return urlsplit(st.context.url or "").path or "/"


def language_of(request: HTTPConnection) -> str:
    """For answers of routes: the first language of the browser's list where there is a catalogue for it."""
    wanted = request.headers.get("accept-language", "").split(",")
    known = (part.strip()[:2].lower() for part in wanted)
    return next((language for language in known if language in LANGUAGES), LANGUAGES[0])


def reader_language(account: Account | None) -> str:
    """The account's language, before sign-in the browser's where there is a catalogue for it."""
    if account is not None:
        return account.language
    browser = (st.context.locale or "").split("-")[0].lower()
    return browser if browser in LANGUAGES else LANGUAGES[0]
