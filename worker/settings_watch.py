"""Settings files, looked at once a second: what can be used is taken up, what cannot keeps the old values."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.domain.states import CameraCause
from core.errors import SettingsError
from core.settings import CameraSettings, InvalidSettings, Parameters
from core.settings.description import MODEL_KEYS
from core.settings_store import Loaded, SettingsStore
from worker.recorder import SiteSettings

log = logging.getLogger(__name__)

ReadCamera = Loaded[CameraSettings] | SettingsError


@dataclass(frozen=True)
class WatchedSettings:
    """The latest usable settings. `cameras` holds every valid camera, enabled or not."""

    parameters: Parameters
    cameras: dict[int, CameraSettings]
    misconfigured: dict[int, CameraCause] = field(default_factory=dict)
    """Cameras whose files cannot be used and of which nothing earlier is known."""

    def recorded(self) -> SiteSettings:
        """What the recording needs: the enabled cameras."""
        enabled = {key: camera for key, camera in self.cameras.items() if camera.enabled}
        switched_off = frozenset(self.cameras.keys() | self.misconfigured.keys()) - enabled.keys()
        return SiteSettings(self.parameters, enabled, switched_off)


@dataclass
class SettingsWatch:
    """Reads the settings of one home and tells when they changed."""

    store: SettingsStore
    problem: str | None = None
    """`InvalidSettings.to_json` of what on disk cannot be used; None when all can."""
    _fingerprint: str = ""
    _parameters: Parameters | None = None
    _known: dict[int, CameraSettings] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Of all settings files at the last look."""
        return self._fingerprint

    def look(self) -> WatchedSettings | None:
        """The settings when a file changed since the last look, None otherwise or before any was usable."""
        problems: list[InvalidSettings] = []
        watched = None
        try:
            fingerprint = self.store.fingerprint()
            if fingerprint == self._fingerprint:
                return None
            self._fingerprint = fingerprint
            watched = self._read(problems)
        except InvalidSettings as error:  # camera_configs itself cannot be read
            problems.append(error)
        self._tell(problems)
        return watched

    def _tell(self, problems: list[InvalidSettings]) -> None:
        """To the pages as long as it lasts, to the log once."""
        before = self.problem
        self.problem = InvalidSettings.joined(problems).to_json() if problems else None
        if self.problem == before:
            return
        for problem in problems:
            log.error("settings not taken, earlier ones stay: %s", problem)

    def _read(self, problems: list[InvalidSettings]) -> WatchedSettings | None:
        """None while no parameters were ever usable."""
        problems += self.store.misnamed_folders()
        loaded = self.store.load_cameras()
        self._parameters = self._parameters_for(loaded, problems)
        if self._parameters is None:
            return None
        watched = WatchedSettings(self._parameters, {}, {})
        for camera_id, camera in loaded.items():
            try:
                watched.cameras[camera_id] = _usable(self._parameters, camera)
            except InvalidSettings as error:
                problems.append(error)
                self._go_on(watched, camera_id, error)
        self._known = watched.cameras
        return watched

    def _parameters_for(
        self, loaded: Mapping[int, ReadCamera], problems: list[InvalidSettings]
    ) -> Parameters | None:
        """Those on disk, unless they are broken or do not go with the overrides of an unchanged camera."""
        try:
            parameters = self.store.load_parameters().value
            for camera_id in self._known.keys() & loaded.keys():
                known, camera = self._known[camera_id], loaded[camera_id]
                if isinstance(camera, SettingsError) or camera.value == known:
                    parameters.for_camera(known)
        except InvalidSettings as error:
            problems.append(error)
            return self._parameters
        return parameters

    def _go_on(self, watched: WatchedSettings, camera_id: int, error: InvalidSettings) -> None:
        """With the camera as it was: its file is half-written or mistyped. One without a file is gone."""
        known = self._known.get(camera_id)
        if known is not None and not _has(error, "missing_file") and _agree(watched.parameters, known):
            watched.cameras[camera_id] = known
        else:
            watched.misconfigured[camera_id] = _cause(error)


def _agree(parameters: Parameters, camera: CameraSettings) -> bool:
    try:
        parameters.for_camera(camera)
    except InvalidSettings:
        return False
    return True


def _usable(parameters: Parameters, loaded: ReadCamera) -> CameraSettings:
    """Raises InvalidSettings, also for overrides that do not go with the site's parameters."""
    if isinstance(loaded, SettingsError):
        raise loaded
    parameters.for_camera(loaded.value)
    return loaded.value


def _has(error: InvalidSettings, code: str) -> bool:
    return any(problem.code == code for problem in error.problems)


def _cause(error: InvalidSettings) -> CameraCause:
    wrong_id = _has(error, "wrong_camera_id")
    return CameraCause.ID_MISMATCH if wrong_id else CameraCause.SETTINGS_INVALID


def needs_new_models(old: Parameters, new: Parameters) -> bool:
    return any(getattr(old, key) != getattr(new, key) for key in MODEL_KEYS)
