"""What is wrong with cameras and programs, told from what they wrote of themselves.

`SiteWatch` opens an alert once an outage and ends it when the outage does. What it needs to know of the past
it reads from the alerts' own rows, so that it goes on after a crash as if there had been none; what it keeps
itself only lets it alert again sooner.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from core.domain.states import AlertKind, AlertResolution, CameraStatus, WorkerPhase

SILENT_AFTER = timedelta(seconds=30)
LOADING_AFTER = timedelta(minutes=5)
"""Models are loaded, and embeddings made anew for another pack, within that time."""
SETTINGS_AFTER = timedelta(seconds=60)
"""Who edits a settings file by hand gets so long to finish."""
GRACE = timedelta(seconds=60)
"""After its start, and after a standstill of the whole machine, the watch lets everything begin."""
STANDSTILL = timedelta(seconds=15)
"""The watch looks every second; a longer pause was its own."""


NEVER = datetime.min.replace(tzinfo=UTC)
WATCHED = frozenset({AlertKind.CAMERA_DOWN, AlertKind.WORKER_FAULT, AlertKind.MODEL_FAULT})


class Fault(StrEnum):
    """Cause of a worker_fault or model_fault; its sentence is `notifications.fault.<code>`."""

    SILENT = "silent"
    LOADING = "loading"
    NEVER_RAN = "never_ran"
    WORKER_GIVEN_UP = "worker_given_up"
    DASHBOARD_GIVEN_UP = "dashboard_given_up"
    WATCHDOG_GIVEN_UP = "watchdog_given_up"
    SETTINGS = "settings"
    PROVIDER = "provider"


@dataclass(frozen=True)
class CameraState:
    """A camera's row, as far as it matters. enabled: false also for one that was removed."""

    id: int
    enabled: bool
    status: CameraStatus
    since: datetime
    cause: str | None = None
    last_frame_at: datetime | None = None


@dataclass(frozen=True)
class WorkerState:
    """The worker's row, as far as it matters."""

    phase: WorkerPhase
    started_at: datetime
    heartbeat_at: datetime
    has_settings_error: bool = False
    provider: str | None = None
    providers_wanted: str | None = None


@dataclass(frozen=True)
class KnownAlert:
    """An alert as it is in its row."""

    id: int
    kind: AlertKind
    opened_at: datetime
    camera_id: int | None = None
    cause: str | None = None
    resolution: AlertResolution | None = None


@dataclass(frozen=True)
class Situation:
    """What is known at one moment.

    standing: the alerts of `WATCHED` that are not resolved. loading_at: when the worker last said in its
    heartbeat file that it is loading, None when it says otherwise. given_up: programs that supervisord gave
    up and that do not run again yet; None when it cannot be asked.
    """

    now: datetime
    worker: WorkerState | None
    cameras: Sequence[CameraState]
    standing: Sequence[KnownAlert] = ()
    loading_at: datetime | None = None
    given_up: frozenset[str] | None = None
    paused: bool = False
    camera_down_after: timedelta = timedelta(seconds=60)


@dataclass(frozen=True)
class Opened:
    """since: from when on it was wrong, where that is known."""

    kind: AlertKind
    cause: str | None
    camera_id: int | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class Ended:
    """notice: whether those who were told of it are told of its end."""

    alert_id: int
    kind: AlertKind
    resolution: AlertResolution
    camera_id: int | None = None
    notice: bool = False


Decision = Opened | Ended
Past = Callable[[AlertKind, int | None], Iterable[KnownAlert]]
"""The alerts of a kind, about a camera if one is named, the newest first."""

Topic = tuple[AlertKind, int | str]
"""A camera, or what of the programs is at fault: of each, one alert at a time."""

WORKER = "worker"


@dataclass(frozen=True)
class _Finding:
    """Something that is wrong. since: from when on; right_at: when it was right last, as far as rows tell."""

    topic: Topic
    cause: str | None
    since: datetime | None = None
    right_at: datetime | None = None


