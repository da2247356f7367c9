"""Logging to standard output, with every credential masked on the way out.

Masking happens in the handler's formatter, where message and traceback are one text: no call site can leak a
camera's password, not even through the text of a library's exception.
"""

import logging
import re
import sys
import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

MASK = "***"

_USER_INFO = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,20}(?::|%3A)(?:/|%2F){2})\S*(?P<at>@|%40)", re.IGNORECASE
)
"""Everything up to the last @ before a blank: an unescaped @ : or / in a password is masked with it."""

_NAMED_SECRET = re.compile(
    r"""(?P<name>\b[\w-]*(?:password|passwd|pwd|secret|token|user-pw)\b["']?\s*(?:=|(?<=["'])\s*:)\s*)"""
    r"""(?:"[^"]*"|'[^']*'|[^\s&;,"'/)\]}]+)""",
    re.IGNORECASE,
)
"""name=value as in a query or a command line, and "name": "value" as in JSON."""

_AUTHORISATION = re.compile(r"""(?P<name>\bauthorization["']?\s*[:=]\s*["']?)[^"'\n]+""", re.IGNORECASE)

_API_TOKEN = re.compile(r"gspe_[0-9a-f]{8,}", re.IGNORECASE)
"""A token of the REST API wherever it stands; also a piece of one."""


def redact(text: str) -> str:
    """The text with user names, passwords and tokens masked; masking it again changes nothing."""
    text = _USER_INFO.sub(rf"\g<scheme>{MASK}\g<at>", text)
    text = _AUTHORISATION.sub(rf"\g<name>{MASK}", text)
    text = _API_TOKEN.sub(f"gspe_{MASK}", text)
    return _NAMED_SECRET.sub(rf"\g<name>{MASK}", text)


class RedactingFormatter(logging.Formatter):
    """2026-11-23T01:00:00.000+00:00 WARNING worker worker.sources.rtsp: message"""

    def __init__(self, program: str) -> None:
        super().__init__(f"%(asctime)s %(levelname)s {program} %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def configure_logging(program: str, level: int | str = logging.INFO, stream: TextIO | None = None) -> None:
    """Sends every log record, warning and uncaught exception of this program to `stream` (standard output).

    Replaces the handlers of an earlier call.
    """
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(RedactingFormatter(program))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread


def _log_uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
        return
    logging.getLogger("uncaught").critical("the program ends", exc_info=(kind, error, traceback))


def _log_uncaught_in_thread(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_value is None:
        return  # a thread that ends while the interpreter shuts down
    thread = failure.thread.name if failure.thread else "?"
    exc_info = (failure.exc_type, failure.exc_value, failure.exc_traceback)
    logging.getLogger("uncaught").critical("thread %s ends", thread, exc_info=exc_info)
