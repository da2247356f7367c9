"""The worker as a process: what it records, what it takes up while it runs, and how it ends and begins."""

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core.domain.states import (
    AlertState,
    CoverageState,
    EventKind,
    EvidenceKind,
    PresenceState,
    VisitClosedBy,
    WorkerPhase,
)
from core.live_frame import split_overlay
from core.paths import SitePaths
from core.settings import InvalidSettings
from core.settings_store import SettingsStore
from core.storage.biometrics import NewTemplate, add_template
from core.storage.employees import create_employee, deactivate_employee, record_consent
from core.storage.migrate import migrate
from core.storage.models import (
    AlertLog,
    Attendance,
    CameraCoverage,
    Event,
    Evidence,
    Presence,
    SitePause,
    Visit,
    WorkerStatus,
)
from tests.face_clip import Stay, enrolment_photo, face_clip
from tests.painted import LEFT, MIDDLE, RIGHT, embedding, painted_pack, painted_site
from tests.painted_clip import painted_clip
from tests.running import REAL, RunningWorker, change_camera, configure, overlaps, seconds
from worker.runner import Worker
from worker.settings_watch import SettingsWatch
from worker.watchdog import read_heartbeat

ANA, BUDI, CITRA = 1, 2, 3
ENROLLED = [ANA, BUDI]
NEWCOMER_ID = 3

