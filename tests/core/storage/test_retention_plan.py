"""A dry run lists exactly what goes, and a hold keeps its person and days in every class."""

import os
import random
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from core.domain.states import (
    AlertKind,
    AlertState,
    Channel,
    CoverageState,
    DeliveryState,
    EventKind,
    EvidenceKind,
    UnknownState,
)
from core.errors import SettingsError
from core.paths import SitePaths
from core.settings import Parameters
from core.settings_store import MISSING, SettingsStore
from core.storage import __main__ as command
from core.storage import audit, holds, retention
from core.storage.engine import reader_engine, writer_engine
from core.storage.models import (
    AlertLog,
    AlertStep,
    Attendance,
    AuditLog,
    Base,
    Camera,
    CameraCoverage,
    Correction,
    Employee,
    Event,
    Evidence,
    JudgedDay,
    LegalHold,
    NotificationDelivery,
    NotificationOutbox,
    Reassignment,
    UnknownFace,
    Visit,
    VisitCamera,
)
from core.storage.retention_classes import SETTINGS, RetentionClass
from core.storage.verify import check_integrity

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
TODAY = date(2026, 11, 23)
SITE = Parameters.parse(
    {
        "time_zone": "Asia/Jakarta",
        "attendance_retention_days": 60,
        "attendance_captures_retention_days": 30,
        "unknown_pictures_retention_days": 20,
        "unknown_faces_retention_days": 25,
        "events_retention_days": 40,
        "event_pictures_kept": 30,
    }
)
HELD, OTHER = 1, 2
DAYS = 90


