"""What the API promises, route by route, and that a change leaves what the page would leave."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from core.domain.states import AlertState, Scope
from core.storage import audit
from core.storage.models import AlertLog, ApiToken, AuditLog, User, UserSession
from dashboard.api.rest import captures, stream
from tests.core.storage.no_room import files_end_at
from tests.dashboard.rest.conftest import Site

AYU, CITRA, HENDRA = 1, 3, 8
KEYS = {
    *("id", "code", "name", "department", "position", "phone", "active", "templates"),
    *("created_at", "updated_at"),
}


@pytest.fixture
def admin(site: Site) -> TestClient:
    return site.account("admin")


def trail(site: Site, since: int = 0) -> list[tuple[str, str, str]]:
    with Session(site.seed.engine) as session:
        assert audit.verify(session) is None
        rows = session.scalars(select(AuditLog).where(AuditLog.id > since).order_by(AuditLog.id))
        return [(row.actor, row.action, row.subject) for row in rows]


def code_of(answer: Any) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert answer.json()["detail"]
    return answer.status_code, answer.json()["code"]


def test_cameras(admin: TestClient) -> None:
    listed = admin.get("/api/cameras").json()
    assert [(one["id"], one["name"], one["status"], one["cause"]) for one in listed] == [
        (1, "Gerbang depan", "online", None),
        (2, "Gudang", "unreachable", "refused"),
    ]
    assert "url" not in str(listed)


def test_v1_is_the_same(admin: TestClient) -> None:
    for path in (
        "cameras",
        "employees",
        "alerts",
        "openapi.json",
        "report/attendance_captures?employee_id=1&date=2026-01-01",
    ):
        assert admin.get(f"/api/v1/{path}").json() == admin.get(f"/api/{path}").json()
    assert admin.get("/api/v1/health").json().keys() == admin.get("/api/health").json().keys()
    assert "# TYPE gspe_worker_up gauge" in admin.get("/api/v1/metrics").text


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/api/session", "POST"),
        ("GET", "/api/session/password", "POST"),
        ("POST", "/api/picture/evidence/1", "GET, HEAD"),
        ("POST", "/api/camera-picture/1", "GET, HEAD"),
        ("DELETE", "/api/cameras", "GET"),
    ],
)
def test_another_method_is_a_problem_everywhere(site: Site, method: str, path: str, allowed: str) -> None:
    refused = site.client().request(method, path)
    assert code_of(refused) == (405, "method_unknown")
    assert sorted(refused.headers["allow"].split(", ")) == allowed.split(", ")


def test_a_picture_of_no_camera_is_a_problem(site: Site) -> None:
    assert code_of(site.account("viewer").get("/api/camera-picture/1")) == (403, "picture_not_for_role")
    assert code_of(site.client().get("/api/camera-picture/1")) == (401, "not_signed_in")
    assert code_of(site.account("admin").get("/api/camera-picture/99")) == (404, "picture_not_kept")
    assert code_of(site.account("admin").get("/api/camera-picture/x")) == (404, "path_unknown")


@pytest.mark.parametrize(
    "path", ["/api/cameras", "/api/v1/health", "/metrics", "/api/nothing", "/api/stream"]
)
def test_head_answers_as_get_without_the_body(site: Site, admin: TestClient, path: str) -> None:
    head = admin.head(path)
    assert head.content == b""
    if path == "/api/stream":
        assert (head.status_code, head.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert stream.open_streams.total() == 0
        return
    got = admin.get(path)
    assert (head.status_code, head.headers["content-type"]) == (got.status_code, got.headers["content-type"])


def test_an_employee_from_the_first_to_the_last_day(site: Site, admin: TestClient) -> None:
    added = admin.post("/api/employees", json={"code": "E77", "name": " Joko  Susilo ", "phone": "+62811"})
    assert added.status_code == 201
    joko = added.json()
    assert joko.keys() == KEYS
    assert (joko["name"], joko["active"], joko["templates"]) == ("Joko Susilo", True, 0)
    path = f"/api/employees/{joko['id']}"
    assert added.headers["location"] == path
    assert code_of(admin.post("/api/employees", json={"code": "E77", "name": "B"})) == (
        409,
        "employee_code_taken",
    )
    changed = admin.put(path, json={"position": "Sopir"})
    assert changed.status_code == 200
    assert changed.json() | {"updated_at": ""} == joko | {"position": "Sopir", "updated_at": ""}
    assert code_of(admin.put(path, json={"code": "E01"})) == (409, "employee_code_taken")
    gone = admin.delete(path)
    assert (gone.status_code, gone.json()["active"]) == (200, False)
    assert admin.delete(path).json() == gone.json()
    assert admin.get(path).json() == gone.json()
    assert admin.put(path, json={"active": True}).json()["active"] is True
    subject = f"employees:{joko['id']}"
    assert trail(site) == [
        ("admin", f"employee.{what}", subject)
        for what in ("created", "updated", "deactivated", "reactivated")
    ]


def test_what_was_read_can_be_sent_back(site: Site, admin: TestClient) -> None:
    path = f"/api/employees/{AYU}"
    read = admin.get(path).json()
    assert admin.put(path, json=read).json() == read
    assert trail(site) == []
    away = admin.put(path, json=read | {"active": False, "templates": 99, "id": 7}).json()
    assert away | {"updated_at": ""} == read | {"active": False, "updated_at": ""}
    back = admin.put(path, json=away | {"active": True}).json()
    assert back["active"] is True
    assert [row[1] for row in trail(site)] == ["employee.deactivated", "employee.reactivated"]
    copied = admin.post("/api/employees", json=back | {"code": "E99", "id": AYU})
    assert (copied.status_code, copied.json()["id"] > 8, copied.json()["templates"]) == (201, True, 0)
    assert code_of(admin.put(path, json=read | {"salary": 1})) == (400, "request_invalid")


def test_what_is_null_is_cleared_and_what_is_not_named_stays(admin: TestClient) -> None:
    changed = admin.put(f"/api/employees/{AYU}", json={"department": None}).json()
    assert (changed["department"], changed["position"], changed["code"]) == (None, "Operator", "E01")
    before = admin.get(f"/api/employees/{AYU}").json()
    assert admin.put(f"/api/employees/{AYU}", json={}).json() == before


def test_deactivated_people_stay_listed(admin: TestClient) -> None:
    admin.delete(f"/api/employees/{AYU}")
    everybody = admin.get("/api/employees").json()
    assert [one["id"] for one in everybody] == list(range(1, 9))
    assert [one["id"] for one in everybody if not one["active"]] == [AYU]
    assert [one["id"] for one in admin.get("/api/employees?active=false").json()] == [AYU]
    assert [one["id"] for one in admin.get("/api/employees?code=E03").json()] == [CITRA]


def test_a_token_acts_in_its_own_name(site: Site) -> None:
    client = site.token(Scope.WRITE_EMPLOYEES, name="payroll")
    created = client.post("/api/employees", json={"code": "E90", "name": "X", "active": False}).json()
    assert created["active"] is False
    assert [row[:2] for row in trail(site)[1:]] == [
        ("token:payroll", "employee.created"),
        ("token:payroll", "employee.deactivated"),
    ]


@pytest.mark.parametrize("who", ["account", "token"])
def test_people_of_other_departments_do_not_exist(site: Site, who: str) -> None:
    limited = site.account("hr.gudang")
    if who == "token":
        limited = site.token(Scope.WRITE_EMPLOYEES, departments=("Gudang",))
    assert [one["code"] for one in limited.get("/api/employees").json()] == ["E03", "E04"]
    for method, body in (("GET", None), ("PUT", {"name": "X"}), ("DELETE", None)):
        for unseen in (AYU, HENDRA, 999):
            answer = limited.request(method, f"/api/employees/{unseen}", json=body)
            assert code_of(answer) == (404, "employee_unknown")
    for body in ({"code": "N1", "name": "N"}, {"code": "N1", "name": "N", "department": "Kantor"}):
        assert code_of(limited.post("/api/employees", json=body)) == (403, "department_not_yours")
    taken = limited.post("/api/employees", json={"code": "E01", "name": "N", "department": "Gudang"})
    assert code_of(taken) == (409, "employee_code_taken_elsewhere")
    assert "Ayu" not in taken.text
    assert code_of(limited.put(f"/api/employees/{CITRA}", json={"department": "Kantor"}))[0] == 403
    assert limited.put(f"/api/employees/{CITRA}", json={"position": "X"}).status_code == 200


BAD_EMPLOYEES = [
    {},
    {"code": "X"},
    {"code": "", "name": "X"},
    {"code": "X", "name": " \t"},
    {"code": "X", "name": None},
    {"code": 7, "name": "X"},
    {"code": "X" * 201, "name": "X"},
    {"code": "X", "name": "X", "salary": 1},
    [],
    "text",
    None,
]


@pytest.mark.parametrize("body", BAD_EMPLOYEES, ids=str)
def test_an_employee_that_cannot_be(site: Site, admin: TestClient, body: Any) -> None:
    assert code_of(admin.post("/api/employees", json=body))[0] == 400
    assert trail(site) == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"code": "a"', b"[" * 9000], ids=range(5))
@pytest.mark.parametrize("path", ["/api/employees", "/api/admin/reset_logs"])
def test_what_is_no_json(admin: TestClient, path: str, body: bytes) -> None:
    answer = admin.post(path, content=body, headers={"content-type": "application/json"})
    assert code_of(answer) == (400, "request_invalid")


def test_json_must_be_called_so(admin: TestClient) -> None:
    answer = admin.post(
        "/api/employees", content=b'{"code": "a", "name": "b"}', headers={"content-type": "text/plain"}
    )
    assert code_of(answer) == (400, "request_invalid")


def test_a_body_has_its_limit(admin: TestClient) -> None:
    answer = admin.post("/api/employees", json={"code": "X", "name": "x" * 70_000})
    assert code_of(answer) == (413, "body_too_large")
    pieces = (b" " * 9000 for _ in range(9))
    answer = admin.post("/api/employees", content=pieces, headers={"content-type": "application/json"})
    assert code_of(answer) == (413, "body_too_large")


def test_pages_of_a_list(site: Site, admin: TestClient) -> None:
    first = admin.get("/api/employees", params={"limit": 3})
    assert [one["id"] for one in first.json()] == [1, 2, 3]
    assert first.headers["x-next-cursor"] == "3"
    second = admin.get(first.headers["link"].partition(">")[0].removeprefix("<"))
    assert [one["id"] for one in second.json()] == [4, 5, 6]
    last = admin.get("/api/employees", params={"limit": 3, "cursor": second.headers["x-next-cursor"]})
    assert [one["id"] for one in last.json()] == [7, 8]
    assert "link" not in last.headers
    assert code_of(admin.get("/api/employees?cursor=x")) == (400, "cursor_unknown")


def test_pages_of_days_and_of_alerts_miss_nothing(admin: TestClient) -> None:
    for path, key in (("/api/attendance", "employee_id"), ("/api/alerts", "id"), ("/api/cameras", "id")):
        whole = [one[key] for one in admin.get(path).json()]
        assert len(whole) > 1
        found, cursor = [], None
        while True:
            answer = admin.get(path, params={"limit": 1} | ({"cursor": cursor} if cursor else {}))
            found += [one[key] for one in answer.json()]
            cursor = answer.headers.get("x-next-cursor")
            if cursor is None:
                break
        assert found == whole


def test_tracking_state(site: Site, admin: TestClient) -> None:
    at = site.seed.now.isoformat()
    tracks = [{"employee_id": person, "track_id": person, "since": at} for person in (AYU, CITRA)]
    site.seed.camera(3, "Lobi", tracks=[*tracks, {"employee_id": None, "track_id": 9, "since": at}])
    state = admin.get("/api/tracking/state").json()
    camera = state["cameras"][2]
    assert (camera["status"], [track["employee_id"] for track in camera["tracks"]]) == (
        "online",
        [1, 3, None],
    )
    assert 0 <= camera["frame_age_ms"] < 3_600_000
    people = {one["code"]: one for one in state["employees"]}
    assert people["E01"]["state"] == "available"
    assert people["E01"]["last_camera"] == {"id": 1, "name": "Gerbang depan"}
    assert datetime.fromisoformat(people["E01"]["since"]) < site.seed.now
    never = people["E08"]
    assert (never["state"], never["since"], never["last_camera"]) == (None, None, None)
    limited = site.token(Scope.READ_PRESENCE, departments=("Gudang",)).get("/api/tracking/state").json()
    assert {one["code"] for one in limited["employees"]} == {"E03", "E04"}
    assert [track["employee_id"] for track in limited["cameras"][2]["tracks"]] == [None, CITRA, None]


def test_tracking_state_says_when_the_worker_is_silent(site: Site, admin: TestClient) -> None:
    site.seed.worker(age_s=3600)
    until = admin.get("/api/tracking/state").json()["known_until"]
    assert datetime.fromisoformat(until) == site.seed.now - timedelta(hours=1)


def today(site: Site) -> str:
    return site.seed.now.astimezone(UTC).date().isoformat()


def test_captures_are_links_that_show_the_picture(site: Site) -> None:
    client = site.token(Scope.READ_ATTENDANCE, name="hris")
    asked = {"employee_id": AYU, "date": today(site)}
    told = client.get("/api/report/attendance_captures", params=asked).json()
    assert told.keys() == {"ok", "first_in", "last_out"}
    assert told["ok"] is True
    stranger = site.client()
    for link in (told["first_in"], told["last_out"]):
        picture = stranger.get(link)
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
        assert picture.content.startswith(b"\xff\xd8\xff")
    assert trail(site)[1:] == [("token:hris", "picture.viewed", f"employees:{AYU}")]
    assert code_of(stranger.get(told["first_in"] + "x")) == (404, "link_over")


def test_captures_of_who_was_not_there(site: Site, admin: TestClient) -> None:
    for person, day in ((HENDRA, today(site)), (AYU, "2020-02-29"), (AYU, "9999-12-31"), (AYU, "0001-01-01")):
        answer = admin.get("/api/report/attendance_captures", params={"employee_id": person, "date": day})
        assert answer.json() == {"ok": True, "first_in": None, "last_out": None}


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"employee_id": 999, "date": "2026-11-23"}, 404),
        ({"employee_id": 1}, 400),
        ({"date": "2026-11-23"}, 400),
        ({"employee_id": 1, "date": "23.11.2026"}, 400),
        ({"employee_id": 1, "date": "2026-02-30"}, 400),
        ({"employee_id": 1, "date": "1699920000"}, 400),
        ({"employee_id": "x", "date": "2026-11-23"}, 400),
        ({"employee_id": 2**70, "date": "2026-11-23"}, 400),
    ],
)
def test_captures_that_cannot_be_asked_for(admin: TestClient, asked: dict[str, Any], status: int) -> None:
    assert code_of(admin.get("/api/report/attendance_captures", params=asked))[0] == status


def test_a_link_ends_with_its_time_and_with_the_rights_of_who_asked(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = site.account("supervisor")
    asked = {"employee_id": AYU, "date": today(site)}
    link = client.get("/api/report/attendance_captures", params=asked).json()["first_in"]
    assert site.client().get(link).status_code == 200
    with monkeypatch.context() as patched:
        patched.setattr(captures, "LINK_MAX_AGE_S", -1)
        assert code_of(site.client().get(link)) == (404, "link_over")
    for columns in ({"departments": ["Gudang"]}, {"departments": [], "role": "viewer"}, {"active": False}):
        with Session(site.seed.engine) as session, session.begin():
            session.execute(update(User).where(User.username == "supervisor").values(**columns))
        assert code_of(site.client().get(link)) == (404, "link_over")


def test_a_link_ends_with_the_session_or_the_token_it_was_made_in(site: Site) -> None:
    asked = {"employee_id": AYU, "date": today(site)}
    token, account = site.token(Scope.READ_ATTENDANCE), site.account("supervisor")
    of_token, of_account, of_ended = (
        one.get("/api/report/attendance_captures", params=asked).json()["first_in"]
        for one in (token, account, site.account("supervisor"))
    )
    stranger = site.client()
    ended: tuple[tuple[str, Any], ...] = (
        (of_ended, update(UserSession).where(UserSession.id == 2).values(ended_at=datetime.now(UTC))),
        (of_account, update(User).where(User.username == "supervisor").values(must_change_password=True)),
        (of_token, update(ApiToken).values(revoked_at=datetime.now(UTC))),
    )
    for number, (link, change) in enumerate(ended):
        assert stranger.get(link).status_code == 200
        with Session(site.seed.engine) as session, session.begin():
            session.execute(change)
        assert code_of(stranger.get(link)) == (404, "link_over")
        assert all(stranger.get(other).status_code == 200 for other, _ in ended[number + 1 :])


def test_captures_respect_departments(site: Site) -> None:
    client = site.token(Scope.READ_ATTENDANCE, departments=("Gudang",))
    for person, status in ((AYU, 404), (CITRA, 200)):
        asked = {"employee_id": person, "date": today(site)}
        assert client.get("/api/report/attendance_captures", params=asked).status_code == status


def test_attendance_days(site: Site, admin: TestClient) -> None:
    days = admin.get("/api/attendance", params={"from_date": today(site)}).json()
    assert [one["employee_id"] for one in days] == list(range(1, 8))
    ayu = days[0]
    assert (ayu["visits"], ayu["date"], ayu["figures"], ayu["provisional"]) == (2, today(site), None, True)
    assert admin.get("/api/attendance", params={"employee_id": CITRA}).json() == [days[2]]
    limited = site.token(Scope.READ_ATTENDANCE, departments=("Gudang",)).get("/api/attendance").json()
    assert {one["code"] for one in limited} == {"E03", "E04"}
    for first, last in (
        ("2026-01-02", "2026-01-01"),
        ("2026-01-01", "2026-02-01"),
        ("0001-01-01", "9999-12-31"),
    ):
        refused = admin.get("/api/attendance", params={"from_date": first, "to_date": last})
        assert code_of(refused) == (400, "days_refused")


def open_alert(site: Site) -> int:
    with Session(site.seed.engine) as session:
        found = session.scalar(select(AlertLog.id).where(AlertLog.state == AlertState.OPEN))
        assert found is not None
        return found


def test_an_alert_is_led_on_as_on_the_page(site: Site) -> None:
    client = site.token(Scope.WRITE_ALERTS, name="pager")
    number = open_alert(site)
    assert [one["id"] for one in client.get("/api/alerts?state=open").json()] == [number]
    path = f"/api/alerts/{number}"
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    for step, body, state in (
        ("snooze", {"minutes": 30}, "snoozed"),
        ("snooze", {"until": until}, "snoozed"),
        ("acknowledge", None, "acknowledged"),
        ("excuse", {"reason": "Ke bank"}, "excused"),
        ("resolve", {"note": "sudah kembali"}, "resolved"),
    ):
        answer = client.post(f"{path}/{step}", json=body)
        assert (answer.status_code, answer.json()["state"]) == (200, state), answer.text
    steps = client.get(path).json()["steps"]
    assert [(one["action"], one["note"]) for one in steps][-2:] == [
        ("excused", "Ke bank"),
        ("resolved", "sudah kembali"),
    ]
    assert {one["actor"] for one in steps} == {"token:pager"}
    done = [row[1:] for row in trail(site)[1:]]
    subject = f"alert_logs:{number}"
    told = ("snoozed", "snoozed", "acknowledged", "excused", "resolved")
    assert done == [(f"alert.{action}", subject) for action in told]
    assert code_of(client.post(f"{path}/acknowledge")) == (409, "alert_moved_on")
    assert code_of(client.post("/api/alerts/999/acknowledge")) == (404, "alert_unknown")


@pytest.mark.parametrize(
    ("step", "body", "status"),
    [
        ("snooze", {}, 400),
        ("snooze", {"minutes": 0}, 400),
        ("snooze", {"minutes": 99999}, 400),
        ("snooze", {"until": "2020-01-01T00:00:00Z"}, 400),
        ("snooze", {"until": "2026-11-23T10:00:00"}, 400),
        ("snooze", {"until": "9999-12-31T23:59:59-12:00"}, 400),
        ("snooze", {"minutes": 5, "until": "2099-01-01T00:00:00Z"}, 400),
        ("excuse", {"reason": "  "}, 400),
        ("excuse", {}, 400),
        ("excuse", {"reason": "x", "absent_until": "2099-01-01T00:00:00Z"}, 403),
        ("resolve", {"note": "x" * 201}, 400),
    ],
)
def test_a_step_that_cannot_be(site: Site, step: str, body: dict[str, Any], status: int) -> None:
    client = site.account("supervisor")
    assert code_of(client.post(f"/api/alerts/{open_alert(site)}/{step}", json=body))[0] == status
    assert trail(site) == []


def test_hr_excuses_hours(site: Site) -> None:
    client = site.account("hr")
    body = {"reason": "Sakit", "absent_until": (datetime.now(UTC) + timedelta(hours=2)).isoformat()}
    assert client.post(f"/api/alerts/{open_alert(site)}/excuse", json=body).status_code == 200
    assert [action for _, action, _ in trail(site)] == ["alert.excused", "excuse.added"]


def test_alerts_of_others_do_not_exist(site: Site) -> None:
    client = site.token(Scope.WRITE_ALERTS, departments=("Gudang",))
    assert {one["department"] for one in client.get("/api/alerts").json()} == {"Gudang"}
    number = open_alert(site)  # of Kantor
    assert code_of(client.get(f"/api/alerts/{number}")) == (404, "alert_unknown")
    assert code_of(client.post(f"/api/alerts/{number}/acknowledge")) == (404, "alert_unknown")


def test_health_says_little_to_strangers(site: Site, admin: TestClient) -> None:
    assert site.client().get("/api/health").json() == {"ok": True}
    assert site.account("hr").get("/api/health").json() == {"ok": True}
    for client in (admin, site.token(Scope.READ_CAMERAS)):
        told = client.get("/api/health").json()
        assert (told["cameras_online"], told["cameras_enabled"]) == (1, 2)
        assert told["worker"]["provider"] == "CPUExecutionProvider"
    wrong = site.client().get("/api/health", headers={"authorization": "Bearer gspe_0"})
    assert wrong.json() == {"ok": True}


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        ("GET", "/api", (404, "path_unknown")),
        ("GET", "/api/", (404, "path_unknown")),
        ("GET", "/api/nothing", (404, "path_unknown")),
        ("GET", "/api/v1/nothing", (404, "path_unknown")),
        ("GET", "/api/v2/cameras", (404, "path_unknown")),
        ("GET", "/api/cameras/", (404, "path_unknown")),
        ("PATCH", "/api/cameras", (405, "method_unknown")),
        ("GET", "/api/admin/reset_logs", (405, "method_unknown")),
        ("GET", "/api/employees/x", (400, "request_invalid")),
        ("GET", f"/api/employees/{2**63}", (400, "request_invalid")),
    ],
)
def test_addresses_that_are_none(admin: TestClient, method: str, path: str, answer: tuple[int, str]) -> None:
    assert code_of(admin.request(method, path)) == answer


def test_the_routes_beside_it_stay(site: Site) -> None:
    client = site.client()
    assert client.post("/api/session", headers={"origin": "http://evil.example"}).status_code == 403
    assert client.get("/api/picture/evidence/1").status_code == 401
    assert client.get("/api/whatsapp/webhook").status_code in (403, 404)


def test_a_locked_database_and_a_full_disk(
    site: Site, admin: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.writes.LOCK_BUDGET_S", 0.0)
    body = {"code": "E99", "name": "X"}
    with closing(sqlite3.connect(site.seed.paths.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        busy = admin.post("/api/employees", json=body)
        other.execute("ROLLBACK")
    assert code_of(busy) == (503, "database_busy")
    assert busy.headers["retry-after"]
    with files_end_at(4096):
        full = admin.post("/api/employees", json={"code": "E98", "name": "x" * 200})
    assert code_of(full) == (503, "storage_full")
    assert admin.post("/api/employees", json=body).status_code == 201
