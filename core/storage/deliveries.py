"""Deliveries: each message of the outbox for each recipient, from the queue to its end.

Nothing here commits. A delivery is claimed, and that committed, before the channel hears of it: after a crash
a claimed one is sent again, because nobody knows whether it had arrived.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, update
from sqlalchemy.orm import Session

from core.domain.alerts import NOTICES
from core.domain.delivery import SPACING, TOLD_WITHIN, Cause, Waiting
from core.domain.recipients import FIRST_LEVEL
from core.domain.states import AlertState, Channel, DeliveryState
from core.storage.models import AlertLog, NotificationDelivery, NotificationOutbox

TEST = "test"
"""The kind of a message that tells nothing but that the channel works."""

Address = tuple[Channel, str]


@dataclass(frozen=True)
class Queued:
    """A delivery that waits for its turn."""

    channel: Channel
    address: str
    outbox_id: int
    waiting: Waiting


@dataclass(frozen=True)
class Told:
    """One delivery that was claimed, with what it says. `params` are codes, names and ISO times."""

    delivery_id: int
    outbox_id: int
    alert_id: int | None
    kind: str
    level: int
    params: dict[str, Any]
    created_at: datetime
    attempts: int


def queued(session: Session) -> list[Queued]:
    """Everything that waits, the oldest message first."""
    columns = (
        NotificationDelivery.channel,
        NotificationDelivery.address,
        NotificationDelivery.outbox_id,
        NotificationDelivery.id,
        NotificationDelivery.due_at,
        NotificationDelivery.attempts,
        NotificationDelivery.provider_message_id,
    )
    rows = session.execute(select(*columns).where(NotificationDelivery.state == DeliveryState.QUEUED))
    found = [Queued(Channel(row[0]), row[1], row[2], Waiting(*row[3:])) for row in rows]
    return sorted(found, key=lambda one: (one.outbox_id, one.waiting.id))


def has_obsolete(session: Session, now: datetime) -> bool:
    """A look without a lock: does anything wait that nobody needs to hear any more?"""
    return session.execute(_obsolete(now).limit(1)).first() is not None


def cancel_obsolete(session: Session, now: datetime) -> int:
    """Cancels what waits and belongs to an alert that is over, deleted, or dealt with before it escalated."""
    ids = list(session.scalars(_obsolete(now)))
    change(session, ids, now, state=DeliveryState.CANCELLED)
    return len(ids)


def claim(session: Session, ids: Collection[int], thread: str | None, now: datetime) -> list[Told]:
    """Takes deliveries to be sent; those that became obsolete meanwhile are cancelled instead.

    thread: a mark of the message by which its receiver knows a repetition.
    """
    cancel_obsolete(session, now)
    query = (
        select(NotificationDelivery, NotificationOutbox)
        .join(NotificationOutbox, NotificationOutbox.id == NotificationDelivery.outbox_id)
        .where(NotificationDelivery.id.in_(ids), NotificationDelivery.state == DeliveryState.QUEUED)
        .order_by(NotificationOutbox.id)
    )
    claimed = []
    for delivery, row in session.execute(query).all():
        delivery.state, delivery.changed_at = DeliveryState.SENDING, now
        delivery.attempts += 1
        delivery.provider_message_id = thread
        told = Told(
            delivery.id,
            row.id,
            row.alert_id,
            row.kind,
            row.level,
            row.params,
            row.created_at,
            delivery.attempts,
        )
        claimed.append(told)
    session.flush()
    return claimed


def accept(
    session: Session, ids: Collection[int], now: datetime, *, message_id: str | None, delivered: bool = False
) -> None:
    """The channel took them. delivered: it is the receiver himself who said so."""
    state = DeliveryState.DELIVERED if delivered else DeliveryState.ACCEPTED
    known = {} if message_id is None else {"provider_message_id": message_id}
    change(session, ids, now, state=state, cause=None, cause_detail=None, **known)


def postpone(
    session: Session, ids: Collection[int], due_at: datetime, cause: Cause, detail: str, now: datetime
) -> None:
    """They are tried again at due_at."""
    failure = {"cause": cause, "cause_detail": detail or None}
    change(session, ids, now, state=DeliveryState.QUEUED, due_at=due_at, **failure)


def fail(session: Session, ids: Collection[int], cause: Cause, detail: str, now: datetime) -> None:
    change(session, ids, now, state=DeliveryState.FAILED, cause=cause, cause_detail=detail or None)


def cancel(session: Session, ids: Collection[int], cause: Cause, now: datetime) -> None:
    """They cannot be sent any more: the settings have no such recipient or channel."""
    change(session, ids, now, state=DeliveryState.CANCELLED, cause=cause)


def recover(session: Session, now: datetime) -> int:
    """At the start: what an earlier run had on its way waits again, to be repeated as it was."""
    query = select(NotificationDelivery.id).where(NotificationDelivery.state == DeliveryState.SENDING)
    ids = list(session.scalars(query))
    change(session, ids, now, state=DeliveryState.QUEUED, due_at=now, cause=Cause.INTERRUPTED)
    return len(ids)


def recently_sent(session: Session, now: datetime) -> dict[Address, datetime]:
    """When each recipient was last sent something, if that is less than the spacing ago."""
    query = (
        select(NotificationDelivery.channel, NotificationDelivery.address, NotificationDelivery.changed_at)
        .where(NotificationDelivery.created_at > now - 2 * TOLD_WITHIN)
        .where(NotificationDelivery.changed_at > now - SPACING, NotificationDelivery.attempts > 0)
    )
    latest: dict[Address, datetime] = {}
    for channel, where, at in session.execute(query):
        key = (Channel(channel), where)
        latest[key] = max(at, latest.get(key, at))
    return latest


def note_status(
    session: Session, message_id: str, now: datetime, *, failure: tuple[Cause, str] | None = None
) -> bool:
    """What became of an accepted message; whether it is known. Once delivered it stays so."""
    query = select(NotificationDelivery).where(NotificationDelivery.provider_message_id == message_id)
    found = session.scalars(query).all()
    for delivery in found:
        if delivery.state == DeliveryState.DELIVERED:
            continue
        delivery.changed_at = now
        if failure is None:
            delivery.state, delivery.cause, delivery.cause_detail = DeliveryState.DELIVERED, None, None
        else:
            delivery.state = DeliveryState.FAILED
            delivery.cause, delivery.cause_detail = failure[0], failure[1] or None
    return bool(found)


def is_sending(session: Session, channel: Channel) -> bool:
    """Whether a message of the channel is on its way, whose number nobody knows yet."""
    query = select(NotificationDelivery.id).where(
        NotificationDelivery.state == DeliveryState.SENDING, NotificationDelivery.channel == channel
    )
    return session.scalar(query.limit(1)) is not None


def change(session: Session, ids: Collection[int], now: datetime, **values: Any) -> None:
    """Sets columns of deliveries, and when that was."""
    for some in _chunks(sorted(ids)):
        session.execute(
            update(NotificationDelivery)
            .where(NotificationDelivery.id.in_(some))
            .values(changed_at=now, **values)
        )


def _obsolete(now: datetime) -> Select[int]:
    """A webhook is told in order of all that happened, late as it may be; only deletion keeps it from it."""
    deleted = and_(NotificationOutbox.kind != TEST, NotificationOutbox.alert_id.is_(None))
    over = and_(NotificationOutbox.kind.not_in(sorted(NOTICES)), AlertLog.state == AlertState.RESOLVED)
    dealt_with = and_(NotificationOutbox.level > FIRST_LEVEL, AlertLog.state != AlertState.OPEN)
    history = NotificationOutbox.created_at < now - 2 * TOLD_WITHIN
    of_people: ColumnElement[bool] = and_(
        NotificationDelivery.channel != Channel.WEBHOOK, or_(over, dealt_with, history)
    )
    return (
        select(NotificationDelivery.id)
        .join(NotificationOutbox, NotificationOutbox.id == NotificationDelivery.outbox_id)
        .outerjoin(AlertLog, AlertLog.id == NotificationOutbox.alert_id)
        .where(NotificationDelivery.state == DeliveryState.QUEUED)
        .where(or_(NotificationOutbox.cancelled_at.is_not(None), deleted, of_people))
    )


def _chunks(ids: Sequence[int], size: int = 500) -> Iterator[Sequence[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
