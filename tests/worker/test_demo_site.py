"""The demo's home, and what its hundred seconds leave there."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import onnxruntime
import pytest
from sqlalchemy.orm import Session

from core.paths import SitePaths
from core.settings_store import SettingsStore
from core.storage import employees
from core.storage.engine import writer_engine
from worker.demo_faces import EMPLOYEES
from worker.demo_scene import SCRIPT, STRANGER_NAME
from worker.demo_site import CAMERA_ID, demo_parameters, main, prepare
from worker.packs import load_pack
from worker.pipeline import CameraFrame
from worker.recorder import Recorder, SiteSettings
from worker.replay import camera_row
from worker.sources.demo import DemoSource

CODES = [employee.code for employee in EMPLOYEES]
START_AT = datetime(2026, 3, 1, 19, 0, tzinfo=UTC)  # a Sunday night: the demo works at any hour
WATCHED_S = 62


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> SitePaths:
    demo = SitePaths(tmp_path_factory.mktemp("demo"))
    assert prepare(demo) == len(CODES)
    return demo


def query(paths, sql):
    with closing(sqlite3.connect(paths.database)) as connection:
        return connection.execute(sql).fetchall()


def test_the_models_run_on_what_is_installed_so_that_no_bar_asks_for_another():
    assert set(demo_parameters().providers) <= set(onnxruntime.get_available_providers())


@pytest.mark.models
def test_everybody_is_enrolled_with_his_demo_basis(prepared):
    people = query(
        prepared,
        "SELECT e.code, e.name, c.basis, t.source FROM employees e"
        " JOIN consents c ON c.employee_id = e.id JOIN face_templates t ON t.employee_id = e.id"
        " WHERE t.revoked_at IS NULL AND e.active ORDER BY e.code",
    )
    assert people == [(e.code, e.name, "demo", "demo") for e in EMPLOYEES]


@pytest.mark.models
def test_the_camera_is_the_demo_and_work_never_ends(prepared):
    store = SettingsStore(prepared)
    camera = store.load_cameras()[CAMERA_ID].value
    assert (camera.kind, camera.enabled) == ("demo", True)
    parameters = store.load_parameters().value
    assert (parameters.present_timeout_sec, parameters.tracking_timeout) == (5, 15)
    for hour in range(0, 7 * 24):
        assert parameters.schedule.contains(START_AT + timedelta(hours=hour), parameters.zone)


@pytest.mark.models
def test_a_second_time_nothing_is_done_and_the_visitor_s_settings_stay(tmp_path):
    demo = SitePaths(tmp_path)
    prepare(demo)
    store = SettingsStore(demo)
    loaded = store.load_parameters()
    store.save_parameters(loaded.value.changed(jpeg_quality=60), loaded.fingerprint)
    assert prepare(demo) == 0
    assert store.load_parameters().value.jpeg_quality == 60
    assert query(demo, "SELECT count(*) FROM face_templates") == [(len(CODES),)]
    assert query(demo, "SELECT count(*) FROM consents") == [(len(CODES),)]


@pytest.mark.models
def test_what_a_visitor_took_away_comes_back(tmp_path):
    demo = SitePaths(tmp_path)
    prepare(demo)
    engine = writer_engine(demo.database)
    with Session(engine) as session, session.begin():
        person = employees.employee_by_code(session, CODES[0])
        employees.deactivate_employee(session, person.id, actor="test", now=START_AT)
    engine.dispose()
    with closing(sqlite3.connect(demo.database)) as connection, connection:
        connection.execute("UPDATE face_templates SET revoked_at = created_at WHERE employee_id = 2")
    store = SettingsStore(demo)
    store.remove_camera(CAMERA_ID, store.load_camera(CAMERA_ID).fingerprint)
    prepare(demo)
    assert query(demo, "SELECT code FROM employees WHERE active ORDER BY code") == [(code,) for code in CODES]
    assert query(demo, "SELECT count(*) FROM face_templates WHERE revoked_at IS NULL") == [(len(CODES),)]
    assert CAMERA_ID in store.load_cameras()


def test_without_models_it_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GSPE_HOME", str(tmp_path / "site"))
    monkeypatch.setenv("GSPE_MODEL_CACHE", str(tmp_path / "no models"))
    assert main(["prepare"]) == 1
    assert "packs build" in capsys.readouterr().err


@pytest.mark.models
def test_the_command_works_below_the_site_and_leaves_its_records_alone(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GSPE_HOME", str(tmp_path))
    assert main(["prepare"]) == 0
    assert "ready" in capsys.readouterr().out
    site = SitePaths(tmp_path)
    assert SitePaths(site.demo_home).database.exists()
    assert not site.database.exists() and not site.camera_configs.exists()


@pytest.fixture(scope="module")
def watched(prepared):
    """The demo's home after its first minute, by the scene's own clock; and the tracks without a name."""
    store = SettingsStore(prepared)
    parameters = store.load_parameters().value.changed(fps_target=4.0)
    camera = store.load_camera(CAMERA_ID).value
    engine = writer_engine(prepared.database)
    recorder = Recorder(
        prepared, engine, load_pack(parameters), SiteSettings(parameters, {CAMERA_ID: camera})
    )
    recorder.start(START_AT, [camera_row(camera, START_AT)])
    source = DemoSource(parameters, START_AT)
    source.open()
    unknown = []
    while (frame := source.read()).captured_at < START_AT + timedelta(seconds=WATCHED_S):
        step = recorder.process([CameraFrame(CAMERA_ID, frame)], frame.captured_at)
        unknown += [track for analysis in step.analyses for track in analysis.unknown]
    recorder.commit(START_AT + timedelta(seconds=WATCHED_S))
    engine.dispose()
    return prepared, unknown


def seconds(text):
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - START_AT).total_seconds()


@pytest.mark.models
@pytest.mark.slow
def test_everybody_s_visits_are_those_of_the_script(watched):
    demo, _ = watched
    rows = query(
        demo,
        "SELECT e.code, v.arrived_at, v.last_seen_at FROM visits v JOIN employees e ON e.id = v.employee_id"
        " ORDER BY v.arrived_at",
    )
    scripted = [v for v in SCRIPT if v.person != STRANGER_NAME and v.start_s < WATCHED_S]
    assert [row[0] for row in rows] == [visit.person for visit in scripted]
    for (_, arrived_at, last_seen_at), visit in zip(rows, scripted, strict=True):
        assert seconds(arrived_at) == pytest.approx(visit.start_s, abs=1.0)
        assert seconds(last_seen_at) == pytest.approx(min(visit.end_s, WATCHED_S), abs=1.0)


@pytest.mark.models
@pytest.mark.slow
def test_two_absences_are_alerted_and_resolved_within_a_minute(watched):
    demo, _ = watched
    rows = query(
        demo,
        "SELECT e.code, a.opened_at, a.resolved_at, a.resolution FROM alert_logs a"
        " JOIN employees e ON e.id = a.employee_id ORDER BY a.opened_at",
    )
    resolved = [row for row in rows if row[2] is not None]
    assert {row[0] for row in resolved} >= {"DEMO-01", "DEMO-02"}
    assert all(row[3] == "returned" for row in resolved)


@pytest.mark.models
@pytest.mark.slow
def test_attendance_has_a_row_with_pictures_for_everybody(watched):
    demo, _ = watched
    rows = query(
        demo,
        "SELECT e.code, f.path, l.path FROM attendances a JOIN employees e ON e.id = a.employee_id"
        " JOIN evidence f ON f.id = a.first_in_evidence_id JOIN evidence l ON l.id = a.last_out_evidence_id"
        " ORDER BY e.code",
    )
    assert {row[0] for row in rows} == set(CODES)
    for _, first_in, last_out in rows:
        assert (demo.home / first_in).is_file() and (demo.home / last_out).is_file()


@pytest.mark.models
@pytest.mark.slow
def test_the_stranger_has_a_track_and_no_name(watched):
    _, unknown = watched
    (walk,) = [visit for visit in SCRIPT if visit.person == STRANGER_NAME]
    span = [
        ((t.first_seen_at - START_AT).total_seconds(), (t.last_seen_at - START_AT).total_seconds())
        for t in unknown
    ]
    assert any(first < walk.start_s + 1 and last > walk.end_s - 1 for first, last in span)
