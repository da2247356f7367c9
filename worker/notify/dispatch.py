"""From the queue to the channels: who is next, what goes together, and what the answer means."""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import TypeVar

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core.domain.delivery import Cause, next_batch, wait_after
from core.domain.recipients import Recipient
from core.domain.states import Channel
from core.storage import deliveries
from core.storage.deliveries import Address, Queued
from core.storage.models import Site
from core.storage.retry import run_in_order
from core.telling import Voice
from worker.notify.channels import NotifierSettings
from worker.notify.courier import Courier, Delivered
from worker.notify.messages import Accepted, Message

T = TypeVar("T")
log = logging.getLogger(__name__)


class Dispatch:
    """One thread uses it. Every method raises StorageError while the database takes nothing."""

    def __init__(self, writer: Engine, reader: Engine, courier: Courier, environ: Mapping[str, str]) -> None:
        self._writer = writer
        self._reader = reader
        self._courier = courier
        self._environ = environ
        self._last_sent: dict[Address, datetime] = {}
        self._unrecorded: list[Delivered] = []

    def start(self, now: datetime) -> None:
        """Takes up what an earlier run left."""
        with Session(self._reader) as session:
            self._last_sent = deliveries.recently_sent(session, now)
        count = self._write(partial(deliveries.recover, now=now))
        if count:
            log.warning("%d messages were on their way when the program ended: they are sent again", count)

    def wait(self, wait_s: float) -> None:
        """Up to so many seconds for an answer, whether one is awaited or not."""
        self._unrecorded += self._courier.answers(wait_s)

    def wait_for_all(self, wait_s: float) -> None:
        """Up to so many seconds for what is on its way."""
        deadline_s = time.monotonic() + wait_s
        while not self._courier.is_idle() and (left_s := deadline_s - time.monotonic()) > 0:
            self.wait(left_s)

    def record(self, now: datetime) -> None:
        """Commits the answers that have come; one that cannot be committed is kept."""
        while self._unrecorded:
            self._write(partial(_record, delivered=self._unrecorded[0], now=now))
            self._unrecorded.pop(0)

    def send(self, settings: NotifierSettings, now: datetime) -> None:
        """Hands over what is due, one message for each channel that is free."""
        with Session(self._reader) as session:
            waiting = deliveries.queued(session)
        known = {(one.channel, one.address): one for one in settings.recipients()}
        for key, queue in _by_recipient(waiting):
            if key not in known:
                self._cancel(queue, {channel for channel, _ in known}, now)
            elif self._courier.is_free(key[0]):
                self._send_to(known[key], queue, settings, now)

    def _send_to(
        self, recipient: Recipient, queue: list[Queued], settings: NotifierSettings, now: datetime
    ) -> None:
        key = (recipient.channel, recipient.address)
        batch = _batch(queue, self._last_sent.get(key), now)
        if not batch:
            return
        with Session(self._reader) as session:
            site = session.execute(select(Site.site_id, Site.site_name)).one()
        thread = _thread(batch, site.site_id) if recipient.channel is Channel.EMAIL else None
        ids = [one.waiting.id for one in batch]
        told = self._write(partial(deliveries.claim, ids=ids, thread=thread, now=now))
        if told:
            self._last_sent[key] = now
            voice = Voice(recipient.language, settings.parameters.zone, now)
            sender = settings.senders(self._environ)[recipient.channel]
            self._courier.hand_over(sender, Message(recipient, told, voice, site.site_name, thread))

    def _cancel(self, queue: list[Queued], enabled: set[Channel], now: datetime) -> None:
        cause = Cause.RECIPIENT_GONE if queue[0].channel in enabled else Cause.CHANNEL_OFF
        ids = [one.waiting.id for one in queue]
        self._write(partial(deliveries.cancel, ids=ids, cause=cause, now=now))

    def _write(self, work: Callable[[Session], T]) -> T:
        return run_in_order(self._writer, work, budget_s=0.0)


def _by_recipient(waiting: list[Queued]) -> list[tuple[Address, list[Queued]]]:
    """Each one's queue; who has waited longest comes first."""
    ordered = sorted(waiting, key=_address)
    queues = [(key, list(group)) for key, group in groupby(ordered, key=_address)]
    return sorted(queues, key=lambda queue: min(one.waiting.due_at for one in queue[1]))


def _address(queued: Queued) -> Address:
    return queued.channel, queued.address


def _batch(queue: list[Queued], last_sent_at: datetime | None, now: datetime) -> list[Queued]:
    """For a webhook the first in order, which holds the later ones; for a person all that goes together."""
    if queue[0].channel is Channel.WEBHOOK:
        return queue[:1] if queue[0].waiting.due_at <= now else []
    chosen = {one.id for one in next_batch([one.waiting for one in queue], last_sent_at, now)}
    return [one for one in queue if one.waiting.id in chosen]


def _thread(batch: list[Queued], site_id: str) -> str:
    """A Message-ID made of the deliveries; a repeated message keeps its own."""
    known = batch[0].waiting.thread
    ids = "-".join(str(one.waiting.id) for one in batch[:1]) + f"-{len(batch)}"
    return known or f"gspe.{ids}@{site_id}"


def _record(session: Session, delivered: Delivered, now: datetime) -> None:
    ids, answer = delivered.message.delivery_ids, delivered.answer
    if isinstance(answer, Accepted):
        deliveries.accept(session, ids, now, message_id=answer.message_id, delivered=answer.delivered)
        return
    channel = delivered.message.recipient.channel
    waits = {one.delivery_id: wait_after(answer.cause, one.attempts) for one in delivered.message.told}
    given_up = [number for number, wait in waits.items() if wait is None]
    if given_up:
        log.error("%s: %d messages cannot be sent: %s", channel, len(given_up), answer.cause)
        deliveries.fail(session, given_up, answer.cause, answer.said, now)
    again = {number: wait for number, wait in waits.items() if wait is not None}
    if again:  # together, as they went
        wait = max(again.values())
        log.warning("%s: %d messages again in %d s: %s", channel, len(again), wait.seconds, answer.cause)
        deliveries.postpone(session, list(again), now + wait, answer.cause, answer.said, now)
