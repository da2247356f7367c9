"""How our cookies are set: out of reach of scripts and other sites, over TLS only where the site has it."""

import os
from http.cookies import SimpleCookie

from dashboard.auth import SESSION_MAX_AGE_S


def set_cookie_header(name: str, value: str, max_age_s: int = SESSION_MAX_AGE_S) -> str:
    """The value of a Set-Cookie header; `max_age_s` 0 removes the cookie."""
    cookie: SimpleCookie = SimpleCookie({name: value})
    morsel = cookie[name]
    morsel["path"], morsel["httponly"], morsel["samesite"] = "/", True, "Lax"
    morsel["max-age"] = str(max_age_s)
    morsel["secure"] = os.environ.get("GSPE_TLS") == "1"
    return morsel.OutputString()
