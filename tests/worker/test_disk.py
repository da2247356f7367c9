"""Room on the disk, on a real one that is small enough to be filled."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.paths import SitePaths
from tests.core.storage.no_room import files_end_at
from tests.small_disk import CHUNK, SmallDisk, mount_missing, small_disk
from worker.disk import MIB, RESERVE_BYTES, DiskGuard

MIN_FREE_MB = 10


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    if (missing := mount_missing()) is not None:
        pytest.skip(missing)
    with small_disk(tmp_path / "disk", size_mb=64) as disk:
        yield disk


def reserve_bytes(paths: SitePaths) -> int:
    file = paths.run / "reserve"
    return file.stat().st_blocks * 512 if file.exists() else 0


def test_the_reserve_takes_real_room_and_is_given_back_once(tmp_path):
    paths = SitePaths(tmp_path).create()
    guard = DiskGuard(paths)
    assert guard.hold_reserve()
    assert guard.hold_reserve()
    assert reserve_bytes(paths) >= RESERVE_BYTES
    assert (paths.run / "reserve").stat().st_mode & 0o777 == 0o600
    assert guard.release_reserve()
    assert reserve_bytes(paths) == 0
    assert not guard.release_reserve()


def test_a_reserve_that_finds_no_room_leaves_nothing_and_is_told_once(tmp_path, caplog):
    paths = SitePaths(tmp_path).create()
    guard = DiskGuard(paths)
    with files_end_at(MIB):
        assert not guard.hold_reserve()
        assert not guard.hold_reserve()
    assert reserve_bytes(paths) == 0
    assert len(caplog.records) == 1
    assert guard.hold_reserve()


def test_pictures_stop_below_the_limit_and_come_back_above_it(disk, caplog):
    guard = DiskGuard(SitePaths(disk.folder / "home").create())
    guard.hold_reserve()
    with caplog.at_level(logging.WARNING):
        assert guard.pictures_allowed(MIN_FREE_MB)
        disk.fill(leave_bytes=MIN_FREE_MB * MIB - CHUNK)
        assert not guard.pictures_allowed(MIN_FREE_MB)
        assert not guard.pictures_allowed(MIN_FREE_MB)
        disk.empty()
        assert guard.pictures_allowed(MIN_FREE_MB)
    assert [record.message.split(":")[0] for record in caplog.records] == [
        "pictures are not kept",
        "pictures are kept again",
    ]


def test_a_reserve_that_was_given_away_comes_before_pictures(disk):
    paths = SitePaths(disk.folder / "home").create()
    guard = DiskGuard(paths)
    assert guard.hold_reserve()
    guard.release_reserve()
    disk.fill(leave_bytes=MIN_FREE_MB * MIB + RESERVE_BYTES // 2)
    assert not guard.pictures_allowed(MIN_FREE_MB), "what is free is the reserve's"
    assert reserve_bytes(paths) == 0
    disk.empty()
    assert guard.pictures_allowed(MIN_FREE_MB)
    assert reserve_bytes(paths) >= RESERVE_BYTES
