"""Settings files, looked at once a second: what can be used is taken up, what cannot keeps the old values."""

import json
import logging
from dataclasses import dataclass, field

from core.domain.states import CameraCause
from core.errors import SettingsError
from core.settings import CameraSettings, InvalidSettings, Parameters
from core.settings_store import SettingsStore
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
    """JSON list of {code, params} while something on disk cannot be used; None otherwise."""
    _fingerprint: str = ""
    _parameters: Parameters | None = None
    _known: dict[int, CameraSettings] = field(default_factory=dict)

    def look(self) -> WatchedSettings | None:
        """The settings when a file changed since the last look, None otherwise or before any was usable."""
        fingerprint = self.store.fingerprint()
        if fingerprint == self._fingerprint:
            return None
        self._fingerprint = fingerprint
        problems: list[SettingsError] = []
        try:
            self._parameters = self.store.load_parameters().value
        except SettingsError as error:
            problems.append(error)
        watched = self._cameras(self._parameters, problems) if self._parameters is not None else None
        for problem in problems:
            log.error("settings not taken, earlier ones stay: %s", problem)
        self.problem = (
            json.dumps([s for p in problems for s in _stated(p)], default=str) if problems else None
        )
        return watched

    def _cameras(self, parameters: Parameters, problems: list[SettingsError]) -> WatchedSettings:
        cameras: dict[int, CameraSettings] = {}
        misconfigured: dict[int, CameraCause] = {}
        problems += self.store.misnamed_folders()
        for camera_id, loaded in self.store.load_cameras().items():
            error = (
                loaded if isinstance(loaded, SettingsError) else _overrides_problem(parameters, loaded.value)
            )
            if not isinstance(loaded, SettingsError) and error is None:
                cameras[camera_id] = loaded.value
                continue
            assert error is not None
            problems.append(error)
            if camera_id in self._known:  # half-written or mistyped: go on as before
                cameras[camera_id] = self._known[camera_id]
            else:
                misconfigured[camera_id] = _cause(error)
        self._known = cameras
        return WatchedSettings(parameters, cameras, misconfigured)


def _overrides_problem(parameters: Parameters, camera: CameraSettings) -> SettingsError | None:
    """Why the camera's overrides do not go with the site's parameters; None when they do."""
    try:
        parameters.for_camera(camera)
    except SettingsError as error:
        return error
    return None


def _stated(error: SettingsError) -> list[dict[str, object]]:
    if isinstance(error, InvalidSettings):
        return [{"code": problem.code, "params": problem.params} for problem in error.problems]
    return [{"code": error.code, "params": error.params}]


def _cause(error: SettingsError) -> CameraCause:
    codes = {stated["code"] for stated in _stated(error)}
    return CameraCause.ID_MISMATCH if "wrong_camera_id" in codes else CameraCause.SETTINGS_INVALID


def needs_new_models(old: Parameters, new: Parameters) -> bool:
    return any(getattr(old, key) != getattr(new, key) for key in MODEL_KEYS)