VISITS_CAMERA, OFFICE_CAMERA = 1, 2


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Ana comes for 4 s and goes for 5 s; Budi and Citra sit in the office; nobody is in the empty room."""
    folder = tmp_path_factory.mktemp("clips")
    return {
        "visits": painted_clip(folder / "visits.mkv", [(4, {ANA: LEFT}), (5, {})]),
        "office": painted_clip(folder / "office.mkv", [(4, {BUDI: MIDDLE, CITRA: RIGHT})]),
        "empty": painted_clip(folder / "empty.mkv", [(4, {})]),
    }


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[SitePaths, Engine]]:
    paths, engine = painted_site(tmp_path / "home", ENROLLED)
    yield paths, engine
    engine.dispose()


@pytest.fixture(scope="module")
def watched(
    tmp_path_factory: pytest.TempPathFactory, clips: dict[str, Path]
) -> Iterator[tuple[RunningWorker, Engine]]:
    """A worker on two cameras; every test waits for what it needs."""
    paths, engine = painted_site(tmp_path_factory.mktemp("watched") / "home", ENROLLED)
    configure(paths, {VISITS_CAMERA: clips["visits"], OFFICE_CAMERA: clips["office"]})
    with RunningWorker(paths.home) as worker:
        worker.until_running()
        yield worker, engine
    engine.dispose()


def of(rows: list, employee_id: int | None) -> list:
    return [row for row in rows if row.employee_id == employee_id]


def test_who_comes_and_goes_leaves_visits_alerts_and_events(watched):
    worker, _ = watched
    resolved = worker.until(
        lambda: [row for row in of(worker.rows(AlertLog), 1) if row.state == AlertState.RESOLVED],
        "Ana went, was missed and came back",
    )
    first, second, *_ = of(worker.rows(Visit), 1)
    assert (first.camera_id, first.closed_by) == (VISITS_CAMERA, VisitClosedBy.TIMEOUT)
    assert first.departed_at == first.last_seen_at < second.arrived_at
    assert 0 < seconds(first.last_seen_at - first.arrived_at) < 9
    alert = resolved[0]
    assert (alert.absent_since, alert.resolved_at) == (first.departed_at, second.arrived_at)
    assert alert.duration_s == pytest.approx(seconds(second.arrived_at - first.departed_at))
    seen = of(worker.rows(Event), 1)
    assert {event.kind for event in seen} == {EventKind.SEEN}
    assert all((worker.paths.home / event.picture_path).is_file() for event in seen if event.picture_path)
    gaps = [seconds(b.occurred_at - a.occurred_at) for a, b in pairwise(seen)]
    assert min(gaps) >= 1.0


def test_a_day_has_its_row_and_the_pictures_behind_it(watched):
    worker, _ = watched

    def departure_pictures() -> list[Evidence]:
        closed = {visit.id for visit in of(worker.rows(Visit), 1) if visit.departed_at}
        shots = [shot for shot in worker.rows(Evidence) if shot.visit_id in closed]
        return [shot for shot in shots if shot.kind == EvidenceKind.DEPARTURE]

    worker.until(departure_pictures, "a visit of Ana has its departure picture")
    (day,) = of(worker.rows(Attendance), 1)
    visits = of(worker.rows(Visit), 1)
    assert day.first_in_at == visits[0].arrived_at
    shots = {shot.id: shot for shot in worker.rows(Evidence)}
    arrival = shots[day.first_in_evidence_id]
    assert (arrival.kind, arrival.pack_id, arrival.score) == (EvidenceKind.ARRIVAL, "painted", 1.0)
    assert visits[0].arrived_at <= arrival.captured_at <= visits[0].last_seen_at
    folder = worker.paths.attendance_captures / day.attendance_date.isoformat() / "E1"
    assert hashlib.sha256((folder / "first_in.jpg").read_bytes()).hexdigest() == arrival.sha256
    last_out = worker.until(  # for a moment after a return there is none
        lambda: next((link.readlink() for link in folder.glob("last_out.jpg")), None), "a last picture"
    )
    assert (folder / last_out).resolve().is_relative_to(worker.paths.evidence)
    assert (folder / "first_in.jpg").stat().st_mode & 0o777 == 0o600


def test_one_person_is_never_in_two_visits_at_once(watched):
    worker, _ = watched
    worker.until(lambda: len(of(worker.rows(Visit), 1)) >= 2, "Ana came twice")
    spans = [(visit.arrived_at, visit.last_seen_at) for visit in of(worker.rows(Visit), 1)]
    assert not any(overlaps(a, b) for i, a in enumerate(spans) for b in spans[i + 1 :])


def test_status_names_pack_provider_and_licence_of_the_live_session(watched):
    worker, _ = watched
    status = worker.status()
    assert (status.pid, status.phase) == (worker.process.pid, WorkerPhase.RUNNING)
    assert (status.pack_id, status.pack_licence, status.provider) == (
        "painted",
        "none",
        "CPUExecutionProvider",
    )
    assert status.providers_wanted == "CUDAExecutionProvider, CPUExecutionProvider"
    assert (status.pictures_paused, status.settings_error) == (False, None)
    assert read_heartbeat(worker.paths.heartbeat).pid == worker.process.pid


def test_the_office_is_shown_live_with_who_is_in_it(watched):
    worker, _ = watched
    worker.paths.viewer_lease(OFFICE_CAMERA).touch()
    camera = worker.until(
        lambda: next((c for c in worker.cameras(OFFICE_CAMERA) if len(c.tracks) == 2), None),
        "two people are tracked in the office",
    )
    assert 2 in {track["employee_id"] for track in camera.tracks}
    overlay = worker.until(lambda: named_overlay(worker.paths), "a live frame with names")
    assert {box["name"] for box in overlay["boxes"]} >= {"Person 2"}
    assert (camera.codec, camera.frame_width, camera.frame_height) == ("ffv1", 640, 360)


def named_overlay(paths: SitePaths) -> dict | None:
    frame = paths.live_frame(OFFICE_CAMERA)
    overlay = split_overlay(frame.read_bytes())[0] if frame.exists() else None
    return overlay if overlay and any(box["name"] for box in overlay["boxes"]) else None


def test_a_stranger_has_a_name_soon_after_he_is_enrolled(watched):
    worker, engine = watched
    worker.until(
        lambda: [e for e in of(worker.rows(Event), None) if e.kind == EventKind.UNKNOWN],
        "Citra is seen as a stranger",
    )
    with Session(engine) as session, session.begin():
        enrolled_at = datetime.now(UTC)
        person = create_employee(session, {"code": "P3", "name": "Person 3"}, actor="test", now=enrolled_at)
        record_consent(session, person.id, "consent", "1", actor="test", now=enrolled_at)
        template = NewTemplate(person.id, embedding(CITRA), "painted", "0" * 64, "test", b"photo 3", {})
        add_template(session, worker.paths, template, actor="test", now=enrolled_at)
        assert person.id == NEWCOMER_ID
    worker.until(lambda: of(worker.rows(Visit), NEWCOMER_ID), "Citra has a name")
    first_named_at = of(worker.rows(Event), NEWCOMER_ID)[0].occurred_at
    assert first_named_at - enrolled_at < timedelta(seconds=10)


def test_who_is_deactivated_is_recognised_no_more(watched):
    worker, engine = watched
    worker.until(lambda: of(worker.rows(Visit), 2), "Budi is here")
    with Session(engine) as session, session.begin():
        deactivated_at = datetime.now(UTC)
        deactivate_employee(session, 2, actor="test", now=deactivated_at)
    worker.until(
        lambda: of(worker.rows(Visit), 2)[-1].closed_by == VisitClosedBy.DEACTIVATED, "Budi's visit is closed"
    )
    closed = of(worker.rows(Visit), 2)[-1]
    later = deactivated_at + timedelta(seconds=4)
    worker.until(lambda: worker.cameras(OFFICE_CAMERA)[0].last_frame_at > later, "the office is watched on")
    assert of(worker.rows(Visit), 2)[-1].id == closed.id
    assert seconds(of(worker.rows(Event), 2)[-1].occurred_at - deactivated_at) < 5
    assert [row.state for row in of(worker.rows(Presence), 2)] == ["off"]
    assert of(worker.rows(Attendance), 2)[0].last_out_at == closed.departed_at


def test_a_second_worker_on_the_same_home_refuses(watched):
    worker, _ = watched
    second = subprocess.run(
        [sys.executable, "-m", *REAL],
        env={**os.environ, "GSPE_HOME": str(worker.paths.home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 2
    (sentence,) = second.stderr.splitlines()
    assert f"(process {worker.process.pid}) already uses" in sentence
    assert worker.process.poll() is None


def test_a_visit_left_open_ends_at_its_last_sighting_after_the_next_start(site, clips):
    paths, _ = site
    configure(paths, {OFFICE_CAMERA: clips["office"]})
    with RunningWorker(paths.home) as worker:
        worker.until(
            lambda: any(seconds(v.last_seen_at - v.arrived_at) > 2 for v in of(worker.rows(Visit), 2)),
            "Budi has been here for a while",
        )
        assert worker.stop() == 0
        assert worker.status().phase == WorkerPhase.STOPPING
        (left_open,) = of(worker.rows(Visit), 2)
        assert left_open.departed_at is None
        change_camera(paths, OFFICE_CAMERA, rtsp_url=str(clips["empty"]))
        worker.start()
        worker.until(lambda: of(worker.rows(Visit), 2)[0].departed_at, "the visit is closed")
        (visit,) = of(worker.rows(Visit), 2)
        assert (visit.departed_at, visit.closed_by) == (left_open.last_seen_at, VisitClosedBy.TIMEOUT)
        assert of(worker.rows(Attendance), 2)[0].last_out_at == left_open.last_seen_at
        observed_again = next(
            row
            for row in worker.rows(CameraCoverage)
            if row.state == CoverageState.OBSERVING and row.started_at > left_open.last_seen_at
        )
        assert seconds(observed_again.ended_at - observed_again.started_at) >= 1
        stopped = [row for row in worker.rows(CameraCoverage) if row.state == CoverageState.WORKER_STOPPED]
        assert len(stopped) == 1


def test_parameters_that_cannot_be_used_are_waited_for(site, clips):
    paths, _ = site
    configure(paths, {OFFICE_CAMERA: clips["office"]})
    whole = paths.parameters.read_text()
    paths.parameters.write_text(whole[: len(whole) // 2])
    with RunningWorker(paths.home) as worker:
        worker.until(lambda: read_heartbeat(paths.heartbeat) is not None, "a sign of life")
        waiting = read_heartbeat(paths.heartbeat)
        assert waiting.phase == WorkerPhase.LOADING
        worker.until(lambda: read_heartbeat(paths.heartbeat).at > waiting.at, "another one")
        assert worker.log.count("settings not taken") == 1
        worker.until(lambda: worker.rows(WorkerStatus), "the pages are told")
        status = worker.status()
        assert (status.phase, status.pid) == (WorkerPhase.LOADING, worker.process.pid)
        assert "parameter_config.json" in InvalidSettings.from_json(status.settings_error).sentences("en")
        paths.parameters.write_text(whole)
        worker.until_online(OFFICE_CAMERA)
        assert worker.status().settings_error is None
        assert worker.stop() == 0


@pytest.mark.models
@pytest.mark.slow
def test_a_face_enrolled_at_the_command_line_is_followed_through_a_looping_recording(tmp_path):
    paths = SitePaths(tmp_path / "home").create()
    migrate(paths)
    stays = [Stay("obama2.jpg", 0.5, 5.0, 0.3), Stay("biden.jpg", 2.0, 8.0, 0.75)]
    clip = face_clip(tmp_path / "entrance.mp4", 11.0, stays)
    photo = tmp_path / "obama.jpg"
    photo.write_bytes(enrolment_photo("obama.jpg"))
    configure(paths, {1: clip}, detector_width_px=320, fps_target=3.0)
    with RunningWorker(paths.home, REAL) as worker:
        worker.until_online(1)
        command = [sys.executable, "-m", "worker", "enrol", "--code", "E01", "--name", "Barack"]
        environment = {**os.environ, "GSPE_HOME": str(paths.home)}
        answer = subprocess.run(
            [*command, "--basis", "consent", photo], env=environment, capture_output=True, check=True
        )
        assert b'"outcome": "accepted"' in answer.stdout
        worker.until(
            lambda: [row for row in worker.rows(AlertLog) if row.state == AlertState.RESOLVED],
            "he went, was missed and came back",
        )
        assert {row.employee_id for row in worker.rows(Visit)} == {1}
        assert {row.kind for row in worker.rows(Event)} == {EventKind.SEEN, EventKind.UNKNOWN}
        (day,) = worker.rows(Attendance)
        assert day.first_in_at == worker.rows(Visit)[0].arrived_at
        shots = {row.id: row for row in worker.rows(Evidence)}
        assert (paths.home / shots[day.first_in_evidence_id].path).read_bytes().startswith(b"\xff\xd8")
        status = worker.status()
        assert status.pack_id == "open"
        assert status.provider in status.providers_wanted
        assert worker.stop() == 0


def test_embedding_the_kept_photos_for_another_pack_gives_signs_of_life_and_can_be_stopped(site):
    paths, engine = site
    configure(paths, {})
    watch = SettingsWatch(SettingsStore(paths))
    worker = Worker(paths, engine, replace(painted_pack(), sha256="1" * 64), watch, watch.look())
    stopped = threading.Event()
    stopped.set()
    try:
        assert not worker.start(stopped)
    finally:
        worker.close()
    assert read_heartbeat(paths.heartbeat).phase == WorkerPhase.LOADING
    with Session(engine) as session:
        assert session.scalars(select(CameraCoverage)).all() == [], "no camera was said to be watched"


def test_a_pause_that_stops_recognition_is_no_coverage_until_it_is_lifted(site, clips):
    paths, engine = site
    configure(paths, {OFFICE_CAMERA: clips["office"]})
    with RunningWorker(paths.home) as worker:
        worker.until_running()
        worker.until(lambda: of(worker.rows(Visit), 2), "Budi is seen")
        now = datetime.now(UTC)
        with Session(engine) as session, session.begin():
            until_at = now + timedelta(hours=1)
            pause = SitePause(started_at=now, until_at=until_at, reason="drill", paused_by="sari")
            pause.stops_recognition = True
            session.add(pause)
        paused = worker.until(
            lambda: [row for row in worker.rows(CameraCoverage) if row.state == CoverageState.PAUSED],
            "the pause is coverage's cause",
        )
        states = {row.employee_id: row.state for row in worker.rows(Presence)}
        assert states[2] == PresenceState.UNOBSERVED
        with Session(engine) as session, session.begin():
            session.get_one(SitePause, 1).lifted_at = datetime.now(UTC)
        worker.until(
            lambda: [
                row
                for row in worker.rows(CameraCoverage)
                if row.state == CoverageState.OBSERVING and row.started_at > paused[0].started_at
            ],
            "the camera observes again",
        )
        assert worker.rows(AlertLog) == []
