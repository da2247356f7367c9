"""Notes who looks at pictures of people, once an hour for each account and subject.

A single picture is given only when its view could be noted. A page that shows faces goes on without: presence
must stay visible while the database is locked, and the view is noted as soon as it answers.
"""

import logging
import threading
from datetime import UTC, datetime
from functools import partial

from core.errors import GspeError
from core.storage import picture_views
from core.storage.retry import run_in_order
from dashboard.acting import Acting
from dashboard.database import site_paths, writer

log = logging.getLogger(__name__)

LOCK_BUDGET_S = 5.0

_lock = threading.Lock()
_noted: set[tuple[str, ...]] = set()
"""Of the current hour, so that most looks cost nothing."""


def note_picture(account: Acting, kind: str, subject: str) -> None:
    """Raises StorageError when it cannot be noted."""
    _note(account, picture_views.PICTURE, subject, kind)


def note_faces(account: Acting, page: str) -> None:
    """For a page, or the live pictures, that show many people at once."""
    try:
        _note(account, picture_views.PAGE, f"pages:{page}", "faces")
    except GspeError as error:
        log.error("a view of the page %s by %s is not noted yet: %s", page, account.username, error)


def _note(account: Acting, action: str, subject: str, kind: str) -> None:
    now = datetime.now(UTC)
    home, hour = str(site_paths().home), picture_views.hour_of(now).isoformat()
    key = (hour, home, account.username, action, subject, kind)
    if key in _noted:
        return
    note = partial(
        picture_views.note_view, actor=account.username, action=action, subject=subject, kind=kind, at=now
    )
    run_in_order(writer(), note, budget_s=LOCK_BUDGET_S)
    with _lock:
        _noted.difference_update([old for old in _noted if old[0] != hour])
        _noted.add(key)
