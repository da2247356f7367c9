"""Alerts of people whom nobody enrolled, each with a picture of its own."""

import logging
import os
from collections.abc import Iterable, Iterator
from datetime import datetime

from core.domain.events import UnknownPersonSeen
from core.domain.expectation import Expectation
from core.domain.states import UnknownAlerts
from core.domain.unknowns import UnknownPersonRule
from core.paths import SitePaths
from core.settings import Parameters
from core.storage.files import make_folder
from worker.evidence import Stranger

log = logging.getLogger(__name__)


class UnknownPeople:
    """Which of the strangers are worth an alert."""

    def __init__(self, paths: SitePaths) -> None:
        self._paths = paths
        self._rule = UnknownPersonRule(UnknownAlerts.OFF, 0)

    def restore(self, alerted_at: dict[int, datetime]) -> None:
        self._rule.alerted_at = alerted_at

    def apply(self, parameters: Parameters) -> None:
        self._rule.when = UnknownAlerts(parameters.unknown_person_alerts)
        self._rule.min_interval_s = parameters.unknown_alert_min_interval_sec

    def follow(self, strangers: Iterable[Stranger], expectation: Expectation) -> Iterator[UnknownPersonSeen]:
        """What is worth an alert; one whose picture cannot be kept has none."""
        for stranger in strangers:
            at = stranger.seen_at
            if self._rule.wants(
                stranger.camera_id,
                at,
                site_is_open=expectation.site_is_open(at),
                site_is_paused=expectation.is_paused(at),
            ):
                yield UnknownPersonSeen(stranger.camera_id, at, self._keep(stranger))

    def _keep(self, stranger: Stranger) -> str | None:
        """A second name for the event's picture, which outlives the thinning out of event pictures."""
        if stranger.picture_path is None:
            return None
        picture = self._paths.home / stranger.picture_path
        folder = self._paths.unknown / f"{stranger.seen_at:%Y-%m-%d}"
        kept = folder / f"CAM{stranger.camera_id}_{picture.name}"
        try:
            make_folder(kept.parent)
            os.link(picture, kept)
        except OSError as error:  # the alert matters more than its picture
            log.warning("the picture of an unknown person cannot be kept: %s", error)
            return None
        return kept.relative_to(self._paths.home).as_posix()