@dataclass
class SiteWatch:
    """Call `look` about once a second."""

    _watching_since: datetime = NEVER
    _looked_at: datetime | None = None
    _right_at: dict[Topic, datetime] = field(default_factory=dict)
    """When each topic was last seen to be right."""
    _wrong_since: dict[Topic, datetime] = field(default_factory=dict)

    def look(self, situation: Situation, past: Past) -> list[Decision]:
        """Alerts to open and to end. While everything begins, none is opened."""
        now = situation.now
        if self._looked_at is None or not timedelta(0) <= now - self._looked_at <= STANDSTILL:
            self._watching_since = now
        self._looked_at = now
        wrong = {one.topic: one for one in _findings(situation)}
        self._remember(wrong, situation)
        decisions: list[Decision] = list(_ended(situation, wrong))
        if now - self._watching_since >= GRACE:
            decisions += self._opened(situation, wrong.values(), past)
        return decisions

    def _opened(self, situation: Situation, wrong: Iterable[_Finding], past: Past) -> Iterator[Opened]:
        standing = {_topic_of(alert) for alert in situation.standing}
        for finding in wrong:
            kind, subject = finding.topic
            camera_id = subject if isinstance(subject, int) else None
            if finding.topic in standing or (camera_id is not None and situation.paused):
                continue
            if self._lasts(finding, situation) and not self._was_closed(finding, past(kind, camera_id)):
                yield Opened(kind, finding.cause, camera_id, self._since(finding))

    def _was_closed(self, finding: _Finding, past: Iterable[KnownAlert]) -> bool:
        """Whether somebody closed the alert of this very outage by hand."""
        latest = next((alert for alert in past if _topic_of(alert) == finding.topic), None)
        if latest is None or latest.resolution is not AlertResolution.BY_HAND:
            return False
        right_at = [at for at in (finding.right_at, self._right_at.get(finding.topic)) if at is not None]
        return not right_at or latest.opened_at >= max(right_at)

    def _lasts(self, finding: _Finding, situation: Situation) -> bool:
        """Whether it is wrong for long enough to be told."""
        if finding.topic[0] is AlertKind.CAMERA_DOWN:
            return situation.now - self._since(finding) >= situation.camera_down_after
        return finding.cause != Fault.SETTINGS or situation.now - self._since(finding) >= SETTINGS_AFTER

    def _since(self, finding: _Finding) -> datetime:
        """A camera that fails in one way after the other tells the last one only; this watch remembers."""
        seen_since = self._wrong_since[finding.topic]
        return min(seen_since, finding.since) if finding.since is not None else seen_since

    def _remember(self, wrong: Mapping[Topic, _Finding], situation: Situation) -> None:
        for topic in self._wrong_since.keys() - wrong.keys():
            if _can_be_judged(situation, topic):
                del self._wrong_since[topic]
                self._right_at[topic] = situation.now
        for topic in wrong:
            self._wrong_since.setdefault(topic, situation.now)


def _topic_of(alert: KnownAlert) -> Topic:
    if alert.kind is AlertKind.CAMERA_DOWN:
        return alert.kind, alert.camera_id or 0
    return alert.kind, _subject(alert.cause)


def _subject(cause: str | None) -> str:
    """What is at fault. The ways in which a worker does not work are one fault, whatever each looks like."""
    if cause in (Fault.SETTINGS, Fault.PROVIDER, Fault.DASHBOARD_GIVEN_UP, Fault.WATCHDOG_GIVEN_UP):
        return str(cause)
    return WORKER


