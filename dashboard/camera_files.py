"""Cameras' files, changed together with their row in the audit trail: all of it or nothing."""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core.errors import SettingsConflict, SettingsError
from core.paths import SitePaths
from core.settings import CameraSettings
from core.settings_store import MISSING, SettingsStore, fingerprint_after
from core.storage.home_secret import sealed
from core.storage.settings_changes import FILES, difference

Note = Callable[[Session, datetime, dict[str, Any]], None]
"""Appends the row; given is what else belongs into it: which settings changed, and how the files will be."""


@dataclass(frozen=True)
class CameraChange:
    """settings None: the camera goes. fingerprint: of what the author had read; None: there was no file."""

    camera_id: int
    settings: CameraSettings | None
    fingerprint: str | None


class CameraFiles:
    """One transaction's changes. `work` is for the transaction, `undo` for when it could not be committed."""

    def __init__(self, paths: SitePaths, changes: Sequence[CameraChange], note: Note) -> None:
        self._paths, self._store = paths, SettingsStore(paths)
        self._changes, self._note = changes, note
        self._done: list[tuple[CameraChange, bytes | None]] = []

    def work(self, session: Session, now: datetime) -> None:
        """The row first: what the database does not take changes no file. Raises SettingsConflict."""
        self.undo()  # of a try before, of which nothing is stored
        self._note(session, now, self._told())
        session.flush()
        for change in self._changes:
            self._write(change)

    def undo(self) -> None:
        """A file that somebody has replaced since stays as it is."""
        while self._done:
            change, before = self._done.pop()
            after = MISSING if change.settings is None else fingerprint_after(change.settings)
            with suppress(SettingsConflict):
                self._store.put_back_camera(change.camera_id, before, after)

    def _told(self) -> dict[str, Any]:
        """By this the worker knows that the deed is noted already. Never a value: it may be a password."""
        files = {self._shown(change.camera_id): self._after(change) for change in self._changes}
        keys = sorted({key for change in self._changes for key in self._keys(change)})
        return ({"keys": keys} if keys else {}) | {FILES: files}

    def _shown(self, camera_id: int) -> str:
        return self._paths.camera_config(camera_id).relative_to(self._paths.home).as_posix()

    def _after(self, change: CameraChange) -> str:
        return sealed(self._paths.run, fingerprint_after(change.settings) if change.settings else MISSING)

    def _keys(self, change: CameraChange) -> Collection[str]:
        """The settings that change; none of a camera that comes, goes or could not be read."""
        try:
            earlier = self._store.load_camera(change.camera_id).value
        except SettingsError:
            return ()
        return difference(earlier.as_json(), change.settings.as_json()) if change.settings else ()

    def _write(self, change: CameraChange) -> None:
        before = self._store.camera_content(change.camera_id)
        hides = self._hides(change)
        if change.settings is None:
            self._store.remove_camera(change.camera_id, change.fingerprint or MISSING)
        else:
            self._store.save_camera(change.settings, change.fingerprint)
        self._done.append((change, before))
        if hides:
            self._paths.live_frame(change.camera_id).unlink(missing_ok=True)

    def _hides(self, change: CameraChange) -> bool:
        """Whether the live picture is from before the masks: it goes now, a worker may not be there."""
        try:
            earlier = self._store.load_camera(change.camera_id).value
        except SettingsError:
            return True
        return change.settings is None or change.settings.privacy_masks != earlier.privacy_masks
