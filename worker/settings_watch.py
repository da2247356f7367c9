"""Settings files, looked at once a second: what can be used is taken up, what cannot keeps the old values."""

import logging
from dataclasses import dataclass, field

from core.domain.states import CameraCause
from core.errors import SettingsError
from core.settings import CameraSettings, InvalidSettings, Parameters
from core.settings_store import Loaded, SettingsStore
from worker.recorder import SiteSettings

log = logging.getLogger(__name__)

MODEL_KEYS = ("model_pack", "model_licence_accepted", "providers", "model_threads", "detector_width_px")
"""A change of these needs the models loaded again, which the worker does by starting anew."""


@dataclass(frozen=True)
class WatchedSettings:
    """The latest usable settings. `cameras` holds every valid camera, enabled or not."""

    parameters: Parameters
    cameras: dict[int, CameraSettings]
    misconfigured: dict[int, CameraCause] = field(default_factory=dict)
    """Cameras whose files cannot be used and of which nothing earlier is known."""

    def recorded(self) -> SiteSettings:
        """What the recording needs: the enabled cameras."""
        return SiteSettings(self.parameters, {key: c for key, c in self.cameras.items() if c.enabled})


@dataclass
class SettingsWatch:
    """Reads the settings of one home and tells when they changed."""

    store: SettingsStore
    problem: str | None = None
    """`InvalidSettings.to_json` of what on disk cannot be used; None when all can."""
    _fingerprint: str = ""
    _parameters: Parameters | None = None
    _known: dict[int, CameraSettings] = field(default_factory=dict)

    def look(self) -> WatchedSettings | None:
        """The settings when a file changed since the last look, None otherwise or before any was usable."""
        fingerprint = self.store.fingerprint()
        if fingerprint == self._fingerprint:
            return None
        self._fingerprint = fingerprint
        problems: list[InvalidSettings] = []
        try:
            self._parameters = self.store.load_parameters().value
        except InvalidSettings as error:
            problems.append(error)
        watched = self._cameras(self._parameters, problems) if self._parameters is not None else None
        for problem in problems:
            log.error("settings not taken, earlier ones stay: %s", problem)
        self.problem = InvalidSettings.joined(problems).to_json() if problems else None
        return watched

    def _cameras(self, parameters: Parameters, problems: list[InvalidSettings]) -> WatchedSettings:
        cameras: dict[int, CameraSettings] = {}
        misconfigured: dict[int, CameraCause] = {}
        problems += self.store.misnamed_folders()
        for camera_id, loaded in self.store.load_cameras().items():
            try:
                cameras[camera_id] = _usable(parameters, loaded)
            except InvalidSettings as error:
                problems.append(error)
                if camera_id in self._known:  # half-written or mistyped: go on as before
                    cameras[camera_id] = self._known[camera_id]
                else:
                    misconfigured[camera_id] = _cause(error)
        self._known = cameras
        return WatchedSettings(parameters, cameras, misconfigured)


def _usable(parameters: Parameters, loaded: Loaded[CameraSettings] | SettingsError) -> CameraSettings:
    """Raises InvalidSettings, also for overrides that do not go with the site's parameters."""
    if isinstance(loaded, SettingsError):
        raise loaded
    parameters.for_camera(loaded.value)
    return loaded.value


def _cause(error: InvalidSettings) -> CameraCause:
    codes = {problem.code for problem in error.problems}
    return CameraCause.ID_MISMATCH if "wrong_camera_id" in codes else CameraCause.SETTINGS_INVALID


def needs_new_models(old: Parameters, new: Parameters) -> bool:
    return any(getattr(old, key) != getattr(new, key) for key in MODEL_KEYS)
