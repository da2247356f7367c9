"""One camera, camera_configs/CAM{id}/config.json."""

from typing import Annotated, Any

from pydantic import Field, SecretStr, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from core.settings import keys
from core.settings.areas import Areas
from core.settings.model import SettingsModel
from core.settings.problems import DOMAIN_PREFIX, InvalidSettings
from core.settings.source_url import SourceKind, display_url, source_kind

OWN_KEYS = ("id", "name", "rtsp_url", "enabled", "location", "position", "privacy_masks", "zones")


class CameraSettings(SettingsModel):
    """What a camera is, and the parameters it wants otherwise than the site (null: as the site).

    rtsp_url may also be a file, a webcam's number or `demo:`; it is a secret, `display_url` may be shown.
    """

    id: Annotated[int, Field(ge=1, le=999_999, strict=True)]
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    rtsp_url: SecretStr
    enabled: Annotated[bool, Field(strict=True)] = True
    location: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""
    position: Annotated[int, Field(ge=0, le=9999, strict=True)] = 0
    privacy_masks: Areas = ()
    zones: Areas = ()

    fps_target: keys.FpsTarget | None = None
    frame_skip: keys.FrameSkip | None = None
    annotation_stride: keys.AnnotationStride | None = None
    stream_max_width: keys.StreamMaxWidth | None = None
    jpeg_quality: keys.JpegQuality | None = None
    use_gstreamer_rtsp: keys.UseGstreamerRtsp | None = None
    rtsp_protocol: keys.RtspProtocol | None = None
    gst_latency_ms: keys.GstLatencyMs | None = None
    rtsp_open_timeout_s: keys.RtspOpenTimeout | None = None
    rtsp_read_timeout_s: keys.RtspReadTimeout | None = None
    frozen_after_s: keys.FrozenAfter | None = None
    loop_file: keys.LoopFile | None = None
    smoothing_window: keys.SmoothingWindow | None = None
    smoothing_min_votes: keys.SmoothingMinVotes | None = None
    tracker_iou_threshold: keys.TrackerIouThreshold | None = None
    tracker_max_misses: keys.TrackerMaxMisses | None = None
    event_min_interval_sec: keys.EventMinInterval | None = None
    quality_min_blur_var: keys.QualityMinBlurVar | None = None
    quality_min_face_area_frac: keys.QualityMinFaceAreaFrac | None = None
    quality_min_face_px: keys.QualityMinFacePx | None = None
    quality_min_brightness: keys.QualityMinBrightness | None = None
    quality_max_brightness: keys.QualityMaxBrightness | None = None
    quality_min_score: keys.QualityMinScore | None = None

    @field_validator("rtsp_url")
    @classmethod
    def _url_is_a_source(cls, url: SecretStr) -> SecretStr:
        try:
            source_kind(url.get_secret_value())
        except InvalidSettings as error:
            (problem,) = error.problems
            params = {name: value for name, value in problem.params.items() if name != "key"}
            raise PydanticCustomError(f"{DOMAIN_PREFIX}{problem.code}", "not a source", params) from None
        return url

    @property
    def kind(self) -> SourceKind:
        return source_kind(self.rtsp_url.get_secret_value())

    @property
    def display_url(self) -> str:
        return display_url(self.rtsp_url.get_secret_value())

    def overrides(self) -> dict[str, Any]:
        """The parameters that this camera wants otherwise."""
        return self.model_dump(exclude=set(OWN_KEYS), exclude_none=True)

    def as_json(self) -> dict[str, Any]:
        return {
            **self.model_dump(mode="json", exclude_none=True),
            "rtsp_url": self.rtsp_url.get_secret_value(),
        }


OVERRIDABLE = frozenset(CameraSettings.model_fields) - set(OWN_KEYS)
"""The parameters that a camera may override."""
