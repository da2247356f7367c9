"""What a camera's rtsp_url means, and how it may be shown."""

import re
from typing import Literal
from urllib.parse import urlsplit

from core.settings.problems import invalid

SourceKind = Literal["rtsp", "file", "webcam", "demo"]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_NO_FILE = re.compile(r"^[^/]*:|:.*@")
"""Begins like a URL, or holds what could be user:password@."""

_SECRET_PARAMETER = re.compile(
    r"((?:user|username|usr|login|password|passwd|pwd|pass|token|key|auth)=)[^&;/]*", re.IGNORECASE
)


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
    return f"{match[1]}://" + _SECRET_PARAMETER.sub(r"\1***", without_user)


def _check_authority(url: str, after_scheme: str) -> None:
    """A stray / ? # in a password ends the host early: nothing before the first of them then holds the @."""
    authority = re.split(r"[/?#]", after_scheme, maxsplit=1)[0]
    if "@" in after_scheme and "@" not in authority:
        raise invalid("bad_url_password", key="rtsp_url")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or " " in after_scheme:
        raise invalid("bad_url_host", key="rtsp_url")
