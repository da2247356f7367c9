"""Judged days, what somebody answers for instead of the cameras, and months that are closed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.storage.models.base import NEVER_REUSED, Base


class JudgedDay(Base):
    """A projection: what the rules made of a person's day when they were last asked. Seconds are whole."""

    __tablename__ = "work_days"
    __table_args__ = (
        UniqueConstraint("employee_id", "day"),
        Index("ix_work_days_day", "day", "department"),
        Index("ix_work_days_unfinished", "is_final", "day"),
        Index("ix_work_days_correction", "correction_id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"))
    day: Mapped[date]
    department: Mapped[str | None]
    """His department when the day was judged."""
    shift_name: Mapped[str | None]
    """Empty for the site's working hours; null without a shift."""
    start_at: Mapped[datetime | None]
    end_at: Mapped[datetime | None]
    """Of the shift."""
    status: Mapped[str]
    is_final: Mapped[bool]
    first_in_at: Mapped[datetime | None]
    last_out_at: Mapped[datetime | None]
    working_s: Mapped[int]
    present_s: Mapped[int]
    seen_s: Mapped[int]
    not_seen_s: Mapped[int]
    not_observable_s: Mapped[int]
    late_s: Mapped[int]
    left_early_s: Mapped[int]
    overtime_s: Mapped[int]
    reasons: Mapped[list[Any]] = mapped_column(JSON)
    """[{"code", "params"}], the rules that decided."""
    correction_id: Mapped[int | None] = mapped_column(ForeignKey("corrections.id"))
    judged_at: Mapped[datetime]


class Correction(Base):
    """What somebody answers for instead of the cameras; rows are added and decided on, never edited."""

    __tablename__ = "corrections"
    __table_args__ = (
        Index("ix_corrections_employee_day", "employee_id", "day"),
        Index("ix_corrections_day", "day"),
        Index("ix_corrections_state", "state", "created_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"))
    day: Mapped[date]
    first_in_at: Mapped[datetime | None]
    last_out_at: Mapped[datetime | None]
    status: Mapped[str | None]
    """Null leaves what the rules say; so do null times."""
    note: Mapped[str] = mapped_column(default="")
    """For who reads the day."""
    reason: Mapped[str]
    """For who checks the correction."""
    author: Mapped[str]
    created_at: Mapped[datetime]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    """The day's figures without and with it."""
    state: Mapped[str]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(default="")


class MonthLock(Base):
    """A month whose days change no more. Unlocking removes the row; the audit trail keeps both."""

    __tablename__ = "month_locks"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(unique=True)
    """Its first day."""
    locked_at: Mapped[datetime]
    locked_by: Mapped[str]
