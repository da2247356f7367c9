"""The sign of life of the worker's main loop, for the watchdog."""

import json
import os
from datetime import datetime

from core.domain.states import WorkerPhase
from core.paths import OWNER_ONLY_FILE, SitePaths

LENGTH = 128


def beat(paths: SitePaths, phase: WorkerPhase, now: datetime) -> None:
    """Rewrites the heartbeat file; called about once a second by the main loop itself, by no other thread.

    The same bytes are overwritten in one write, which needs no room: a full disk is no reason to be killed.
    """
    text = json.dumps({"at": now.isoformat(), "phase": phase, "pid": os.getpid()}).ljust(LENGTH)
    descriptor = os.open(paths.heartbeat, os.O_WRONLY | os.O_CREAT, OWNER_ONLY_FILE)
    try:
        os.pwrite(descriptor, text.encode(), 0)
    finally:
        os.close(descriptor)
