"""When a snoozed alert wakes, and when one that nobody dealt with goes to the second recipients."""

from datetime import UTC, datetime, timedelta

import pytest

from core.domain.escalation import SUPPRESSED_BY_A_PAUSE, StandingAlert, escalates, wakes
from core.domain.states import AlertKind, AlertState

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ABSENT, FAULT = AlertKind.ABSENT, AlertKind.WORKER_FAULT
OPEN, SNOOZED = AlertState.OPEN, AlertState.SNOOZED


def alert(
    state: AlertState, minutes: float, *, kind: AlertKind = ABSENT, escalated: bool = False
) -> StandingAlert:
    """Open since, or snoozed until, so many minutes ago."""
    at = NOW - minutes * MINUTE
    return StandingAlert(1, kind, state, at, at, NOW if escalated else None)


@pytest.mark.parametrize(
    ("one", "paused", "woken"),
    [
        (alert(SNOOZED, -1), False, False),
        (alert(SNOOZED, 0), False, True),
        (alert(SNOOZED, 5), True, False),
        (alert(SNOOZED, 5, kind=FAULT), True, True),
        (alert(OPEN, 5), False, False),
    ],
)
def test_a_snooze_ends(one: StandingAlert, paused: bool, woken: bool) -> None:
    assert wakes(one, NOW, paused=paused) is woken


@pytest.mark.parametrize(
    ("one", "after_min", "paused", "escalated"),
    [
        (alert(OPEN, 9.9), 10, False, False),
        (alert(OPEN, 10), 10, False, True),
        (alert(OPEN, 10), 0, False, False),
        (alert(OPEN, 10), 10, True, False),
        (alert(OPEN, 10, kind=FAULT), 10, True, True),
        (alert(OPEN, 10, escalated=True), 10, False, False),
        (alert(SNOOZED, 10), 10, False, False),
        (alert(AlertState.ACKNOWLEDGED, 10), 10, False, False),
    ],
)
def test_an_alert_escalates_once(one: StandingAlert, after_min: float, paused: bool, escalated: bool) -> None:
    assert escalates(one, NOW, after_min * MINUTE, paused=paused) is escalated


def test_a_pause_never_silences_what_is_wrong_with_the_system() -> None:
    assert set(AlertKind) - SUPPRESSED_BY_A_PAUSE == {AlertKind.WORKER_FAULT, AlertKind.MODEL_FAULT}
