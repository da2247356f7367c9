"""Notes in the audit trail which keys of which settings file changed, unless a page has noted it already.

Values are never noted: they may be secrets. What was seen last survives a restart as digests beside the
running programs' files, so that a change while no worker ran is noted at the next start.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from core.paths import SitePaths
from core.settings_store import SEEN_BY_WORKER, KeyDigests, SettingsStore
from core.storage import audit
from core.storage.files import write_atomically
from core.storage.settings_changes import CHANGED, is_told, subject_of

log = logging.getLogger(__name__)

ACTOR = "system:file"


class SettingsTrail:
    """Of one home's settings files. The very first look finds nothing to compare with and notes nothing."""

    def __init__(self, paths: SitePaths, store: SettingsStore) -> None:
        self._paths = paths
        self._file = paths.run / SEEN_BY_WORKER
        self._store = store
        self._fingerprint = ""
        self._seen = _read(self._file)

    def follow(
        self, fingerprint: str, commit: Callable[[Callable[[Session], None]], None], now: datetime
    ) -> None:
        """Notes what changed, if anything. An end right after the commit notes the same change again.

        fingerprint: of all settings files, as the settings watch knows it. commit: runs a transaction.
        """
        if fingerprint == self._fingerprint:
            return
        found = self._store.key_digests()
        changes = [] if self._seen is None else list(_changes(self._seen, found))
        if changes:
            commit(partial(_note, paths=self._paths, changes=changes, now=now))
        is_new = found != self._seen
        self._seen, self._fingerprint = found, fingerprint
        if is_new:
            write_atomically(self._file, json.dumps(found).encode())


def _note(session: Session, paths: SitePaths, changes: list[dict[str, Any]], now: datetime) -> None:
    for change in changes:
        file = change["file"]
        if is_told(session, paths, file):
            continue
        params = {name: value for name, value in change.items() if name != "file"}
        audit.append(session, now, ACTOR, CHANGED, subject_of(file), params)


def _changes(before: Mapping[str, KeyDigests], now: Mapping[str, KeyDigests]) -> Iterator[dict[str, Any]]:
    for file in sorted(before.keys() | now.keys()):
        old, new = before.get(file), now.get(file)
        if old == new:
            continue
        if old is None or new is None:
            yield {"file": file, "what": "added" if old is None else "removed"}
            continue
        keys = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
        yield {"file": file, "what": "changed", "keys": keys}


def _read(file: Path) -> dict[str, KeyDigests] | None:
    try:
        seen: dict[str, KeyDigests] = json.loads(file.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        log.error("%s cannot be read: a change of settings while no worker ran is not noted", file)
        return None
    return seen