class Past:
    """Writes a site's last three months, a bit of everything, at times that the seed chooses."""

    def __init__(self, engine: Engine, paths: SitePaths, seed: int) -> None:
        self._engine, self._paths, self._random = engine, paths.create(), random.Random(seed)

    def write(self) -> None:
        with Session(self._engine) as session, session.begin():
            facts = {"status": "online", "status_since": NOW, "updated_at": NOW}
            session.add(Camera(id=1, name="Gate", enabled=True, **facts))
            for code in ("E1", "E2"):
                session.add(Employee(code=code, name=code, created_at=NOW, updated_at=NOW))
            session.flush()
            for number in range(40):
                self._day(session, 1 + number % 2, TODAY - timedelta(days=self._random.randrange(DAYS)))
            for number in range(60):
                self._event(session, self._random.choice((HELD, OTHER, None)), number)
            for _ in range(40):
                self._alert(session, self._random.choice((HELD, OTHER, None)))
            for _ in range(30):
                self._coverage(session)
            for number, state in enumerate([*UnknownState] * 8):
                self._unknown_face(session, state, number)
            for number in range(20):
                at = NOW - timedelta(days=500) + timedelta(days=15 * number)
                audit.append(session, at, "hr", "a", "b:1", {})
            self._message(session, None, self._some_time())
        self._live_frame("CAM1", hours=1)
        self._live_frame("CAM2", hours=30)

    def _some_time(self) -> datetime:
        return NOW - timedelta(minutes=self._random.randrange(DAYS * 24 * 60))

    def _file(self, name: str) -> str:
        file = self._paths.home / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x" * self._random.randrange(1, 50))
        return name

    def _live_frame(self, name: str, hours: int) -> None:
        file = self._paths.home / self._file(f"data/frames/{name}.jpg")
        os.utime(file, (NOW.timestamp() - hours * 3600,) * 2)

    def _day(self, session: Session, person: int, day: date) -> None:
        """A visit over midnight now and then, its pictures, and what was made of the day."""
        taken = select(Attendance.id).where(
            Attendance.employee_id == person, Attendance.attendance_date == day
        )
        if session.scalar(taken) is not None:
            return
        arrived = datetime(day.year, day.month, day.day, self._random.randrange(24), tzinfo=UTC)
        left = arrived + timedelta(hours=9)
        visit = Visit(employee_id=person, camera_id=1, last_camera_id=1, arrived_at=arrived)
        visit.last_seen_at = visit.departed_at = left
        session.add(visit)
        session.flush()
        session.add(VisitCamera(visit_id=visit.id, camera_id=1, first_seen_at=arrived, last_seen_at=left))
        shots = []
        for kind, at in ((EvidenceKind.ARRIVAL, arrived), (EvidenceKind.DEPARTURE, left)):
            path = self._file(f"data/evidence/{day}/E{person}/{kind}_{visit.id}.jpg")
            shot = Evidence(visit_id=visit.id, camera_id=1, kind=kind, captured_at=at, path=path)
            shot.sha256, shot.score, shot.sharpness, shot.pack_id = "0" * 64, 0.9, 100.0, "open"
            session.add(shot)
            shots.append(shot)
        session.flush()
        attendance = Attendance(employee_id=person, attendance_date=day, visit_count=1)
        attendance.first_in_at, attendance.last_out_at = arrived, left
        attendance.first_in_evidence_id, attendance.last_out_evidence_id = (shot.id for shot in shots)
        session.add(attendance)
        self._judged(session, person, day)

    def _judged(self, session: Session, person: int, day: date) -> None:
        correction = Correction(employee_id=person, day=day, reason="r", author="hr", created_at=NOW)
        correction.before, correction.after, correction.state = {}, {}, "in_force"
        session.add(correction)
        session.flush()
        judged = JudgedDay(employee_id=person, day=day, status="present", is_final=True, judged_at=NOW)
        judged.reasons, judged.correction_id = [], correction.id
        for name in ("working", "present", "seen", "not_seen", "not_observable", "late", "left_early"):
            setattr(judged, f"{name}_s", 0)
        judged.overtime_s = 0
        session.add(judged)

    def _event(self, session: Session, person: int | None, number: int) -> None:
        at = self._some_time()
        who = f"E{person}" if person else f"unknown{number}"
        path = self._file(f"data/captures/CAM1/{at:%Y%m%dT%H%M%S%f}_{who}.jpg")
        kind = EventKind.SEEN if person else EventKind.UNKNOWN
        session.add(Event(kind=kind, employee_id=person, camera_id=1, occurred_at=at, picture_path=path))
        if person is None and number % 2:  # an alert shows the same picture
            alert = AlertLog(kind=AlertKind.UNKNOWN_PERSON, state=AlertState.RESOLVED, opened_at=at)
            alert.picture_path = path
            session.add(alert)

    def _alert(self, session: Session, person: int | None) -> None:
        kind = AlertKind.ABSENT if person else AlertKind.CAMERA_DOWN
        state = self._random.choice((AlertState.OPEN, AlertState.RESOLVED, AlertState.RESOLVED))
        alert = AlertLog(kind=kind, state=state, employee_id=person, opened_at=self._some_time())
        session.add(alert)
        session.flush()
        session.add(AlertStep(alert_id=alert.id, action="opened", at=alert.opened_at, actor="system"))
        self._message(session, alert.id, alert.opened_at)

    def _message(self, session: Session, alert_id: int | None, at: datetime) -> None:
        message = NotificationOutbox(alert_id=alert_id, kind="absent", params={}, created_at=at)
        session.add(message)
        session.flush()
        told = NotificationDelivery(outbox_id=message.id, channel=Channel.EMAIL, recipient="a", address="a@b")
        told.language, told.state = "en", DeliveryState.DELIVERED
        told.created_at = told.due_at = told.changed_at = at
        session.add(told)

    def _unknown_face(self, session: Session, state: UnknownState, number: int) -> None:
        """One that was named made a visit of its own, or was within one."""
        at = self._some_time()
        path = self._file(f"data/unknown_faces/{at:%Y-%m-%d}/CAM1_{number}.jpg")
        face = UnknownFace(camera_id=1, first_seen_at=at, last_seen_at=at, captured_at=at, picture_path=path)
        face.embedding, face.dim, face.pack_id, face.pack_sha256 = b"\0\0\x80?", 1, "open", "0" * 64
        face.face_px, face.sharpness, face.state = 90.0, 100.0, state
        if state is UnknownState.NAMED:
            visit = self._random.choice(session.scalars(select(Visit).order_by(Visit.id)).all())
            face.visit_id, face.first_seen_at, face.last_seen_at = (
                visit.id,
                visit.arrived_at,
                visit.last_seen_at,
            )
            face.employee_id = self._random.choice((HELD, OTHER))
            moved = Reassignment(visit_id=face.visit_id, from_employee_id=None, reason="r", author="hr")
            moved.to_employee_id, moved.at = face.employee_id, at
            session.add(moved)
        session.add(face)

    def _coverage(self, session: Session) -> None:
        at = self._some_time()
        span = {"started_at": at, "ended_at": at + timedelta(minutes=30)}
        session.add(CameraCoverage(camera_id=1, state=CoverageState.OBSERVING, **span))


