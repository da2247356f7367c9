"""How the site is: what the worker, the database, the disk and the outbox say, in one look."""

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.domain.states import DeliveryState
from core.paths import SitePaths
from core.storage import queries
from core.storage.backup import PREFIX
from core.storage.day_rounds import KIND as DAY_ROUNDS
from core.storage.models import MaintenanceRun, NotificationDelivery, NotificationOutbox
from core.storage.rows import CameraRow, WorkerRow
from core.version import version

MAINTENANCE_RUNS = 7


@dataclass(frozen=True)
class StorageHealth:
    """In bytes; `disk_*` are of the file system on which the data lie."""

    database_bytes: int
    wal_bytes: int
    disk_free_bytes: int
    disk_total_bytes: int

    def has_room(self, min_free_mb: int) -> bool:
        """Whether pictures are stored: below `min_free_mb` (MiB) they stop."""
        return self.disk_free_bytes >= min_free_mb * 1024 * 1024


@dataclass(frozen=True)
class Backup:
    name: str
    at: datetime
    size_bytes: int


@dataclass(frozen=True)
class MaintenanceRow:
    """`finished_at` None: not done, or done only in part; it is tried again."""

    kind: str
    site_date: date
    started_at: datetime
    finished_at: datetime | None
    result: dict[str, Any]


@dataclass(frozen=True)
class SiteHealth:
    """`worker` None: none ever ran here. Programs are supervisord's to tell: `core.supervision`."""

    version: str
    worker: WorkerRow | None
    cameras: tuple[CameraRow, ...]
    storage: StorageHealth
    outbox_waiting: int
    outbox_failed: int
    """Deliveries that failed for good since the asked time."""
    backup: Backup | None
    maintenance: tuple[MaintenanceRow, ...]
    """The latest nights, newest first."""


def site_health(session: Session, paths: SitePaths, failed_since: datetime) -> SiteHealth:
    """Reads a few rows and the sizes of files; writes nothing."""
    return SiteHealth(
        version=version(),
        worker=queries.worker(session),
        cameras=tuple(queries.cameras(session)),
        storage=storage_health(paths),
        outbox_waiting=_waiting(session),
        outbox_failed=_failed(session, failed_since),
        backup=newest_backup(paths),
        maintenance=_maintenance(session),
    )


def storage_health(paths: SitePaths) -> StorageHealth:
    disk = shutil.disk_usage(paths.data)
    wal = paths.database.with_name(f"{paths.database.name}-wal")
    return StorageHealth(_size(paths.database), _size(wal), disk.free, disk.total)


def newest_backup(paths: SitePaths) -> Backup | None:
    """Of those in the site's own folder."""
    found = sorted(paths.backups.glob(f"{PREFIX}*.zip"))
    if not found:
        return None
    status = found[-1].stat()
    return Backup(found[-1].name, datetime.fromtimestamp(status.st_mtime, UTC), status.st_size)


def _size(file: Path) -> int:
    """0 for what is not there, as the WAL after a checkpoint of the last connection."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _waiting(session: Session) -> int:
    """Messages that nobody addressed yet, and deliveries on their way."""
    unaddressed = select(func.count()).where(
        NotificationOutbox.addressed_at.is_(None), NotificationOutbox.cancelled_at.is_(None)
    )
    on_their_way = (DeliveryState.QUEUED, DeliveryState.SENDING)
    deliveries = select(func.count()).where(NotificationDelivery.state.in_(on_their_way))
    return (session.scalar(unaddressed) or 0) + (session.scalar(deliveries) or 0)


def _failed(session: Session, since: datetime) -> int:
    failed = select(func.count()).where(
        NotificationDelivery.state == DeliveryState.FAILED, NotificationDelivery.created_at >= since
    )
    return session.scalar(failed) or 0


def _maintenance(session: Session) -> tuple[MaintenanceRow, ...]:
    """Of the nightly upkeep: the rounds that judge days have rows of their own kind."""
    nightly = select(MaintenanceRun).where(MaintenanceRun.kind != DAY_ROUNDS)
    newest = nightly.order_by(MaintenanceRun.started_at.desc()).limit(MAINTENANCE_RUNS)
    return tuple(
        MaintenanceRow(run.kind, run.site_date, run.started_at, run.finished_at, run.result)
        for run in session.scalars(newest)
    )
