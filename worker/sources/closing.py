"""Ending a source while another thread reads from it."""

import threading
from abc import ABC, abstractmethod


class ClosableSource(ABC):
    """While a read goes on `close` only asks: what is native in a source is touched by one thread at a time.

    Subclasses hold `_owner` while they open or read, stop reading soon after `_closing` is set, and then call
    `_release`.
    """

    def __init__(self) -> None:
        self._closing = threading.Event()
        self._owner = threading.RLock()

    def close(self) -> None:
        self._closing.set()
        if self._owner.acquire(blocking=False):
            try:
                self._release()
            finally:
                self._owner.release()

    @abstractmethod
    def _release(self) -> None:
        """Lets go of what is open, if anything. May be called twice."""
