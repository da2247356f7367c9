"""What goes and what stays: events, pictures, links and files that no row names."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core.domain.schedule import WorkingHours
from core.domain.shifts import SiteHours
from core.domain.states import EventKind, EvidenceKind, VisitClosedBy
from core.paths import SitePaths
from core.settings import Parameters
from core.storage import bundles, retention, sweeps
from core.storage.capture_links import CaptureLinks, capture_folder, links_of
from core.storage.holds import Holds
from core.storage.models import Attendance, Camera, Employee, Event, Evidence, Visit
from core.storage.projection import AttendanceRules, DayKey, project_days
from core.storage.retention_classes import RetentionClass

JAKARTA = ZoneInfo("Asia/Jakarta")
TODAY = date(2026, 11, 23)
MIDNIGHT = datetime(2026, 11, 22, 17, tzinfo=UTC)
"""When TODAY begins in Jakarta."""


@pytest.fixture
def site(engine: Engine, now: datetime) -> int:
    """One person and one camera; the person's id."""
    with Session(engine) as session, session.begin():
        session.add(
            Camera(id=1, name="Gate", enabled=True, status="online", status_since=now, updated_at=now)
        )
        person = Employee(code="E1", name="Ana", created_at=now, updated_at=now)
        session.add(person)
        session.flush()
        return person.id


def add_event(engine: Engine, at: datetime) -> None:
    with Session(engine) as session, session.begin():
        session.add(Event(kind=EventKind.UNKNOWN, camera_id=1, occurred_at=at))


def event_times(engine: Engine) -> list[datetime]:
    with Session(engine) as session:
        return list(session.scalars(select(Event.occurred_at).order_by(Event.occurred_at)))


def kept_for(**days: int) -> Parameters:
    """Parameters of a site in Jakarta where everything is kept for so many days."""
    return Parameters.parse({"time_zone": "Asia/Jakarta", **days})


def carry_out(engine: Engine, paths: SitePaths, now: datetime, **days: int) -> retention.Plan:
    return retention.carry_out(engine, paths.create(), kept_for(**days), now)


@pytest.mark.parametrize(("keep_days", "first_kept"), [(1, MIDNIGHT), (3, MIDNIGHT - timedelta(days=2))])
def test_events_are_kept_for_whole_site_days_today_included(engine, paths, site, keep_days, first_kept):
    late = MIDNIGHT + timedelta(hours=23)
    for at in (first_kept - timedelta(microseconds=1), first_kept, late):
        add_event(engine, at)
    gone = carry_out(engine, paths, late, events_retention_days=keep_days)
    assert gone[RetentionClass.EVENTS].rows == {"events": 1}
    assert event_times(engine) == [first_kept, late]


def test_many_events_go_in_small_transactions(engine, paths, site):
    count = 2 * bundles.CHUNK + 1
    with Session(engine) as session, session.begin():
        old = MIDNIGHT - timedelta(days=2)
        session.add_all(
            Event(kind=EventKind.UNKNOWN, camera_id=1, occurred_at=old + timedelta(seconds=i))
            for i in range(count)
        )
    add_event(engine, MIDNIGHT)
    assert carry_out(engine, paths, MIDNIGHT)[RetentionClass.EVENTS].rows == {"events": count}
    assert event_times(engine) == [MIDNIGHT]
    assert not carry_out(engine, paths, MIDNIGHT)[RetentionClass.EVENTS]


def add_day(engine: Engine, paths: SitePaths, person: int, arrived_at: datetime) -> tuple[DayKey, list[Path]]:
    """A visit of an hour with both pictures, its attendance row and its links."""
    departed_at = arrived_at + timedelta(hours=1)
    files = []
    with Session(engine) as session, session.begin():
        visit = Visit(
            employee_id=person,
            camera_id=1,
            last_camera_id=1,
            arrived_at=arrived_at,
            last_seen_at=departed_at,
            departed_at=departed_at,
            closed_by=VisitClosedBy.TIMEOUT,
        )
        session.add(visit)
        session.flush()
        for kind, at in ((EvidenceKind.ARRIVAL, arrived_at), (EvidenceKind.DEPARTURE, departed_at)):
            path = f"data/evidence/{arrived_at:%Y-%m-%d}/E{person}/{kind}_{visit.id}.jpg"
            file = paths.home / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(f"{kind} {visit.id}".encode())
            files.append(file)
            shot = Evidence(visit_id=visit.id, camera_id=1, kind=kind, captured_at=at, path=path)
            shot.sha256, shot.score, shot.sharpness, shot.pack_id = "0" * 64, 0.9, 100.0, "open"
            session.add(shot)
        session.flush()
        (key,) = project_days(
            session, [visit.id], AttendanceRules(SiteHours(WorkingHours.always(), JAKARTA), 30.0)
        )
        CaptureLinks().point(links_of(session, paths, [key]))
    return key, files


