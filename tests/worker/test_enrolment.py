"""Enrolment on real SQLite. A pack by hand where models do not matter, real faces where they do."""

import io
import json
import logging
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core.domain.faces import FaceDetections, FloatArray, Frame
from core.domain.pose import pose_of, shows
from core.domain.states import PhotoOutcome, Pose
from core.errors import GspeError, PackUnavailable
from core.paths import SitePaths
from core.settings import Parameters
from core.settings_store import SettingsStore
from core.storage import biometrics, employees
from core.storage.asking import EnrolAnswer, to_json
from core.storage.engine import writer_engine
from core.storage.enrolling import withdraw_consent
from core.storage.lock import worker_lock
from core.storage.models import AuditLog, Consent, Employee, FaceTemplate
from core.storage.requests import claim_next, finish, read_request_photo
from core.storage.retry import run_in_order
from tests import faces
from tests.fresh import fresh_site
from worker import __main__ as worker_command
from worker.analysis.protocols import LoadedPack, MatchCalibration
from worker.analysis.sessions import CPU
from worker.enrolment import Enroller, Terms
from worker.packs import load_pack
from worker.photo import open_photo
from worker.portrait import find_portrait

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
WHITE, RED, GREEN, BLUE = (255, 255, 255), (200, 40, 40), (40, 200, 40), (40, 40, 200)


