"""Every write checks role and department again, leaves an audit row, and takes back what it cannot finish."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import streamlit as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.states import RequestKind, Role
from core.errors import AccessDenied, GspeError, SettingsConflict
from core.paths import SitePaths
from core.settings import CameraSettings
from core.settings_store import SettingsStore
from core.storage import audit, queries
from core.storage.asking import CameraTestPayload, CapturePayload, EnrolPayload
from core.storage.engine import reader_engine
from core.storage.models import AuditLog, Employee, FaceTemplate, User, WorkerRequest
from core.storage.requests import read_request_photo
from dashboard import commands, data, enrolment_commands
from dashboard.auth import SESSION_COOKIE
from dashboard.enrolment_commands import Shot
from tests.dashboard.signed_in import session_cookie
from tests.seed import Seed, working_day
from tests.unknown import face, unknown_face

CAMERA = CameraSettings.parse(
    {"id": 3, "name": "Parkir", "rtsp_url": "rtsp://admin:s3cret@10.0.0.9:554/s", "location": "Luar"}
)
FIELDS = {"code": "N1", "name": "Nina", "department": "Gudang", "position": "", "phone": ""}


@pytest.fixture
def seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seed]:
    monkeypatch.setenv("GSPE_HOME", str(tmp_path))
    data.forget()
    seed = working_day(tmp_path)
    seed.user("hr.gudang", Role.HR, ("Gudang",))
    yield seed
    seed.engine.dispose()


@pytest.fixture
def sign_in(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def sign_in_as(username: str) -> None:
        cookies = {SESSION_COOKIE: session_cookie(seed, username)}
        monkeypatch.setattr(type(st.context), "cookies", property(lambda _context: cookies))

    return sign_in_as


def trail(seed: Seed) -> list[tuple[str, str, str]]:
    with Session(seed.engine) as session:
        assert audit.verify(session) is None
        rows = session.scalars(select(AuditLog).order_by(AuditLog.id))
        return [(row.actor, row.action, row.subject) for row in rows]


WRITES: dict[str, tuple[Role, Callable[[], object]]] = {
    "save_employee": (Role.HR, lambda: commands.save_employee(None, FIELDS)),
    "set_employee_active": (Role.HR, lambda: commands.set_employee_active(1, active=False)),
    "record_consent": (Role.HR, lambda: enrolment_commands.record_consent(1, "consent")),
    "submit_photo": (Role.HR, lambda: enrolment_commands.submit_photo(1, Shot("a.jpg", b"jpeg"))),
    "withdraw_consent": (Role.HR, lambda: enrolment_commands.withdraw_consent(5)),
    "submit_capture": (Role.HR, lambda: enrolment_commands.submit_capture(CapturePayload(1, 1))),
    "insist_on_photo": (
        Role.ADMIN,
        lambda: enrolment_commands.submit_photo(1, Shot("a.jpg", b"jpeg"), allow_look_alike=True),
    ),
    "insist_on_capture": (
        Role.ADMIN,
        lambda: enrolment_commands.submit_capture(CapturePayload(1, 1, allow_look_alike=True)),
    ),
    "remove_template": (Role.HR, lambda: enrolment_commands.remove_template(1)),
    "test_camera": (Role.ADMIN, lambda: commands.test_camera(CAMERA)),
    "save_camera": (Role.ADMIN, lambda: commands.save_camera(CAMERA, None)),
}


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("role", list(Role))
def test_a_role_below_may_not_write_and_leaves_no_trace(
    seed: Seed, sign_in: Callable[[str], None], name: str, role: Role
) -> None:
    needed, write = WRITES[name]
    roles = list(Role)
    sign_in(role)
    if roles.index(role) >= roles.index(needed):
        write()
        assert {actor for actor, _, _ in trail(seed)} == {str(role)}
    else:
        with pytest.raises(AccessDenied):
            write()
        assert trail(seed) == []
        assert list(seed.paths.requests.iterdir()) == []
        assert not seed.paths.camera_config(3).exists()


def test_an_account_that_was_disabled_meanwhile_writes_nothing(
    seed: Seed, sign_in: Callable[[str], None]
) -> None:
    sign_in("hr")
    with Session(seed.engine) as session, session.begin():
        session.query(User).filter_by(username="hr").update({"active": False})

    with pytest.raises(AccessDenied):
        commands.save_employee(None, FIELDS)


@pytest.mark.parametrize(
    "write",
    [
        lambda: commands.save_employee(1, {"name": "Ayu"}),
        lambda: commands.save_employee(3, {"department": "Produksi"}),
        lambda: commands.save_employee(None, {**FIELDS, "department": "Kantor"}),
        lambda: commands.set_employee_active(1, active=False),
        lambda: enrolment_commands.record_consent(1, "consent"),
        lambda: enrolment_commands.submit_photo(1, Shot("a.jpg", b"jpeg")),
        lambda: enrolment_commands.submit_capture(CapturePayload(1, 1)),
        lambda: enrolment_commands.withdraw_consent(1),
        lambda: enrolment_commands.remove_template(1),
    ],
)
def test_hr_of_a_department_keeps_to_it(
    seed: Seed, sign_in: Callable[[str], None], write: Callable[[], object]
) -> None:
    sign_in("hr.gudang")
    with pytest.raises(AccessDenied):
        write()
    assert trail(seed) == []
    assert list(seed.paths.requests.iterdir()) == []


def test_an_employee_is_added_changed_deactivated_and_back(
    seed: Seed, sign_in: Callable[[str], None]
) -> None:
    sign_in("hr")
    employee_id = commands.save_employee(None, FIELDS)
    commands.save_employee(employee_id, {**FIELDS, "name": "Nina Putri"})
    commands.set_employee_active(employee_id, active=False)
    commands.set_employee_active(employee_id, active=True)

    with Session(seed.engine) as session:
        stored = session.get_one(Employee, employee_id)
        assert (stored.code, stored.name, stored.position, stored.active) == ("N1", "Nina Putri", None, True)
    subject = f"employees:{employee_id}"
    actions = ("created", "updated", "deactivated", "reactivated")
    assert trail(seed) == [("hr", f"employee.{action}", subject) for action in actions]


def test_a_code_that_is_taken_is_refused(seed: Seed, sign_in: Callable[[str], None]) -> None:
    sign_in("hr")
    with pytest.raises(GspeError) as refusal:
        commands.save_employee(None, {**FIELDS, "code": "E01"})
    assert refusal.value.code == "employee_code_taken"


def test_a_photo_waits_for_the_worker(seed: Seed, sign_in: Callable[[str], None]) -> None:
    sign_in("hr")
    request_id = enrolment_commands.submit_photo(1, Shot("ayu.jpg", b"jpeg bytes"))

    with Session(seed.engine) as session:
        request = session.get_one(WorkerRequest, request_id)
        asked = EnrolPayload(**request.payload)
    assert (request.kind, request.requested_by) == (RequestKind.ENROL, "hr")
    assert (asked.employee_id, asked.file_name, asked.source) == (1, "ayu.jpg", "upload")
    assert read_request_photo(seed.paths, asked.photo) == b"jpeg bytes"
    assert (seed.paths.requests / asked.photo).stat().st_mode & 0o777 == 0o600


def test_no_photo_before_a_basis_is_recorded(seed: Seed, sign_in: Callable[[str], None]) -> None:
    sign_in("hr")
    with pytest.raises(GspeError) as refusal:
        enrolment_commands.submit_photo(8, Shot("x.jpg", b"jpeg"))
    assert refusal.value.code == "no_consent"
    assert list(seed.paths.requests.iterdir()) == []

    enrolment_commands.record_consent(8, "contract")
    assert enrolment_commands.submit_photo(8, Shot("x.jpg", b"jpeg"))


def test_a_template_is_revoked(seed: Seed, sign_in: Callable[[str], None]) -> None:
    sign_in("hr")
    enrolment_commands.remove_template(1)

    with Session(seed.engine) as session:
        assert session.get_one(FaceTemplate, 1).revoked_at is not None
    assert trail(seed) == [("hr", "template.revoked", "face_templates:1")]


def test_a_camera_test_takes_the_password_past_the_database(
    seed: Seed, sign_in: Callable[[str], None]
) -> None:
    sign_in("admin")
    request_id = commands.test_camera(CAMERA)

    with Session(seed.engine) as session:
        payload = session.get_one(WorkerRequest, request_id).payload
    assert CameraTestPayload(**payload).camera(seed.paths) == CAMERA
    seed.engine.dispose()
    everything = b"".join(path.read_bytes() for path in seed.paths.data.glob("attendance.db*"))
    assert b"s3cret" not in everything


def test_a_camera_is_saved_and_a_change_meanwhile_is_noticed(
    seed: Seed, sign_in: Callable[[str], None]
) -> None:
    sign_in("admin")
    assert commands.save_camera(CAMERA, None) is False
    read = SettingsStore(seed.paths).load_camera(3)
    commands.save_camera(CAMERA.changed(name="Parkir utara"), read.fingerprint)
    with pytest.raises(SettingsConflict):
        commands.save_camera(CAMERA.changed(name="Parkir selatan"), read.fingerprint)
    with pytest.raises(SettingsConflict):
        commands.save_camera(CAMERA, None)

    assert SettingsStore(seed.paths).load_camera(3).value.name == "Parkir utara"
    assert trail(seed) == [("admin", "camera.saved", "cameras:3")] * 2
    with Session(seed.engine) as session:
        noted = [row.params["address"] for row in session.scalars(select(AuditLog))]
    assert noted == ["rtsp://10.0.0.9:554/s"] * 2


def test_the_first_real_camera_ends_the_demo_and_starts_the_site_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = SitePaths(tmp_path)
    demo = working_day(site.demo_home)
    monkeypatch.setenv("GSPE_HOME", str(demo.home))
    monkeypatch.setenv("GSPE_SITE_HOME", str(tmp_path))
    monkeypatch.setenv("GSPE_DEMO", "1")
    data.forget()
    cookies = {SESSION_COOKIE: session_cookie(demo, "admin")}
    monkeypatch.setattr(type(st.context), "cookies", property(lambda _context: cookies))

    assert commands.save_camera(CAMERA.changed(id=1), None) is True

    assert SettingsStore(site).load_camera(1).value.name == "Parkir"
    assert not demo.paths.camera_config(1).exists()
    engine = reader_engine(site.database)
    with Session(engine) as session:
        assert queries.presence(session) == []
        assert {user.username for user in session.scalars(select(User))} >= {"admin", "hr"}
        assert [row.action for row in session.scalars(select(AuditLog))] == ["camera.saved"]
    engine.dispose()
    assert os.environ["GSPE_HOME"] == str(demo.home)


def test_a_change_of_a_demo_camera_stays_in_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demo = working_day(SitePaths(tmp_path).demo_home)
    store = SettingsStore(demo.paths)
    saved = store.save_camera(CameraSettings.parse({"id": 1, "name": "Demo", "rtsp_url": "demo:"}))
    monkeypatch.setenv("GSPE_HOME", str(demo.home))
    monkeypatch.setenv("GSPE_SITE_HOME", str(tmp_path))
    monkeypatch.setenv("GSPE_DEMO", "1")
    cookies = {SESSION_COOKIE: session_cookie(demo, "admin")}
    monkeypatch.setattr(type(st.context), "cookies", property(lambda _context: cookies))

    assert commands.save_camera(saved.value.changed(enabled=False), saved.fingerprint) is False
    assert store.load_camera(1).value.enabled is False
    assert not (tmp_path / "camera_configs").exists()


def test_a_demo_camera_that_becomes_a_real_one_is_the_sites_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = SitePaths(tmp_path)
    SettingsStore(site).save_camera(CAMERA.changed(id=1, name="Earlier"))
    demo = working_day(site.demo_home)
    saved = SettingsStore(demo.paths).save_camera(
        CameraSettings.parse({"id": 1, "name": "Demo", "rtsp_url": "demo:"})
    )
    monkeypatch.setenv("GSPE_HOME", str(demo.home))
    monkeypatch.setenv("GSPE_SITE_HOME", str(tmp_path))
    monkeypatch.setenv("GSPE_DEMO", "1")
    cookies = {SESSION_COOKIE: session_cookie(demo, "admin")}
    monkeypatch.setattr(type(st.context), "cookies", property(lambda _context: cookies))

    assert commands.save_camera(CAMERA.changed(id=1), saved.fingerprint) is True
    assert SettingsStore(demo.paths).load_camera(1).value.kind == "demo"
    assert SettingsStore(site).load_camera(1).value.name == "Earlier"
    assert SettingsStore(site).load_camera(2).value.rtsp_url == CAMERA.rtsp_url


@pytest.mark.parametrize(
    ("username", "code", "employee_code", "named"),
    [
        ("hr", "employee_code_taken", "E01", "Ayu Lestari"),
        ("hr.gudang", "employee_code_taken_elsewhere", "E01", None),
        ("hr.gudang", "employee_code_taken", "E03", "Citra Dewi"),
    ],
)
@pytest.mark.parametrize("employee_id", [None, 4])
def test_a_code_that_is_taken_names_nobody_of_another_department(
    seed: Seed,
    sign_in: Callable[[str], None],
    username: str,
    code: str,
    employee_code: str,
    named: str | None,
    employee_id: int | None,
) -> None:
    sign_in(username)
    with pytest.raises(GspeError) as refusal:
        commands.save_employee(employee_id, {**FIELDS, "code": employee_code})
    assert refusal.value.code == code
    assert refusal.value.params.get("name") == named
    assert "Ayu" not in str(refusal.value) or named is not None


def test_withdrawing_removes_pictures_of_faces_named_as_the_person(
    seed: Seed, sign_in: Callable[[str], None]
) -> None:
    now = datetime.now(UTC)
    number = unknown_face(seed, 5, now, now, state="named", employee_id=5)
    picture = seed.paths.home / str(face(seed, number).picture_path)
    assert picture.is_file()
    sign_in("hr")
    enrolment_commands.withdraw_consent(5)
    assert not picture.exists()
    assert face(seed, number).picture_path is None
