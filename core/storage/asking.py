"""What dashboard and worker say to each other through `worker_requests`: payload and answer of each kind.

Both are stored as JSON. What is secret or large travels as a file of mode 0600 in data/requests/, by name.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from core.domain.states import PhotoOutcome
from core.paths import SitePaths
from core.settings import CameraSettings
from core.storage.requests import read_request_photo, store_request_photo


@dataclass(frozen=True)
class EnrolPayload:
    """A photo of one person. `photo` names the file in data/requests/, `file_name` is the uploader's name.

    allow_look_alike: take it also when it resembles somebody else, as with twins. pose: the Pose that was
    asked for, which the face must have then.
    """

    employee_id: int
    photo: str
    file_name: str
    source: str = "upload"
    allow_look_alike: bool = False
    pose: str | None = None


@dataclass(frozen=True)
class CapturePayload:
    """Enrol from the next good frame of a camera; `pose` and `allow_look_alike` as for a photo."""

    employee_id: int
    camera_id: int
    pose: str | None = None
    allow_look_alike: bool = False


@dataclass(frozen=True)
class EnrolAnswer:
    """What became of a photo, or of the wait for a good frame of a camera.

    outcome: a PhotoOutcome. looks_like: the code of the employee whom it resembles too much. quality:
    measures of the face, with its pose. nearest: the code of whom it resembles most of all others, also when
    it was accepted, with their similarity; near: that is not far from the threshold.
    """

    outcome: str
    template_id: int | None = None
    looks_like: str | None = None
    quality: dict[str, Any] = field(default_factory=dict)
    nearest: str | None = None
    similarity: float | None = None
    threshold: float | None = None
    near: bool = False

    @property
    def accepted(self) -> bool:
        return self.outcome == PhotoOutcome.ACCEPTED


@dataclass(frozen=True)
class CameraTestPayload:
    """`settings` names the file with the camera's settings as they would be saved, password and all."""

    settings: str

    @classmethod
    def of(cls, paths: SitePaths, settings: CameraSettings) -> "CameraTestPayload":
        """Puts the settings where only the worker looks. Raises StorageError."""
        return cls(store_request_photo(paths, json.dumps(settings.as_json()).encode()))

    def camera(self, paths: SitePaths) -> CameraSettings:
        """Raises GspeError (code `photo_gone`) when the file was swept away."""
        return CameraSettings.model_validate_json(read_request_photo(paths, self.settings))


@dataclass(frozen=True)
class CameraTestAnswer:
    """What a try to open the camera gave.

    status: a CameraStatus, `online` when a frame came; cause: a CameraCause otherwise. first_frame_s: seconds
    from the first contact to the first frame. picture: name of a JPEG in data/requests/.
    """

    status: str
    cause: str | None = None
    codec: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    fps: float | None = None
    first_frame_s: float | None = None
    picture: str | None = None


Said = EnrolPayload | CapturePayload | EnrolAnswer | CameraTestPayload | CameraTestAnswer


def to_json(said: Said) -> dict[str, Any]:
    """For `requests.submit` and `requests.finish`; read back by `Class(**stored)`."""
    return asdict(said)
