"""Every page query answers from indexes and says what the rows say."""

import inspect
from collections.abc import Iterator
from datetime import UTC, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from core.domain.states import EvidenceKind, PresenceState, RequestKind
from core.storage import queries
from core.storage.engine import reader_engine
from core.storage.models import Evidence, WorkerRequest
from tests.core.storage.scans import scanned_tables
from tests.seed import Seed, working_day


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Seed]:
    seed = working_day(tmp_path)
    yield seed
    seed.engine.dispose()


@pytest.fixture
def session(day: Seed) -> Iterator[Session]:
    engine = reader_engine(day.paths.database)
    with Session(engine) as opened:
        yield opened
    engine.dispose()


def page_queries() -> list[str]:
    return [
        name
        for name, function in inspect.getmembers(queries, inspect.isfunction)
        if function.__module__ == queries.__name__ and not name.startswith("_")
    ]


def arguments(name: str, day: Seed) -> tuple[dict[str, Any], ...]:
    """Ways to call a query; one that is not named here takes the session only, or departments."""
    today = day.now.astimezone(UTC).date()
    scoped: dict[str, tuple[dict[str, Any], ...]] = {
        "presence": ({},),
        "attendance": ({"day": today},),
        "employees": ({"active": True}, {"active": False}),
    }
    plain: dict[str, tuple[dict[str, Any], ...]] = {
        "employee": ({"employee_id": 1},),
        "employee_names": ({"codes": ["E01", "E02"]},),
        "consent": ({"employee_id": 1},),
        "newest_consent": ({"employee_id": 1},),
        "templates": ({"employee_id": 1},),
        "requests": ({"kinds": [RequestKind.ENROL], "finished_since": day.now},),
        "request": ({"request_id": 1},),
    }
    if name in scoped:
        return scoped[name] + tuple(call | {"departments": ["Gudang", "Kantor"]} for call in scoped[name])
    return plain.get(name, ({},))


@pytest.mark.parametrize("name", page_queries())
def test_no_page_query_scans_a_table_that_grows(name: str, day: Seed, session: Session) -> None:
    calls = [partial(getattr(queries, name), session, **call) for call in arguments(name, day)]
    assert set().union(*(scanned_tables(session, call) for call in calls)) == set()


def test_presence_names_everybody_active_with_state_and_picture(session: Session) -> None:
    board = {row.code: row for row in queries.presence(session)}

    assert [row.name for row in queries.presence(session)] == sorted(row.name for row in board.values())
    assert len(board) == 8
    assert board["E01"].is_present
    assert board["E01"].camera_name == "Gerbang depan"
    assert board["E05"].state == PresenceState.OFF
    assert board["E07"].is_unobserved
    assert board["E08"].state is None
    assert board["E08"].picture_path is None
    assert board["E01"].picture_path == "data/evidence/V2/departure.jpg"


def test_presence_falls_back_to_the_enrolment_photo(day: Seed, session: Session) -> None:
    with Session(day.engine) as writing, writing.begin():
        writing.query(Evidence).update({"path": None})

    assert queries.presence(session)[0].picture_path == "data/photos/E1/1.jpg"


def test_departments_limit_every_answer(day: Seed, session: Session) -> None:
    gudang = ["Gudang"]
    today = day.now.astimezone(UTC).date()

    assert {row.code for row in queries.presence(session, gudang)} == {"E03", "E04"}
    assert {row.code for row in queries.employees(session, active=True, departments=gudang)} == {"E03", "E04"}
    assert {row.code for row in queries.attendance(session, today, gudang)} == {"E03", "E04"}
    assert queries.departments(session) == ["Gudang", "Kantor", "Produksi"]


def test_attendance_carries_both_pictures_with_their_own_times(day: Seed, session: Session) -> None:
    today = day.now.astimezone(UTC).date()
    ayu = queries.attendance(session, today)[0]

    assert (ayu.code, ayu.visit_count) == ("E01", 2)
    assert ayu.first_in is not None
    assert ayu.first_in.captured_at == ayu.first_in_at
    assert ayu.first_in.camera_name == "Gerbang depan"
    assert ayu.last_out is not None
    assert ayu.last_out.path == "data/evidence/V2/departure.jpg"
    assert queries.attendance(session, today - timedelta(days=1)) == []


