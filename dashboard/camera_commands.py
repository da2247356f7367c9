"""What is done to cameras beside saving one: their order, their areas, and taking one away.

For an administrator of the whole site: a camera sees everybody.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core.domain.areas import Point
from core.storage import audit
from dashboard import data
from dashboard.camera_files import CameraChange, CameraFiles, Note
from dashboard.camera_list import listed_cameras
from dashboard.database import site_paths
from dashboard.record_commands import require_whole_site
from dashboard.writes import write_or


def move_camera(camera_id: int, steps: int) -> None:
    """Up (negative) or down among the cameras, all of them or none.

    Raises SettingsConflict when a file changed meanwhile. A camera whose file cannot be used keeps its place:
    there is nothing to write it into.
    """
    actor = require_whole_site().username
    cameras = [camera for camera in listed_cameras() if camera.settings is not None]
    order = [camera.id for camera in cameras]
    at = order.index(camera_id)
    order.insert(max(0, at + steps), order.pop(at))
    changes = []
    for camera in cameras:
        position = order.index(camera.id) + 1
        if camera.settings is not None and camera.settings.position != position:
            moved = camera.settings.changed(position=position)
            changes.append(CameraChange(camera.id, moved, camera.fingerprint))
    _change(changes, _note(actor, "cameras.ordered", "cameras", {"order": order}))


def save_areas(
    camera_id: int, masks: Sequence[Sequence[Point]], zones: Sequence[Sequence[Point]], fingerprint: str
) -> None:
    """Replaces a camera's privacy masks and zones; the worker takes them up within seconds.

    Raises InvalidSettings for what is no polygon, SettingsConflict when the file changed since it was read.
    """
    actor = require_whole_site().username
    settings = data.settings_store().load_camera(camera_id).value.changed(privacy_masks=masks, zones=zones)
    params = {"privacy_masks": len(settings.privacy_masks), "zones": len(settings.zones)}
    change = CameraChange(camera_id, settings, fingerprint)
    _change([change], _note(actor, "camera.areas_saved", f"cameras:{camera_id}", params))


def remove_camera(camera_id: int, fingerprint: str | None) -> None:
    """Takes a camera's settings away, passwords in earlier versions too; what it recorded stays.

    Raises SettingsConflict when the file changed since it was read.
    """
    actor = require_whole_site().username
    change = CameraChange(camera_id, None, fingerprint)
    _change([change], _note(actor, "camera.removed", f"cameras:{camera_id}", {}))


def _change(changes: Sequence[CameraChange], note: Note) -> None:
    files = CameraFiles(site_paths(), changes, note)
    write_or(files.work, files.undo)


def _note(actor: str, action: str, subject: str, params: dict[str, Any]) -> Note:
    def note(session: Session, now: datetime, told: dict[str, Any]) -> None:
        audit.append(session, now, actor, action, subject, params | told)

    return note
