"""Cameras' files, changed together with their row in the audit trail: all of it or nothing."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from core.errors import SettingsConflict, SettingsError
from core.paths import SitePaths
from core.settings import CameraSettings
from core.settings_store import MISSING, SettingsStore, fingerprint_after

Work = Callable[[Session, datetime], None]


@dataclass(frozen=True)
class CameraChange:
    """settings None: the camera goes. fingerprint: of what the author had read; None: there was no file."""

    camera_id: int
    settings: CameraSettings | None
    fingerprint: str | None


class CameraFiles:
    """One transaction's changes. `work` is for the transaction, `undo` for when it could not be committed."""

    def __init__(self, paths: SitePaths, changes: Sequence[CameraChange], note: Work) -> None:
        """note: appends the row."""
        self._paths, self._store = paths, SettingsStore(paths)
        self._changes, self._note = changes, note
        self._done: list[tuple[CameraChange, bytes | None]] = []

    def work(self, session: Session, now: datetime) -> None:
        """The row first: what the database does not take changes no file. Raises SettingsConflict."""
        self.undo()  # of a try before, of which nothing is stored
        self._note(session, now)
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
