"""Files that a page offers as links, and that are made when somebody opens them.

Streamlit's own deferred download drops the file it made once two scripts of any session have ended: with many
open pages that is sooner than a slow browser has asked for it.
"""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from dashboard.auth import SESSION_COOKIE, Account, session_key

PATH = "/api/file"
MOST_OFFERED = 2000
"""Of all sessions together; what was offered the longest time ago is given up first."""

_lock = threading.Lock()
_offered: OrderedDict[str, "Download"] = OrderedDict()


@dataclass(frozen=True)
class Download:
    """make: gives the content to whoever is signed in now; it checks his rights and notes the deed."""

    file_name: str
    mime: str
    make: Callable[[Account], bytes]


def offer(download: Download, label: str, key: str, *, disabled: bool = False) -> None:
    """A link that looks like a button. It stays the same in a session, for what the page shows last."""
    token = st.session_state.setdefault(f"offered_{key}", secrets.token_urlsafe(24))
    with _lock:
        _offered[_name(st.context.cookies.get(SESSION_COOKIE), token)] = download
        while len(_offered) > MOST_OFFERED:
            _offered.popitem(last=False)
    st.link_button(label, f"{PATH}/{token}", icon=":material/download:", disabled=disabled)


def offered(cookie: str | None, token: str) -> Download | None:
    """What this session was offered under that token; None once it is given up, and for other sessions."""
    with _lock:
        return _offered.get(_name(cookie, token))


def _name(cookie: str | None, token: str) -> str:
    return f"{session_key(cookie)} {token}"
