"""What is done to cameras beside saving one: their order, their areas, and taking one away."""

from collections.abc import Sequence

from core.domain.areas import Point
from core.domain.states import Role
from core.settings_store import MISSING
from core.storage import audit
from dashboard import data
from dashboard.auth import require
from dashboard.camera_list import listed_cameras
from dashboard.writes import write


def move_camera(camera_id: int, steps: int) -> None:
    """Up (negative) or down among the cameras. Raises SettingsConflict when a file changed meanwhile.

    A camera whose file cannot be used keeps its place: there is nothing to write it into.
    """
    account = require(Role.ADMIN)
    cameras = [camera for camera in listed_cameras() if camera.settings is not None]
    order = [camera.id for camera in cameras]
    at = order.index(camera_id)
    order.insert(max(0, at + steps), order.pop(at))
    store = data.settings_store()
    for camera in cameras:
        position = order.index(camera.id) + 1
        if camera.settings is not None and camera.settings.position != position:
            store.save_camera(camera.settings.changed(position=position), camera.fingerprint)
    params = {"order": order}
    write(
        lambda session, now: audit.append(
            session, now, account.username, "cameras.ordered", "cameras", params
        )
    )


def save_areas(
    camera_id: int, masks: Sequence[Sequence[Point]], zones: Sequence[Sequence[Point]], fingerprint: str
) -> None:
    """Replaces a camera's privacy masks and zones; the worker takes them up within seconds.

    Raises InvalidSettings for what is no polygon, SettingsConflict when the file changed since it was read.
    """
    account = require(Role.ADMIN)
    store = data.settings_store()
    settings = store.load_camera(camera_id).value.changed(privacy_masks=masks, zones=zones)
    store.save_camera(settings, fingerprint)
    params = {"privacy_masks": len(settings.privacy_masks), "zones": len(settings.zones)}
    subject = f"cameras:{camera_id}"
    write(
        lambda session, now: audit.append(
            session, now, account.username, "camera.areas_saved", subject, params
        )
    )


def remove_camera(camera_id: int, fingerprint: str | None) -> None:
    """Takes a camera's settings away, passwords in earlier versions too; what it recorded stays.

    Raises SettingsConflict when the file changed since it was read.
    """
    account = require(Role.ADMIN)
    data.settings_store().remove_camera(camera_id, fingerprint or MISSING)
    subject = f"cameras:{camera_id}"
    write(lambda session, now: audit.append(session, now, account.username, "camera.removed", subject, {}))
