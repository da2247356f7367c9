"""Who may see which stored picture."""

from datetime import timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.domain.states import EventKind, EvidenceKind, Role
from core.storage.models import Event
from dashboard.auth import SESSION_COOKIE, issue_session
from dashboard.routes import all_routes
from tests.seed import Seed

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
        ("template", Role.SUPERVISOR, 403),
        ("template", Role.HR, 200),
        ("secret", Role.ADMIN, 404),
    ],
)
def test_the_role_decides(seed: Seed, kind: str, role: Role | None, status: int) -> None:
    response = get(seed, f"{kind}/1", role)
    assert response.status_code == status
    assert response.content.startswith(JPEG) == (status == 200)
    if status == 200:
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
    assert client.get("/api/picture/event/1").text == "Masuk dahulu."
    client.cookies.set(SESSION_COOKIE, issue_session(seed.user("budi", Role.VIEWER, (), "id"), 0))
    assert client.get("/api/picture/event/1").text == "Peran Anda tidak boleh melihat foto ini."


def test_strangers_are_for_those_who_see_everybody(seed: Seed) -> None:
    assert get(seed, "event/2", Role.HR, ("Gudang",)).status_code == 403
    assert get(seed, "event/2", Role.SUPERVISOR).status_code == 200


def test_what_is_not_there_or_no_longer_kept_is_not_found(seed: Seed) -> None:
    assert get(seed, "evidence/99", Role.SUPERVISOR).status_code == 404
    next((seed.home / "data/evidence").rglob("arrival.jpg")).unlink()
    assert get(seed, "evidence/1", Role.HR).status_code == 404
