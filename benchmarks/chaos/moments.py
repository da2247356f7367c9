"""Moments at which a kill hurts: while a commit is written, and around the renaming of a picture."""

import ctypes
import os
import select
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

IN_MOVED_TO, IN_CREATE = 0x80, 0x100
IN_NONBLOCK = os.O_NONBLOCK
"""linux/inotify.h"""
_EVENT = struct.Struct("iIII")
_WAL_HEADER, _FRAME_HEADER = struct.Struct(">8I"), struct.Struct(">6I")
LITTLE_ENDIAN_SUMS = 0x377F0682
"""sqlite.org/fileformat2.html, section 4."""


def wait_for_write(wal: Path, timeout_s: float) -> bool:
    """Spins until somebody writes to the write-ahead log; False when nobody did in time."""
    before = _stamp(wal)
    deadline_s = time.monotonic() + timeout_s
    while time.monotonic() < deadline_s:
        if _stamp(wal) != before:
            return True
    return False


def _stamp(file: Path) -> tuple[int, int]:
    status = os.stat(file)  # noqa: PTH116  this spins
    return status.st_mtime_ns, status.st_size


def wait_for_picture(evidence: Path, timeout_s: float, *, renamed: bool) -> str | None:
    """The name of a picture below `evidence` as soon as it is there: its temporary one, or its own.

    None when none came in time.
    """
    with _watch([evidence, *(folder for folder in evidence.rglob("*") if folder.is_dir())]) as watch:
        deadline_s = time.monotonic() + timeout_s
        while (left_s := deadline_s - time.monotonic()) > 0:
            if not select.select([watch], [], [], left_s)[0]:
                return None
            for mask, name in _events(os.read(watch, 65536)):
                if name.endswith(".jpg" if renamed else ".tmp") and mask & (
                    IN_MOVED_TO if renamed else IN_CREATE
                ):
                    return name
    return None


@contextmanager
def _watch(folders: list[Path]) -> Iterator[int]:
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(IN_NONBLOCK)
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "inotify_init1 failed")
    try:
        for folder in folders:
            if libc.inotify_add_watch(descriptor, os.fsencode(folder), IN_MOVED_TO | IN_CREATE) < 0:
                raise OSError(ctypes.get_errno(), f"{folder} cannot be watched")
        yield descriptor
    finally:
        os.close(descriptor)


def _events(content: bytes) -> Iterator[tuple[int, str]]:
    at = 0
    while at < len(content):
        _, mask, _, length = _EVENT.unpack_from(content, at)
        at += _EVENT.size
        yield mask, os.fsdecode(content[at : at + length].rstrip(b"\0"))
        at += length


@dataclass(frozen=True)
class _Frame:
    offset: int
    commits: bool
    salts: tuple[int, int]
    sums: tuple[int, int]


def has_torn_commit(wal: Path) -> bool:
    """Whether the log ends in pages of a transaction that was never completed."""
    content = wal.read_bytes()
    if len(content) < _WAL_HEADER.size:
        return False
    magic, _, page_size, _, salt_1, salt_2, sum_1, sum_2 = _WAL_HEADER.unpack_from(content)
    sums = (sum_1, sum_2)
    open_frame: _Frame | None = None
    for frame in _frames(content, page_size):
        if frame.salts != (salt_1, salt_2):
            break
        if frame.commits:
            open_frame, sums = None, frame.sums
        elif open_frame is None:
            open_frame = frame
    if open_frame is None:
        return False
    return _sums_of(content, open_frame.offset, page_size, sums, magic) == open_frame.sums


def _frames(content: bytes, page_size: int) -> Iterator[_Frame]:
    step = _FRAME_HEADER.size + page_size
    for offset in range(_WAL_HEADER.size, len(content) - step + 1, step):
        _, pages_after, salt_1, salt_2, sum_1, sum_2 = _FRAME_HEADER.unpack_from(content, offset)
        yield _Frame(offset, pages_after != 0, (salt_1, salt_2), (sum_1, sum_2))


def _sums_of(
    content: bytes, offset: int, page_size: int, sums: tuple[int, int], magic: int
) -> tuple[int, int]:
    """The checksum of one frame that follows one with these; older frames of a reused log do not fit."""
    order = "<" if magic == LITTLE_ENDIAN_SUMS else ">"
    page = offset + _FRAME_HEADER.size
    data = content[offset : offset + 8] + content[page : page + page_size]
    sum_1, sum_2 = sums
    for one, other in struct.iter_unpack(f"{order}II", data):
        sum_1 = (sum_1 + one + sum_2) & 0xFFFFFFFF
        sum_2 = (sum_2 + other + sum_1) & 0xFFFFFFFF
    return sum_1, sum_2
