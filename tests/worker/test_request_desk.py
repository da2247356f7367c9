"""The worker's answers to what pages ask: photos good and bad, cameras with passwords, and delays."""

import dataclasses
import io
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.domain.faces import FaceDetections, Frame
from core.domain.states import PhotoOutcome, RequestKind
from core.paths import SitePaths
from core.settings import CameraSettings, Parameters
from core.storage import requests
from core.storage.asking import CameraTestPayload, CapturePayload, EnrolPayload, to_json
from core.storage.employees import create_employee
from core.storage.engine import BUSY_TIMEOUT_MS
from core.storage.models import Camera, FaceTemplate, WorkerRequest
from core.storage.retention import checkpoint
from tests.painted import BLUE_STEP, PaintedDetector, painted, painted_pack, painted_site
from tests.painted_clip import painted_clip
from tests.rtsp import RtspServer
from tests.running import RunningWorker, configure, rows_of
from tests.small_disk import mount_missing, small_disk
from tests.supervised import eventually
from tests.worker.sources.answering import answering, unused_port
from tests.worker.sources.clips import write_clip
from worker import request_desk
from worker.enrolment import Enroller
from worker.request_desk import FULL_RETRY_S, RequestDesk
from worker.sources.source import CapturedFrame

ANA, BUDI = 1, 2
ANAS_ID, BUDIS_ID = 1, 2
CLOSE = (200, 60, 400, 260)
PASSWORD = "gehe1m/@:x"
QUOTED = "gehe1m%2F%40%3Ax"


class Asked:
    """A desk at work, and the page that asks it."""

    def __init__(self, paths: SitePaths, engine: Engine, desk: RequestDesk) -> None:
        self.paths = paths
        self.engine = engine
        self.desk = desk

    def submit(self, kind: RequestKind, payload: dict[str, Any], expires_in_s: float = 60.0) -> int:
        with Session(self.engine) as session, session.begin():
            return requests.submit(session, kind, payload, "hr", datetime.now(UTC), expires_in_s)

    def answer(self, request_id: int) -> dict[str, Any]:
        def result() -> dict[str, Any] | None:
            with Session(self.engine) as session:
                return requests.result_of(session, request_id)

        assert eventually(lambda: result() is not None), "the desk did not answer"
        self.desk.raise_failure()
        answer = result()
        assert answer is not None
        return answer

    def enrol(self, employee_id: int, photo: bytes) -> dict[str, Any]:
        stored = requests.store_request_photo(self.paths, photo)
        return self.answer(self.submit(RequestKind.ENROL, enrol_payload(employee_id, stored)))

    def test_camera(self, url: str, **overrides: object) -> dict[str, Any]:
        camera = CameraSettings.parse({"id": 9, "name": "Gate", "rtsp_url": url, **overrides})
        payload = CameraTestPayload.of(self.paths, camera)
        return self.answer(self.submit(RequestKind.TEST_CAMERA, to_json(payload)))

    def waiting_files(self) -> list[str]:
        return [file.name for file in self.paths.requests.iterdir()]


def enrol_payload(employee_id: int, photo: str) -> dict[str, Any]:
    return to_json(EnrolPayload(employee_id, photo, "photo.png"))


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    paths, engine = painted_site(tmp_path / "home", [ANA, BUDI])
    parameters = Parameters.parse({"rtsp_open_timeout_s": 2.0, "rtsp_read_timeout_s": 2.0})
    desk = RequestDesk(paths, Enroller(paths, engine, painted_pack()), parameters)
    desk.start()
    yield Asked(paths, engine, desk)
    desk.stop(5.0)
    engine.dispose()


def png(pixels: Frame) -> bytes:
    encoded, content = cv2.imencode(".png", pixels)
    assert encoded
    return content.tobytes()


def plain(blue: int, other: int) -> bytes:
    """A face of one brightness, with a little pattern on it."""
    frame = painted({ANA: CLOSE})
    face = frame[CLOSE[1] : CLOSE[3], CLOSE[0] : CLOSE[2]]
    face[..., 0] = blue
    face[..., 1:] = np.where(face[..., 1:] > 120, other, other - 20)
    return png(frame)