def _findings(situation: Situation) -> Iterator[_Finding]:
    worker, now = situation.worker, situation.now
    fault = _worker_fault(situation)
    if fault is not None:
        heard_at = worker.heartbeat_at if worker is not None and fault is Fault.SILENT else None
        yield _Finding((AlertKind.WORKER_FAULT, WORKER), fault, heard_at, heard_at)
    for program, cause in _GIVEN_UP.items():
        if program in (situation.given_up or ()):
            yield _Finding((AlertKind.WORKER_FAULT, cause), cause)
    if worker is None or not _is_heard(worker, now):
        return
    if worker.has_settings_error:
        yield _Finding((AlertKind.WORKER_FAULT, Fault.SETTINGS), Fault.SETTINGS)
    if _runs_on_what_is_not_allowed(worker):
        topic = (AlertKind.MODEL_FAULT, Fault.PROVIDER)
        yield _Finding(topic, Fault.PROVIDER, right_at=worker.started_at)
    if worker.phase is WorkerPhase.RUNNING:
        yield from _cameras_down(situation.cameras)


_GIVEN_UP = {"dashboard": Fault.DASHBOARD_GIVEN_UP, "watchdog": Fault.WATCHDOG_GIVEN_UP}


def _worker_fault(situation: Situation) -> Fault | None:
    worker, now = situation.worker, situation.now
    if WORKER in (situation.given_up or ()):
        return Fault.WORKER_GIVEN_UP
    if situation.loading_at is not None and now - situation.loading_at <= LOADING_AFTER:
        return None
    if worker is None:
        return Fault.NEVER_RAN
    if not _is_heard(worker, now):
        return Fault.SILENT
    stands = worker.phase is not WorkerPhase.RUNNING and now - worker.started_at > LOADING_AFTER
    return Fault.LOADING if stands else None


def _is_heard(worker: WorkerState, now: datetime) -> bool:
    return now - worker.heartbeat_at <= SILENT_AFTER


def _runs_on_what_is_not_allowed(worker: WorkerState) -> bool:
    """The settings may name the CPU as what to fall back to; then it is no fault."""
    wanted = [name.strip() for name in (worker.providers_wanted or "").split(",") if name.strip()]
    return bool(wanted) and worker.provider is not None and worker.provider not in wanted


def _cameras_down(cameras: Iterable[CameraState]) -> Iterator[_Finding]:
    for camera in cameras:
        if _is_down(camera):
            topic = (AlertKind.CAMERA_DOWN, camera.id)
            yield _Finding(topic, camera.cause or camera.status, camera.since, camera.last_frame_at)


def _is_down(camera: CameraState) -> bool:
    return camera.enabled and camera.status not in (CameraStatus.ONLINE, CameraStatus.DISABLED)


def _ended(situation: Situation, wrong: Container[Topic]) -> Iterator[Ended]:
    cameras = {camera.id: camera for camera in situation.cameras}
    for alert in situation.standing:
        topic = _topic_of(alert)
        if alert.kind is AlertKind.CAMERA_DOWN:
            yield from _camera_ended(situation, alert, cameras.get(alert.camera_id or 0))
        elif topic not in wrong and _can_be_judged(situation, topic):
            yield Ended(alert.id, alert.kind, AlertResolution.BACK)


def _camera_ended(situation: Situation, alert: KnownAlert, camera: CameraState | None) -> Iterator[Ended]:
    if camera is None or not camera.enabled:
        yield Ended(alert.id, alert.kind, AlertResolution.DEACTIVATED, alert.camera_id)
    elif camera.status is CameraStatus.ONLINE and _works(situation):
        yield Ended(alert.id, alert.kind, AlertResolution.BACK, alert.camera_id, notice=not situation.paused)


def _can_be_judged(situation: Situation, topic: Topic) -> bool:
    """While the worker is silent, what it said of its settings and models is old."""
    if topic[1] in (Fault.DASHBOARD_GIVEN_UP, Fault.WATCHDOG_GIVEN_UP):
        return situation.given_up is not None
    return _works(situation)


def _works(situation: Situation) -> bool:
    worker = situation.worker
    return (
        worker is not None
        and worker.phase is WorkerPhase.RUNNING
        and _is_heard(worker, situation.now)
        and WORKER not in (situation.given_up or ())
    )