def test_pictures_go_when_their_days_are_over_and_their_rows_stay(engine, paths, site):
    paths.create()
    old_key, old_files = add_day(engine, paths, site, MIDNIGHT - timedelta(days=8))
    kept_key, kept_files = add_day(engine, paths, site, MIDNIGHT - timedelta(days=7))
    assert (capture_folder(paths, old_key) / "first_in.jpg").exists()

    gone = carry_out(engine, paths, MIDNIGHT, attendance_captures_retention_days=7)
    assert gone[RetentionClass.CAPTURES].files == 2
    assert not any(file.exists() for file in old_files)
    assert not old_files[0].parent.exists()
    assert not (paths.attendance_captures / old_key.attendance_date.isoformat()).exists()
    assert all(file.exists() for file in kept_files)
    assert (capture_folder(paths, kept_key) / "last_out.jpg").exists()
    with Session(engine) as session:
        rows = session.scalars(select(Evidence).order_by(Evidence.captured_at)).all()
        assert [row.path is None for row in rows] == [True, True, False, False]
        days = session.scalars(select(Attendance).order_by(Attendance.attendance_date)).all()
        assert [day.first_in_evidence_id for day in days] == [rows[0].id, rows[2].id]
    assert not carry_out(engine, paths, MIDNIGHT, attendance_captures_retention_days=7)[
        RetentionClass.CAPTURES
    ]


def test_what_somebody_else_put_among_the_links_stays_and_stops_nothing(engine, paths, site):
    paths.create()
    key, _ = add_day(engine, paths, site, MIDNIGHT - timedelta(days=100))
    folder = capture_folder(paths, key)
    (folder.parent / "notes.txt").write_text("mine")
    (folder / "copy").mkdir()
    (paths.attendance_captures / "readme.txt").write_text("mine too")
    (paths.attendance_captures / "1999-01-01").write_text("no folder")
    assert carry_out(engine, paths, MIDNIGHT)[RetentionClass.CAPTURES].files == 2
    assert not (folder / "first_in.jpg").is_symlink()
    assert (folder.parent / "notes.txt").exists()
    assert (paths.attendance_captures / "readme.txt").exists()


def test_the_newest_event_pictures_of_each_camera_stay(engine, paths):
    paths.create()
    for camera in (1, 2):
        folder = paths.captures / f"CAM{camera}"
        folder.mkdir()
        for second in range(5):
            (folder / f"20261123T08000{second}000000_E1.jpg").write_bytes(b"jpeg")
    (paths.captures / "CAM1" / "notes.txt").write_text("stays")
    gone = carry_out(engine, paths, MIDNIGHT, event_pictures_kept=3)[RetentionClass.EVENT_PICTURES]
    assert (gone.files, gone.size_bytes) == (4, 16)
    names = sorted(file.name for file in (paths.captures / "CAM1").glob("*.jpg"))
    assert names == [f"20261123T08000{second}000000_E1.jpg" for second in (2, 3, 4)]
    assert (paths.captures / "CAM1" / "notes.txt").exists()
    retention.remove_stale_files(paths, kept_for(event_pictures_kept=0), MIDNIGHT)
    assert not list(paths.captures.rglob("*.jpg"))


def test_files_that_no_row_names_go_when_no_transaction_can_still_want_them(engine, paths, site):
    paths.create()
    now = MIDNIGHT + timedelta(hours=12)
    _, files = add_day(engine, paths, site, MIDNIGHT)
    orphan, fresh = files[0].with_name("orphan.jpg"), files[0].with_name("fresh.jpg")
    for file in (orphan, fresh):
        file.write_bytes(b"jpeg")
    for file in (orphan, *files):
        os.utime(file, (now.timestamp() - sweeps.ORPHAN_AGE_S - 1,) * 2)
    os.utime(fresh, (now.timestamp() - sweeps.ORPHAN_AGE_S + 1,) * 2)
    assert sweeps.sweep_pictures(engine, paths, now, Holds([])) == 1
    assert not orphan.exists()
    assert fresh.exists()
    assert all(file.exists() for file in files)


def test_a_checkpoint_empties_the_write_ahead_log(engine, paths, site):
    log = paths.database.with_name(f"{paths.database.name}-wal")
    add_event(engine, MIDNIGHT)
    assert log.stat().st_size > 0
    retention.checkpoint(engine)
    assert log.stat().st_size == 0
    assert event_times(engine) == [MIDNIGHT]
