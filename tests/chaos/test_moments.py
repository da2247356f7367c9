"""The moments are recognised: a write to the log, a picture on its way, a commit that was cut off."""

import sqlite3
import struct
import threading
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.chaos.moments import has_torn_commit, wait_for_picture, wait_for_write
from core.storage.files import write_atomically
from tests.patience import PATIENCE_S

PAGE = 4096
FRAME = 24 + PAGE


@pytest.fixture
def log(tmp_path: Path) -> bytes:
    """A write-ahead log of three transactions, the last one of several pages."""
    database = tmp_path / "a.db"
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size={PAGE}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t (x)")
        connection.execute("INSERT INTO t VALUES (1)")
        connection.execute("INSERT INTO t VALUES (zeroblob(20000))")
        return database.with_name("a.db-wal").read_bytes()


def torn(tmp_path: Path, content: bytes) -> bool:
    file = tmp_path / "log"
    file.write_bytes(content)
    return has_torn_commit(file)


def frames_that_commit(log: bytes) -> list[int]:
    """Numbers of the frames that end a transaction."""
    frames = range((len(log) - 32) // FRAME)
    return [n for n in frames if struct.unpack_from(">I", log, 32 + n * FRAME + 4)[0]]


def test_a_log_of_whole_transactions_is_whole(tmp_path, log):
    assert not torn(tmp_path, log)
    assert not torn(tmp_path, b"")


def test_every_cut_within_a_transaction_is_torn_and_every_other_is_not(tmp_path, log):
    ends = {number + 1 for number in frames_that_commit(log)} | {0}
    assert len(ends) == 4
    for kept in range((len(log) - 32) // FRAME + 1):
        assert torn(tmp_path, log[: 32 + kept * FRAME]) is (kept not in ends)


def test_old_pages_of_a_log_that_began_anew_are_not_torn(tmp_path, log):
    """What an earlier cut left behind keeps its salts, but its checksum does not follow."""
    last = frames_that_commit(log)[-2] + 1
    stale = bytearray(log[: 32 + (last + 1) * FRAME])
    stale[32 + last * FRAME + 24] ^= 1
    assert not torn(tmp_path, bytes(stale))
    other = bytearray(log[: 32 + (last + 1) * FRAME])
    other[32 + last * FRAME + 8] ^= 1
    assert not torn(tmp_path, bytes(other))


def test_a_write_is_seen_and_its_lack_too(tmp_path):
    file = tmp_path / "log"
    file.touch()
    assert not wait_for_write(file, 0.01)
    writer = threading.Timer(0.05, lambda: file.write_bytes(b"x"))
    writer.start()
    assert wait_for_write(file, PATIENCE_S)
    writer.join()


@pytest.mark.parametrize(("renamed", "end"), [(False, ".tmp"), (True, ".jpg")])
def test_a_picture_is_seen_on_its_way(tmp_path, renamed, end):
    folder = tmp_path / "2026-11-23" / "E1"
    folder.mkdir(parents=True)
    writer = threading.Timer(0.05, lambda: write_atomically(folder / "arrival.jpg", b"x"))
    writer.start()
    name = wait_for_picture(tmp_path, PATIENCE_S, renamed=renamed)
    writer.join()
    assert name is not None
    assert name.endswith(end)
    assert "arrival.jpg" in name


def test_no_picture_in_time_is_told(tmp_path):
    assert wait_for_picture(tmp_path, 0.01, renamed=True) is None
