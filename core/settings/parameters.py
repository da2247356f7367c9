"""The parameters of a site, config/parameter_config.json: attribute name = JSON key."""

import re
from functools import cached_property
from pathlib import PurePath
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from core.domain.schedule import WEEKDAYS, WorkingHours
from core.settings import keys
from core.settings.camera import CameraSettings
from core.settings.model import SettingsModel, number, setting, switch
from core.settings.problems import DOMAIN_PREFIX
from core.settings.time_zone import FALLBACK_ZONE, is_time_zone

DayHours = tuple[tuple[str, str], ...]
OFFICE_DAY: DayHours = (("08:00", "17:00"),)
ALL_DAY: DayHours = (("00:00", "24:00"),)


class WorkingWeek(SettingsModel):
    """Each weekday's working spans in local time; an end at or before its start is the next day's."""

    mon: DayHours = ()
    tue: DayHours = ()
    wed: DayHours = ()
    thu: DayHours = ()
    fri: DayHours = ()
    sat: DayHours = ()
    sun: DayHours = ()

    @model_validator(mode="after")
    def _spans_are_hours(self) -> Self:
        try:
            self.to_domain()
        except ValueError as error:
            raise PydanticCustomError(f"{DOMAIN_PREFIX}bad_hours", "not working hours") from error
        return self

    @classmethod
    def office(cls) -> "WorkingWeek":
        return cls(mon=OFFICE_DAY, tue=OFFICE_DAY, wed=OFFICE_DAY, thu=OFFICE_DAY, fri=OFFICE_DAY)

    @classmethod
    def always(cls) -> "WorkingWeek":
        return cls.model_validate(dict.fromkeys(WEEKDAYS, ALL_DAY))

    def to_domain(self) -> WorkingHours:
        return WorkingHours.parse({day: getattr(self, day) for day in WEEKDAYS})


def _split_names(value: Any) -> Any:
    return [name.strip() for name in value.split(",")] if isinstance(value, str) else value


ProviderName = Annotated[str, StringConstraints(pattern=r"^\w+ExecutionProvider$")]
Providers = Annotated[tuple[ProviderName, ...], BeforeValidator(_split_names)]
Similarity = Annotated[float, Field(ge=0, le=1, strict=True)]
PackName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]


