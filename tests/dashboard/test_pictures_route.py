"""Who may see which stored picture."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.domain.states import AlertKind, AlertState, EventKind, EvidenceKind, Role
from core.storage.models import AlertLog, AuditLog, Event
from core.storage.picture_views import note_view
from dashboard.auth import SESSION_COOKIE, issue_session
from dashboard.routes import all_routes
from tests.seed import Seed
from tests.unknown import unknown_face

JPEG = b"\xff\xd8\xff"


@pytest.fixture
def seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seed:
    """Person 1 of department Gudang with picture 1 of each kind; a stranger's event is picture 2."""
    monkeypatch.setenv("GSPE_HOME", str(tmp_path))
    seed = Seed(tmp_path)
    seed.camera(1, "Gerbang")
    person = seed.employee("E01", "Ayu", "Gudang")
    seed.template(person)
    visit = seed.visit(person, seed.now - timedelta(hours=1), seed.now)
    for employee_id in (person, None):
        path = seed.picture(f"data/captures/CAM1/{employee_id}.jpg", 1)
        facts = {"camera_id": 1, "occurred_at": seed.now, "picture_path": path, "score": 0.6}
        seed.add(Event(kind=EventKind.SEEN, employee_id=employee_id, **facts))
    assert seed.evidence_id(visit, EvidenceKind.ARRIVAL) == 1
    unknown = AlertLog(kind=AlertKind.UNKNOWN_PERSON, state=AlertState.OPEN, opened_at=seed.now)
    unknown.picture_path = seed.picture("data/captures/CAM1/alert.jpg", 2)
    seed.add(unknown)
    return seed


def get(seed: Seed, path: str, role: Role | None, departments: tuple[str, ...] = ()):  # type: ignore[no-untyped-def]
    client = TestClient(Starlette(routes=all_routes()))
    if role is not None:
        client.cookies.set(SESSION_COOKIE, issue_session(seed.user(f"{role}1", role, departments), 0))
    return client.get(f"/api/picture/{path}")


@pytest.mark.parametrize(
    ("kind", "role", "status"),
    [
        ("evidence", None, 401),
        ("evidence", Role.VIEWER, 403),
        ("evidence", Role.SUPERVISOR, 200),
        ("event", Role.VIEWER, 403),
        ("event", Role.SUPERVISOR, 200),
        ("alert", Role.VIEWER, 403),
        ("alert", Role.SUPERVISOR, 200),
        ("template", Role.SUPERVISOR, 403),
        ("template", Role.HR, 200),
        ("secret", Role.ADMIN, 404),
    ],
)
def test_the_role_decides(seed: Seed, kind: str, role: Role | None, status: int) -> None:
    response = get(seed, f"{kind}/1", role)
    assert response.status_code == status
    assert response.content.startswith(JPEG) == (status == 200)
    if status != 200:
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["status"] == status
    else:
        assert response.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("kind", ["evidence", "event", "template"])
def test_other_departments_stay_out_of_sight(seed: Seed, kind: str) -> None:
    assert get(seed, f"{kind}/1", Role.ADMIN, ("Kantor",)).status_code == 403


@pytest.mark.parametrize("kind", ["evidence", "event", "template"])
def test_the_own_department_is_in_sight(seed: Seed, kind: str) -> None:
    assert get(seed, f"{kind}/1", Role.ADMIN, ("Kantor", "Gudang")).status_code == 200


@pytest.mark.parametrize("number", ["9" * 18, "9" * 19, "9" * 5000, "-1", "\u0661", "x"])
def test_any_number_is_answered(seed: Seed, number: str) -> None:
    assert get(seed, f"evidence/{number}", Role.ADMIN).status_code == 404