@pytest.fixture(params=range(4))
def past(request: pytest.FixtureRequest, engine: Engine, paths: SitePaths) -> Engine:
    Past(engine, paths, request.param).write()
    return engine


@pytest.fixture
def reader(paths: SitePaths) -> Iterator[Engine]:
    engine = reader_engine(paths.database)
    yield engine
    engine.dispose()


def hold(engine: Engine, person: int, first: date, last: date) -> int:
    with Session(engine) as session, session.begin():
        row = LegalHold(employee_id=person, first_date=first, last_date=last, reason="Case 7")
        return holds.place(session, row, actor="admin", now=NOW).id


def ids(engine: Engine, table: type[Base], *which: object) -> set[int]:
    with Session(engine) as session:
        return set(session.scalars(select(table.id).where(*which)))  # type: ignore[attr-defined,arg-type]


def files_below(folder: Path) -> set[Path]:
    return {file for file in folder.rglob("*.jpg") if file.is_file()}


@pytest.mark.parametrize("held", [False, True])
def test_a_dry_run_removes_nothing_and_lists_what_goes(
    past: Engine, reader: Engine, paths: SitePaths, held: bool
) -> None:
    if held:
        hold(past, HELD, TODAY - timedelta(days=80), TODAY - timedelta(days=50))
    pictures = files_below(paths.data)
    plan = retention.due(reader, paths, SITE, NOW)
    assert files_below(paths.data) == pictures
    assert retention.due(reader, paths, SITE, NOW) == plan

    gone = retention.carry_out(past, paths, SITE, NOW)
    assert gone == plan
    assert all(gone[one] for one in RetentionClass if one is not RetentionClass.AUDIT), "or it proves nothing"
    assert sum(due.files for due in gone.values()) == len(pictures - files_below(paths.data))
    check_integrity(paths.database)
    again = retention.carry_out(past, paths, SITE, NOW)
    assert not any(again.values())


def test_only_what_is_over_its_time_goes(past: Engine, paths: SitePaths) -> None:
    limit = datetime(2026, 9, 23, 17, tzinfo=UTC)  # 60 days before the 23rd began in Jakarta
    facts_limit = limit - holds.MARGIN
    kept = {
        Visit: Visit.arrived_at >= facts_limit,
        CameraCoverage: CameraCoverage.ended_at >= facts_limit,
        Attendance: Attendance.attendance_date >= date(2026, 9, 24),
        JudgedDay: JudgedDay.day >= date(2026, 9, 24),
        Correction: Correction.day >= date(2026, 9, 24),
        AlertLog: (AlertLog.opened_at >= limit) | (AlertLog.state == AlertState.OPEN),
        Event: Event.occurred_at >= datetime(2026, 10, 14, 17, tzinfo=UTC),
    }
    expected = {table: ids(past, table, which) for table, which in kept.items()}
    retention.carry_out(past, paths, SITE, NOW)
    for table, wanted in expected.items():
        assert ids(past, table) == wanted, table
    with Session(past) as session:
        assert session.scalars(select(Evidence.path).where(Evidence.path.is_not(None))).all()
        old = Evidence.captured_at < datetime(2026, 10, 23, 17, tzinfo=UTC)
        assert not session.scalars(select(Evidence.path).where(Evidence.path.is_not(None), old)).all()
    assert not (paths.frames / "CAM2.jpg").exists()
    assert (paths.frames / "CAM1.jpg").exists()


