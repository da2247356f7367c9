"""When an unknown person is worth an alert."""

from datetime import UTC, datetime, timedelta

import pytest

from core.domain.states import UnknownAlerts
from core.domain.unknowns import UnknownPersonRule

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "is_open", "is_paused", "wants"),
    [
        (UnknownAlerts.OFF, True, False, False),
        (UnknownAlerts.WORKING_HOURS, True, False, True),
        (UnknownAlerts.WORKING_HOURS, False, False, False),
        (UnknownAlerts.ALWAYS, False, False, True),
        (UnknownAlerts.ALWAYS, True, True, False),
    ],
)
def test_when_it_is_wanted(when, is_open, is_paused, wants):
    rule = UnknownPersonRule(when, 600)
    assert rule.wants(1, NOW, site_is_open=is_open, site_is_paused=is_paused) is wants


def test_each_camera_waits_for_its_interval():
    rule = UnknownPersonRule(UnknownAlerts.ALWAYS, 600, {2: NOW - timedelta(seconds=599)})

    def wants(camera_id: int, after_s: float) -> bool:
        at = NOW + timedelta(seconds=after_s)
        return rule.wants(camera_id, at, site_is_open=True, site_is_paused=False)

    assert [wants(1, s) for s in (0, 1, 599, 600, 900, 1200)] == [True, False, False, True, False, True]
    assert [wants(2, s) for s in (0, 1)] == [False, True]
    assert wants(1, -3600), "after the clock was set back nobody waits for a time that is to come"
