"""A rebuild of many days never keeps the worker from recording."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from core.attendance import rebuild_site
from core.paths import SitePaths
from core.settings import Parameters
from core.settings_store import MISSING, SettingsStore
from core.storage.engine import writer_engine
from core.storage.migrate import migrate
from core.storage.models import Attendance, Camera, Employee, Visit

FIRST, LAST = date(2026, 11, 1), date(2027, 10, 31)
MORNING = datetime(2026, 11, 23, 1, tzinfo=UTC)
"""08:00 in Jakarta."""


@pytest.fixture
def paths(tmp_path) -> SitePaths:
    """Somebody came on three days; of a fourth there is only a row."""
    paths = SitePaths(tmp_path).create()
    migrate(paths)
    SettingsStore(paths).save_parameters(Parameters(time_zone="Asia/Jakarta"), MISSING)
    engine = writer_engine(paths.database)
    with Session(engine) as session, session.begin():
        status = {"status": "online", "status_since": MORNING, "updated_at": MORNING}
        session.add(Camera(id=1, name="Gate", enabled=True, **status))
        session.add(Employee(id=1, code="E1", name="Ana", created_at=MORNING, updated_at=MORNING))
        session.flush()
        for days in (0, 1, 7):
            at = MORNING + timedelta(days=days)
            times = {"arrived_at": at, "last_seen_at": at, "departed_at": at}
            session.add(Visit(employee_id=1, camera_id=1, last_camera_id=1, **times))
        stray = Attendance(employee_id=1, attendance_date=date(2026, 11, 25), visit_count=1)
        stray.first_in_at = stray.last_out_at = MORNING
        session.add(stray)
    engine.dispose()
    return paths


def test_others_can_write_between_two_days(paths):
    written: list[list[str]] = []

    def write_meanwhile(_seconds: float) -> None:
        with closing(sqlite3.connect(paths.database, timeout=0)) as other, other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("UPDATE cameras SET name = 'Door'")
            rows = other.execute("SELECT attendance_date FROM attendances ORDER BY 1").fetchall()
            written.append([day[-2:] for (day,) in rows])

    keys = rebuild_site(paths, FIRST, LAST, write_meanwhile)
    assert [key.attendance_date.day for key in keys] == [23, 24, 30]
    assert written[0] == ["23", "25"]
    assert ["23", "24", "25"] in written
    assert ["23", "24"] in written


def test_a_rebuild_that_was_stopped_is_ended_by_the_next(paths):
    def stop(_seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild_site(paths, FIRST, LAST, stop)
    rebuild_site(paths, FIRST, LAST, lambda _: None)
    with closing(sqlite3.connect(paths.database)) as reader:
        rows = reader.execute("SELECT attendance_date, visit_count FROM attendances ORDER BY 1").fetchall()
    assert rows == [("2026-11-23", 1), ("2026-11-24", 1), ("2026-11-30", 1)]