def test_no_id_is_used_again(past: Engine, paths: SitePaths) -> None:
    newest = max(ids(past, Visit))
    later = NOW + timedelta(days=4000)
    retention.carry_out(past, paths, SITE, later)
    assert ids(past, Visit) == set()
    with Session(past) as session, session.begin():
        visit = Visit(employee_id=1, camera_id=1, last_camera_id=1, arrived_at=later, last_seen_at=later)
        session.add(visit)
        session.flush()
        assert visit.id == newest + 1


def test_a_hold_keeps_its_person_and_days_in_every_class(past: Engine, paths: SitePaths) -> None:
    first, last = TODAY - timedelta(days=89), TODAY - timedelta(days=40)
    number = hold(past, HELD, first, last)
    start = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(hours=7)
    end = start + timedelta(days=50)
    held = {
        Visit: (Visit.employee_id == HELD, Visit.arrived_at >= start, Visit.arrived_at < end),
        Event: (Event.employee_id == HELD, Event.occurred_at >= start, Event.occurred_at < end),
        AlertLog: (AlertLog.employee_id == HELD, AlertLog.opened_at >= start, AlertLog.opened_at < end),
        Attendance: (Attendance.employee_id == HELD, Attendance.attendance_date.between(first, last)),
        JudgedDay: (JudgedDay.employee_id == HELD, JudgedDay.day.between(first, last)),
        Correction: (Correction.employee_id == HELD, Correction.day.between(first, last)),
        CameraCoverage: (CameraCoverage.started_at >= start, CameraCoverage.ended_at < end),
    }
    before = {table: ids(past, table, *which) for table, which in held.items()}
    pictures = held_pictures(past, paths, start, end)
    later = NOW + timedelta(days=4000)
    retention.carry_out(past, paths, SITE.changed(event_pictures_kept=0), later)
    for table, which in held.items():
        assert before[table], table
        assert ids(past, table, *which) == before[table], table
    assert pictures
    assert held_pictures(past, paths, start, end) == pictures
    assert all(file.exists() for file in pictures)

    with Session(past) as session, session.begin():
        holds.lift(session, number, actor="admin", now=later)
    retention.carry_out(past, paths, SITE.changed(event_pictures_kept=0), later)
    assert not ids(past, Visit) | ids(past, Event) | ids(past, Attendance) | ids(past, CameraCoverage)
    ignored = UnknownFace.state == UnknownState.IGNORED
    assert ids(past, UnknownFace) == ids(past, UnknownFace, ignored) != set()
    assert files_below(paths.data) == files_below(paths.unknown_faces), "whom somebody ignores for good"
    assert len(files_below(paths.data)) == len(ids(past, UnknownFace))


def test_a_hold_keeps_a_visit_that_was_said_to_be_nobody_s(past: Engine, paths: SitePaths) -> None:
    first, last = TODAY - timedelta(days=89), TODAY - timedelta(days=1)
    hold(past, HELD, first, last)
    theirs = ids(past, Visit, Visit.employee_id == HELD)
    with Session(past) as session, session.begin():
        for visit in session.scalars(select(Visit).where(Visit.id.in_(theirs))):
            visit.employee_id = None
            moved = Reassignment(visit_id=visit.id, from_employee_id=HELD, reason="r", author="hr", at=NOW)
            session.add(moved)
    pictures = files_below(paths.evidence)
    retention.carry_out(past, paths, SITE, NOW + timedelta(days=4000))
    assert theirs
    assert ids(past, Visit) >= theirs
    named_as_him = UnknownFace.employee_id == HELD
    with Session(past) as session:
        shown = set(session.scalars(select(UnknownFace.visit_id).where(named_as_him)))
    assert ids(past, Visit) == theirs | shown, "and where a face was named as him"
    kept = files_below(paths.evidence)
    assert kept >= {file for file in pictures if f"/E{HELD}/" in str(file)}


