"""A worker as it really runs: a process of its own on a home, watched through its database and its log."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.paths import SitePaths
from core.settings import CameraSettings, Parameters, WorkingWeek
from core.settings_store import MISSING, SettingsStore
from core.storage.engine import reader_engine
from core.storage.models import Base, Camera, WorkerStatus
from tests.patience import PATIENCE_S

T = TypeVar("T")
Row = TypeVar("Row", bound=Base)

REAL = ("worker", "run")
PAINTED = ("tests.painted_worker",)
"""The same program with painted faces for models: it starts at once and never mistakes anybody."""

QUICK: dict[str, Any] = {
    "time_zone": "Asia/Jakarta",
    "working_hours": WorkingWeek.always().as_json(),
    "present_timeout_sec": 2.0,
    "tracking_timeout": 3.0,
    "alert_min_interval_sec": 0.0,
    "attendance_last_out_delay_sec": 1.0,
    "event_min_interval_sec": 1.0,
    "min_free_mb": 10,
}
"""A day's rules in seconds."""

LOOK_S = 0.05


class RunningWorker:
    """A context manager that starts the worker and leaves none behind.

    The log lies beside the home unless told otherwise: not within it, where a full disk would end it.
    """

    def __init__(self, home: Path, program: tuple[str, ...] = PAINTED, *, log: Path | None = None) -> None:
        self.paths = SitePaths(home)
        self._command = [sys.executable, "-m", *program]
        self._log = log or home.with_name(f"{home.name}.log")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        environment = {**os.environ, "GSPE_HOME": str(self.paths.home)}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=environment, stdout=log, stderr=subprocess.STDOUT, umask=0o077
            )

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    @property
    def log(self) -> str:
        return self._log.read_text() if self._log.exists() else ""

    def stop(self) -> int:
        """Asks it to end; its exit status. Raises TimeoutExpired when it does not within the bound."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)

    def kill(self) -> None:
        """Ends it without a goodbye."""
        self.process.kill()
        self.process.wait()

    def ended(self, within_s: float = PATIENCE_S) -> int:
        """The exit status with which it ends by itself."""
        return self.process.wait(within_s)

    def until(self, condition: Callable[[], T], what: str, within_s: float = PATIENCE_S) -> T:
        """The first true value of the condition; fails when the worker ends or the time is over before."""
        deadline_s = time.monotonic() + within_s
        while not (value := condition()):
            status = self.process.poll()
            assert status is None, f"the worker ended ({status}) before {what}:\n{self.log[-3000:]}"
            assert time.monotonic() < deadline_s, f"not within {within_s} s: {what}\n{self.log[-3000:]}"
            time.sleep(LOOK_S)
        return value

    def until_running(self, within_s: float = PATIENCE_S) -> None:
        """This very process has committed that its main loop runs."""
        pid = self.process.pid

        def runs() -> bool:
            return any((row.pid, row.phase) == (pid, "running") for row in self.rows(WorkerStatus))

        self.until(runs, "the main loop runs", within_s)

    def until_online(self, camera_id: int, within_s: float = PATIENCE_S) -> Camera:
        self.until_running(within_s)
        return self.until(
            lambda: next((row for row in self.cameras(camera_id) if row.status == "online"), None),
            f"camera {camera_id} is online",
            within_s,
        )

    def cameras(self, camera_id: int) -> list[Camera]:
        """Its row, if it has one."""
        return [row for row in self.rows(Camera) if row.id == camera_id]

    def status(self) -> WorkerStatus:
        (row,) = self.rows(WorkerStatus)
        return row

    def rows(self, model: type[Row]) -> list[Row]:
        return rows_of(self.paths, model)


def rows_of(paths: SitePaths, model: type[Row]) -> list[Row]:
    """All rows in order of their key, read by a connection of its own."""
    engine = reader_engine(paths.database)
    try:
        with Session(engine) as session:
            return list(session.scalars(select(model).order_by(*model.__table__.primary_key)).all())
    finally:
        engine.dispose()


def configure(paths: SitePaths, cameras: Mapping[int, str | Path], **parameters: Any) -> None:
    """Writes the settings of a site that has none: QUICK with `parameters`, and these cameras' addresses."""
    store = SettingsStore(paths)
    store.save_parameters(Parameters.parse({**QUICK, **parameters}), MISSING)
    for camera_id, url in cameras.items():
        add_camera(paths, camera_id, url)


def add_camera(paths: SitePaths, camera_id: int, url: str | Path, **overrides: Any) -> None:
    camera = CameraSettings(id=camera_id, name=f"CAM{camera_id}", rtsp_url=SecretStr(str(url)), **overrides)
    SettingsStore(paths).save_camera(camera)


def change_parameters(paths: SitePaths, **changes: Any) -> None:
    store = SettingsStore(paths)
    loaded = store.load_parameters()
    store.save_parameters(loaded.value.changed(**changes), loaded.fingerprint)


def change_camera(paths: SitePaths, camera_id: int, **changes: Any) -> None:
    store = SettingsStore(paths)
    loaded = store.load_camera(camera_id)
    store.save_camera(CameraSettings.parse({**loaded.value.as_json(), **changes}), loaded.fingerprint)


def seconds(span: timedelta) -> float:
    return span.total_seconds()


def overlaps(first: tuple[datetime, datetime], second: tuple[datetime, datetime]) -> bool:
    return first[0] < second[1] and second[0] < first[1]