def huge() -> bytes:
    """100 megapixels in a few kilobytes."""
    content = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(content, "PNG")
    return content.getvalue()


def test_a_good_photo_becomes_a_template(asked):
    answer = asked.enrol(ANAS_ID, png(painted({ANA: CLOSE})))
    assert (answer["outcome"], answer["looks_like"]) == (PhotoOutcome.ACCEPTED, None)
    assert answer["quality"]["face_px"] == pytest.approx(200, abs=5)
    template = next(row for row in rows_of(asked.paths, FaceTemplate) if row.id == answer["template_id"])
    assert (template.employee_id, template.pack_id, template.source) == (ANAS_ID, "painted", "upload")
    assert (asked.paths.home / template.photo_path).stat().st_mode & 0o777 == 0o600
    assert asked.waiting_files() == []


REFUSED: dict[PhotoOutcome, Callable[[], bytes]] = {
    PhotoOutcome.NO_FACE: lambda: png(painted({})),
    PhotoOutcome.SEVERAL_FACES: lambda: png(painted({ANA: (40, 60, 200, 220), 5: (300, 60, 460, 220)})),
    PhotoOutcome.TOO_SMALL: lambda: png(painted({ANA: (200, 100, 240, 140)})),
    PhotoOutcome.TOO_BLURRY: lambda: png(painted({ANA: CLOSE}, dull=[ANA])),
    PhotoOutcome.TOO_DARK: lambda: plain(BLUE_STEP, 25),
    PhotoOutcome.TOO_BRIGHT: lambda: plain(220, 255),
    PhotoOutcome.LOOKS_LIKE: lambda: png(painted({BUDI: CLOSE})),
    PhotoOutcome.NOT_AN_IMAGE: lambda: b"Dear Sir or Madam",
    PhotoOutcome.IMAGE_TOO_LARGE: huge,
}


@pytest.mark.parametrize("outcome", list(REFUSED))
def test_a_photo_is_refused_with_its_reason(asked, outcome):
    before = len(rows_of(asked.paths, FaceTemplate))
    answer = asked.enrol(ANAS_ID, REFUSED[outcome]())
    assert answer["outcome"] == outcome
    assert answer["looks_like"] == ("P2" if outcome == PhotoOutcome.LOOKS_LIKE else None)
    assert answer["template_id"] is None
    assert len(rows_of(asked.paths, FaceTemplate)) == before
    assert asked.waiting_files() == []
    assert not list(asked.paths.photos.rglob("*.tmp"))


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff\xe0", png(painted({ANA: CLOSE}))[:200]])
def test_what_is_no_whole_picture_is_refused(asked, content):
    assert asked.enrol(ANAS_ID, content)["outcome"] == PhotoOutcome.NOT_AN_IMAGE


def test_the_same_photo_is_taken_once(asked):
    photo = png(painted({ANA: CLOSE}))
    assert asked.enrol(ANAS_ID, photo)["outcome"] == PhotoOutcome.ACCEPTED
    assert asked.enrol(ANAS_ID, photo)["outcome"] == PhotoOutcome.ALREADY_ENROLLED


def test_without_consent_nobody_is_enrolled(asked):
    with Session(asked.engine) as session, session.begin():
        fields = {"code": "P5", "name": "Person 5"}
        person = create_employee(session, fields, actor="test", now=datetime.now(UTC)).id
    assert asked.enrol(person, png(painted({5: CLOSE})))["outcome"] == PhotoOutcome.NO_CONSENT
    assert asked.waiting_files() == []


class TurnedAway(PaintedDetector):
    def detect(self, frame: Frame) -> FaceDetections:
        """The nose is where the right eye is."""
        found = super().detect(frame)
        found.landmarks[:, 2] = found.landmarks[:, 1]
        return found


