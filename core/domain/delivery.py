"""What becomes of a message that was not accepted: tried again or given up; and when the next one may go."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SPACING = timedelta(seconds=6)
"""At least so long between two messages to the same person: Meta takes one a pair in 6 s."""

TOLD_WITHIN = timedelta(hours=24)
"""What is older when it could first be told is history and tells nobody anything."""


class Cause(StrEnum):
    """Why a message was not accepted, delivered or sent; its sentence is `deliveries.cause.<code>`."""

    THROTTLED = "throttled"
    """The account or the app sends too much at once."""
    PAIR_LIMIT = "pair_limit"
    """Too many messages to this recipient."""
    SERVICE = "service"
    """The service has a problem of its own."""
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    CUT_OFF = "cut_off"
    """The connection ended before an answer came: it may have arrived."""
    TLS = "tls"
    QUALITY = "quality"
    """Meta restricts the sender because recipients blocked or reported it."""
    ENGAGEMENT = "engagement"
    """Meta holds the message back from this recipient for a while."""
    INTERRUPTED = "interrupted"
    """The program ended while the message was on its way."""
    TOKEN = "token"
    PERMISSION = "permission"
    BAD_REQUEST = "bad_request"
    NO_WHATSAPP = "no_whatsapp"
    NOT_ALLOWED = "not_allowed"
    """The recipient is not on the list of a test number."""
    WINDOW = "window"
    """A text, and the recipient has not written within 24 hours."""
    TEMPLATE = "template"
    RESTRICTED = "restricted"
    NO_SECRET = "no_secret"
    """The environment variable that should hold it is not set."""
    SIGN_IN = "sign_in"
    RECIPIENT = "recipient"
    """The mail server does not take this recipient."""
    REJECTED = "rejected"
    """The mail server refuses the message for good."""
    LATER = "later"
    """The mail server asks to come back later."""
    HTTP_STATUS = "http_status"
    """The webhook's receiver did not answer with 2xx."""
    RECIPIENT_GONE = "recipient_gone"
    CHANNEL_OFF = "channel_off"
    NOT_DELIVERED = "not_delivered"
    """Meta accepted it and said later that it could not be delivered."""


class Rule(StrEnum):
    """How long to wait before the next try."""

    SOON = "soon"
    BACK_OFF = "back_off"
    PAIR = "pair"
    LONG = "long"
    NEVER = "never"


_RULES: Mapping[Cause, Rule] = {
    Cause.THROTTLED: Rule.BACK_OFF,
    Cause.PAIR_LIMIT: Rule.PAIR,
    Cause.SERVICE: Rule.BACK_OFF,
    Cause.TIMEOUT: Rule.SOON,
    Cause.UNREACHABLE: Rule.SOON,
    Cause.CUT_OFF: Rule.SOON,
    Cause.TLS: Rule.SOON,
    Cause.INTERRUPTED: Rule.SOON,
    Cause.LATER: Rule.BACK_OFF,
    Cause.HTTP_STATUS: Rule.SOON,
    Cause.QUALITY: Rule.LONG,
    Cause.ENGAGEMENT: Rule.LONG,
}

_WAITS_S: Mapping[Rule, tuple[float, float, float]] = {
    Rule.SOON: (5, 2, 300),
    Rule.BACK_OFF: (15, 2, 3600),
    Rule.PAIR: (1, 4, 3600),
    Rule.LONG: (3600, 2, 6 * 3600),
}
"""The first wait, by how much each next one is longer, and the longest."""

KEEPS_TRYING_S = TOLD_WITHIN.total_seconds()

META_CAUSES: Mapping[int, Cause] = {
    130429: Cause.THROTTLED,
    4: Cause.THROTTLED,
    80007: Cause.THROTTLED,
    131056: Cause.PAIR_LIMIT,
    1: Cause.SERVICE,
    2: Cause.SERVICE,
    131000: Cause.SERVICE,
    0: Cause.TOKEN,
    190: Cause.TOKEN,
    10: Cause.PERMISSION,
    100: Cause.BAD_REQUEST,
    131026: Cause.NO_WHATSAPP,
    131030: Cause.NOT_ALLOWED,
    131047: Cause.WINDOW,
    368: Cause.RESTRICTED,
    131031: Cause.RESTRICTED,
    131048: Cause.QUALITY,
    131049: Cause.ENGAGEMENT,
}


def meta_cause(code: int | None, http_status: int) -> Cause:
    """What an error of the Cloud API means: by its code, or by the HTTP status where it has none we know."""
    if code is not None:
        if code in META_CAUSES:
            return META_CAUSES[code]
        if 200 <= code <= 299:
            return Cause.PERMISSION
        if 132000 <= code <= 132999:
            return Cause.TEMPLATE
    if http_status >= 500:
        return Cause.SERVICE
    by_status = {401: Cause.TOKEN, 403: Cause.PERMISSION, 429: Cause.THROTTLED}
    return by_status.get(http_status, Cause.BAD_REQUEST)


def rule_of(cause: Cause) -> Rule:
    return _RULES.get(cause, Rule.NEVER)


def wait_after(cause: Cause, attempts: int) -> timedelta | None:
    """How long to wait after the `attempts`th try; None to give up, at once or after a day of trying."""
    rule = rule_of(cause)
    if rule is Rule.NEVER or tried_for_s(rule, attempts) > KEEPS_TRYING_S:
        return None
    return timedelta(seconds=_wait_s(rule, attempts))


def tried_for_s(rule: Rule, attempts: int) -> float:
    """The waits after all of `attempts` tries together."""
    return sum(_wait_s(rule, attempt) for attempt in range(1, attempts + 1))


def _wait_s(rule: Rule, attempts: int) -> float:
    first_s, factor, longest_s = _WAITS_S[rule]
    growth = min(attempts - 1, 30)
    return min(longest_s, first_s * factor**growth)


@dataclass(frozen=True)
class Waiting:
    """A delivery that is queued. attempts: how often it was tried; thread: of which message it was a part."""

    id: int
    due_at: datetime
    attempts: int = 0
    thread: str | None = None


def next_batch(queue: list[Waiting], last_sent_at: datetime | None, now: datetime) -> list[Waiting]:
    """What goes to one recipient in one message now; nothing while he has to wait.

    All that waits for him goes together as soon as the first of it is due, except that a message which
    may have arrived already is repeated as it was, and that nothing goes out while a failed one backs off.
    """
    if not queue or not may_send(last_sent_at, now):
        return []
    tried = [one for one in queue if one.attempts]
    if any(one.due_at > now for one in tried) or all(one.due_at > now for one in queue):
        return []
    again = next((one.thread for one in tried if one.thread), None)
    return [one for one in queue if one.thread == again] if again else queue


def may_send(last_sent_at: datetime | None, now: datetime) -> bool:
    """A last message in the future is of a clock that was set back, and holds nobody up."""
    return last_sent_at is None or now - last_sent_at >= SPACING or last_sent_at > now