def held_pictures(engine: Engine, paths: SitePaths, start: datetime, end: datetime) -> set[Path]:
    visits = select(Evidence.path).join(Visit, Visit.id == Evidence.visit_id)
    with Session(engine) as session:
        names = [
            *session.scalars(
                visits.where(Visit.employee_id == HELD, Visit.arrived_at >= start, Visit.arrived_at < end)
            ),
            *session.scalars(
                select(Event.picture_path).where(
                    Event.employee_id == HELD, Event.occurred_at >= start, Event.occurred_at < end
                )
            ),
        ]
    return {paths.home / str(name) for name in names}


def test_as_many_holds_as_may_be_placed_can_be_asked_for(
    engine: Engine, reader: Engine, paths: SitePaths
) -> None:
    Past(engine, paths, 0).write()
    with Session(engine) as session, session.begin():
        for number in range(holds.MOST_IN_FORCE):
            day = date(2000, 1, 1) + timedelta(days=number)
            row = LegalHold(employee_id=OTHER, first_date=day, last_date=day, reason="r", placed_at=NOW)
            row.placed_by = "admin"
            session.add(row)
    plan = retention.due(reader, paths, SITE, NOW)
    assert retention.carry_out(engine, paths, SITE, NOW) == plan
    with pytest.raises(holds.GspeError) as refused:
        hold(engine, HELD, TODAY, TODAY)
    assert refused.value.code == "holds_too_many"


@pytest.mark.parametrize(
    "wrong",
    [{"reason": "  "}, {"first_date": TODAY + timedelta(days=1)}, {"last_date": None}, {"reason": "x" * 201}],
)
def test_a_hold_without_reason_or_days_is_refused(engine: Engine, wrong: dict[str, object]) -> None:
    row = {"employee_id": HELD, "first_date": TODAY, "last_date": TODAY, "reason": "Case 7"} | wrong
    with Session(engine) as session, pytest.raises(holds.GspeError) as refused:
        holds.place(session, LegalHold(**row), actor="admin", now=NOW)
    assert refused.value.code == "hold_invalid"


def test_placing_and_lifting_stay_in_the_audit(engine: Engine, paths: SitePaths) -> None:
    Past(engine, paths, 0).write()
    number = hold(engine, HELD, TODAY, TODAY)
    with Session(engine) as session, session.begin():
        holds.lift(session, number, actor="admin", now=NOW)
        with pytest.raises(holds.GspeError) as refused:
            holds.lift(session, number, actor="admin", now=NOW)
    assert refused.value.code == "hold_unknown"
    with Session(engine) as session:
        rows = session.scalars(select(AuditLog).order_by(AuditLog.id.desc()).limit(2)).all()
        listed = holds.list_holds(session)
    assert [row.action for row in rows] == ["hold.lifted", "hold.placed"]
    assert rows[0].params["employee_id"] == HELD
    assert [(row.name, row.lifted_by) for row in listed] == [("E1", "admin")]


def test_the_audit_trail_goes_from_its_beginning_and_still_holds(engine: Engine, paths: SitePaths) -> None:
    Past(engine, paths, 0).write()
    rules = SITE.changed(audit_retention_days=365)
    gone = retention.carry_out(engine, paths, rules, NOW)[RetentionClass.AUDIT]
    assert gone.rows == {"audit_log": 9}, "every fifteenth day from 500 to 380 days ago"
    with Session(engine) as session:
        assert audit.verify(session) is None
        row = session.scalars(select(AuditLog).order_by(AuditLog.id.desc()).limit(1)).one()
        assert (row.action, row.params["rows"], row.params["through_id"]) == ("audit.pruned", 9, 9)
        assert min(session.scalars(select(AuditLog.id))) == 10
    retention.carry_out(engine, paths, rules, NOW + timedelta(days=40))
    with Session(engine) as session:
        assert audit.verify(session) is None
        assert session.scalar(select(func.count(AuditLog.id)).where(AuditLog.action == audit.PRUNED)) == 2


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("DELETE FROM audit_log WHERE id <= 12", 13),
        ("DELETE FROM audit_log WHERE id = 11", 12),
        ("DELETE FROM audit_log WHERE action = 'audit.pruned'", 10),
        ("UPDATE audit_log SET params = '{}' WHERE action = 'audit.pruned'", 10),
        ("UPDATE audit_log SET actor = 'x' WHERE id = 15", 15),
    ],
)
def test_a_pruned_trail_is_no_weaker(
    engine: Engine, paths: SitePaths, tampering: str, broken_at: int
) -> None:
    Past(engine, paths, 0).write()
    retention.carry_out(engine, paths, SITE.changed(audit_retention_days=365), NOW)
    with engine.begin() as connection:
        connection.exec_driver_sql(tampering)
    with Session(engine) as session:
        found = audit.verify(session)
    assert found is not None
    assert found.row_id == broken_at


