"""What waits for nobody: an alert whose snooze is over, and one that nobody has dealt with."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.alerts import wants_attention
from core.domain.states import AlertKind, AlertState

SUPPRESSED_BY_A_PAUSE = frozenset(AlertKind) - {AlertKind.WORKER_FAULT, AlertKind.MODEL_FAULT}
"""While the site is paused nobody is told of people and cameras."""


@dataclass(frozen=True)
class StandingAlert:
    """An alert that is open or snoozed. open_since: when it opened, or when it last woke from a snooze."""

    id: int
    kind: AlertKind
    state: AlertState
    open_since: datetime
    snoozed_until: datetime | None = None
    escalated_at: datetime | None = None


def wakes(alert: StandingAlert, now: datetime, *, paused: bool) -> bool:
    """Whether its snooze is over."""
    if alert.state is not AlertState.SNOOZED or (paused and alert.kind in SUPPRESSED_BY_A_PAUSE):
        return False
    return wants_attention(alert.state, alert.snoozed_until, now)


def escalates(alert: StandingAlert, now: datetime, after: timedelta, *, paused: bool) -> bool:
    """Whether the second recipients are to be told. after: zero means never; each alert does so once."""
    if alert.state is not AlertState.OPEN or alert.escalated_at is not None:
        return False
    if not after or (paused and alert.kind in SUPPRESSED_BY_A_PAUSE):
        return False
    return now - alert.open_since >= after
