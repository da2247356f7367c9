"""The end of a program's log, its credentials masked once more on the way to a page."""

import os
import re
from pathlib import Path

from core.logs import redact
from core.paths import SitePaths

LOGS = ("worker", "dashboard", "notifier", "watchdog", "supervisord")
"""The files that supervisord.conf names, without their ending."""

MAX_BYTES = 256 * 1024
MAX_LINES = 200
MAX_LINE_CHARS = 2000

_UNPRINTABLE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[^\t\x20-\x7e\x80-\U0010ffff]")


def log_tail(paths: SitePaths, program: str, contains: str = "") -> list[str] | None:
    """The newest lines of a log, oldest first, that hold a text in whatever case; None without a log.

    At most MAX_LINES of the last MAX_BYTES. Raises ValueError for a program that is none of LOGS.
    """
    if program not in LOGS:
        raise ValueError(f"{program!r} has no log of its own")
    try:
        text = _end_of(paths.logs / f"{program}.log")
    except FileNotFoundError:
        return None
    wanted = contains.strip().casefold()
    lines = [_UNPRINTABLE.sub("", line)[:MAX_LINE_CHARS] for line in redact(text).splitlines()]
    return [line for line in lines if line and wanted in line.casefold()][-MAX_LINES:]


def _end_of(file: Path) -> str:
    """Whole lines only: the half of a line could hold the half of a password."""
    with file.open("rb") as log:
        size = log.seek(0, os.SEEK_END)
        log.seek(max(0, size - MAX_BYTES))
        content = log.read(MAX_BYTES)
    if size > MAX_BYTES:
        content = content.partition(b"\n")[2]
    return content.decode("utf-8", errors="replace")
