"""Deliveries as a list: what was told, to whom, by which channel, and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from core.domain.states import Channel, DeliveryState
from core.masking import masked_mail, masked_phone
from core.storage.delivery_list import DeliveryRow
from core.telling import Voice, one
from dashboard.widgets.markup import Markup, joined, line
from dashboard.widgets.words import Words

AT_THEIR_END = frozenset(
    {DeliveryState.ACCEPTED, DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.CANCELLED}
)


def show_deliveries(rows: Sequence[DeliveryRow], words: Words, now: datetime) -> None:
    markup = Markup()
    for row in rows:
        told = line(told_sentence(row, words, now), "gspe-told")
        state = line(state_sentence(row, words, now), "gspe-state")
        cause = line(cause_sentence(row, words))
        markup.add(
            f'<li class="gspe-card gspe-{escape(row.state, quote=True)}"><div class="gspe-who">'
            f"{told}{state}{cause}{line(_whom(row, words))}</div></li>"
        )
    markup.show("gspe-rows")


def told_sentence(row: DeliveryRow, words: Words, now: datetime) -> str:
    """What the message says, in the reader's language."""
    return one(row.kind, row.params, Voice(words.language, words.zone, now))


def state_sentence(row: DeliveryRow, words: Words, now: datetime) -> str:
    """How far it came, and when."""
    state = words(f"deliveries.state.{row.state}")
    if row.state == DeliveryState.QUEUED and row.attempts:
        tried = words("deliveries.tried", count=row.attempts, time=words.moment(row.due_at, now))
        return joined(state, tried)
    return joined(state, words.moment(row.changed_at, now))


def cause_sentence(row: DeliveryRow, words: Words) -> str:
    """Why it did not come further, with what the channel said of it."""
    if row.cause is None:
        return ""
    sentence = words.first(f"deliveries.cause.{row.cause}", "deliveries.cause_unknown")
    detail = row.cause_detail and words("deliveries.said", said=row.cause_detail)
    return f"{sentence} {detail}" if detail else sentence


def masked(channel: str, address: str) -> str:
    """Enough of an address to know one's own."""
    if channel == Channel.WHATSAPP:
        return masked_phone(address)
    return masked_mail(address) if channel == Channel.EMAIL else address


def _whom(row: DeliveryRow, words: Words) -> str:
    channel = words(f"deliveries.channel.{row.channel}")
    escalated = words("deliveries.escalated") if row.level > 1 else None
    if row.channel == Channel.WEBHOOK:
        return joined(channel, row.recipient)
    return joined(channel, f"{row.recipient} ({masked(row.channel, row.address)})", escalated)
