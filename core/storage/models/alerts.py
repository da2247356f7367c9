"""Alerts with every step of their life, and whom they were told to by which channel."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.storage.models.base import NEVER_REUSED, Base


class AlertLog(Base):
    __tablename__ = "alert_logs"
    __table_args__ = (
        Index("ix_alert_logs_state_opened", "state", "opened_at"),
        Index("ix_alert_logs_opened", "opened_at"),
        Index("ix_alert_logs_employee_opened", "employee_id", "opened_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str]
    employee_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    camera_id: Mapped[int | None] = mapped_column(ForeignKey("cameras.id"))
    absent_since: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str | None]
    duration_s: Mapped[float | None]
    """From absent_since, or from when it opened, to its end."""
    attendance_date: Mapped[date | None]
    """The day on which an employee did not arrive."""
    cause: Mapped[str | None]
    """Code of a camera's or a program's fault."""
    picture_path: Mapped[str | None]
    """An unknown person's picture, relative to the home folder; null once retention has removed it."""
    snoozed_until: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]


class AlertStep(Base):
    """What happened to an alert, who did it and when; steps are only added."""

    __tablename__ = "alert_steps"
    __table_args__ = (Index("ix_alert_steps_alert", "alert_id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert_logs.id", ondelete="CASCADE"))
    action: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]
    """A user name or `system:…`."""
    until: Mapped[datetime | None]
    """When a snooze ends."""
    note: Mapped[str] = mapped_column(default="")
    """Why, in the words of who did it."""


class NotificationOutbox(Base):
    """Something to be told, committed with what it tells of. `id` is the webhook's cursor.

    The notifier addresses it: a row of notification_deliveries for every channel and recipient.
    """

    __tablename__ = "notification_outbox"
    __table_args__ = (
        Index("ix_notification_outbox_waiting", "addressed_at", "cancelled_at", "id"),
        Index("ix_notification_outbox_alert", "alert_id"),
        Index("ix_notification_outbox_created", "created_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alert_logs.id", ondelete="SET NULL"))
    """Null for a test message, and once the alert was deleted."""
    kind: Mapped[str]
    """An alert's kind, or `test`."""
    level: Mapped[int] = mapped_column(default=1)
    """1: the first recipients; 2: those of an escalation."""
    params: Mapped[dict[str, Any]]
    """What the message says, as codes, names and ISO times; no sentence."""
    created_at: Mapped[datetime]
    addressed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]


class NotificationDelivery(Base):
    """One message of the outbox for one recipient by one channel."""

    __tablename__ = "notification_deliveries"
    __table_args__ = (
        UniqueConstraint("outbox_id", "channel", "address"),
        Index("ix_notification_deliveries_due", "state", "due_at"),
        Index("ix_notification_deliveries_message", "provider_message_id"),
        Index("ix_notification_deliveries_created", "created_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    outbox_id: Mapped[int] = mapped_column(ForeignKey("notification_outbox.id"))
    channel: Mapped[str]
    recipient: Mapped[str]
    """His name."""
    address: Mapped[str]
    """Phone number, e-mail address or the webhook's host; pages show it masked."""
    language: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """Not to be sent before."""
    cause: Mapped[str | None]
    """Code of why it failed, or was not accepted yet."""
    cause_detail: Mapped[str | None]
    """What the channel said, without secrets."""
    provider_message_id: Mapped[str | None]
    """One message may carry several deliveries to the same recipient: a digest."""
    changed_at: Mapped[datetime]
