"""Time zones by IANA name, and the one this computer is set to."""

import os
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

FALLBACK_ZONE = "Asia/Jakarta"


def is_time_zone(name: str) -> bool:
    """Whether the IANA database knows this name, e.g. Asia/Jakarta."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of the database is an OSError
        return False
    return bool(name)


def system_time_zone(environment: Mapping[str, str] = os.environ, root: Path = Path("/")) -> str:
    """The first valid zone of TZ, /etc/timezone and the link /etc/localtime; else Asia/Jakarta."""
    candidates = (
        environment.get("TZ", "").removeprefix(":"),
        _timezone_file(root / "etc/timezone"),
        _localtime_link(root / "etc/localtime"),
    )
    return next((name for name in candidates if name and is_time_zone(name)), FALLBACK_ZONE)


def _timezone_file(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _localtime_link(path: Path) -> str:
    try:
        target = path.readlink().as_posix()
    except OSError:
        return ""
    return target.partition("zoneinfo/")[2]