def test_a_picture_that_retention_removed_keeps_its_time(day: Seed, session: Session) -> None:
    with Session(day.engine) as writing, writing.begin():
        writing.query(Evidence).filter_by(kind=EvidenceKind.ARRIVAL).update({"path": None})

    ayu = queries.attendance(session, day.now.astimezone(UTC).date())[0]
    assert ayu.first_in is not None
    assert ayu.first_in.path is None
    assert ayu.first_in.captured_at == ayu.first_in_at


@pytest.mark.parametrize(
    ("final_after_s", "provisional"), [(None, True), (30.0, True), (0.0, False), (-30.0, False)]
)
def test_last_out_is_provisional_until_its_delay_is_over(
    day: Seed, session: Session, final_after_s: float | None, provisional: bool
) -> None:
    employee_id = day.employee("X1", "Aaa")
    visit = day.visit(employee_id, day.now - timedelta(hours=1), day.now)
    final_at = None if final_after_s is None else day.now + timedelta(seconds=final_after_s)
    day.attendance(employee_id, day.now.astimezone(UTC).date(), [visit], final_at)

    row = queries.attendance(session, day.now.astimezone(UTC).date())[0]
    assert (row.code, row.is_provisional(day.now)) == ("X1", provisional)


def test_employees_are_listed_by_state_with_their_templates(day: Seed, session: Session) -> None:
    day.employee("E00", "Zaki", enrolled=False, active=False, deactivated_at=day.now)
    day.template(1, number=2)

    assert [row.code for row in queries.employees(session, active=False)] == ["E00"]
    ayu = queries.employee(session, 1)
    assert ayu is not None
    assert (ayu.templates, ayu.photo_path) == (2, "data/photos/E1/2.jpg")
    assert queries.employee(session, 999) is None
    assert [row.id for row in queries.templates(session, 1)] == [8, 1]
    assert queries.employee_names(session, ["E01", "nobody"]) == {"E01": "Ayu Lestari"}


def test_requests_wait_or_were_answered_lately(day: Seed, session: Session) -> None:
    def ask(kind: str, answered_min_ago: int | None) -> int:
        finished_at = None if answered_min_ago is None else day.now - timedelta(minutes=answered_min_ago)
        times = {"requested_at": day.now - timedelta(hours=3), "expires_at": day.now + timedelta(hours=3)}
        request = WorkerRequest(
            kind=kind, payload={"n": 1}, requested_by="hr", finished_at=finished_at, result=None, **times
        )
        return day.add(request)

    waiting, lately = ask(RequestKind.ENROL, None), ask(RequestKind.ENROL, 5)
    ask(RequestKind.ENROL, 90)
    ask(RequestKind.TEST_CAMERA, None)

    rows = queries.requests(session, [RequestKind.ENROL], day.now - timedelta(hours=1))
    assert [row.id for row in rows] == [waiting, lately]
    answered = queries.request(session, lately)
    assert answered is not None
    assert answered.payload == {"n": 1}


def test_cameras_leave_out_those_removed(day: Seed, session: Session) -> None:
    day.camera(3, "Lama", removed_at=day.now)

    rows = queries.cameras(session)
    assert [(row.id, row.status, row.cause) for row in rows] == [
        (1, "online", None),
        (2, "unreachable", "refused"),
    ]


def test_an_empty_database_answers_nothing(tmp_path: Path) -> None:
    seed = Seed(tmp_path)
    with Session(seed.engine) as session:
        assert queries.worker(session) is None
        assert queries.presence(session) == []
        assert queries.newest_consent(session, 1) is None
        site = queries.site(session)
    assert site is not None
    assert site.site_name == "Bengkel Maju"
    seed.engine.dispose()