def test_refusals_are_in_the_readers_language(seed: Seed) -> None:
    client = TestClient(
        Starlette(routes=all_routes()), headers={"accept-language": "id-ID,id;q=0.9,en;q=0.8"}
    )
    assert client.get("/api/picture/event/1").json()["detail"].startswith("Masuk dahulu")
    client.cookies.set(SESSION_COOKIE, issue_session(seed.user("budi", Role.VIEWER, (), "id"), 0))
    assert client.get("/api/picture/event/1").json()["detail"] == "Peran Anda tidak boleh melihat foto ini."


def views(seed: Seed) -> list[tuple[str, str, dict[str, str]]]:
    with Session(seed.engine) as session:
        query = select(AuditLog).where(AuditLog.action == "picture.viewed").order_by(AuditLog.id)
        return [(row.actor, row.subject, row.params) for row in session.scalars(query)]


def test_a_view_is_noted_once_an_hour_for_each_account_kind_and_person(seed: Seed) -> None:
    client = TestClient(Starlette(routes=all_routes()))
    client.cookies.set(SESSION_COOKIE, issue_session(seed.user("budi", Role.HR), 0))
    for path in ("evidence/1", "evidence/2", "evidence/1", "event/1", "event/2", "alert/1", "template/1"):
        assert client.get(f"/api/picture/{path}").status_code == 200
    assert client.get("/api/picture/evidence/99").status_code == 404
    assert views(seed) == [
        ("budi", "employees:1", {"kind": "evidence"}),
        ("budi", "employees:1", {"kind": "event"}),
        ("budi", "events:2", {"kind": "event"}),
        ("budi", "alert_logs:1", {"kind": "alert"}),
        ("budi", "employees:1", {"kind": "template"}),
    ]


def test_another_process_and_another_hour(seed: Seed) -> None:
    """The database knows what this process does not."""
    at = datetime(2026, 11, 23, 8, 59, tzinfo=UTC)
    with Session(seed.engine) as session, session.begin():
        noted = [
            note_view(session, actor, "picture.viewed", "employees:1", kind, at + timedelta(minutes=minutes))
            for actor, kind, minutes in (
                ("a", "event", 0),
                ("a", "event", 0),
                ("b", "event", 0),
                ("a", "alert", 0),
                ("a", "event", 1),
            )
        ]
    assert noted == [True, False, True, True, True]


def test_no_picture_without_its_note(seed: Seed) -> None:
    client = TestClient(Starlette(routes=all_routes()))
    client.cookies.set(SESSION_COOKIE, issue_session(seed.user("budi", Role.HR), 0))
    with closing(sqlite3.connect(seed.paths.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = client.get("/api/picture/evidence/1")
        other.execute("ROLLBACK")
    assert (refused.status_code, refused.json()["code"]) == (503, "view_not_noted")
    assert client.get("/api/picture/evidence/1").status_code == 200


def test_who_is_limited_sees_no_stranger_s_alert_but_as_administrator(seed: Seed) -> None:
    assert get(seed, "alert/1", Role.HR, ("Gudang",)).status_code == 403
    assert get(seed, "alert/1", Role.ADMIN, ("Gudang",)).status_code == 200


def test_an_unknown_face_is_for_those_who_see_everybody(seed: Seed) -> None:
    number = unknown_face(seed, 7, seed.now - timedelta(hours=1), seed.now)
    assert get(seed, f"unknown/{number}", Role.ADMIN, ("Gudang",)).status_code == 403
    assert get(seed, f"unknown/{number}", Role.HR).status_code == 200


def test_strangers_are_for_those_who_see_everybody(seed: Seed) -> None:
    assert get(seed, "event/2", Role.HR, ("Gudang",)).status_code == 403
    assert get(seed, "event/2", Role.SUPERVISOR).status_code == 200


def test_what_is_not_there_or_no_longer_kept_is_not_found(seed: Seed) -> None:
    assert get(seed, "evidence/99", Role.SUPERVISOR).status_code == 404
    next((seed.home / "data/evidence").rglob("arrival.jpg")).unlink()
    assert get(seed, "evidence/1", Role.HR).status_code == 404
