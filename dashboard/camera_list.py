"""The cameras as the pages list them: what the settings say, beside what the worker says of each."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import SettingsError
from core.settings import CameraSettings
from core.settings_store import Loaded
from core.storage import queries
from core.storage.rows import CameraRow
from dashboard import data
from dashboard.commands import MAX_CAMERA_ID, is_demo, next_site_id


@dataclass(frozen=True)
class ListedCamera:
    """`settings` or `problem` is there; `row` once the worker has seen the camera.

    `fingerprint` is what saving over the file needs, also over one that cannot be used.
    """

    id: int
    settings: CameraSettings | None
    fingerprint: str | None
    problem: SettingsError | None
    row: CameraRow | None

    @property
    def number(self) -> str:
        return f"CAM{self.id}"

    @property
    def name(self) -> str:
        named = self.settings or self.row
        return named.name if named else self.number

    @property
    def position(self) -> int:
        placed = self.settings or self.row
        return placed.position if placed else 0


def listed_cameras() -> list[ListedCamera]:
    """In the order that was chosen. The settings are read anew each time: they are a few small files."""
    rows = {row.id: row for row in data.ask(queries.cameras)}
    listed = [_listed(camera_id, found, rows.get(camera_id)) for camera_id, found in _settings().items()]
    return sorted(listed, key=lambda camera: (camera.position, camera.id))


def next_free_id(environment: Mapping[str, str]) -> int:
    """One above the highest in use, so that the number of a camera that was removed does not come back.

    In the demo it is the site's next number, for that is where the camera goes.
    """
    if is_demo():
        return next_site_id(environment)
    seen = {0, *data.settings_store().load_cameras(), *data.ask(queries.camera_ids)}
    return min(max(seen) + 1, MAX_CAMERA_ID)


def next_position() -> int:
    """Behind every camera that there is."""
    return max((camera.position for camera in listed_cameras()), default=0) + 1


def _settings() -> dict[int, Loaded[CameraSettings] | SettingsError]:
    return data.settings_store().load_cameras()


def _listed(
    camera_id: int, found: Loaded[CameraSettings] | SettingsError, row: CameraRow | None
) -> ListedCamera:
    if isinstance(found, SettingsError):
        return ListedCamera(camera_id, None, data.settings_store().camera_fingerprint(camera_id), found, row)
    return ListedCamera(camera_id, found.value, found.fingerprint, None, row)