def test_a_face_that_is_turned_away_is_refused(asked):
    pack = dataclasses.replace(painted_pack(), detector=TurnedAway())
    asked.desk.enroller = Enroller(asked.paths, asked.engine, pack)
    assert asked.enrol(ANAS_ID, png(painted({ANA: CLOSE})))["outcome"] == PhotoOutcome.TURNED_AWAY


class Gate:
    """A camera that shows one picture again and again, to whoever waits for frames of camera 1."""

    def __init__(self, asked: Asked, pixels: Frame) -> None:
        self._tap, self._pixels = asked.desk.tap, pixels
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._show)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _show(self) -> None:
        sequence = 0
        while not self._stop.wait(0.02):
            sequence += 1
            self._tap.offer([(1, CapturedFrame(self._pixels, datetime.now(UTC), sequence))])


def capture(asked: Asked, pose: str | None = None, camera_id: int = 1) -> dict[str, Any]:
    payload = to_json(CapturePayload(ANAS_ID, camera_id, pose))
    return asked.answer(asked.submit(RequestKind.CAPTURE, payload))


@pytest.fixture
def gate(asked: Asked) -> None:
    with Session(asked.engine) as session, session.begin():
        facts = {"status": "online", "status_since": datetime.now(UTC), "updated_at": datetime.now(UTC)}
        session.add(Camera(id=1, name="Gate", location="", enabled=True, refused_faces={}, **facts))


def test_a_camera_of_the_site_takes_the_photo_from_its_full_frame(asked, gate):
    with Gate(asked, painted({ANA: CLOSE})):
        answer = capture(asked)
    assert (answer["outcome"], answer["quality"]["pose"]) == (PhotoOutcome.ACCEPTED, "front")
    template = next(row for row in rows_of(asked.paths, FaceTemplate) if row.id == answer["template_id"])
    assert (template.source, template.camera_id) == ("site_camera", 1)
    with Image.open(asked.paths.home / template.photo_path) as kept:
        assert kept.width < 640, "the rest of the frame is nobody's business"


@pytest.mark.parametrize(
    ("people", "pose", "outcome"),
    [
        ({}, None, PhotoOutcome.NO_FACE),
        ({ANA: (200, 100, 240, 140)}, None, PhotoOutcome.TOO_SMALL),
        ({ANA: (20, 40, 300, 320), 5: (400, 100, 480, 180)}, None, PhotoOutcome.SEVERAL_FACES),
        ({ANA: CLOSE}, "left", PhotoOutcome.WRONG_POSE),
        ({BUDI: CLOSE}, "front", PhotoOutcome.LOOKS_LIKE),
    ],
)
def test_without_exactly_one_good_face_the_camera_says_why(asked, gate, monkeypatch, people, pose, outcome):
    monkeypatch.setattr(request_desk, "CAPTURE_WITHIN_S", 0.5)
    with Gate(asked, painted(people)):
        assert capture(asked, pose)["outcome"] == outcome
    assert len(rows_of(asked.paths, FaceTemplate)) == 2


def test_a_camera_that_shows_nothing_is_called_silent(asked, gate, monkeypatch):
    monkeypatch.setattr(request_desk, "CAPTURE_WITHIN_S", 0.2)
    assert capture(asked)["outcome"] == PhotoOutcome.CAMERA_SILENT


def test_an_accepted_photo_says_whom_it_resembles_most(asked):
    answer = asked.enrol(ANAS_ID, png(painted({ANA: CLOSE})))
    assert (answer["nearest"], answer["near"], answer["threshold"]) == ("P2", False, 0.9)
    assert answer["similarity"] < 0.9


def test_another_pose_than_the_one_asked_for_is_refused(asked):
    stored = requests.store_request_photo(asked.paths, png(painted({ANA: CLOSE})))
    payload = {**enrol_payload(ANAS_ID, stored), "pose": "right"}
    answer = asked.answer(asked.submit(RequestKind.ENROL, payload))
    assert (answer["outcome"], answer["quality"]["pose"]) == (PhotoOutcome.WRONG_POSE, "front")


