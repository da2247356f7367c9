"""The worker's main loop: newest frames in, facts out, and once a second everything that is not a frame."""

import argparse
import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from types import FrameType

from sqlalchemy import Engine

from core.domain.states import CameraStatus, CoverageState, WorkerPhase
from core.errors import StorageError
from core.logs import configure_logging
from core.paths import SitePaths
from core.settings import Parameters
from core.settings_store import SettingsStore
from core.storage.engine import writer_engine
from core.storage.facts import mirror_worker
from core.storage.lock import worker_lock
from core.storage.retry import run_in_order
from core.storage.verify import verify_database
from worker.analysis.protocols import LoadedPack
from worker.camera_figures import CameraFigures
from worker.capture import ReaderStatus
from worker.clock import SiteClock
from worker.day_keeper import DayKeeper
from worker.disk import DiskGuard
from worker.enrolment import Enroller
from worker.heartbeat import beat
from worker.live import LiveFrames
from worker.maintenance import Maintenance
from worker.packs import load_pack
from worker.pipeline import CameraFrame
from worker.reader_set import ReaderSet
from worker.recorder import Recorder, masked_otherwise
from worker.request_desk import RequestDesk
from worker.settings_trail import SettingsTrail
from worker.settings_watch import SettingsWatch, WatchedSettings, needs_new_models
from worker.status_rows import (
    camera_row,
    coverage_state,
    mark_removed,
    misconfigured_row,
    pack_columns,
    tracks_now,
    worker_row,
)

log = logging.getLogger(__name__)

WAIT_S = 0.1
HOUSEKEEPING_S = 0.5
"""Gallery, settings, status and silence are looked at this often."""

FULL_RETRY_S = 5.0
LOCK_BUDGET_S = 60.0
"""A database that is locked for longer ends the worker."""

READERS_STOP_S = 6.0
THREADS_STOP_S = 2.0
"""Each of the others; all together stay well below the worker's stopwaitsecs in supervisord.conf."""

PackLoader = Callable[[Parameters], LoadedPack]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command="run")


def main(
    arguments: argparse.Namespace, load: PackLoader = load_pack, lock_budget_s: float = LOCK_BUDGET_S
) -> int:
    configure_logging("worker")
    stop = stop_on_signals()
    paths = SitePaths.from_environment().create()
    with worker_lock(paths):
        verify_database(paths)
        return run(paths, stop, load, lock_budget_s)


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    return stop


def run(
    paths: SitePaths,
    stop: threading.Event,
    load: PackLoader = load_pack,
    lock_budget_s: float = LOCK_BUDGET_S,
) -> int:
    """Watches the cameras until `stop` is set or other models are wanted, which is 0 both."""
    watch = SettingsWatch(SettingsStore(paths))
    engine = writer_engine(paths.database)
    try:
        settings = first_settings(paths, engine, watch, stop)
        if settings is None:
            return 0
        beat(paths, WorkerPhase.LOADING, utc_now())
        worker = Worker(paths, engine, loaded(load, settings.parameters, paths), watch, settings)
        worker.recorder.lock_budget_s = lock_budget_s
        try:
            if worker.start(stop):
                worker.loop(stop)
                worker.finish()
        finally:
            worker.close()
    finally:
        engine.dispose()
    return 0


def first_settings(
    paths: SitePaths, engine: Engine, watch: SettingsWatch, stop: threading.Event
) -> WatchedSettings | None:
    """Waits for settings that can be used; there is nothing to keep to before. None when stopped."""
    started_at = utc_now()
    while (settings := watch.look()) is None:
        now = utc_now()
        beat(paths, WorkerPhase.LOADING, now)
        row = worker_row(WorkerPhase.LOADING, started_at, now) | {"settings_error": watch.problem}
        run_in_order(engine, partial(mirror_worker, values=row))
        if stop.wait(1.0):
            return None
    return settings


def loaded(load: PackLoader, parameters: Parameters, paths: SitePaths) -> LoadedPack:
    pack = load(parameters)
    if "CUDA" in pack.embedder.provider:
        note_that_gpu_works(paths)
    for provider in pack.providers_missing:
        log.warning("%s is wanted and not to be had; %s is used", provider, pack.embedder.provider)
    return pack


def note_that_gpu_works(paths: SitePaths) -> None:
    """For the dashboard, which tells the loss of a GPU from its absence."""
    try:
        paths.gpu_worked.touch()
    except OSError as error:  # a full disk, as a rule: no reason not to watch
        log.warning("cannot note that the GPU works: %s", error.strerror)


