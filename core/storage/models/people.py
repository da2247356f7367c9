"""Who is here: the site, its employees, their faces and the basis on which those are kept."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.storage.models.base import NEVER_REUSED, Base


class Site(Base):
    """One row: who this installation is."""

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(unique=True)
    site_name: Mapped[str]
    created_at: Mapped[datetime]
    setup: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """Steps of the first set-up that somebody confirmed, by code: an ISO time."""


class Employee(Base):
    __tablename__ = "employees"
    __table_args__ = (Index("ix_employees_active_name", "active", "name"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    department: Mapped[str | None]
    position: Mapped[str | None]
    phone: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)
    deactivated_at: Mapped[datetime | None]
    inactive_times: Mapped[list["InactiveTime"]] = relationship(lazy="selectin", viewonly=True)
    """The earlier times in which he was not active."""


class InactiveTime(Base):
    """A time in which an employee who is active again was not; `employees` has only the present one."""

    __tablename__ = "inactive_times"
    __table_args__ = (
        Index("ix_inactive_times_employee", "employee_id"),
        CheckConstraint("ended_at >= started_at", name="ends_after_start"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]


class FaceTemplate(Base):
    """One enrolled face. `embedding` is little-endian float32 of length `dim`, unit length.

    A revoked one has neither that nor its photo any more: the row says that it was, from when to when.
    """

    __tablename__ = "face_templates"
    __table_args__ = (
        Index("ix_face_templates_employee", "employee_id", "revoked_at"),
        Index("ix_face_templates_revoked", "revoked_at"),
        CheckConstraint(
            "revoked_at IS NOT NULL OR (embedding IS NOT NULL AND photo_path IS NOT NULL)",
            name="known_while_in_force",
        ),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"))
    pack_id: Mapped[str]
    pack_sha256: Mapped[str]
    dim: Mapped[int]
    embedding: Mapped[bytes | None] = mapped_column(LargeBinary)
    key_id: Mapped[str | None]
    source: Mapped[str]
    camera_id: Mapped[int | None] = mapped_column(ForeignKey("cameras.id"))
    photo_sha256: Mapped[str]
    photo_path: Mapped[str | None]
    quality: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Consent(Base):
    """On which basis a person's biometric data are processed."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_employee", "employee_id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"))
    basis: Mapped[str]
    text_version: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]


class LegalHold(Base):
    """Nothing of this person and these days is removed by retention until the hold is lifted."""

    __tablename__ = "legal_holds"
    __table_args__ = (Index("ix_legal_holds_employee", "employee_id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"))
    first_date: Mapped[date]
    last_date: Mapped[date]
    reason: Mapped[str]
    placed_at: Mapped[datetime]
    placed_by: Mapped[str]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None]