def test_the_picture_of_an_unknown_face_becomes_a_template_that_says_so(asked):
    """As the page asks when it names somebody: with a copy of the picture, which goes once it is answered."""
    picture = painted({ANA: CLOSE})[20:300, 160:440]
    stored = requests.store_request_photo(asked.paths, png(picture))
    payload = to_json(EnrolPayload(ANAS_ID, stored, "unknown-7.jpg", "unknown"))
    answer = asked.answer(asked.submit(RequestKind.ENROL, payload))
    assert answer["outcome"] == PhotoOutcome.ACCEPTED
    template = next(row for row in rows_of(asked.paths, FaceTemplate) if row.id == answer["template_id"])
    assert (template.employee_id, template.source, template.camera_id) == (ANAS_ID, "unknown", None)
    assert (asked.paths.home / str(template.photo_path)).is_file()
    assert asked.waiting_files() == []


def test_what_cannot_be_done_is_answered_with_a_code(asked):
    assert asked.enrol(99, png(painted({ANA: CLOSE})))["code"] == "employee_unknown"
    gone = asked.submit(RequestKind.ENROL, enrol_payload(ANAS_ID, "0" * 32))
    assert asked.answer(gone)["code"] == "photo_gone"
    assert asked.waiting_files() == []


def test_a_reload_is_passed_on_once(asked):
    assert not asked.desk.take_reload()
    assert asked.answer(asked.submit(RequestKind.RELOAD, {})) == {"code": "done"}
    assert asked.desk.take_reload()
    assert not asked.desk.take_reload()


def test_what_comes_too_late_is_not_done(asked):
    stored = requests.store_request_photo(asked.paths, png(painted({ANA: CLOSE})))
    late = asked.submit(RequestKind.ENROL, enrol_payload(ANAS_ID, stored), expires_in_s=0.0)
    assert asked.answer(late) == {"code": "expired"}
    assert len(rows_of(asked.paths, FaceTemplate)) == 2


def test_a_slow_camera_does_not_hold_up_an_enrolment(asked):
    with answering() as port:
        camera = CameraSettings.parse({"id": 9, "name": "Gate", "rtsp_url": f"rtsp://127.0.0.1:{port}/x"})
        slow = asked.submit(RequestKind.TEST_CAMERA, to_json(CameraTestPayload.of(asked.paths, camera)))
        asked.enrol(ANAS_ID, png(painted({ANA: CLOSE})))
        answered = {row.id: row.finished_at for row in rows_of(asked.paths, WorkerRequest)}
        assert asked.answer(slow)["cause"] == "timeout"
        (enrolment,) = answered.keys() - {slow}
        slow_at = next(row.finished_at for row in rows_of(asked.paths, WorkerRequest) if row.id == slow)
        assert answered[enrolment] < slow_at


def test_a_camera_that_works_shows_a_picture(asked, tmp_path):
    answer = asked.test_camera(str(painted_clip(tmp_path / "clip.mkv", [(2, {ANA: CLOSE})])))
    assert (answer["status"], answer["cause"], answer["codec"]) == ("online", None, "ffv1")
    assert (answer["width_px"], answer["height_px"]) == (640, 360)
    assert asked.waiting_files() == [answer["picture"]]
    assert requests.read_request_photo(asked.paths, answer["picture"]).startswith(b"\xff\xd8")


def test_a_recording_that_is_missing_is_told_by_its_cause(asked, tmp_path):
    answer = asked.test_camera(str(tmp_path / "none.mp4"))
    assert (answer["status"], answer["cause"]) == ("misconfigured", "source_missing")
    assert answer["picture"] is None


def test_overrides_that_disagree_are_answered_with_a_code(asked):
    assert asked.test_camera("demo:", smoothing_min_votes=9)["code"] == "settings_invalid"
    assert asked.waiting_files() == []


