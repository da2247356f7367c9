"""What the worker records: cameras, visits with their pictures, presence, attendance, coverage."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.domain.states import VisitOrigin
from core.storage.models.base import NEVER_REUSED, Base


class Camera(Base):
    """A mirror of a camera's settings and state for pages. Its URL never comes here."""

    __tablename__ = "cameras"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    location: Mapped[str] = mapped_column(default="")
    enabled: Mapped[bool]
    status: Mapped[str]
    status_since: Mapped[datetime]
    cause: Mapped[str | None]
    """Code of the precise reason, e.g. `refused`, `codec`; the catalogue has `camera.cause.<code>`."""
    last_frame_at: Mapped[datetime | None]
    frame_width: Mapped[int | None]
    frame_height: Mapped[int | None]
    codec: Mapped[str | None]
    source_fps: Mapped[float | None]
    analysed_fps: Mapped[float | None]
    drops: Mapped[int] = mapped_column(default=0)
    reconnects: Mapped[int] = mapped_column(default=0)
    refused_faces: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Count of faces per refusal code since the worker started."""
    tracks: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """Who is tracked now: [{employee_id, track_id, since}]."""
    updated_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    position: Mapped[int] = mapped_column(default=0, server_default="0")
    """Where it stands among the cameras; equal ones by id."""
    frame_age_ms: Mapped[float | None]
    """95th percentile of the age of a frame when its analysis was published."""
    face_stats: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """What faces looked like here lately, for advice on where to put the camera."""


class Visit(Base):
    """One stay of one person, over all cameras. Open while departed_at is null."""

    __tablename__ = "visits"
    __table_args__ = (
        Index("ix_visits_employee_arrived", "employee_id", "arrived_at"),
        Index("ix_visits_arrived", "arrived_at"),
        Index("uq_visits_one_open", "employee_id", unique=True, sqlite_where=text("departed_at IS NULL")),
        CheckConstraint("last_seen_at >= arrived_at", name="seen_after_arrival"),
        CheckConstraint("departed_at IS NULL OR departed_at = last_seen_at", name="departs_when_last_seen"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employee_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    """Null once somebody said that it was nobody we know."""
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"))
    """Where he arrived."""
    last_camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"))
    arrived_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    departed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    origin: Mapped[str] = mapped_column(default=VisitOrigin.WORKER, server_default=VisitOrigin.WORKER)
    face_ids: Mapped[list[int]] = mapped_column(JSON, default=list, server_default="[]")
    """Which unknown faces made a named visit, also once they are no longer kept."""


class VisitCamera(Base):
    """Which cameras saw a visit, from when to when; it tells which cameras cover a person."""

    __tablename__ = "visit_cameras"
    __table_args__ = (Index("ix_visit_cameras_last_seen", "last_seen_at"),)

    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"), primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"), primary_key=True)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]


class Evidence(Base):
    """The picture behind an arrival or a departure, at most one of each kind a visit."""

    __tablename__ = "evidence"
    __table_args__ = (
        UniqueConstraint("visit_id", "kind"),
        Index("ix_evidence_captured", "captured_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"))
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"))
    kind: Mapped[str]
    captured_at: Mapped[datetime]
    path: Mapped[str | None]
    """Relative to the home folder; null once retention has removed the picture."""
    sha256: Mapped[str]
    score: Mapped[float]
    runner_up_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    runner_up_score: Mapped[float | None]
    sharpness: Mapped[float]
    """Variance of the Laplacian of the aligned crop."""
    pack_id: Mapped[str]


class Event(Base):
    """A sampled log of sightings with a picture each. Nothing decides anything from it."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_occurred", "occurred_at"),
        Index("ix_events_employee_occurred", "employee_id", "occurred_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    employee_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"))
    occurred_at: Mapped[datetime]
    picture_path: Mapped[str | None]
    score: Mapped[float | None]


class UnknownFace(Base):
    """A track that never had a name, with its best face; `embedding` as in face_templates."""

    __tablename__ = "unknown_faces"
    __table_args__ = (
        Index("ix_unknown_faces_state_seen", "state", "last_seen_at"),
        Index("ix_unknown_faces_seen", "last_seen_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"))
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    picture_path: Mapped[str | None]
    """Relative to the home folder; null once it was removed."""
    embedding: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Null once retention or somebody's discarding has removed it."""
    dim: Mapped[int]
    key_id: Mapped[str | None]
    pack_id: Mapped[str]
    pack_sha256: Mapped[str]
    face_px: Mapped[float]
    sharpness: Mapped[float]
    state: Mapped[str]
    """An UnknownState. An ignored one is a negative example for the worker."""
    employee_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    """Who somebody says it is."""
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visits.id"))
    """The visit that naming him made or grew."""
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    """One moment for all that one decision settled; ignored faces of one moment are one negative example."""
    captured_at: Mapped[datetime]
    """When the picture was taken."""


class Reassignment(Base):
    """Somebody said whose visit it really was; rows are only added."""

    __tablename__ = "reassignments"
    __table_args__ = (Index("ix_reassignments_visit", "visit_id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"))
    from_employee_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    to_employee_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    """Null: nobody we know."""
    reason: Mapped[str]
    author: Mapped[str]
    at: Mapped[datetime]


class Presence(Base):
    """The current state of each employee, and what the worker must remember of his absence."""

    __tablename__ = "presence"

    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"), primary_key=True)
    state: Mapped[str] = mapped_column(index=True)
    since: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
    last_camera_id: Mapped[int | None] = mapped_column(ForeignKey("cameras.id"))
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visits.id"))
    alerted_absence_at: Mapped[datetime | None]
    """The last_seen_at of the absence that was alerted, so that each absence alerts once."""
    last_alert_opened_at: Mapped[datetime | None]
    not_arrived_date: Mapped[date | None]
    """The attendance day on which his not having arrived was alerted, so that each day alerts once."""


class Attendance(Base):
    """A projection of visits: `python -m core.attendance rebuild` writes identical rows."""

    __tablename__ = "attendances"
    __table_args__ = (
        UniqueConstraint("employee_id", "attendance_date"),
        Index("ix_attendances_date", "attendance_date"),
        Index("ix_attendances_first_in_evidence", "first_in_evidence_id"),
        Index("ix_attendances_last_out_evidence", "last_out_evidence_id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"))
    attendance_date: Mapped[date]
    first_in_at: Mapped[datetime]
    first_in_evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id"))
    last_out_at: Mapped[datetime]
    last_out_evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id"))
    last_out_final_at: Mapped[datetime | None]
    """From when on last_out_at is no longer provisional; null while the person is present."""
    visit_count: Mapped[int]


class CameraCoverage(Base):
    """What a camera covered, interval by interval, as facts. `ended_at` grows while an interval is open."""

    __tablename__ = "camera_coverage"
    __table_args__ = (
        Index("ix_camera_coverage_camera_started", "camera_id", "started_at"),
        Index("ix_camera_coverage_ended", "ended_at"),
        CheckConstraint("ended_at >= started_at", name="ends_after_start"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"))
    state: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
