"""Attendance rows follow visits, whatever order they come in, and a rebuild writes the very same."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, delete, select
from sqlalchemy.orm import Session

from core.domain.schedule import WorkingHours
from core.domain.shifts import SiteHours
from core.domain.states import EvidenceKind
from core.storage.models import Attendance, Base, Camera, Employee, Evidence, Visit
from core.storage.projection import AttendanceRules, DayKey, days_with_rows, project_days, rebuild

JAKARTA = ZoneInfo("Asia/Jakarta")
DAY = date(2026, 11, 23)
MORNING = datetime(2026, 11, 23, 1, tzinfo=UTC)
"""08:00 in Jakarta."""
DELAY_S = 30.0
RULES = AttendanceRules(SiteHours(WorkingHours.always(), JAKARTA), DELAY_S)


@pytest.fixture
def people(engine: Engine, now: datetime) -> list[int]:
    with Session(engine) as session, session.begin():
        return add_people(session, now)


def add_people(session: Session, now: datetime) -> list[int]:
    session.add(Camera(id=1, name="Gate", enabled=True, status="online", status_since=now, updated_at=now))
    staff = [Employee(code=f"E{n}", name=f"Person {n}", created_at=now, updated_at=now) for n in (1, 2)]
    session.add_all(staff)
    session.flush()
    return [person.id for person in staff]


def add_visit(session: Session, person: int, start_min: float, minutes: float, *, closed: bool = True) -> int:
    arrived_at = MORNING + timedelta(minutes=start_min)
    seen_at = arrived_at + timedelta(minutes=minutes)
    visit = Visit(
        employee_id=person,
        camera_id=1,
        last_camera_id=1,
        arrived_at=arrived_at,
        last_seen_at=seen_at,
        departed_at=seen_at if closed else None,
    )
    session.add(visit)
    session.flush()
    return visit.id


def add_picture(session: Session, visit_id: int, kind: EvidenceKind, at: datetime) -> int:
    shot = Evidence(visit_id=visit_id, camera_id=1, kind=kind, captured_at=at, path=f"data/{visit_id}{kind}")
    shot.sha256, shot.score, shot.sharpness, shot.pack_id = "0" * 64, 0.9, 100.0, "open"
    session.add(shot)
    session.flush()
    return shot.id


def facts(session: Session) -> list[tuple[object, ...]]:
    """Every attendance row in all its columns."""
    columns = Attendance.__table__.columns
    rows = session.execute(select(*columns).order_by(Attendance.employee_id, Attendance.attendance_date))
    return [tuple(row) for row in rows]


def test_a_day_is_from_the_first_arrival_to_the_last_sighting(engine, people):
    with Session(engine) as session, session.begin():
        first = add_visit(session, people[0], 0, 60)
        second = add_visit(session, people[0], 120, 30)
        arrival = add_picture(session, first, EvidenceKind.ARRIVAL, MORNING)
        departure = add_picture(session, second, EvidenceKind.DEPARTURE, MORNING + timedelta(minutes=149))
        assert project_days(session, [first, second], RULES) == [DayKey(people[0], DAY)]
        (row,) = session.scalars(select(Attendance)).all()
        assert (row.first_in_at, row.last_out_at) == (MORNING, MORNING + timedelta(minutes=150))
        assert row.last_out_final_at == row.last_out_at + timedelta(seconds=DELAY_S)
        assert (row.first_in_evidence_id, row.last_out_evidence_id) == (arrival, departure)
        assert row.visit_count == 2


def test_a_return_makes_the_last_out_provisional_again_and_keeps_the_row(engine, people):
    with Session(engine) as session, session.begin():
        first = add_visit(session, people[0], 0, 60)
        add_picture(session, first, EvidenceKind.DEPARTURE, MORNING)
        project_days(session, [first], RULES)
        before = session.scalars(select(Attendance)).one()
        row_id, first_in_at = before.id, before.first_in_at
        again = add_visit(session, people[0], 90, 5, closed=False)
        project_days(session, [again], RULES)
        row = session.scalars(select(Attendance)).one()
        assert (row.id, row.first_in_at) == (row_id, first_in_at)
        assert (row.last_out_final_at, row.last_out_evidence_id) == (None, None)
        assert row.last_out_at == MORNING + timedelta(minutes=95)


def test_a_visit_over_midnight_belongs_to_the_day_on_which_it_began(engine, people):
    evening_min = 15 * 60.0
    with Session(engine) as session, session.begin():
        night = add_visit(session, people[0], evening_min, 4 * 60)
        (key,) = project_days(session, [night], RULES)
        assert key.attendance_date == DAY
        (row,) = session.scalars(select(Attendance)).all()
        assert row.last_out_at.astimezone(JAKARTA).date() == DAY + timedelta(days=1)


def test_only_the_touched_days_are_written(engine, people):
    with Session(engine) as session, session.begin():
        mine, other = add_visit(session, people[0], 0, 5), add_visit(session, people[1], 0, 5)
        assert project_days(session, [], RULES) == []
        assert project_days(session, [other], RULES) == [DayKey(people[1], DAY)]
        assert [row[1] for row in facts(session)] == [people[1]]
        assert project_days(session, [mine, other], RULES) == [
            DayKey(people[0], DAY),
            DayKey(people[1], DAY),
        ]


def test_a_rebuild_mends_a_row_and_removes_one_without_visits(engine, people):
    with Session(engine) as session, session.begin():
        visit = add_visit(session, people[0], 0, 60)
        project_days(session, [visit], RULES)
        right = facts(session)
        session.scalars(select(Attendance)).one().last_out_at = MORNING
        stray = Attendance(employee_id=people[1], attendance_date=DAY, visit_count=1)
        stray.first_in_at = stray.last_out_at = MORNING
        session.add(stray)
        session.flush()
        assert rebuild(session, DAY, DAY, RULES) == [DayKey(people[0], DAY)]
        assert facts(session) == right


def test_a_rebuild_leaves_days_outside_alone(engine, people):
    with Session(engine) as session, session.begin():
        visit = add_visit(session, people[0], 0, 60)
        project_days(session, [visit], RULES)
        session.execute(delete(Visit))
        before = facts(session)
        assert rebuild(session, DAY + timedelta(days=1), DAY + timedelta(days=9), RULES) == []
        assert facts(session) == before


def test_the_days_to_rebuild_are_those_with_a_visit_or_a_row(engine, people):
    with Session(engine) as session, session.begin():
        for start_min in (0, 60, 24 * 60 + 16 * 60 - 1, 3 * 24 * 60, 9 * 24 * 60):
            add_visit(session, people[0], start_min, 1)
        stray = Attendance(employee_id=people[1], attendance_date=DAY + timedelta(days=5), visit_count=1)
        stray.first_in_at = stray.last_out_at = MORNING
        session.add(stray)
        session.flush()
        found = days_with_rows(session, DAY, DAY + timedelta(days=8), RULES.site)
        assert [(day - DAY).days for day in found] == [0, 1, 2, 3, 4, 5, 8], (
            "a visit may belong to the day before or after"
        )
        assert days_with_rows(session, DAY + timedelta(days=6), DAY + timedelta(days=7), RULES.site) == []


Stays = st.lists(st.tuples(st.integers(0, 1), st.integers(1, 300), st.integers(0, 200)), max_size=12)


@settings(max_examples=40)
@given(stays=Stays, order=st.randoms(use_true_random=False))
def test_rows_that_grew_visit_by_visit_equal_those_of_a_rebuild(stays, order):
    """stays: whose, how long after his last one, how long, in minutes."""
    memory = create_engine("sqlite://")
    Base.metadata.create_all(memory)
    with Session(memory) as session, session.begin():
        people = add_people(session, MORNING)
        free_from = [0.0, 0.0]
        visits = []
        for person, pause_min, stay_min in stays:
            start_min = free_from[person] + pause_min
            free_from[person] = start_min + stay_min
            visits.append(add_visit(session, people[person], start_min, stay_min))
        order.shuffle(visits)
        for visit in visits:
            project_days(session, [visit], RULES)
        grown = facts(session)
        rebuild(session, DAY - timedelta(days=1), DAY + timedelta(days=10), RULES)
        assert facts(session) == grown
        assert sum(row[-1] for row in grown) == len(stays)
        for row in session.scalars(select(Attendance)):
            assert row.first_in_at <= row.last_out_at
    memory.dispose()
