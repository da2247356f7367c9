"""What the read side answers with: frozen rows, safe to cache and to hand to another thread.

Picture paths are relative to the home folder.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from core.domain.states import Pose, PresenceState


@dataclass(frozen=True)
class SiteRow:
    site_id: str
    site_name: str


@dataclass(frozen=True)
class WorkerRow:
    """What the worker says of itself; as old as `heartbeat_at`."""

    phase: str
    started_at: datetime
    heartbeat_at: datetime
    pack_id: str | None
    pack_licence: str | None
    provider: str | None
    providers_wanted: str | None
    pictures_paused: bool
    settings_error: str | None


@dataclass(frozen=True)
class CameraRow:
    id: int
    name: str
    location: str
    enabled: bool
    status: str
    status_since: datetime
    cause: str | None
    last_frame_at: datetime | None
    frame_width: int | None
    frame_height: int | None
    codec: str | None
    source_fps: float | None
    analysed_fps: float | None
    drops: int
    reconnects: int
    refused_faces: dict[str, int]
    updated_at: datetime
    position: int = 0
    frame_age_ms: float | None = None
    face_stats: dict[str, Any] = field(default_factory=dict)
    """`FaceStats.as_json`."""


@dataclass(frozen=True)
class PresenceRow:
    """One active employee; `state` is null for somebody never seen."""

    employee_id: int
    code: str
    name: str
    department: str | None
    position: str | None
    state: str | None
    since: datetime | None
    last_seen_at: datetime | None
    camera_name: str | None
    evidence_path: str | None
    photo_path: str | None
    location: str | None = None
    """Of the camera that saw him last."""
    score: float | None = None
    """How alike the face of the newest picture of the last visit was to his templates (cosine)."""
    pictured_at: datetime | None = None

    @property
    def picture_path(self) -> str | None:
        """The newest picture of the last visit, else the newest enrolment photo."""
        return self.evidence_path or self.photo_path

    @property
    def is_present(self) -> bool:
        return self.state == PresenceState.AVAILABLE

    @property
    def is_unobserved(self) -> bool:
        return self.state == PresenceState.UNOBSERVED


@dataclass(frozen=True)
class EmployeeRow:
    id: int
    code: str
    name: str
    department: str | None
    position: str | None
    phone: str | None
    active: bool
    deactivated_at: datetime | None
    templates: int
    last_seen_at: datetime | None
    photo_path: str | None


@dataclass(frozen=True)
class ConsentRow:
    basis: str
    text_version: str
    recorded_at: datetime
    recorded_by: str
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class TemplateRow:
    id: int
    pack_id: str
    source: str
    photo_path: str
    quality: dict[str, Any]
    created_at: datetime
    camera_name: str | None

    @property
    def pose(self) -> Pose:
        """Photos that were enrolled before poses were measured had to look ahead."""
        return Pose(self.quality.get("pose", Pose.FRONT))


@dataclass(frozen=True)
class RequestRow:
    id: int
    kind: str
    payload: dict[str, Any]
    requested_by: str
    requested_at: datetime
    expires_at: datetime
    claimed_at: datetime | None
    finished_at: datetime | None
    result: dict[str, Any] | None


@dataclass(frozen=True)
class Shot:
    """One picture of evidence; `path` is null once retention has removed it."""

    evidence_id: int
    path: str | None
    captured_at: datetime
    camera_name: str


@dataclass(frozen=True)
class AttendanceRow:
    attendance_date: date
    employee_id: int
    code: str
    name: str
    department: str | None
    first_in_at: datetime
    first_in: Shot | None
    last_out_at: datetime
    last_out: Shot | None
    last_out_final_at: datetime | None
    visit_count: int

    def is_provisional(self, now: datetime) -> bool:
        """Whether `last_out_at` may still move: the person is present or left less than the delay ago."""
        return self.last_out_final_at is None or self.last_out_final_at > now
