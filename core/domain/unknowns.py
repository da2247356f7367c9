"""When a person whom nobody enrolled is worth an alert."""

from dataclasses import dataclass, field
from datetime import datetime

from core.domain.states import UnknownAlerts


@dataclass
class UnknownPersonRule:
    """At most one alert a camera in so many seconds. alerted_at: the latest of each camera."""

    when: UnknownAlerts
    min_interval_s: float
    alerted_at: dict[int, datetime] = field(default_factory=dict)

    def wants(self, camera_id: int, at: datetime, *, site_is_open: bool, site_is_paused: bool) -> bool:
        """Whether to alert of somebody seen at `at`; the next one then waits."""
        if self.when is UnknownAlerts.OFF or site_is_paused:
            return False
        if self.when is UnknownAlerts.WORKING_HOURS and not site_is_open:
            return False
        last = self.alerted_at.get(camera_id)
        if last is not None and 0 <= (at - last).total_seconds() < self.min_interval_s:
            return False
        self.alerted_at[camera_id] = at
        return True
