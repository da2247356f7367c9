"""How the site is, from its rows and files."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from core.domain.states import DeliveryState
from core.processes import memory_bytes
from core.storage.health import SiteHealth, site_health
from core.storage.models import Camera, MaintenanceRun, NotificationDelivery, NotificationOutbox
from tests.seed import Seed, working_day


@pytest.fixture
def seed(tmp_path: Path) -> Iterator[Seed]:
    seed = working_day(tmp_path)
    yield seed
    seed.engine.dispose()


def health(seed: Seed) -> SiteHealth:
    with Session(seed.engine) as session:
        return site_health(session, seed.paths, seed.now - timedelta(hours=24))


def deliver(seed: Seed, state: DeliveryState, age: timedelta, address: str) -> None:
    at = seed.now - age
    outbox = seed.add(NotificationOutbox(kind="absent", params={}, created_at=at, addressed_at=at))
    row = NotificationDelivery(outbox_id=outbox, channel="email", recipient="Sari", address=address)
    row.language, row.state, row.created_at, row.due_at, row.changed_at = "en", state, at, at, at
    seed.add(row)


def test_sizes_worker_and_cameras_in_their_order(seed: Seed) -> None:
    with Session(seed.engine) as session, session.begin():
        first = session.get(Camera, 1)
        assert first is not None
        first.position, first.frame_age_ms = 2, 120.5
        first.face_stats = {"faces": 3}
    found = health(seed)
    assert found.worker is not None
    assert [camera.id for camera in found.cameras] == [2, 1]
    assert found.cameras[1].frame_age_ms == 120.5
    assert found.cameras[1].face_stats == {"faces": 3}
    assert found.storage.database_bytes == seed.paths.database.stat().st_size
    assert 0 < found.storage.disk_free_bytes < found.storage.disk_total_bytes
    assert found.storage.has_room(1)
    assert not found.storage.has_room(10**9)
    assert found.version == "0.1.0"


def test_messages_that_wait_and_that_failed_lately(seed: Seed) -> None:
    assert (health(seed).outbox_waiting, health(seed).outbox_failed) == (0, 0)
    seed.add(NotificationOutbox(kind="absent", params={}, created_at=seed.now))
    seed.add(NotificationOutbox(kind="absent", params={}, created_at=seed.now, cancelled_at=seed.now))
    hour = timedelta(hours=1)
    for number, (state, age) in enumerate(
        [
            (DeliveryState.QUEUED, hour),
            (DeliveryState.SENDING, hour),
            (DeliveryState.FAILED, hour),
            (DeliveryState.FAILED, 25 * hour),
            (DeliveryState.DELIVERED, hour),
        ]
    ):
        deliver(seed, state, age, f"{number}@example.com")
    assert (health(seed).outbox_waiting, health(seed).outbox_failed) == (3, 1)


def test_the_newest_backup_and_the_latest_nights(seed: Seed) -> None:
    assert (health(seed).backup, health(seed).maintenance) == (None, ())
    seed.paths.backups.mkdir(exist_ok=True)
    for day in ("20261121", "20261122"):
        (seed.paths.backups / f"gspe-backup-{day}T000000000000Z.zip").write_bytes(b"x" * 10)
    os.utime(seed.paths.backups / "gspe-backup-20261122T000000000000Z.zip", (1e9, 1e9))
    for days in range(9):
        at = seed.now - timedelta(days=days)
        run = MaintenanceRun(kind="nightly", site_date=at.date(), started_at=at, result={})
        run.finished_at = None if days == 0 else at
        seed.add(run)
    judged = MaintenanceRun(kind="work_days", site_date=seed.now.date(), started_at=seed.now, result={})
    seed.add(judged)
    found = health(seed)
    assert found.backup is not None
    assert (found.backup.name, found.backup.size_bytes) == ("gspe-backup-20261122T000000000000Z.zip", 10)
    assert found.backup.at == datetime.fromtimestamp(1e9, UTC)
    assert [run.site_date for run in found.maintenance] == [
        (seed.now - timedelta(days=days)).date() for days in range(7)
    ]
    assert found.maintenance[0].finished_at is None


def test_memory_of_a_process() -> None:
    held = memory_bytes(os.getpid())
    assert held is not None
    assert held > 1_000_000
    assert memory_bytes(2**22 + 1) is None