def forge(engine: Engine, actor: str = audit.SYSTEM, **facts: object) -> None:
    """Removes the first rows as retention does, but says other things about it."""
    with Session(engine) as session, session.begin():
        last = session.get_one(AuditLog, 12)
        known = {"rows": 12, "through_id": 12, "last_hash": last.hash}
        known["over_at"] = (NOW - timedelta(days=365)).isoformat()
        told = {name: fact for name, fact in (known | facts).items() if fact is not None}
        audit.append(session, NOW, actor, audit.PRUNED, "audit_log", told)
        session.execute(delete(AuditLog).where(AuditLog.id <= 12))


def test_a_removal_told_as_retention_tells_it_holds(engine: Engine, paths: SitePaths) -> None:
    """So that what the forgeries below change is what makes them fail."""
    Past(engine, paths, 0).write()
    forge(engine)
    with Session(engine) as session:
        assert audit.verify(session) is None


@pytest.mark.parametrize(
    ("forgery", "broken_at"),
    [
        ({"actor": "admin"}, 21),
        ({"over_at": (NOW - timedelta(days=300)).isoformat()}, 21),
        ({"over_at": NOW.isoformat()}, 21),
        ({"over_at": "2020-01-01T00:00:00"}, 21),
        ({"over_at": "long ago"}, 21),
        ({"over_at": None}, 21),
        ({"rows": 13}, 21),
        ({"rows": 0}, 21),
        ({"rows": None}, 21),
        ({"through_id": 9}, 13),
        ({"through_id": 13}, 13),
        ({"through_id": None}, 13),
        ({"last_hash": "0" * 64}, 13),
        ({"last_hash": None}, 13),
    ],
)
def test_a_forged_removal_is_found(
    engine: Engine, paths: SitePaths, forgery: dict[str, Any], broken_at: int
) -> None:
    Past(engine, paths, 0).write()
    forge(engine, **forgery)
    with Session(engine) as session:
        found = audit.verify(session)
    assert found is not None
    assert found.row_id == broken_at


def test_a_forged_removal_after_a_true_one_is_found(engine: Engine, paths: SitePaths) -> None:
    Past(engine, paths, 0).write()
    retention.carry_out(engine, paths, SITE.changed(audit_retention_days=365), NOW)
    forge(engine, rows=12)
    with Session(engine) as session:
        found = audit.verify(session)
    assert found == audit.AuditBreak(22, "row 22 tells of a removal that retention did not make")


def test_no_setting_lets_retention_remove_what_verify_would_miss() -> None:
    with pytest.raises(SettingsError):
        SITE.changed(audit_retention_days=audit.LEAST_KEPT.days)
    assert SITE.changed(audit_retention_days=audit.LEAST_KEPT.days + 1).audit_retention_days == 365


def test_a_year_over_a_moved_clock_change_still_holds(engine: Engine, paths: SitePaths) -> None:
    """At this midnight a year is 364 days and 23 hours, as summer time began a day later the year before."""
    midnight = datetime(2025, 3, 30, 22, tzinfo=UTC)
    with Session(engine) as session, session.begin():
        audit.append(session, midnight - timedelta(days=500), "hr", "a", "b:1", {})
    rules = SITE.changed(audit_retention_days=365, time_zone="Europe/Berlin")
    retention.carry_out(engine, paths.create(), rules, midnight)
    with Session(engine) as session:
        (row,) = session.scalars(select(AuditLog))
        assert row.at - datetime.fromisoformat(row.params["over_at"]) == timedelta(days=364, hours=23)
        assert audit.verify(session) is None


