"""Frames in, committed facts out: the pipeline, the evidence and the database as one recording."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import TypeVar

import numpy as np
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core.domain.coverage import CoverageLedger
from core.domain.events import PresenceEvent
from core.domain.expectation import Expectation
from core.domain.faces import FloatArray
from core.domain.identity import Gallery, mean_directions
from core.domain.presence import PresenceMonitor, PresenceRules
from core.domain.schedule import attendance_day, day_bounds
from core.domain.states import CoverageState, EvidenceKind, UnknownState
from core.errors import StorageError
from core.paths import SitePaths
from core.settings import CameraSettings, Parameters
from core.storage import audit, pauses
from core.storage.alert_facts import end_unknown, last_unknown
from core.storage.biometrics import active_templates, gallery_revision, unknown_vectors
from core.storage.capture_links import CaptureLinks, Links, links_of, newest_links
from core.storage.facts import (
    FactBatch,
    Recorded,
    coalesced,
    record,
)
from core.storage.models import Employee, Evidence, Visit
from core.storage.projection import AttendanceRules, project_days, rebuild
from core.storage.retry import run_in_order
from core.storage.rulebook import attendance_rules, read_expectation, site_hours
from core.storage.take_up import (
    close_future_visits,
    close_visits_of_inactive,
    coverage_between,
    covering_cameras,
    kept_since,
    memories,
    record_worker_stop,
)
from worker.analysis.protocols import LoadedPack
from worker.evidence import EvidenceKeeper, EvidenceRules, OpenVisit
from worker.pipeline import CameraFrame, Pipeline, Step
from worker.unknown_alerts import UnknownPeople
from worker.unknown_faces import UnknownFaceKeeper

log = logging.getLogger(__name__)

COMMIT_INTERVAL = timedelta(seconds=1)
"""Sightings wait at most this long; visits, alerts and pictures are committed at once."""

COVERING_DAYS = timedelta(days=14)
"""A camera that saw a person within these days covers him."""

CLOCK_MEMORY = timedelta(days=1)
"""Coverage older than this matters to no running clock."""

AN_HOUR = timedelta(hours=1)

T = TypeVar("T")


@dataclass(frozen=True)
class SiteSettings:
    """What the recording needs of the settings: site parameters and the enabled, valid cameras."""

    parameters: Parameters
    cameras: Mapping[int, CameraSettings]
    switched_off: frozenset[int] = frozenset()
    """Cameras that are configured and not among the enabled ones."""

    @property
    def configured(self) -> frozenset[int]:
        return frozenset(self.cameras) | self.switched_off

    def camera_parameters(self) -> dict[int, Parameters]:
        return {camera_id: self.parameters.for_camera(camera) for camera_id, camera in self.cameras.items()}


class Recorder:
    """One writer of one database. One thread.

    `wait` passes the seconds between two tries of a locked database, which `lock_budget_s` ends.
    """

    def __init__(
        self,
        paths: SitePaths,
        engine: Engine,
        pack: LoadedPack,
        settings: SiteSettings,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.paths = paths
        self.pack = pack
        self.settings = settings
        self.names: dict[int, str] = {}
        self.pictures_allowed = True
        self.lock_budget_s = 60.0
        self._wait = wait
        self._engine = engine
        self._coverage = CoverageLedger()
        self._expectation = Expectation.plain(site_hours(settings.parameters))
        rules = presence_rules(settings.parameters, self._expectation)
        self._monitor = PresenceMonitor(rules, self._coverage)
        self.pipeline = Pipeline(pack, self._monitor, self._coverage)
        self._evidence = EvidenceKeeper(paths, evidence_rules(settings, self._expectation), pack.pack_id)
        self._strangers = UnknownFaceKeeper(paths, pack, self._evidence.rules)
        self._unknown = UnknownPeople(paths)
        self._links = CaptureLinks()
        self._batch = FactBatch()
        self._committed_at: datetime | None = None
        self._revision = ""
        self._held: dict[int, frozenset[int]] = {}
        """The templates of each person in the gallery."""
        self._ignored: list[int] = []
        """The ignored faces in the gallery."""
        self._covering_at: datetime | None = None
        self._calendar_of: tuple[int, date] | None = None
        """Up to which audit row, and on which day, the calendar is known."""

    def start(self, now: datetime, camera_rows: Sequence[dict[str, object]]) -> None:
        """Takes up where the last run ended. `camera_rows` mirror the cameras: facts name them."""

        def take_up(session: Session) -> None:
            record(session, FactBatch(cameras=list(camera_rows)), self._attendance)
            record_worker_stop(session, now)
            closed = close_future_visits(session, now) | close_visits_of_inactive(session, now)
            project_days(session, closed, self._attendance)

        self.in_order(take_up)
        self._links.point(self.in_order(lambda session: newest_links(session, self.paths)))
        since = now - CLOCK_MEMORY
        covered = self.in_order(lambda session: coverage_between(session, since, now))
        self._coverage.restore(covered)
        self._monitor.restore(self.in_order(lambda session: memories(session, now)))
        self._evidence.restore(self.in_order(open_visits))
        self._unknown.restore(self.in_order(lambda session: last_unknown(session, since)))
        self._strangers.limit.restore(self.in_order(lambda session: kept_since(session, now - AN_HOUR)))
        self.apply(self.settings, now)
        self.pipeline.know_views({one.camera_id for one in covered if one.state is CoverageState.COVERED})
        self.refresh_people(now)

    def apply(self, settings: SiteSettings, now: datetime) -> None:
        """New settings from here on; cameras whose settings did not change keep their tracks."""
        before, self.settings = self.settings, settings
        self._project_lately(before.parameters, settings.parameters, now)
        masked = masked_otherwise(before.cameras, settings.cameras)
        self._evidence.forget_views(masked)
        self._strangers.forget_views(masked)
        self._calendar_of = None
        self.refresh_calendar(now)
        self.pipeline.set_cameras(settings.camera_parameters())
        self.pipeline.set_zones({camera_id: camera.zones for camera_id, camera in settings.cameras.items()})
        self._covering_at = None

    def in_order(self, work: Callable[[Session], T]) -> T:
        """The result of `work`, committed; raises as `commit` does."""
        return run_in_order(self._engine, work, budget_s=self.lock_budget_s, sleep=self._wait)

    def refresh_people(self, now: datetime) -> bool:
        """Looks for changed people or templates; True when the gallery was loaded again."""
        revision = self.in_order(gallery_revision)
        due = self._covering_at is None or now - self._covering_at > timedelta(minutes=10)
        changed = revision != self._revision
        if not changed and not due:
            return False
        enabled, configured = frozenset(self.settings.cameras), self.settings.configured
        seen_after = now - COVERING_DAYS
        cameras_of = self.in_order(lambda session: covering_cameras(session, enabled, configured, seen_after))
        if changed:
            self.in_order(self._load_gallery)
        for employee_id in cameras_of.keys() - self._held.keys():
            cameras_of[employee_id] = frozenset()  # whom no camera can know, none covers
        self._revision, self._covering_at = revision, now
        self._remember({person for person in cameras_of if not self._monitor.knows(person)}, now)
        self._take(self._monitor.set_people(cameras_of, now))
        return changed

    def refresh_calendar(self, now: datetime) -> None:
        """Looks for changes of who is expected when, which each leave an audit row, and for a new day."""
        parameters = self.settings.parameters
        today = attendance_day(now, parameters.zone)
        calendar_of = (self.in_order(audit.newest_id), today)
        if calendar_of == self._calendar_of:
            return
        self._expectation = self.in_order(lambda session: read_expectation(session, now, parameters))
        self._calendar_of = calendar_of
        self._monitor.rules = presence_rules(parameters, self._expectation)
        self._evidence.rules = evidence_rules(self.settings, self._expectation)
        self._strangers.rules = self._evidence.rules
        self._strangers.limit.per_hour = parameters.unknown_faces_per_hour
        self._unknown.apply(parameters)
        begun_at = day_bounds(today, parameters.zone)[0]
        self.in_order(lambda session: end_unknown(session, begun_at, now))

    def recognition_is_paused(self, now: datetime) -> bool:
        """Whether somebody paused the site and chose that nobody is recognised meanwhile."""
        return any(pause.stops_recognition for pause in self.in_order(lambda s: pauses.in_force(s, now)))

    def forget_people(self) -> None:
        """The next `refresh_people` loads everybody again."""
        self._revision = ""

    def process(self, frames: Sequence[CameraFrame], now: datetime) -> Step:
        """Analyses frames and commits what they decided."""
        step = self.pipeline.process(frames, now)
        self._batch.presence += step.presence
        self._batch.coverage += step.coverage
        self._evidence.follow(step, self._batch, self.pictures_allowed)
        self._batch.unknown += self._unknown.follow(self._evidence.take_strangers(), self._expectation)
        self._strangers.follow(step, self._batch, self.pictures_allowed)
        self.commit_when_due(now)
        return step

    def idle(self, now: datetime) -> None:
        """No frame came: time passes all the same."""
        self._take(self._monitor.tick(now))
        self._strangers.forget_silent(now, self._batch, self.pictures_allowed)
        self.commit_when_due(now)

    def silent(self, camera_id: int, cause: CoverageState, now: datetime) -> None:
        """A camera gives nothing to analyse; told about once a second."""
        self._batch.coverage += self._coverage.silent(camera_id, cause, now)

    def mirror(self, cameras: Sequence[dict[str, object]], worker: dict[str, object] | None) -> None:
        """Status rows for the dashboard, committed with the next facts."""
        latest = {row["id"]: row for row in [*self._batch.cameras, *cameras]}
        self._batch.cameras = list(latest.values())
        self._batch.worker = worker if worker is not None else self._batch.worker

    def finish(self, now: datetime) -> None:
        """Nothing is analysed any more: what is known of people who are still there is written too."""
        try:
            self._strangers.finish(self._batch, self.pictures_allowed)
        except StorageError as error:  # a picture less; the facts matter more
            log.warning("an unknown face is not kept: %s", error)
        self.commit(now, final=True)

    def commit_when_due(self, now: datetime) -> None:
        batch = self._batch
        decided = batch.presence or batch.pictures or batch.events or batch.unknown
        waited = self._committed_at is None or now - self._committed_at >= COMMIT_INTERVAL
        if decided or waited:
            self.commit(now)

    def commit(self, now: datetime, *, final: bool = False) -> Recorded | None:
        """Writes everything pending in one transaction; on an error it stays pending.

        Sightings are taken along once a second, and at once those of people with a new picture.
        Raises DatabaseBusy after `lock_budget_s`, DatabaseCorrupt, or StorageError with code storage_full.
        """
        due = self._committed_at is None or now - self._committed_at >= COMMIT_INTERVAL
        pictured = {picture.employee_id for picture in self._batch.pictures}
        self._batch.presence += self._monitor.flush(None if due or final else pictured)
        self._batch.coverage = coalesced(self._batch.coverage)
        if not self._batch:
            return None
        batch = self._batch
        recorded, links = self.in_order(lambda session: self._record(session, batch))
        self._batch = FactBatch()
        if due:
            self._committed_at = now
        self._links.point(links)
        self._strangers.follow_decisions(recorded.decided)
        for path in recorded.replaced_paths:
            (self.paths.home / path).unlink(missing_ok=True)
        self._coverage.prune(self._monitor.oldest_clock(now) - COMMIT_INTERVAL)
        return recorded

    def _record(self, session: Session, batch: FactBatch) -> tuple[Recorded, Links]:
        recorded = record(session, batch, self._attendance)
        return recorded, links_of(session, self.paths, recorded.days) if batch.pictures else {}

    def _take(self, events: list[PresenceEvent]) -> None:
        """Events that no frame brought; who has gone by them still gets his departure picture."""
        self._batch.presence += events
        self._evidence.close(events, self._batch, self.pictures_allowed)

    def _remember(self, people: set[int], now: datetime) -> None:
        """People who are active again, or new: what the database knows of them comes first."""
        if people:
            self.commit(now, final=True)
            self._monitor.restore(self.in_order(lambda session: memories(session, now, people)))

    def _project_lately(self, before: Parameters, after: Parameters, now: datetime) -> None:
        """Another zone or delay cuts the latest days anew; `core.attendance rebuild` does earlier ones."""
        rules = attendance_rules(after)
        if attendance_rules(before) == rules:
            return
        today = attendance_day(now, after.zone)
        for day in (today + timedelta(days=offset) for offset in range(-2, 2)):
            self.in_order(partial(rebuild, first=day, last=day, rules=rules))

    def _load_gallery(self, session: Session) -> None:
        templates = active_templates(session, self.pack.pack_id, self.pack.sha256)
        held: dict[int, frozenset[int]] = {}
        for template in templates:
            held[template.employee_id] = held.get(template.employee_id, frozenset()) | {template.template_id}
        changed = {p for p in held.keys() | self._held.keys() if held.get(p) != self._held.get(p)}
        ignored = unknown_vectors(session, UnknownState.IGNORED, self.pack.pack_id, self.pack.sha256)
        others = [one.face_id for one in ignored]
        if changed or others != self._ignored or self.pipeline.gallery is None:
            vectors = self._stacked([t.vector for t in templates])
            _, away = mean_directions(
                [one.decision for one in ignored], self._stacked([one.vector for one in ignored])
            )
            self.pipeline.set_gallery(Gallery([t.employee_id for t in templates], vectors, away), changed)
        self._held, self._ignored = held, others
        rows = session.execute(select(Employee.id, Employee.name).where(Employee.active))
        self.names = {row.id: row.name for row in rows}

    def _stacked(self, vectors: Sequence[FloatArray]) -> FloatArray:
        """(n, dim), also of none."""
        return np.array(vectors, np.float32).reshape(-1, self.pack.embedder.dim)

    @property
    def _attendance(self) -> AttendanceRules:
        return attendance_rules(self.settings.parameters)


def masked_otherwise(
    before: Mapping[int, CameraSettings], now: Mapping[int, CameraSettings]
) -> frozenset[int]:
    """Cameras with privacy masks that were others, or unknown, before."""
    masks_before = {camera_id: camera.privacy_masks for camera_id, camera in before.items()}
    return frozenset(
        camera_id
        for camera_id, camera in now.items()
        if camera.privacy_masks != masks_before.get(camera_id, ())
    )


def presence_rules(parameters: Parameters, expectation: Expectation) -> PresenceRules:
    return PresenceRules(
        present_timeout_s=parameters.present_timeout_sec,
        tracking_timeout_s=parameters.tracking_timeout,
        alert_min_interval_s=parameters.alert_min_interval_sec,
        expectation=expectation,
    )


def evidence_rules(settings: SiteSettings, expectation: Expectation) -> EvidenceRules:
    def is_quiet(employee_id: int | None, at: datetime) -> bool:
        if settings.parameters.off_duty_pictures:
            return False
        if employee_id is None:
            return not expectation.site_is_open(at)
        return not expectation.is_on_duty(employee_id, at)

    return EvidenceRules(
        event_min_interval_s={
            camera_id: parameters.event_min_interval_sec
            for camera_id, parameters in settings.camera_parameters().items()
        },
        first_in_overwrite=settings.parameters.attendance_first_in_overwrite_enabled,
        unknown_after_faces=settings.parameters.smoothing_window,
        is_quiet=is_quiet,
    )


def open_visits(session: Session) -> list[OpenVisit]:
    """The visits that an earlier run left open, with what their pictures were."""
    visits = session.scalars(select(Visit).where(Visit.departed_at.is_(None))).all()
    result = []
    for visit in visits:
        shots = session.scalars(select(Evidence).where(Evidence.visit_id == visit.id)).all()
        by_kind = {EvidenceKind(shot.kind): shot for shot in shots}
        assert visit.employee_id is not None, "an open visit is somebody's"
        arrival, departure = by_kind.get(EvidenceKind.ARRIVAL), by_kind.get(EvidenceKind.DEPARTURE)
        result.append(
            OpenVisit(
                visit.employee_id,
                visit.arrived_at,
                arrival.sharpness if arrival else None,
                departure.captured_at if departure else None,
            )
        )
    return result
