"""When a person whom nobody enrolled is worth an alert, and how many such faces are kept."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

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


@dataclass
class HourlyLimit:
    """At most so many faces a camera in any hour; 0 keeps none."""

    per_hour: int
    _taken_at: dict[int, deque[datetime]] = field(default_factory=dict)

    def restore(self, taken: Iterable[tuple[int, datetime]]) -> None:
        """What was kept before a restart: camera and time of each."""
        for camera_id, at in taken:
            self._taken_at.setdefault(camera_id, deque()).append(at)

    def takes(self, camera_id: int, at: datetime) -> bool:
        """Whether one more may be kept at `at`, which then counts."""
        kept = self._taken_at.setdefault(camera_id, deque())
        while kept and not timedelta() <= at - kept[0] < timedelta(hours=1):
            kept.popleft()
        if len(kept) >= self.per_hour:
            return False
        kept.append(at)
        return True
