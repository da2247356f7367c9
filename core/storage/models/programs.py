"""What the programs tell each other, and who uses them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.storage.models.base import NEVER_REUSED, Base


class WorkerRequest(Base):
    """The dashboard's only way to ask the worker for something."""

    __tablename__ = "worker_requests"
    __table_args__ = (Index("ix_worker_requests_waiting", "finished_at", "claimed_at", "id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    requested_by: Mapped[str]
    requested_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None]


class WorkerStatus(Base):
    """One row, written by the worker once a second with its facts."""

    __tablename__ = "worker_status"

    id: Mapped[int] = mapped_column(primary_key=True)
    pid: Mapped[int]
    phase: Mapped[str]
    started_at: Mapped[datetime]
    heartbeat_at: Mapped[datetime]
    pack_id: Mapped[str | None]
    pack_licence: Mapped[str | None]
    provider: Mapped[str | None]
    """What the live session uses, never what the wheel claims."""
    providers_wanted: Mapped[str | None]
    pictures_paused: Mapped[bool] = mapped_column(default=False)
    settings_error: Mapped[str | None]
    """Why the settings file on disk was not taken; null when it was."""
    pack_sha256: Mapped[str | None]
    similarity_threshold: Mapped[float | None]
    """In force: the settings' own, else the pack's calibration; the margin too."""
    similarity_margin: Mapped[float | None]


class MaintenanceRun(Base):
    """One row a kind and site day, so that a missed night is caught up."""

    __tablename__ = "maintenance_runs"
    __table_args__ = (UniqueConstraint("kind", "site_date"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    site_date: Mapped[date]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any]]


class User(Base):
    __tablename__ = "users"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    role: Mapped[str]
    departments: Mapped[list[str]]
    """The departments this account may see; empty: all."""
    language: Mapped[str] = mapped_column(default="en")
    active: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=True)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    session_epoch: Mapped[int] = mapped_column(default=0)
    """Grows when the password changes or the account is disabled: older cookies end."""
    created_at: Mapped[datetime]
    last_sign_in_at: Mapped[datetime | None]
    live_wall: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """Which cameras his live wall shows in which order; empty until he has chosen."""


class UserSession(Base):
    """A browser in which somebody signed in, until it signs out, is ended or its cookie's time is over."""

    __tablename__ = "user_sessions"
    __table_args__ = (Index("ix_user_sessions_user", "user_id", "ended_at"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    key_sha256: Mapped[str] = mapped_column(unique=True)
    """Of the session key in the cookie."""
    browser: Mapped[str] = mapped_column(default="")
    """What it calls itself, shortened."""
    address: Mapped[str] = mapped_column(default="")
    """The IP address it signed in from."""
    started_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    """To a few minutes."""
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class ApiToken(Base):
    """What a program shows instead of a password; only its hash is kept."""

    __tablename__ = "api_tokens"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    """Which program has it; the audit trail calls it `token:<name>`."""
    token_sha256: Mapped[str] = mapped_column(unique=True)
    hint: Mapped[str]
    """Its last four characters, to tell tokens apart."""
    scopes: Mapped[list[str]]
    departments: Mapped[list[str]]
    """The departments it may see; empty: all."""
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    """To a few minutes."""
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]


class Change(Base):
    """What presence streams tell, in order: `id` is their cursor. Kept for some days; decides nothing."""

    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_at", "at"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    """A ChangeKind."""
    employee_id: Mapped[int | None]
    camera_id: Mapped[int | None]
    alert_id: Mapped[int | None]
    params: Mapped[dict[str, Any]]
    """Codes and times; no names."""


class AuditLog(Base):
    """Append-only; each row holds the hash of the one before."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_at", "at"),
        Index("ix_audit_log_subject", "subject", "id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    params: Mapped[dict[str, Any]]
    previous_hash: Mapped[str]
    hash: Mapped[str]
