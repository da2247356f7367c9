"""The outbox: whom each message goes to, decided once. core.storage.deliveries has what becomes of it.

Nothing here commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from core.domain.alerts import NOTICES
from core.domain.delivery import TOLD_WITHIN, Cause
from core.domain.recipients import Recipient, Subject, recipients_of
from core.domain.states import AlertKind, AlertState, Channel, DeliveryState
from core.storage.deliveries import TEST, Address, change
from core.storage.models import AlertLog, NotificationDelivery, NotificationOutbox

_REACHED = (DeliveryState.SENDING, DeliveryState.ACCEPTED, DeliveryState.DELIVERED)
_MAY_HAVE_ARRIVED = (Cause.TIMEOUT, Cause.CUT_OFF, Cause.INTERRUPTED)
_UNADDRESSED = (NotificationOutbox.addressed_at.is_(None), NotificationOutbox.cancelled_at.is_(None))


@dataclass(frozen=True)
class Addressing:
    """To whom messages may go, and how long those to people wait for others to join them."""

    recipients: Sequence[Recipient]
    group: timedelta = timedelta(0)


def has_unaddressed(session: Session) -> bool:
    """A look without a lock: is there anything to address?"""
    return session.scalar(select(NotificationOutbox.id).where(*_UNADDRESSED).limit(1)) is not None


def address(session: Session, addressing: Addressing, now: datetime) -> int:
    """Gives every message that waits its deliveries, once; returns how many messages there were."""
    rows = session.scalars(
        select(NotificationOutbox).where(*_UNADDRESSED).order_by(NotificationOutbox.id)
    ).all()
    for row in rows:
        alert = session.get(AlertLog, row.alert_id) if row.alert_id is not None else None
        if row.kind != TEST and _is_over(row, alert):
            row.cancelled_at = now
            continue
        row.addressed_at = now
        if now - row.created_at <= TOLD_WITHIN:
            chosen = _recipients(session, row, addressing.recipients)
            for recipient in {(one.channel, one.address): one for one in chosen}.values():
                session.add(_delivery(row, recipient, now, addressing.group))
    session.flush()
    return len(rows)


def replay(session: Session, recipient: Recipient, cursor: int, now: datetime) -> int:
    """Queues every message from the cursor on for a webhook again, also those it never got; returns how many.

    What was cancelled or belonged to a deleted alert is not told.
    """
    rows = session.scalars(
        select(NotificationOutbox)
        .where(NotificationOutbox.id >= cursor, NotificationOutbox.addressed_at.is_not(None))
        .order_by(NotificationOutbox.id)
    )
    count = 0
    for row in rows.all():
        if row.cancelled_at is not None or row.kind == TEST or row.alert_id is None:
            continue
        if recipients_of(_subject(row), [recipient]):
            _queue_again(session, row, recipient, now)
            count += 1
    session.flush()
    return count


def send_test(session: Session, channel: Channel, by: str, now: datetime) -> int:
    """A message to every recipient of a channel; returns its id in the outbox."""
    row = NotificationOutbox(kind=TEST, params={"channel": channel, "by": by}, created_at=now)
    session.add(row)
    session.flush()
    return row.id


def _is_over(row: NotificationOutbox, alert: AlertLog | None) -> bool:
    """Whether there is nothing left to tell: the alert was deleted, or ended before it was ever told."""
    if alert is None:
        return True
    return row.kind not in NOTICES and alert.state == AlertState.RESOLVED


def _recipients(session: Session, row: NotificationOutbox, everybody: Sequence[Recipient]) -> list[Recipient]:
    """The end of an alert is told to those who were told of it, and to nobody else."""
    if row.kind == TEST:
        return [one for one in everybody if one.channel == row.params["channel"]]
    if row.kind in NOTICES:
        told = _told_of(session, row.alert_id)
        return [one for one in everybody if (one.channel, one.address) in told]
    return recipients_of(_subject(row), everybody)


def _subject(row: NotificationOutbox) -> Subject:
    return Subject(AlertKind(row.kind), row.params.get("department"), row.level)


def _told_of(session: Session, alert_id: int | None) -> set[Address]:
    """Who was told of an alert, or may have been. A webhook takes its messages in order, late ones too."""
    query = (
        select(NotificationDelivery.channel, NotificationDelivery.address)
        .join(NotificationOutbox, NotificationOutbox.id == NotificationDelivery.outbox_id)
        .where(NotificationOutbox.alert_id == alert_id)
        .where(
            or_(
                NotificationDelivery.state.in_(_REACHED),
                NotificationDelivery.cause.in_(_MAY_HAVE_ARRIVED),
                and_(
                    NotificationDelivery.channel == Channel.WEBHOOK,
                    NotificationDelivery.state == DeliveryState.QUEUED,
                ),
            )
        )
    )
    return {(Channel(channel), where) for channel, where in session.execute(query)}


def _delivery(
    row: NotificationOutbox, recipient: Recipient, now: datetime, group: timedelta
) -> NotificationDelivery:
    at_once = recipient.channel is Channel.WEBHOOK or row.kind == TEST
    joined_at = min(row.created_at, now) + group  # a clock that was set back holds nothing up
    return NotificationDelivery(
        outbox_id=row.id,
        channel=recipient.channel,
        recipient=recipient.name,
        address=recipient.address,
        language=recipient.language,
        state=DeliveryState.QUEUED,
        created_at=now,
        due_at=now if at_once else max(now, joined_at),
        changed_at=now,
    )


def _queue_again(session: Session, row: NotificationOutbox, recipient: Recipient, now: datetime) -> None:
    known = session.scalars(
        select(NotificationDelivery).where(
            NotificationDelivery.outbox_id == row.id,
            NotificationDelivery.channel == recipient.channel,
            NotificationDelivery.address == recipient.address,
        )
    ).one_or_none()
    if known is None:
        session.add(_delivery(row, recipient, now, timedelta(0)))
    else:
        change(session, [known.id], now, state=DeliveryState.QUEUED, due_at=now, attempts=0, cause=None)
