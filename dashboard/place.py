"""Where the reader stands: the address of the page, and his language before he has signed in."""

from collections.abc import Iterable
from urllib.parse import urlencode, urlsplit

import streamlit as st
from starlette.requests import HTTPConnection

from core.i18n import LANGUAGES
from dashboard.auth import Account

LONGEST_QUERY = 800
"""More than a page's own choices take; our forms refuse fields above `LONGEST_FIELD`."""
ANSWERS = ("problem", "until", "done")
"""What our routes say in the address: no part of the page that was wanted."""


def current_address() -> str:
    """Path and query of the open page, to return to after a form was posted."""
    path = urlsplit(st.context.url or "").path or "/"
    told = [(key, value) for key in st.query_params for value in st.query_params.get_all(key)]
    return with_query(path, [(key, value) for key, value in told if key not in ANSWERS])


def with_query(path: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Without the query where it is longer than any of ours."""
    query = urlencode(list(pairs))
    return f"{path}?{query}" if 0 < len(query) <= LONGEST_QUERY else path


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