class Worker:
    """Everything that runs, and the loop that drives it. One thread writes facts: the caller's."""

    def __init__(
        self,
        paths: SitePaths,
        engine: Engine,
        pack: LoadedPack,
        watch: SettingsWatch,
        settings: WatchedSettings,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._paths = paths
        self._engine = engine
        self._pack = pack
        self._watch = watch
        self._settings = settings
        self._now = now or SiteClock().now
        self._started_at = self._now()
        self.recorder = Recorder(paths, engine, pack, settings.recorded(), self._wait_for_lock)
        self._readers = ReaderSet()
        self._live = LiveFrames(paths)
        self._figures = CameraFigures()
        self._disk = DiskGuard(paths)
        enroller = Enroller(paths, engine, pack, settings.parameters.similarity_threshold)
        self._desk = RequestDesk(paths, enroller, settings.parameters)
        self._maintenance, self._days = Maintenance(paths), DayKeeper(paths)
        self._trail = SettingsTrail(paths, watch.store)
        self._tracks: dict[int, list[dict[str, object]]] = {}
        self._housekept_s = float("-inf")
        self._full_since_s: float | None = None
        self._models_changed = False
        self._paused = False
        """Nobody is recognised, because somebody wanted it so."""

    def start(self, stop: threading.Event) -> bool:
        """Embeds what other packs enrolled, then watches the cameras; False when stopped before that."""
        now = self._now()
        self._disk.hold_reserve()
        for _ in self._desk.enroller.reembed(now):
            beat(self._paths, WorkerPhase.LOADING, self._now())
            if stop.is_set():
                return False
        rows = [camera_row(camera, now, None) for camera in self._settings.cameras.values()]
        self.recorder.start(now, rows)
        for camera_id in self.recorder.settings.cameras:  # from the very moment that the last run's gap ends
            self.recorder.silent(camera_id, CoverageState.CONNECTING, now)
        self._apply(self._settings)
        self._desk.start()
        self._maintenance.start(self._settings.parameters)
        self._days.start(self._settings.parameters)
        log.info(
            "watching %d cameras with pack %s on %s",
            len(self.recorder.settings.cameras),
            self._pack.pack_id,
            self._pack.embedder.provider,
        )
        return True

    def loop(self, stop: threading.Event) -> None:
        while not stop.is_set() and not self._models_changed:
            frames = self._readers.poll()
            self._desk.tap.offer(frames)
            now = self._now()
            try:
                self._advance([CameraFrame(*frame) for frame in frames], now)
            except StorageError as error:
                self._storage_failed(error)
            if not frames:
                self._readers.wait(WAIT_S)

    def finish(self) -> None:
        """Commits what is pending; an end for a storage failure goes without."""
        now = self._now()
        self.recorder.mirror([], worker_row(WorkerPhase.STOPPING, self._started_at, now))
        self.recorder.finish(now)

    def close(self) -> None:
        """Ends the threads, each within its bound."""
        self._readers.stop(READERS_STOP_S)
        self._desk.stop(THREADS_STOP_S)
        self._maintenance.stop(THREADS_STOP_S)
        self._days.stop(THREADS_STOP_S)

    def _wait_for_lock(self, pause_s: float) -> None:
        """Between two tries of a locked database the worker is alive, which the watchdog must see."""
        beat(self._paths, WorkerPhase.RUNNING, self._now())
        time.sleep(pause_s)

    def _advance(self, frames: list[CameraFrame], now: datetime) -> None:
        """Frames, then whatever is due. While the disk is full, frames are let go and coverage says so."""
        if self._full_since_s is not None:
            self._try_after_full(now)
            return
        if frames and not self._paused:
            step = self.recorder.process(frames, now)
            for analysis in step.analyses:
                self._tracks[analysis.camera_id] = tracks_now(analysis)
                parameters = self._settings.parameters.for_camera(self._settings.cameras[analysis.camera_id])
                self._live.show(analysis, parameters, self.recorder.names)
                self._figures.published(analysis, self._now())
        if time.monotonic() - self._housekept_s >= HOUSEKEEPING_S:
            self._housekept_s = time.monotonic()
            self._keep_house(now)

    def _keep_house(self, now: datetime) -> None:
        beat(self._paths, WorkerPhase.RUNNING, now)
        self._readers.check()
        self._desk.raise_failure()
        self._maintenance.raise_failure()
        self._days.raise_failure()
        settings = self._watch.look()
        if settings is not None:
            self._apply(settings)
        self._trail.follow(self._watch.fingerprint, self.recorder.in_order, now)
        if self._desk.take_reload():
            self.recorder.forget_people()
        self.recorder.refresh_people(now)
        self.recorder.refresh_calendar(now)
        self._pause(self.recorder.recognition_is_paused(now))
        min_free_mb = self._settings.parameters.min_free_mb
        self.recorder.pictures_allowed = self._disk.pictures_allowed(min_free_mb)
        statuses = self._readers.statuses()
        self._tell_silence(statuses, now)
        self._mirror(statuses, now)
        self.recorder.idle(now)

    def _pause(self, paused: bool) -> None:
        if paused != self._paused:
            log.warning("recognition %s", "is paused" if paused else "goes on")
        self._paused = paused

    def _apply(self, settings: WatchedSettings) -> None:
        if needs_new_models(self._settings.parameters, settings.parameters):
            log.info("the model settings changed: starting anew")
            self._models_changed = True
            return
        self._hide_earlier(settings)
        self._settings = settings
        self._desk.parameters = settings.parameters
        self._maintenance.parameters = self._days.parameters = settings.parameters
        self.recorder.apply(settings.recorded(), self._now())
        self._readers.reconcile(
            {
                key: (camera, settings.parameters.for_camera(camera))
                for key, camera in settings.cameras.items()
            }
        )
        self._figures.apply(settings.cameras)
        known = {*settings.cameras, *settings.misconfigured}
        self.recorder.in_order(lambda session: mark_removed(session, sorted(known), self._now()))
        self._tracks = {key: tracks for key, tracks in self._tracks.items() if key in settings.cameras}

    def _hide_earlier(self, settings: WatchedSettings) -> None:
        """A live picture from before the masks of today goes; at the start nobody knows which those were."""
        earlier = {} if settings is self._settings else self._settings.cameras
        for camera_id in masked_otherwise(earlier, settings.cameras):
            self._paths.live_frame(camera_id).unlink(missing_ok=True)

    def _tell_silence(self, statuses: dict[int, ReaderStatus], now: datetime) -> None:
        for camera_id, status in statuses.items():
            cause = coverage_state(status, now)
            if self._paused and status.status is CameraStatus.ONLINE:
                cause = CoverageState.PAUSED
            if cause is not None:
                self.recorder.silent(camera_id, cause, now)
            if self._paused or status.status is not CameraStatus.ONLINE:
                self._tracks.pop(camera_id, None)
        for camera_id in self._settings.misconfigured:
            self.recorder.silent(camera_id, CoverageState.MISCONFIGURED, now)

    def _mirror(self, statuses: dict[int, ReaderStatus], now: datetime) -> None:
        rows = []
        for camera_id, camera in self._settings.cameras.items():
            row = camera_row(camera, now, statuses.get(camera_id))
            row["tracks"] = self._tracks.get(camera_id, [])
            if camera.enabled:
                row["analysed_fps"] = self._live.analysed_fps(camera_id)
                row["refused_faces"] = self.recorder.pipeline.refused_faces(camera_id)
                row |= self._figures.columns(camera_id)
            rows.append(row)
        for camera_id, cause in self._settings.misconfigured.items():
            rows.append(misconfigured_row(camera_id, cause, now, self._started_at))
        worker = worker_row(WorkerPhase.RUNNING, self._started_at, now)
        worker |= pack_columns(self._pack, self._settings.parameters)
        worker |= {"pictures_paused": not self.recorder.pictures_allowed}
        worker |= {"settings_error": self._watch.problem}
        self.recorder.mirror(rows, worker)

    def _storage_failed(self, error: StorageError) -> None:
        """A full disk pauses observing until there is room again; every other failure ends the worker."""
        if error.code != "storage_full":
            raise error
        if self._disk.release_reserve():
            log.error("the disk is full: the reserve is given to the database")
            return
        log.error("the disk is full: observing pauses until there is room: %s", error)
        self._full_since_s = time.monotonic()

    def _try_after_full(self, now: datetime) -> None:
        """Every few seconds: is there room for what is pending, and for the reserve?"""
        assert self._full_since_s is not None
        beat(self._paths, WorkerPhase.RUNNING, now)
        if time.monotonic() - self._full_since_s < FULL_RETRY_S:
            return
        self._full_since_s = time.monotonic()
        if not self._disk.hold_reserve():
            return
        for camera_id in self.recorder.settings.cameras:
            self.recorder.silent(camera_id, CoverageState.STORAGE_FULL, now)
        self.recorder.commit(now, final=True)
        self._full_since_s = None
        log.warning("there is room on the disk again: observing goes on")


def utc_now() -> datetime:
    return datetime.now(UTC)
