"""Figures for Prometheus, read from the database and the disk at each scrape."""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Response, Security
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.domain.alerts import UNSETTLED
from core.domain.states import CameraStatus, DeliveryState, Role, Scope
from core.storage import queries
from core.storage.backup import list_backups
from core.storage.models import AlertLog, Employee, NotificationDelivery, NotificationOutbox, Presence
from core.storage.rows import CameraRow
from dashboard.api.rest.access import Access, Caller
from dashboard.data import STALE_AFTER
from dashboard.database import reader, site_paths

router = APIRouter(tags=["health"])

UNSENT = (DeliveryState.QUEUED, DeliveryState.SENDING)
CAMERA_FIGURES = {
    "camera_analysed_fps": ("analysed_fps", "Frames analysed a second"),
    "camera_source_fps": ("source_fps", "Frames a second that the camera says it sends"),
}
CAMERA_COUNTS = {
    "camera_dropped_frames": ("drops", "Frames that a newer one replaced before they were analysed"),
    "camera_reconnects": ("reconnects", "Connections made anew"),
}


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "In Prometheus' text format"}},
)
def metrics(
    _caller: Annotated[Caller, Security(Access(Role.ADMIN, Scope.READ_METRICS, whole_site=True))],
) -> Response:
    registry = CollectorRegistry(auto_describe=False)
    with Session(reader()) as session:
        registry.register(Site(session, datetime.now(UTC)))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class Site(Collector):
    """The site at one moment."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session, self._now = session, now

    def collect(self) -> Iterable[Metric]:
        yield from self._worker()
        yield from self._cameras(queries.cameras(self._session))
        yield from self._people()
        yield from self._outbox()
        yield from self._storage()

    def _worker(self) -> Iterator[Metric]:
        worker = queries.worker(self._session)
        age_s = (self._now - worker.heartbeat_at).total_seconds() if worker is not None else None
        running = age_s is not None and age_s <= STALE_AFTER.total_seconds()
        yield _gauge("worker_up", "Whether the worker reports", float(running))
        if worker is not None and age_s is not None:
            yield _gauge("worker_heartbeat_age_seconds", "Since the worker's last word", age_s)
            yield _gauge(
                "pictures_paused", "Whether the full disk keeps pictures away", worker.pictures_paused
            )

    def _cameras(self, cameras: list[CameraRow]) -> Iterator[Metric]:
        up = GaugeMetricFamily("gspe_camera_up", "Whether the camera is online", labels=["camera"])
        age = GaugeMetricFamily("gspe_camera_frame_age_seconds", "Of the newest frame", labels=["camera"])
        refused = CounterMetricFamily(
            "gspe_camera_refused_faces", "Faces not used, by reason", labels=["camera", "reason"]
        )
        for camera in cameras:
            label = [str(camera.id)]
            up.add_metric(label, float(camera.status == CameraStatus.ONLINE))
            if camera.last_frame_at is not None:
                age.add_metric(label, (self._now - camera.last_frame_at).total_seconds())
            for reason, count in sorted(camera.refused_faces.items()):
                refused.add_metric([*label, reason], count)
        yield from (up, age, refused)
        yield from _figures(cameras)

    def _people(self) -> Iterator[Metric]:
        states = select(Presence.state, func.count()).join(Employee, Employee.id == Presence.employee_id)
        rows = self._session.execute(states.where(Employee.active.is_(True)).group_by(Presence.state))
        yield _labelled("employees", "Active employees by state", ("state",), [((r[0],), r[1]) for r in rows])
        alerts = select(AlertLog.kind, AlertLog.state, func.count()).where(
            AlertLog.state.in_(sorted(UNSETTLED))
        )
        open_ones = self._session.execute(alerts.group_by(AlertLog.kind, AlertLog.state))
        told = [((row[0], row[1]), row[2]) for row in open_ones]
        yield _labelled("alerts", "Alerts that have not ended", ("kind", "state"), told)

    def _outbox(self) -> Iterator[Metric]:
        waiting = select(func.count(), func.min(NotificationOutbox.created_at)).where(
            NotificationOutbox.addressed_at.is_(None), NotificationOutbox.cancelled_at.is_(None)
        )
        count, oldest_at = self._session.execute(waiting).one()
        yield _gauge("outbox_waiting", "Messages that nobody is addressed with yet", count)
        age_s = (self._now - oldest_at).total_seconds() if oldest_at is not None else 0.0
        yield _gauge("outbox_oldest_age_seconds", "Of the message that waits longest", age_s)
        unsent = select(func.count()).select_from(NotificationDelivery)
        unsent = unsent.where(NotificationDelivery.state.in_(UNSENT))
        yield _gauge("deliveries_unsent", "Deliveries on their way", self._session.scalar(unsent) or 0)

    def _storage(self) -> Iterator[Metric]:
        paths = site_paths()
        disk = shutil.disk_usage(paths.data)
        yield _gauge("disk_free_bytes", "Where the data lie", disk.free)
        yield _gauge("disk_size_bytes", "Where the data lie", disk.total)
        log = paths.database.with_name(f"{paths.database.name}-wal")
        yield _gauge("database_size_bytes", "The database file", paths.database.stat().st_size)
        yield _gauge("database_wal_size_bytes", "Its log", log.stat().st_size if log.exists() else 0)
        backups = list_backups(paths.backups)
        if backups:
            newest_s = max(backup.stat().st_mtime for backup in backups)
            yield _gauge("last_backup_timestamp_seconds", "When the newest backup was made", newest_s)


def _figures(cameras: list[CameraRow]) -> Iterator[Metric]:
    for name, (column, told) in CAMERA_FIGURES.items():
        known = [(camera.id, getattr(camera, column)) for camera in cameras]
        rows = [((str(number),), value) for number, value in known if value is not None]
        yield _labelled(name, told, ("camera",), rows)
    for name, (column, told) in CAMERA_COUNTS.items():
        counter = CounterMetricFamily(f"gspe_{name}", told, labels=["camera"])
        for camera in cameras:
            counter.add_metric([str(camera.id)], getattr(camera, column))
        yield counter


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"gspe_{name}", told, value=value)


def _labelled(
    name: str, told: str, labels: tuple[str, ...], rows: Sequence[tuple[tuple[str, ...], float]]
) -> Metric:
    family = GaugeMetricFamily(f"gspe_{name}", told, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family
