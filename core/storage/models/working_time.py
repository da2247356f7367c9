"""When people work: shifts, who has which, when nobody is expected, and which cameras cover whom."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.storage.models.base import NEVER_REUSED, Base


class ShiftPlan(Base):
    """The clock times of a shift, each as HH:MM. An end at or before the start is of the next day."""

    __tablename__ = "shifts"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    start: Mapped[str]
    end: Mapped[str]
    breaks: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """[[start, end], …]."""
    late_grace_min: Mapped[int] = mapped_column(default=0)
    early_grace_min: Mapped[int] = mapped_column(default=0)
    weekdays: Mapped[list[Any]] = mapped_column(JSON)
    """On which it begins, Monday 0."""
    retired_at: Mapped[datetime | None]
    """From then on it can be assigned to nobody; days that it covers stay its own."""


class ShiftAssignment(Base):
    """A shift for one employee or for a department, from a date to another, inclusive."""

    __tablename__ = "shift_assignments"
    __table_args__ = (
        Index("ix_shift_assignments_employee", "employee_id"),
        Index("ix_shift_assignments_dates", "last_date", "first_date"),
        CheckConstraint("(employee_id IS NULL) <> (department IS NULL)", name="one_subject"),
        CheckConstraint("last_date IS NULL OR last_date >= first_date", name="ends_after_start"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id"))
    employee_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    department: Mapped[str | None]
    first_date: Mapped[date]
    last_date: Mapped[date | None]


class Holiday(Base):
    """A day on which nobody is expected, or nobody of one department."""

    __tablename__ = "holidays"
    __table_args__ = (Index("ix_holidays_day", "day"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    name: Mapped[str]
    department: Mapped[str | None]


class Leave(Base):
    """Days on which one employee is not expected, inclusive."""

    __tablename__ = "leaves"
    __table_args__ = (
        Index("ix_leaves_employee", "employee_id"),
        Index("ix_leaves_dates", "last_date", "first_date"),
        CheckConstraint("last_date >= first_date", name="ends_after_start"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"))
    kind: Mapped[str]
    first_date: Mapped[date]
    last_date: Mapped[date]
    note: Mapped[str] = mapped_column(default="")


class ExcusedAbsence(Base):
    """Hours in which one employee is not expected."""

    __tablename__ = "excused_absences"
    __table_args__ = (
        Index("ix_excused_absences_employee", "employee_id"),
        Index("ix_excused_absences_ended", "ended_at"),
        CheckConstraint("ended_at > started_at", name="ends_after_start"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    reason: Mapped[str]


class SitePause(Base):
    """A time in which nobody is expected anywhere: no alerts about people. Ended early by `lifted_at`."""

    __tablename__ = "site_pauses"
    __table_args__ = (
        Index("ix_site_pauses_until", "until_at"),
        CheckConstraint("until_at > started_at", name="ends_after_start"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    until_at: Mapped[datetime]
    reason: Mapped[str]
    paused_by: Mapped[str]
    stops_recognition: Mapped[bool] = mapped_column(default=False)
    """Nobody is recognised meanwhile, and coverage says `paused`."""
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None]


class CameraTie(Base):
    """A camera, or every camera of a location, that covers an employee whatever saw him lately."""

    __tablename__ = "camera_ties"
    __table_args__ = (
        Index("ix_camera_ties_employee", "employee_id"),
        CheckConstraint("(camera_id IS NULL) <> (location IS NULL)", name="one_place"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"))
    camera_id: Mapped[int | None] = mapped_column(ForeignKey("cameras.id"))
    location: Mapped[str | None]