def test_rows_that_were_pruned_cannot_be_put_back(engine: Engine, paths: SitePaths) -> None:
    Past(engine, paths, 0).write()
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TEMP TABLE kept AS SELECT * FROM audit_log WHERE id <= 9")
        retained = connection.exec_driver_sql("SELECT * FROM kept").fetchall()
    retention.carry_out(engine, paths, SITE.changed(audit_retention_days=365), NOW)
    with engine.begin() as connection:
        for row in retained:
            connection.exec_driver_sql(
                f"INSERT INTO audit_log VALUES ({','.join('?' * len(row))})", tuple(row)
            )
    with Session(engine) as session:
        assert audit.verify(session) is not None


def test_a_hold_keeps_the_audit_trail_from_its_first_day_on(engine: Engine, paths: SitePaths) -> None:
    Past(engine, paths, 0).write()
    hold(engine, HELD, TODAY - timedelta(days=430), TODAY)
    gone = retention.carry_out(engine, paths, SITE.changed(audit_retention_days=365), NOW)
    assert gone[RetentionClass.AUDIT].rows == {"audit_log": 5}, "500, 485, 470, 455 and 440 days ago"


def test_a_long_trail_goes_piece_by_piece(engine: Engine, paths: SitePaths) -> None:
    with Session(engine) as session, session.begin():
        for number in range(5005):
            audit.append(session, NOW - timedelta(days=4000, seconds=-number), "hr", "a", "b:1", {})
    gone = retention.carry_out(engine, paths.create(), SITE, NOW)
    assert gone[RetentionClass.AUDIT].rows == {"audit_log": 5005}
    with Session(engine) as session:
        assert audit.verify(session) is None
        assert session.scalar(select(func.count(AuditLog.id))) == 2


def test_the_newest_rows_are_checked_in_bounded_time(engine: Engine, paths: SitePaths) -> None:
    Past(engine, paths, 0).write()
    with Session(engine) as session:
        assert audit.verify_newest(session, 20) == audit.Checked(None, 20, whole=True)
        assert audit.verify_newest(session, 8) == audit.Checked(None, 8, whole=False)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE audit_log SET actor = 'x' WHERE id = 13")
    with Session(engine) as session:
        assert audit.verify_newest(session, 7).found is None
        found = audit.verify_newest(session, 8).found
    assert found is not None
    assert found.row_id == 13


def test_the_command_lists_and_removes(
    engine: Engine, paths: SitePaths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Past(engine, paths, 0).write()
    SettingsStore(paths).save_parameters(SITE, MISSING)
    monkeypatch.setenv("GSPE_HOME", str(paths.home))
    assert command.main(["retention", "--dry-run"]) == 0
    listed = capsys.readouterr().out
    assert [line.split()[1] for line in listed.splitlines()] == list(SETTINGS.values())
    assert "events_retention_days 40" in listed
    assert ids(engine, Visit)
    count = len(ids(engine, Event))
    assert command.main(["retention"]) == 0
    assert "events " in capsys.readouterr().out
    assert len(ids(engine, Event)) < count
    monkeypatch.setenv("GSPE_HOME", str(paths.home / "nowhere"))
    assert command.main(["retention", "--dry-run"]) == 2


def test_the_worker_waits_for_no_long_transaction(paths: SitePaths) -> None:
    """A second writer gets in between while thousands of rows go."""
    engine, worker = writer_engine(paths.database), writer_engine(paths.database)
    Past(engine, paths, 0).write()
    with Session(engine) as session, session.begin():
        old = NOW - timedelta(days=90)
        session.add_all(
            Event(kind=EventKind.UNKNOWN, camera_id=1, occurred_at=old + timedelta(seconds=i))
            for i in range(5000)
        )
    waits = []
    purge = threading.Thread(target=retention.carry_out, args=(engine, paths, SITE, NOW))
    purge.start()
    while purge.is_alive():
        began_s = time.monotonic()
        with Session(worker) as session, session.begin():
            session.get_one(Camera, 1).drops += 1
        waits.append(time.monotonic() - began_s)
    assert len(waits) > 1
    assert max(waits) < 2.0
    engine.dispose()
    worker.dispose()
