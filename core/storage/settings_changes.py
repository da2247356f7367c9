"""Saving a settings file with a row in the audit trail, and what the trail tells of a file."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.paths import SitePaths
from core.settings import InvalidSettings
from core.settings.files import UNTOLD_KEYS, SettingsFile
from core.settings.model import SettingsModel
from core.settings_store import Loaded, SettingsStore, fingerprint_after
from core.storage import audit
from core.storage.audit_list import COLUMNS, AuditRow
from core.storage.home_secret import sealed
from core.storage.models import AuditLog

SAVED = "settings.saved"
CHANGED = "settings.changed"
CAMERA_DEEDS = ("camera.saved", "camera.areas_saved", "camera.removed", "cameras.ordered")
FILES = "files"
"""Of a deed with cameras: by file, its sealed fingerprint as the deed leaves it."""
CAMERA_FILE = re.compile("camera_configs/CAM([0-9]+)/")
MOST_TOLD = 50

Difference = dict[str, tuple[Any, Any]]
"""By key, the value before and after, as in the JSON file."""


@dataclass(frozen=True)
class Save:
    """expected_fingerprint: of what the author had read. back_to: the version that it came from."""

    file: SettingsFile
    value: SettingsModel
    expected_fingerprint: str
    back_to: str | None = None


def save(
    session: Session, store: SettingsStore, wanted: Save, *, actor: str, now: datetime
) -> Loaded[SettingsModel]:
    """Replaces the file and notes who changed which keys, from what to what.

    The row comes first, so that the worker, which notes changes of files by hand, waits for the transaction
    and then finds it. Raises SettingsConflict and InvalidSettings, and nothing is then stored.
    """
    try:
        before = store.load(wanted.file).value.as_json()
    except InvalidSettings:  # it is broken, and this mends it
        before = {}
    params: dict[str, Any] = {
        "keys": {
            key: None if key in UNTOLD_KEYS else list(values)
            for key, values in difference(before, wanted.value.as_json()).items()
        },
        "fingerprint": fingerprint_after(wanted.value),
    }
    if wanted.back_to is not None:
        params["back_to"] = wanted.back_to
    audit.append(session, now, actor, SAVED, subject_of(store.shown(wanted.file)), params)
    return store.save(wanted.file, wanted.value, wanted.expected_fingerprint)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """The keys whose values differ, in the order of `after`."""
    keys = [*after, *(key for key in before if key not in after)]
    return {key: (before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)}


def history(session: Session, shown: str) -> list[AuditRow]:
    """Who changed a file and when, on a page or by hand, the newest first. shown: as the store names it."""
    query = select(*(getattr(AuditLog, name) for name in COLUMNS)).where(
        AuditLog.subject == subject_of(shown), AuditLog.action.in_([SAVED, CHANGED])
    )
    return [AuditRow(*row) for row in session.execute(query.order_by(AuditLog.id.desc()).limit(MOST_TOLD))]


def is_told(session: Session, paths: SitePaths, shown: str) -> bool:
    """Whether the last word about a file is a page's, about the file as it is now."""
    fingerprint = SettingsStore(paths).fingerprint_of(shown)
    for row in _words_about(session, shown):
        if row.action in CAMERA_DEEDS and shown in row.params.get(FILES, {}):
            return bool(row.params[FILES][shown] == sealed(paths.run, fingerprint))
        if row.action not in CAMERA_DEEDS:
            return row.action == SAVED and row.params["fingerprint"] == fingerprint
    return False


def _words_about(session: Session, shown: str) -> Iterable[AuditLog]:
    """The newest first; some of the deeds with cameras are about other cameras."""
    camera = CAMERA_FILE.match(shown)
    subjects = [subject_of(shown), *([f"cameras:{camera[1]}", "cameras"] if camera else [])]
    query = select(AuditLog).where(
        AuditLog.subject.in_(subjects), AuditLog.action.in_([SAVED, CHANGED, *CAMERA_DEEDS])
    )
    return session.scalars(query.order_by(AuditLog.id.desc()).limit(MOST_TOLD))


def subject_of(shown: str) -> str:
    return f"settings:{shown}"
