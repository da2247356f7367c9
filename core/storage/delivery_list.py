"""What the page on notifications reads: deliveries of a day, and how each fared.

`departments` limits an answer to messages about people of these departments; empty means everything.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from core.storage.models import AlertLog, Employee, NotificationDelivery, NotificationOutbox

MOST_ROWS = 200


@dataclass(frozen=True)
class DeliveryRow:
    id: int
    outbox_id: int
    channel: str
    recipient: str
    address: str
    state: str
    attempts: int
    created_at: datetime
    due_at: datetime
    changed_at: datetime
    cause: str | None
    cause_detail: str | None
    kind: str
    level: int
    params: dict[str, Any]


@dataclass(frozen=True)
class DeliveryFilter:
    """start_at, end_at: when it was addressed; states, channels: empty means all."""

    start_at: datetime
    end_at: datetime
    states: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()

    @classmethod
    def of_day(cls, day: date, zone: ZoneInfo, channels: tuple[str, ...] = ()) -> "DeliveryFilter":
        """From midnight to midnight in the zone."""
        first, last = (datetime.combine(day + timedelta(days=shift), time(), zone) for shift in (0, 1))
        return cls(first.astimezone(UTC), last.astimezone(UTC), (), channels)


def deliveries_between(
    session: Session, chosen: DeliveryFilter, departments: Collection[str] = ()
) -> list[DeliveryRow]:
    """The newest first, MOST_ROWS of them at most."""
    query = _within(_rows().where(*_conditions(chosen)), departments)
    newest = query.order_by(NotificationDelivery.created_at.desc(), NotificationDelivery.id.desc())
    return [DeliveryRow(*row) for row in session.execute(newest.limit(MOST_ROWS))]


def delivery_counts(
    session: Session, chosen: DeliveryFilter, departments: Collection[str] = ()
) -> dict[str, int]:
    """How many there are in each state, whatever states are chosen."""
    query = (
        select(NotificationDelivery.state, func.count())
        .select_from(NotificationDelivery)
        .where(*_conditions(replace(chosen, states=())))
        .group_by(NotificationDelivery.state)
    )
    if departments:
        query = _within(_joined(query), departments)
    return {str(state): int(count) for state, count in session.execute(query)}


def deliveries_of(session: Session, outbox_id: int) -> list[DeliveryRow]:
    """Of one message, in the order of its recipients."""
    query = _rows().where(NotificationDelivery.outbox_id == outbox_id).order_by(NotificationDelivery.id)
    return [DeliveryRow(*row) for row in session.execute(query)]


def is_addressed(session: Session, outbox_id: int) -> bool:
    """Whether the notifier has taken the message up."""
    query = select(NotificationOutbox.addressed_at).where(NotificationOutbox.id == outbox_id)
    return session.scalar(query) is not None


def _rows() -> Select[*tuple[Any, ...]]:
    delivery, outbox = NotificationDelivery, NotificationOutbox
    return _joined(
        select(
            delivery.id,
            delivery.outbox_id,
            delivery.channel,
            delivery.recipient,
            delivery.address,
            delivery.state,
            delivery.attempts,
            delivery.created_at,
            delivery.due_at,
            delivery.changed_at,
            delivery.cause,
            delivery.cause_detail,
            outbox.kind,
            outbox.level,
            outbox.params,
        )
    )


def _joined(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        query.join(NotificationOutbox, NotificationOutbox.id == NotificationDelivery.outbox_id)
        .outerjoin(AlertLog, AlertLog.id == NotificationOutbox.alert_id)
        .outerjoin(Employee, Employee.id == AlertLog.employee_id)
    )


def _within(query: Select[*tuple[Any, ...]], departments: Collection[str]) -> Select[*tuple[Any, ...]]:
    return query.where(Employee.department.in_(sorted(departments))) if departments else query


def _conditions(chosen: DeliveryFilter) -> list[ColumnElement[bool]]:
    created_at = NotificationDelivery.created_at
    found = [created_at >= chosen.start_at, created_at < chosen.end_at]
    if chosen.states:
        found.append(NotificationDelivery.state.in_(chosen.states))
    if chosen.channels:
        found.append(NotificationDelivery.channel.in_(chosen.channels))
    return found