@dataclass
class PaintedDetector:
    """Takes every coloured rectangle on white for a face; finds none that touches the picture's edge."""

    provider: str = CPU
    score: float = 0.9
    shift_of_nose: float = 0.0
    colours: tuple[tuple[int, int, int], ...] = (RED, GREEN, BLUE)

    def detect(self, frame: Frame) -> FaceDetections:
        boxes = []
        for colour in self.colours:
            near = np.abs(frame[:, :, ::-1].astype(int) - colour).max(axis=2) < 60
            rows, columns = np.nonzero(near)
            if len(rows) and min(rows.min(), columns.min()) > 0:
                boxes.append([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
        xyxy = np.array(boxes, np.float32).reshape(-1, 4)
        size = xyxy[:, 2:] - xyxy[:, :2]
        relative = np.array(
            [[0.3, 0.4], [0.7, 0.4], [0.5 + self.shift_of_nose, 0.6], [0.35, 0.8], [0.65, 0.8]]
        )
        landmarks = xyxy[:, None, :2] + relative[None].astype(np.float32) * size[:, None]
        return FaceDetections(xyxy, np.full(len(boxes), self.score, np.float32), landmarks)


@dataclass
class ColourEmbedder:
    """Everybody is his colour."""

    provider: str = CPU
    dim: int = 3
    batches: list[int] = field(default_factory=list)

    def align(self, frame: Frame, landmarks: FloatArray) -> Frame:
        left, top = np.maximum(landmarks.min(axis=0).astype(int), 0)
        right, bottom = landmarks.max(axis=0).astype(int)
        return frame[top:bottom, left:right]

    def embed(self, crops: Sequence[Frame]) -> FloatArray:
        means = np.array([crop.reshape(-1, 3).mean(axis=0) for crop in crops], np.float32)
        return means / np.linalg.norm(means, axis=1, keepdims=True)


PACK = LoadedPack(
    "painted", "1" * 64, "none", MatchCalibration(0.95, 0.01, 0.8), PaintedDetector(), ColourEmbedder()
)


@pytest.fixture
def paths(tmp_path: Path) -> SitePaths:
    paths = fresh_site(tmp_path)
    return paths


@pytest.fixture
def engine(paths):
    engine = writer_engine(paths.database)
    yield engine
    engine.dispose()


@pytest.fixture
def enroller(paths, engine) -> Enroller:
    return Enroller(paths, engine, PACK, now=lambda: NOW)


def person(engine: Engine, code: str, basis: str | None = "consent") -> int:
    def work(session: Session) -> int:
        employee = employees.create_employee(session, {"code": code, "name": code}, actor="test", now=NOW)
        if basis:
            employees.record_consent(session, employee.id, basis, "1", actor="test", now=NOW)
        return employee.id

    return run_in_order(engine, work)


def painted(*faces_of: tuple[tuple[int, int, int], tuple[int, int, int, int]], size=(400, 300)) -> bytes:
    """A white PNG with rectangles (colour, box), each with a fine pattern so that it is sharp."""
    image = Image.new("RGB", size, WHITE)
    for colour, (left, top, right, bottom) in faces_of:
        pattern = np.full((bottom - top, right - left, 3), colour, np.int16)
        pattern[::2, ::2] += 20
        image.paste(Image.fromarray(np.clip(pattern, 0, 255).astype(np.uint8)), (left, top))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def templates(engine: Engine) -> list[FaceTemplate]:
    with Session(engine) as session:
        return list(session.scalars(select(FaceTemplate).order_by(FaceTemplate.id)))


def enrol(enroller: Enroller, employee_id: int, photo: bytes, **options):
    return enroller.enrol(employee_id, photo, Terms("upload", "hr", **options))


FACE = (100, 50, 220, 210)
RED_FACE = painted((RED, FACE))


def test_an_accepted_photo_becomes_a_template_with_photo_and_measures(paths, engine, enroller):
    ana = person(engine, "E01")

    answer = enrol(enroller, ana, RED_FACE)

    assert answer.outcome == PhotoOutcome.ACCEPTED
    assert answer.accepted
    [row] = templates(engine)
    assert (row.id, row.employee_id, row.pack_id, row.pack_sha256) == (
        answer.template_id,
        ana,
        "painted",
        "1" * 64,
    )
    assert (row.source, row.dim, row.key_id, row.created_at) == ("upload", 3, None, NOW)
    assert row.quality == answer.quality
    assert row.quality["face_px"] == pytest.approx(120, abs=2)
    photo = paths.home / row.photo_path
    assert photo.stat().st_mode & 0o777 == 0o600
    with Image.open(photo) as kept:
        assert kept.size == (400, 300)


def test_without_a_recorded_basis_nothing_is_looked_at(engine, enroller):
    nobody = person(engine, "E01", basis=None)

    assert enrol(enroller, nobody, b"not even a photo").outcome == PhotoOutcome.NO_CONSENT
    assert templates(engine) == []


def test_a_withdrawn_consent_is_none(engine, enroller):
    ana = person(engine, "E01")
    with Session(engine) as session, session.begin():
        for consent in session.scalars(select(Consent)):
            consent.withdrawn_at = NOW

    assert enrol(enroller, ana, RED_FACE).outcome == PhotoOutcome.NO_CONSENT


def test_somebody_who_does_not_exist_is_an_error(enroller):
    with pytest.raises(GspeError, match="no employee with id 77"):
        enrol(enroller, 77, RED_FACE)


@pytest.mark.parametrize(
    ("photo", "outcome"),
    [
        (b"", PhotoOutcome.NOT_AN_IMAGE),
        (b"hello", PhotoOutcome.NOT_AN_IMAGE),
        (painted(), PhotoOutcome.NO_FACE),
        (painted((RED, FACE), (GREEN, (250, 50, 350, 190))), PhotoOutcome.SEVERAL_FACES),
        (painted((RED, FACE), (GREEN, (300, 50, 360, 130))), PhotoOutcome.ACCEPTED),
        (painted((RED, (100, 50, 140, 105))), PhotoOutcome.TOO_SMALL),
        (painted(((60, 0, 0), FACE)), PhotoOutcome.TOO_DARK),
    ],
    ids=["empty", "text", "no face", "two faces", "one in front", "small", "dark"],
)
def test_every_photo_has_one_answer(paths, engine, photo, outcome):
    detector = replace(PaintedDetector(), colours=(RED, GREEN, (60, 0, 0)))
    enroller = Enroller(paths, engine, replace(PACK, detector=detector))

    assert enrol(enroller, person(engine, "E01"), photo).outcome == outcome
    assert len(templates(engine)) == (outcome == PhotoOutcome.ACCEPTED)


def test_a_smooth_face_is_blurry_and_tells_its_measures(engine, enroller):
    image = Image.new("RGB", (400, 300), WHITE)
    image.paste(RED, FACE)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")

    answer = enrol(enroller, person(engine, "E01"), buffer.getvalue())

    assert answer.outcome == PhotoOutcome.TOO_BLURRY
    assert answer.quality["sharpness"] < 50


def test_a_face_turned_away_is_refused(paths, engine):
    enroller = Enroller(paths, engine, replace(PACK, detector=PaintedDetector(shift_of_nose=0.19)))

    assert enrol(enroller, person(engine, "E01"), RED_FACE).outcome == PhotoOutcome.TURNED_AWAY


def test_a_tight_crop_is_padded_and_tried_again(engine, enroller):
    tight = painted((RED, (0, 0, 150, 200)), size=(150, 200))

    answer = enrol(enroller, person(engine, "E01"), tight)

    assert answer.outcome == PhotoOutcome.ACCEPTED
    assert answer.quality["face_px"] == pytest.approx(150, abs=4)


def test_the_same_photo_twice_is_said_so(engine, enroller):
    ana = person(engine, "E01")
    enrol(enroller, ana, RED_FACE)

    assert enrol(enroller, ana, RED_FACE).outcome == PhotoOutcome.ALREADY_ENROLLED
    assert len(templates(engine)) == 1


def test_a_face_that_somebody_else_has_is_named_by_his_code(engine, enroller):
    enrol(enroller, person(engine, "E07"), RED_FACE)
    other = person(engine, "E08")
    similar = painted((RED, (50, 40, 180, 220)))

    refused = enrol(enroller, other, similar)
    taken = enrol(enroller, other, similar, allow_look_alike=True)

    assert (refused.outcome, refused.looks_like) == (PhotoOutcome.LOOKS_LIKE, "E07")
    assert taken.outcome == PhotoOutcome.ACCEPTED


def test_who_resembles_himself_more_is_no_look_alike(engine, enroller):
    first, second = person(engine, "E07"), person(engine, "E08")
    enrol(enroller, first, RED_FACE)
    enrol(enroller, second, painted((RED, (50, 40, 180, 220))), allow_look_alike=True)

    with Session(engine) as session:
        vectors = biometrics.active_templates(session, "painted", "1" * 64)
    assert vectors[0].vector @ vectors[1].vector > 0.95
    assert enrol(enroller, second, painted((RED, (50, 40, 180, 222)))).outcome == PhotoOutcome.ACCEPTED


def test_who_is_deactivated_has_no_look_alikes(engine, enroller):
    gone = person(engine, "E07")
    enrol(enroller, gone, RED_FACE)
    run_in_order(engine, lambda session: employees.deactivate_employee(session, gone, actor="hr", now=NOW).id)

    assert enrol(enroller, person(engine, "E08"), RED_FACE).outcome == PhotoOutcome.ACCEPTED


def test_another_pack_embeds_the_kept_photos_and_keeps_the_old_rows(paths, engine, enroller):
    ana = person(engine, "E01")
    enrol(enroller, ana, RED_FACE, camera_id=None)
    other = replace(PACK, pack_id="second", sha256="2" * 64)

    assert list(Enroller(paths, engine, other).reembed(NOW)) == [True]
    assert list(Enroller(paths, engine, other).reembed(NOW)) == []

    old, new = templates(engine)
    assert (old.pack_id, new.pack_id) == ("painted", "second")
    assert (old.revoked_at, new.revoked_at) == (None, None)
    assert (new.photo_path, new.photo_sha256, new.source) == (old.photo_path, old.photo_sha256, "upload")
    assert list(Enroller(paths, engine, PACK).reembed(NOW)) == [], "a change back has nothing to do"


def test_a_photo_that_goes_while_its_pack_changes_makes_no_template(paths, engine, enroller):
    ana = person(engine, "E01")
    enrol(enroller, ana, RED_FACE)
    changing = Enroller(paths, engine, replace(PACK, sha256="2" * 64)).reembed(NOW)
    with Session(engine) as session, session.begin():
        withdraw_consent(session, ana, actor="hr", now=NOW)

    assert list(changing) == [False]
    assert [row.embedding for row in templates(engine)] == [None]


def test_a_kept_photo_that_is_gone_does_not_stop_the_others(paths, engine, enroller):
    ana = person(engine, "E01")
    enrol(enroller, ana, RED_FACE)
    enrol(enroller, ana, painted((RED, (60, 50, 180, 210))))
    (paths.home / templates(engine)[0].photo_path).unlink()

    assert list(Enroller(paths, engine, replace(PACK, sha256="2" * 64)).reembed(NOW)) == [False, True]


# ---------------------------------------------------------------- real faces


@pytest.fixture(scope="module")
def photos() -> dict[str, bytes]:
    names = ("obama.jpg", "obama2.jpg", "biden.jpg", "obama_partial_face.jpg")
    try:
        return {name: faces.photo(name) for name in names}
    except PackUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def open_pack() -> LoadedPack:
    return load_pack(Parameters(providers=(CPU,)))


@pytest.mark.models
def test_real_people_are_enrolled_and_told_apart(paths, engine, open_pack, photos):
    enroller = Enroller(paths, engine, open_pack)
    first, second = person(engine, "E01"), person(engine, "E02")

    assert enrol(enroller, first, photos["obama.jpg"]).outcome == PhotoOutcome.ACCEPTED
    assert enrol(enroller, second, photos["biden.jpg"]).outcome == PhotoOutcome.ACCEPTED
    confused = enrol(enroller, second, photos["obama2.jpg"])
    assert (confused.outcome, confused.looks_like) == (PhotoOutcome.LOOKS_LIKE, "E01")
    assert enrol(enroller, first, photos["obama2.jpg"]).outcome == PhotoOutcome.ACCEPTED
    assert enrol(enroller, first, faces.group_photo()).outcome == PhotoOutcome.SEVERAL_FACES


@pytest.mark.models
@pytest.mark.parametrize("margin", [0.0, 0.1])
def test_a_real_face_that_fills_the_photo_is_found(paths, engine, open_pack, photos, margin):
    photo = Image.open(io.BytesIO(photos["obama.jpg"]))
    box = open_pack.detector.detect(np.asarray(photo.convert("RGB"))[:, :, ::-1].copy()).xyxy[0]
    wide = (box[2] - box[0]) * margin
    tight = photo.crop((int(box[0] - wide), int(box[1] - wide), int(box[2] + wide), int(box[3] + wide)))
    buffer = io.BytesIO()
    tight.save(buffer, "PNG")

    answer = enrol(Enroller(paths, engine, open_pack), person(engine, "E01"), buffer.getvalue())

    assert answer.outcome == PhotoOutcome.ACCEPTED


@pytest.mark.models
def test_a_real_face_is_turned_the_other_way_in_a_mirror(open_pack, photos):
    for name, pose in (("obama.jpg", Pose.FRONT), ("obama2.jpg", Pose.RIGHT)):
        pixels = open_photo(photos[name])
        turn, mirrored = (
            find_portrait(np.ascontiguousarray(one), open_pack).turn for one in (pixels, pixels[:, ::-1])
        )
        assert pose_of(turn, None) is pose
        assert shows(mirrored, {Pose.FRONT: Pose.FRONT, Pose.RIGHT: Pose.LEFT}[pose], None)
        assert mirrored.yaw == pytest.approx(-turn.yaw, abs=0.1)
        assert mirrored.pitch == pytest.approx(turn.pitch, abs=0.03)


@pytest.mark.models
def test_real_answers_name_the_nearest_other_and_insisting_is_noted(paths, engine, open_pack, photos):
    enroller = Enroller(paths, engine, open_pack)
    first, second, twin = (person(engine, code) for code in ("E01", "E02", "E03"))

    assert enrol(enroller, first, photos["obama.jpg"]).nearest is None
    other = enrol(enroller, second, photos["biden.jpg"])
    assert (other.nearest, other.near, other.threshold) == ("E01", False, 0.93)
    assert other.similarity < 0.91

    refused = enrol(enroller, twin, photos["obama2.jpg"])
    assert (refused.outcome, refused.nearest, refused.near) == (PhotoOutcome.LOOKS_LIKE, "E01", True)
    taken = enrol(enroller, twin, photos["obama2.jpg"], allow_look_alike=True)
    assert (taken.outcome, taken.near) == (PhotoOutcome.ACCEPTED, True)
    with Session(engine) as session:
        subject = f"face_templates:{taken.template_id}"
        row = session.scalars(select(AuditLog).where(AuditLog.subject == subject)).one()
    assert row.params["despite_look_alike"] == "E01"


# ---------------------------------------------------------------- the command line


@pytest.fixture
def home(paths, monkeypatch) -> SitePaths:
    monkeypatch.setenv("GSPE_HOME", str(paths.home))
    SettingsStore(paths).save_parameters(Parameters(providers=(CPU,), time_zone="UTC"), "")
    return paths


def run(capsys, *arguments: str) -> tuple[int, list[dict]]:
    status = worker_command.main(["enrol", *arguments])
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.models
def test_the_command_adds_the_person_and_says_what_became_of_each_photo(
    home, engine, photos, tmp_path, capsys, quiet_logging
):
    files = []
    for name, content in {**photos, "group.jpg": faces.group_photo(), "empty.jpg": b""}.items():
        (tmp_path / name).write_bytes(content)
        files.append(str(tmp_path / name))
    mine = [files[0], files[4], files[5], str(tmp_path / "missing.jpg")]

    status, lines = run(capsys, "--code", " E01 ", "--name", "Barack", "--basis", "consent", *mine)

    assert status == 0
    assert [line["outcome"] for line in lines] == [
        "accepted",
        "several_faces",
        "not_an_image",
        "not_an_image",
    ]
    assert [line["photo"] for line in lines] == mine
    assert lines[0]["quality"]["face_px"] > 100
    with Session(engine) as session:
        [employee] = session.scalars(select(Employee))
        [consent] = session.scalars(select(Consent))
    assert (employee.code, employee.name, consent.basis) == ("E01", "Barack", "consent")

    status, lines = run(capsys, "--code", "E02", "--name", "Joe", "--basis", "contract", files[1])
    assert (status, lines[0]["outcome"], lines[0]["looks_like"]) == (1, "looks_like:E01", "E01")
    status, lines = run(capsys, "--code", "E02", "--allow-look-alike", files[1])
    assert (status, lines[0]["outcome"]) == (0, "accepted")


@pytest.mark.models
def test_without_a_basis_the_command_records_that_none_was_stated(
    home, engine, photos, tmp_path, capsys, quiet_logging
):
    (tmp_path / "me.jpg").write_bytes(photos["obama.jpg"])

    status, lines = run(capsys, "--code", "E01", "--name", "Barack", str(tmp_path / "me.jpg"))

    assert (status, lines[0]["outcome"]) == (0, "accepted")
    with Session(engine) as session:
        assert session.scalars(select(Consent.basis)).all() == [employees.NOT_STATED]


def test_a_new_person_needs_a_name_and_a_deactivated_one_is_refused(home, engine, capsys, quiet_logging):
    assert worker_command.main(["enrol", "--code", "E01", "photo.jpg"]) == 2
    assert "--name" in capsys.readouterr().err
    gone = person(engine, "E02")
    run_in_order(engine, lambda session: employees.deactivate_employee(session, gone, actor="hr", now=NOW).id)
    assert worker_command.main(["enrol", "--code", "E02", "photo.jpg"]) == 2
    assert "deactivated" in capsys.readouterr().err


def test_while_a_worker_runs_it_does_the_work(home, engine, tmp_path, capsys, quiet_logging):
    photo = tmp_path / "me.jpg"
    photo.write_bytes(b"the photo")
    answers = iter(
        [
            to_json(EnrolAnswer(PhotoOutcome.ACCEPTED, 5, None, {"face_px": 120.0})),
            to_json(EnrolAnswer(PhotoOutcome.LOOKS_LIKE, None, "E07", {})),
        ]
    )
    asked = []

    def answer_two() -> None:
        while len(asked) < 2:
            request = run_in_order(engine, lambda session: claim_next(session, datetime.now(UTC)))
            if request is None:
                time.sleep(0.02)
                continue
            asked.append((request.payload, read_request_photo(home, request.payload["photo"])))
            result = next(answers)
            run_in_order(
                engine,
                lambda session, r=request, a=result: finish(session, r.id, a, datetime.now(UTC)),
            )

    with worker_lock(home):
        worker = threading.Thread(target=answer_two)
        worker.start()
        status, lines = run(
            capsys, "--code", "E01", "--name", "Ana", "--basis", "consent", str(photo), str(photo)
        )
        worker.join()

    assert status == 0
    assert [line["outcome"] for line in lines] == ["accepted", "looks_like:E07"]
    assert [content for _, content in asked] == [b"the photo"] * 2
    assert asked[0][0]["source"] == "cli"
    assert asked[0][0]["file_name"] == "me.jpg"


def test_a_worker_that_cannot_look_is_told(home, engine, tmp_path, capsys, quiet_logging):
    photo = tmp_path / "me.jpg"
    photo.write_bytes(b"the photo")
    done = threading.Event()

    def fail_once() -> None:
        while not done.is_set():
            request = run_in_order(engine, lambda session: claim_next(session, datetime.now(UTC)))
            if request is None:
                time.sleep(0.02)
            else:
                run_in_order(
                    engine,
                    lambda session, r=request: finish(
                        session, r.id, {"code": "photo_gone"}, datetime.now(UTC)
                    ),
                )
                done.set()

    with worker_lock(home):
        worker = threading.Thread(target=fail_once)
        worker.start()
        status = worker_command.main(
            ["enrol", "--code", "E01", "--name", "Ana", "--basis", "consent", str(photo)]
        )
        worker.join()

    assert status == 2
    assert "photo_gone" in capsys.readouterr().err


@pytest.fixture
def quiet_logging():
    """The command sets up the process's logging; the tests after it get theirs back."""
    root = logging.getLogger()
    before = (root.level, root.handlers[:], sys.excepthook, threading.excepthook)
    yield
    root.setLevel(before[0])
    root.handlers[:] = before[1]
    sys.excepthook, threading.excepthook = before[2], before[3]
    logging.captureWarnings(False)