class Parameters(SettingsModel):
    """Every key of parameter_config.json with its default; bounds are inclusive."""

    time_zone: Annotated[str, setting("site")] = FALLBACK_ZONE
    working_hours: Annotated[WorkingWeek, setting("site")] = WorkingWeek.office()

    model_pack: Annotated[PackName, setting("models")] = "open"
    model_licence_accepted: Annotated[bool, switch("models")] = False
    providers: Annotated[Providers, setting("models")] = ("CUDAExecutionProvider", "CPUExecutionProvider")
    model_threads: Annotated[int, number("models", 0, 256, unit="threads")] = 0
    detector_width_px: Annotated[int, number("models", 128, 3840, unit="px")] = 640

    fps_target: keys.FpsTarget = 5.0
    frame_skip: keys.FrameSkip = 0
    annotation_stride: keys.AnnotationStride = 1
    stream_max_width: keys.StreamMaxWidth = 960
    jpeg_quality: keys.JpegQuality = 75
    use_gstreamer_rtsp: keys.UseGstreamerRtsp = False
    rtsp_protocol: keys.RtspProtocol = "tcp"
    gst_latency_ms: keys.GstLatencyMs = 100
    rtsp_open_timeout_s: keys.RtspOpenTimeout = 5.0
    rtsp_read_timeout_s: keys.RtspReadTimeout = 5.0
    frozen_after_s: keys.FrozenAfter = 10.0
    loop_file: keys.LoopFile = True

    similarity_threshold: Annotated[Similarity | None, setting("recognition")] = None
    similarity_threshold_pack: Annotated[PackName | None, setting("recognition")] = None
    similarity_margin: Annotated[Similarity | None, setting("recognition")] = None
    smoothing_window: keys.SmoothingWindow = 5
    smoothing_min_votes: keys.SmoothingMinVotes = 3
    tracker_iou_threshold: keys.TrackerIouThreshold = 0.3
    tracker_max_misses: keys.TrackerMaxMisses = 8

    quality_min_blur_var: keys.QualityMinBlurVar = 50.0
    quality_min_face_area_frac: keys.QualityMinFaceAreaFrac = 0.0
    quality_min_face_px: keys.QualityMinFacePx = 32
    quality_min_brightness: keys.QualityMinBrightness = 0.15
    quality_max_brightness: keys.QualityMaxBrightness = 0.9
    quality_min_score: keys.QualityMinScore = 0.3

    present_timeout_sec: Annotated[float, number("presence", 0.5, 86_400, unit="s")] = 30.0
    tracking_timeout: Annotated[float, number("presence", 0.5, 86_400, unit="s")] = 60.0
    alert_min_interval_sec: Annotated[float, number("presence", 0, 86_400, unit="s")] = 300.0

    attendance_first_in_overwrite_enabled: Annotated[bool, switch("attendance")] = False
    attendance_last_out_delay_sec: Annotated[float, number("attendance", 0, 86_400, unit="s")] = 30.0
    late_grace_min: Annotated[int, number("attendance", 0, 720, unit="min")] = 10
    early_grace_min: Annotated[int, number("attendance", 0, 720, unit="min")] = 10
    half_day_share: Annotated[float, number("attendance", 0, 1)] = 0.5
    min_coverage: Annotated[float, number("attendance", 0, 1)] = 0.5
    overtime_from_min: Annotated[int, number("attendance", 0, 720, unit="min")] = 0
    hour_limits: Annotated[Literal["plain", "indonesia"], setting("attendance")] = "plain"
    corrections_need_approval: Annotated[bool, switch("attendance")] = False

    off_duty_pictures: Annotated[bool, switch("alerts")] = True
    unknown_person_alerts: Annotated[Literal["off", "working_hours", "always"], setting("alerts")] = "off"
    unknown_alert_min_interval_sec: Annotated[float, number("alerts", 10, 86_400, unit="s")] = 600.0
    camera_down_after_sec: Annotated[float, number("alerts", 5, 86_400, unit="s")] = 60.0
    escalate_after_min: Annotated[int, number("alerts", 0, 1440, unit="min")] = 0
    group_alerts_sec: Annotated[float, number("alerts", 0, 600, unit="s")] = 5.0

    attendance_captures_retention_days: Annotated[int, number("retention", 1, 3650, unit="days")] = 90

    event_min_interval_sec: keys.EventMinInterval = 5.0
    events_retention_days: Annotated[int, number("retention", 1, 3650, unit="days")] = 1
    event_pictures_kept: Annotated[int, number("retention", 0, 1_000_000, unit="pictures")] = 500
    live_frames_retention_hours: Annotated[int, number("retention", 1, 8760, unit="hours")] = 24
    unknown_pictures_retention_days: Annotated[int, number("retention", 1, 3650, unit="days")] = 7
    unknown_faces_retention_days: Annotated[int, number("retention", 1, 3650, unit="days")] = 14
    unknown_faces_per_hour: Annotated[int, number("retention", 0, 3600, unit="faces")] = 60
    attendance_retention_days: Annotated[int, number("retention", 31, 36_500, unit="days")] = 1825
    audit_retention_days: Annotated[int, number("retention", 365, 36_500, unit="days")] = 3650

    min_free_mb: Annotated[int, number("storage", 10, 10_000_000, unit="mb")] = 500
    backups_kept: Annotated[int, number("storage", 1, 365, unit="backups")] = 7

    @field_validator("time_zone")
    @classmethod
    def _zone_is_known(cls, name: str) -> str:
        if not is_time_zone(name):
            raise PydanticCustomError(f"{DOMAIN_PREFIX}bad_time_zone", "not an IANA time zone")
        return name

    @field_validator("model_pack")
    @classmethod
    def _pack_is_a_name_or_absolute(cls, pack: str) -> str:
        if not (re.fullmatch(r"\w[\w.-]*", pack) or PurePath(pack).is_absolute()):
            raise PydanticCustomError(f"{DOMAIN_PREFIX}bad_pack", "neither a name nor absolute")
        return pack

    @field_validator("providers")
    @classmethod
    def _providers_are_distinct(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if not names or len(set(names)) < len(names):
            raise PydanticCustomError(f"{DOMAIN_PREFIX}bad_providers", "not a list of distinct providers")
        return names

    @model_validator(mode="after")
    def _values_agree(self) -> Self:
        if self.tracking_timeout < self.present_timeout_sec:
            raise _disagree("below_present_timeout", self.tracking_timeout, self.present_timeout_sec)
        if self.smoothing_min_votes > self.smoothing_window:
            raise _disagree("votes_over_window", self.smoothing_min_votes, self.smoothing_window)
        if self.quality_min_brightness >= self.quality_max_brightness:
            raise _disagree("brightness_crossed", self.quality_min_brightness, self.quality_max_brightness)
        if self.similarity_threshold is not None and self.similarity_threshold_pack != self.model_pack:
            raise PydanticCustomError(
                f"{DOMAIN_PREFIX}threshold_of_another_pack", "another pack's", {"pack": self.model_pack}
            )
        return self

    @cached_property
    def schedule(self) -> WorkingHours:
        """The working hours as the domain knows them."""
        return self.working_hours.to_domain()

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def for_camera(self, camera: CameraSettings) -> "Parameters":
        """These parameters with what the camera overrides. Raises InvalidSettings when they do not agree."""
        return self.changed(**camera.overrides()) if camera.overrides() else self


def _disagree(code: str, value: float, other: float) -> PydanticCustomError:
    return PydanticCustomError(f"{DOMAIN_PREFIX}{code}", "values disagree", {"value": value, "other": other})
