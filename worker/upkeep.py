"""Work beside the main loop, on a thread of its own."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime

from core.paths import SitePaths
from core.settings import Parameters


class Upkeep(ABC):
    """`parameters` may be replaced at any time; what is begun next uses the new ones."""

    parameters: Parameters

    def __init__(
        self, name: str, paths: SitePaths, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._paths = paths
        self._now = now
        self._stopping = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    def work(self) -> None:
        """Goes on until `_stopping` is set."""

    def start(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """What is not done by then is left unfinished; the next start takes it up."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def raise_failure(self) -> None:
        """What ended the work, to the caller, for whom it must not pass unnoticed."""
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            self.work()
        except Exception as error:  # noqa: BLE001  the main loop raises it again
            self._failure = error
