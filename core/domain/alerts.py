"""The life of an alert: what may happen to it next, and when it wants somebody's attention."""

from collections.abc import Mapping
from datetime import datetime

from core.domain.states import AlertAction, AlertKind, AlertState

NOTICES = frozenset({AlertKind.CAME_BACK, AlertKind.CAMERA_BACK})
"""They tell that an alert has ended."""

EXCUSABLE = frozenset({AlertKind.ABSENT, AlertKind.NOT_ARRIVED})

UNSETTLED = frozenset({AlertState.OPEN, AlertState.ACKNOWLEDGED, AlertState.SNOOZED, AlertState.EXCUSED})
"""They end by themselves when what they tell of ends."""

_AFTER: Mapping[AlertAction, AlertState] = {
    AlertAction.ACKNOWLEDGED: AlertState.ACKNOWLEDGED,
    AlertAction.SNOOZED: AlertState.SNOOZED,
    AlertAction.WOKEN: AlertState.OPEN,
    AlertAction.EXCUSED: AlertState.EXCUSED,
    AlertAction.RESOLVED: AlertState.RESOLVED,
}
_BY_HAND = frozenset({AlertAction.SNOOZED, AlertAction.EXCUSED, AlertAction.RESOLVED})
_ALLOWED: Mapping[AlertState, frozenset[AlertAction]] = {
    AlertState.OPEN: _BY_HAND | {AlertAction.ACKNOWLEDGED, AlertAction.ESCALATED},
    AlertState.ACKNOWLEDGED: _BY_HAND,
    AlertState.SNOOZED: _BY_HAND | {AlertAction.ACKNOWLEDGED, AlertAction.WOKEN},
    AlertState.EXCUSED: frozenset({AlertAction.RESOLVED}),
    AlertState.RESOLVED: frozenset(),
}


def allowed(kind: AlertKind, state: AlertState) -> frozenset[AlertAction]:
    """What may happen next; only who is away can be excused."""
    actions = _ALLOWED[state]
    return actions if kind in EXCUSABLE else actions - {AlertAction.EXCUSED}


def state_after(kind: AlertKind, state: AlertState, action: AlertAction) -> AlertState:
    """Raises ValueError for a step that cannot follow."""
    if action not in allowed(kind, state):
        raise ValueError(f"an alert that is {state} cannot be {action}")
    return _AFTER.get(action, state)


def wants_attention(state: AlertState, snoozed_until: datetime | None, now: datetime) -> bool:
    """Whether it counts in the badge: open, or snoozed until a time that is over."""
    if state is AlertState.SNOOZED:
        return snoozed_until is not None and snoozed_until <= now
    return state is AlertState.OPEN