@pytest.mark.rtsp
def test_a_camera_with_a_password_is_tried_and_the_password_is_nowhere(asked, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    clip = write_clip(tmp_path / "camera.h264", 25)
    with RtspServer({"front": clip}, user="viewer", password=PASSWORD) as server:
        good = asked.test_camera(server.url("front", f"viewer:{QUOTED}"))
        wrong = asked.test_camera(server.url("front", f"viewer:{QUOTED}x"))
        missing = asked.test_camera(server.url("back", f"viewer:{QUOTED}"))
    refused = asked.test_camera(f"rtsp://viewer:{QUOTED}@127.0.0.1:{unused_port()}/front")
    assert (good["status"], good["cause"], good["codec"]) == ("online", None, "h264")
    assert (wrong["status"], wrong["cause"]) == ("unauthorised", "unauthorised")
    assert (missing["status"], missing["cause"]) == ("misconfigured", "not_found")
    assert (refused["status"], refused["cause"]) == ("unreachable", "refused")
    asked.engine.dispose()
    for secret in (PASSWORD, QUOTED, "viewer:"):
        assert secret not in caplog.text
        for file in asked.paths.data.rglob("*"):
            assert not file.is_file() or secret.encode() not in file.read_bytes(), file


def test_a_request_outlasts_a_database_that_is_locked(asked):
    stored = requests.store_request_photo(asked.paths, png(painted({ANA: CLOSE})))
    with closing(sqlite3.connect(asked.paths.database, isolation_level=None)) as other:
        request = asked.submit(RequestKind.ENROL, enrol_payload(ANAS_ID, stored))
        other.execute("PRAGMA busy_timeout = 10000")
        other.execute("BEGIN IMMEDIATE")
        assert not eventually(asked.desk.raise_failure, BUSY_TIMEOUT_MS / 1000 + 1)
        other.execute("ROLLBACK")
    assert asked.answer(request)["outcome"] == PhotoOutcome.ACCEPTED


def test_a_request_outlasts_a_full_disk(tmp_path):
    if (missing := mount_missing()) is not None:
        pytest.skip(missing)
    with small_disk(tmp_path / "disk", size_mb=16) as disk:
        paths, engine = painted_site(disk.folder / "home", [ANA])
        desk = RequestDesk(paths, Enroller(paths, engine, painted_pack()), Parameters())
        asked = Asked(paths, engine, desk)
        stored = requests.store_request_photo(paths, png(painted({ANA: CLOSE})))
        request = asked.submit(RequestKind.ENROL, enrol_payload(ANAS_ID, stored))
        checkpoint(engine)
        disk.fill()
        desk.start()
        assert not eventually(desk.raise_failure, FULL_RETRY_S + 1)
        disk.empty()
        assert asked.answer(request)["outcome"] == PhotoOutcome.ACCEPTED
        desk.stop(5.0)
        engine.dispose()


@pytest.mark.parametrize("ending", ["killed", "asked"])
def test_a_worker_that_ends_over_a_request_answers_it_after_its_next_start(tmp_path, ending):
    paths, engine = painted_site(tmp_path / "home", [ANA, BUDI])
    engine.dispose()
    configure(paths, {}, rtsp_open_timeout_s=30.0)
    asked = Asked(paths, engine, None)
    with answering() as silent, RunningWorker(paths.home) as worker:
        worker.until_running()
        camera = CameraSettings.parse({"id": 9, "name": "Gate", "rtsp_url": f"rtsp://127.0.0.1:{silent}/x"})
        request = asked.submit(RequestKind.TEST_CAMERA, to_json(CameraTestPayload.of(paths, camera)))
        worker.until(lambda: worker.rows(WorkerRequest)[0].claimed_at, "the request is claimed")
        if ending == "killed":
            worker.kill()
        else:
            assert worker.stop() == 0
        (row,) = worker.rows(WorkerRequest)
        assert (row.id, row.finished_at) == (request, None)
        assert len(asked.waiting_files()) == 1
    with RunningWorker(paths.home) as worker:
        worker.until(lambda: worker.rows(WorkerRequest)[0].finished_at, "the request is answered")
        (row,) = worker.rows(WorkerRequest)
        assert (row.result["status"], row.result["cause"]) == ("unreachable", "refused")
        assert asked.waiting_files() == []
        assert worker.stop() == 0
    engine.dispose()
