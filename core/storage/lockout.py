"""How wrong passwords lock, and the counts of those that belong to no row of the database."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

FREE_FAILURES = 5
"""So many wrong passwords in a row lock; each one more locks for twice as long."""
FIRST_LOCK_S = 60
LONGEST_LOCK_S = 15 * 60
MAX_COUNTED = 10_000
"""Keys in memory. A password costs so much time that to push a locked one out takes longer than its lock."""


def lock_seconds(failures: int) -> int:
    """For how long the n-th wrong password in a row locks: not at all for the first ones, then doubling."""
    if failures < FREE_FAILURES:
        return 0
    return int(min(LONGEST_LOCK_S, FIRST_LOCK_S * 2 ** min(failures - FREE_FAILURES, 10)))


@dataclass(frozen=True)
class _Count:
    failures: int
    locked_until: datetime | None


class Failures:
    """Counts in memory, as the database counts for its accounts. Safe to use from several threads."""

    def __init__(self, max_counted: int = MAX_COUNTED) -> None:
        self._max_counted = max_counted
        self._lock = threading.Lock()
        self._counts: OrderedDict[tuple[str, ...], _Count] = OrderedDict()

    def locked_until(self, key: tuple[str, ...], at: datetime) -> datetime | None:
        """The end of the lock that holds at this moment."""
        count = self._counts.get(key)
        until = None if count is None else count.locked_until
        return until if until is not None and until > at else None

    def add(self, key: tuple[str, ...], at: datetime) -> datetime | None:
        """One more failure; the end of the lock that it causes."""
        with self._lock:
            before = self._counts.pop(key, None)
            failures = 1 if before is None else before.failures + 1
            lock_s = lock_seconds(failures)
            until = at + timedelta(seconds=lock_s) if lock_s else None
            self._counts[key] = _Count(failures, until)
            if len(self._counts) > self._max_counted:
                self._counts.popitem(last=False)
        return until

    def forget(self, key: tuple[str, ...]) -> None:
        with self._lock:
            self._counts.pop(key, None)

    def forget_all(self, beginning: tuple[str, ...]) -> None:
        """Of every key that begins so."""
        with self._lock:
            for key in [key for key in self._counts if key[: len(beginning)] == beginning]:
                del self._counts[key]

    def latest(self, beginning: tuple[str, ...], at: datetime) -> datetime | None:
        """The latest end of the locks that hold at this moment, of the keys that begin so."""
        with self._lock:
            keys = [key for key in self._counts if key[: len(beginning)] == beginning]
        return max(filter(None, (self.locked_until(key, at) for key in keys)), default=None)
