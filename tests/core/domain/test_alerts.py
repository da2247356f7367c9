"""The life of an alert, step by step."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from core.domain.alerts import EXCUSABLE, NOTICES, UNSETTLED, allowed, state_after, wants_attention
from core.domain.states import AlertAction, AlertKind, AlertState

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
OPEN, ACKNOWLEDGED, SNOOZED = AlertState.OPEN, AlertState.ACKNOWLEDGED, AlertState.SNOOZED
EXCUSED, RESOLVED = AlertState.EXCUSED, AlertState.RESOLVED


@pytest.mark.parametrize(
    ("state", "action", "after"),
    [
        (OPEN, AlertAction.ACKNOWLEDGED, ACKNOWLEDGED),
        (OPEN, AlertAction.SNOOZED, SNOOZED),
        (OPEN, AlertAction.EXCUSED, EXCUSED),
        (OPEN, AlertAction.ESCALATED, OPEN),
        (OPEN, AlertAction.RESOLVED, RESOLVED),
        (ACKNOWLEDGED, AlertAction.SNOOZED, SNOOZED),
        (ACKNOWLEDGED, AlertAction.EXCUSED, EXCUSED),
        (SNOOZED, AlertAction.WOKEN, OPEN),
        (SNOOZED, AlertAction.ACKNOWLEDGED, ACKNOWLEDGED),
        (SNOOZED, AlertAction.SNOOZED, SNOOZED),
        (EXCUSED, AlertAction.RESOLVED, RESOLVED),
    ],
)
def test_what_a_step_leads_to(state, action, after):
    assert state_after(AlertKind.ABSENT, state, action) is after


def test_every_other_step_is_refused():
    for kind, state, action in product(AlertKind, AlertState, AlertAction):
        if action not in allowed(kind, state):
            with pytest.raises(ValueError, match="cannot be"):
                state_after(kind, state, action)
    assert all(not allowed(kind, RESOLVED) for kind in AlertKind)
    assert all(
        AlertAction.OPENED not in allowed(kind, state) for kind, state in product(AlertKind, AlertState)
    )


def test_only_who_is_away_can_be_excused():
    for kind in AlertKind:
        assert (AlertAction.EXCUSED in allowed(kind, OPEN)) == (kind in EXCUSABLE)
    assert EXCUSABLE.isdisjoint(NOTICES)


def test_an_alert_that_is_not_over_is_unsettled():
    assert set(AlertState) - UNSETTLED == {RESOLVED}


@pytest.mark.parametrize(
    ("state", "snoozed_for_min", "wants"),
    [
        (OPEN, None, True),
        (ACKNOWLEDGED, None, False),
        (SNOOZED, 5, False),
        (SNOOZED, 0, True),
        (SNOOZED, -5, True),
        (SNOOZED, None, False),
        (EXCUSED, None, False),
        (RESOLVED, None, False),
    ],
)
def test_what_wants_attention(state, snoozed_for_min, wants):
    until = None if snoozed_for_min is None else NOW + timedelta(minutes=snoozed_for_min)
    assert wants_attention(state, until, NOW) is wants
