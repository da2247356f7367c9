"""Sessions that signed out before their cookie's time was up, remembered over a restart of the dashboard."""

import threading
import time
from functools import lru_cache

from core.paths import SitePaths
from core.storage.files import write_atomically

KEPT_S = 12 * 3600
"""As long as a cookie lives; after that its own time is up."""


class EndedSessions:
    """Session ids with the time they ended. Safe to use from several threads."""

    def __init__(self, paths: SitePaths) -> None:
        self._file = paths.run / "ended_sessions"
        self._lock = threading.Lock()
        self._ended_at_s: dict[str, float] = {}
        if self._file.exists():
            for line in self._file.read_text().splitlines():
                session_id, _, ended_at_s = line.partition(" ")
                self._ended_at_s[session_id] = float(ended_at_s)

    def __contains__(self, session_id: str) -> bool:
        return session_id in self._ended_at_s

    def add(self, session_id: str) -> None:
        with self._lock:
            now_s = time.time()
            kept = {key: at_s for key, at_s in self._ended_at_s.items() if now_s - at_s < KEPT_S}
            self._ended_at_s = {**kept, session_id: now_s}
            lines = (f"{key} {at_s:.0f}\n" for key, at_s in self._ended_at_s.items())
            write_atomically(self._file, "".join(lines).encode())


@lru_cache(maxsize=4)
def ended_sessions(paths: SitePaths) -> EndedSessions:
    return EndedSessions(paths)
