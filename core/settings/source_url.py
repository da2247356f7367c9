"""What a camera's rtsp_url means, and how it may be shown."""

import re
from typing import Literal
from urllib.parse import urlsplit

from core.settings.problems import invalid

SourceKind = Literal["rtsp", "file", "webcam", "demo"]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_NO_FILE = re.compile(r"^[^/]*:|:.*@")
"""Begins like a URL, or holds what could be user:password@."""

_PARAMETER = re.compile(r"([A-Za-z0-9_.-]+)=([^&;/?]*)")
_SHOWN_PARAMETERS = frozenset(
    (
        "camera",
        "resolution",
        "channel",
        "subtype",
        "stream",
        "streamtype",
        "profile",
        "transportmode",
        "unicast",
        "proto",
        "id",
    )
)
"""Names whose values tell nothing secret; makers hide passwords under too many others to list those."""

_CREDENTIALS_IN_PATH = re.compile(r"(?<=/)[^/?]*:[^/?]*")


def source_kind(url: str) -> SourceKind:
    """rtsp:// and rtsps:// streams, a number for a webcam, `demo:`, otherwise a file (a path or file://).

    Raises InvalidSettings when it is none of these; the message never holds the URL.
    """
    if not url.strip() or any(character.isspace() and character != " " for character in url):
        raise invalid("bad_url_empty", key="rtsp_url")
    if url.startswith("demo:"):
        return "demo"
    if url.isascii() and url.isdigit():
        return "webcam"
    match = _SCHEME.match(url)
    if match and match[1].lower() in ("rtsp", "rtsps"):
        _check_authority(url, match[2])
        return "rtsp"
    if _NO_FILE.search(url) and not (match and match[1].lower() == "file"):
        raise invalid("bad_url_scheme", key="rtsp_url")
    return "file"


def display_url(url: str) -> str:
    """The URL without user and password: scheme, host and path; files, webcams and `demo:` as they are."""
    match = _SCHEME.match(url)
    if match is None:
        user, _, rest = url.rpartition("@")
        return rest if ":" in user else url
    without_user = match[2].rpartition("@")[2]
    host, slash, path = without_user.partition("/")
    shown = _CREDENTIALS_IN_PATH.sub("***", slash + path)
    return f"{match[1]}://{_masked(host)}{_masked(shown)}"


def _masked(text: str) -> str:
    def mask(parameter: re.Match[str]) -> str:
        shown = parameter[1].lower() in _SHOWN_PARAMETERS
        return parameter[0] if shown else f"{parameter[1]}=***"

    return _PARAMETER.sub(mask, text)


def _check_authority(url: str, after_scheme: str) -> None:
    """A stray / ? # in a password ends the host early: an @ then stands behind the first of them."""
    authority = re.split(r"[/?#]", after_scheme, maxsplit=1)[0]
    if "@" in after_scheme[len(authority) :]:
        raise invalid("bad_url_password", key="rtsp_url")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or " " in after_scheme:
        raise invalid("bad_url_host", key="rtsp_url")
