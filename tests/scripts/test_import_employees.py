"""The importer as an admin runs it: one command, one line a mistake, everything or nothing."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.paths import SitePaths
from core.storage import audit, requests
from core.storage.asking import EnrolAnswer, EnrolPayload, to_json
from core.storage.biometrics import NewTemplate, active_templates, add_template
from core.storage.engine import reader_engine, writer_engine
from core.storage.lock import worker_lock
from core.storage.migrate import migrate
from core.storage.models import Consent, Employee, FaceTemplate
from scripts import import_employees

Run = Callable[..., int]


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SitePaths:
    paths = SitePaths(tmp_path / "home")
    migrate(paths)
    monkeypatch.setenv("GSPE_HOME", str(paths.home))
    return paths


@pytest.fixture
def run(paths: SitePaths, tmp_path: Path) -> Run:
    def call(*rows: Any, options: tuple[str, ...] = ()) -> int:
        file = tmp_path / "data-karyawan.json"
        file.write_text(json.dumps({"employees": list(rows)}))
        return import_employees.main([str(file), *options])

    return call


def stored(paths: SitePaths) -> dict[str, tuple[str, str | None, bool]]:
    engine = reader_engine(paths.database)
    with Session(engine) as session:
        people = {p.code: (p.name, p.department, p.active) for p in session.scalars(select(Employee))}
        assert audit.verify(session) is None
    engine.dispose()
    return people


def test_people_are_taken_and_counted(run: Run, paths: SitePaths, capsys: pytest.CaptureFixture[str]) -> None:
    assert run({"nik": "1", "nama": "Sari", "departemen": "Bengkel"}, {"code": "2", "name": "Budi"}) == 0
    assert capsys.readouterr().out == "2 created, 0 updated, 0 unchanged, 0 deactivated\n"
    assert run({"code": "1", "department": None}, {"code": "2"}) == 0
    assert capsys.readouterr().out == "0 created, 1 updated, 1 unchanged, 0 deactivated\n"
    assert stored(paths) == {"1": ("Sari", None, True), "2": ("Budi", None, True)}


def test_one_bad_row_and_nothing_is_taken(
    run: Run, paths: SitePaths, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run({"code": "1", "name": "Sari"}, {"code": "2", "name": ""}, {"code": "3", "nam": "B"}) == 2
    assert capsys.readouterr().err.splitlines() == [
        "row 2 (2): name must not be empty",
        "row 3 (3): unknown key nam; did you mean name?",
    ]
    assert run({"code": "1", "name": "Sari"}, {"code": "2"}) == 2
    assert capsys.readouterr().err == "row 2 (2): name must not be empty\n"
    assert stored(paths) == {}


def test_duplicate_codes_refuse_both(run: Run, paths: SitePaths, capsys: pytest.CaptureFixture[str]) -> None:
    assert run({"code": "1", "name": "Sari"}, {"nik": "1", "nama": "Budi"}) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert stored(paths) == {}


def test_a_dry_run_says_the_same_and_changes_nothing(
    run: Run, paths: SitePaths, capsys: pytest.CaptureFixture[str]
) -> None:
    run({"code": "1", "name": "Sari"})
    capsys.readouterr()
    rows = [{"code": "2", "name": "Budi"}, {"code": "3", "name": "Ani", "active": False}]
    assert run(*rows, options=("--dry-run", "--deactivate-missing")) == 0
    assert capsys.readouterr().out == "would be: 2 created, 0 updated, 0 unchanged, 1 deactivated\n"
    assert stored(paths) == {"1": ("Sari", None, True)}
    assert run(*rows, options=("--deactivate-missing",)) == 0
    assert capsys.readouterr().out == "2 created, 0 updated, 0 unchanged, 1 deactivated\n"
    assert {code: person[2] for code, person in stored(paths).items()} == {"1": False, "2": True, "3": False}


def test_a_dry_run_uses_up_no_id(run: Run, paths: SitePaths) -> None:
    run({"code": "1", "name": "Sari"}, options=("--dry-run",))
    run({"code": "1", "name": "Sari"})
    engine = reader_engine(paths.database)
    with engine.connect() as connection:
        assert connection.scalar(select(Employee.id)) == 1
    engine.dispose()


@pytest.mark.parametrize("content", [None, b"", b"\xff", b'{"staff": []}'])
def test_a_file_that_cannot_be_used_is_one_line(
    paths: SitePaths, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    file = tmp_path / "list.json"
    if content is not None:
        file.write_bytes(content)
    assert import_employees.main([str(file)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_without_a_database_it_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GSPE_HOME", str(tmp_path / "nowhere"))
    assert import_employees.main([str(tmp_path / "list.json")]) == 2
    assert "core.storage migrate" in capsys.readouterr().err


def test_it_runs_from_any_folder_beside_other_writers(paths: SitePaths, tmp_path: Path) -> None:
    file = tmp_path / "list.json"
    file.write_text('[{"code": "1", "name": "Sari"}]')
    engine = writer_engine(paths.database)
    with engine.connect():
        command = [sys.executable, str(Path(import_employees.__file__).resolve()), str(file)]
        done = subprocess.run(
            command, cwd="/", env=dict(os.environ), capture_output=True, text=True, check=False
        )
    engine.dispose()
    assert (done.returncode, done.stderr) == (0, "")
    assert stored(paths) == {"1": ("Sari", None, True)}


class Worker:
    """Holds the worker's lock and answers enrolments through the real table, as `answers` say by content."""

    def __init__(self, paths: SitePaths, answers: dict[bytes, dict[str, Any]]) -> None:
        self.paths, self.answers = paths, answers
        self.photos: list[tuple[int, bytes, str]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._answer)

    def __enter__(self) -> "Worker":
        self._lock = worker_lock(self.paths).__enter__()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._lock.__exit__(None, None, None)

    def _answer(self) -> None:
        engine = writer_engine(self.paths.database)
        while not self._stop.wait(0.02):
            with Session(engine) as session, session.begin():
                request = requests.claim_next(session, datetime.now(UTC))
                if request is not None:
                    asked = EnrolPayload(**request.payload)
                    photo = requests.read_request_photo(self.paths, asked.photo)
                    self.photos.append((asked.employee_id, photo, asked.source))
                    requests.finish(session, request.id, self.answers[photo], datetime.now(UTC))
        engine.dispose()


def photo_files(tmp_path: Path, *names: str) -> list[str]:
    for name in names:
        (tmp_path / "foto").mkdir(exist_ok=True)
        (tmp_path / "foto" / name).write_bytes(name.encode())
    return [f"foto/{name}" for name in names]


def bases(paths: SitePaths) -> list[tuple[int, str]]:
    engine = reader_engine(paths.database)
    with Session(engine) as session:
        rows = [(c.employee_id, c.basis) for c in session.scalars(select(Consent).order_by(Consent.id))]
    engine.dispose()
    return rows


def test_photos_are_enrolled_by_the_running_worker(
    run: Run, paths: SitePaths, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = photo_files(tmp_path, "a.jpg", "b.jpg")
    rows = [{"code": "1", "name": "Sari", "photos": photos}, {"code": "2", "name": "Budi"}]
    answers = {b"a.jpg": to_json(EnrolAnswer("accepted")), b"b.jpg": to_json(EnrolAnswer("already_enrolled"))}
    with Worker(paths, answers) as worker:
        assert run(*rows) == 0
    assert worker.photos == [(1, b"a.jpg", "import"), (1, b"b.jpg", "import")]
    assert capsys.readouterr().out.splitlines()[1:] == [
        f"1 {tmp_path}/foto/a.jpg: accepted",
        f"1 {tmp_path}/foto/b.jpg: already_enrolled",
    ]
    assert bases(paths) == [(1, "not_stated")]


def test_a_refused_photo_is_named_and_the_people_stay(
    run: Run, paths: SitePaths, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = photo_files(tmp_path, "a.jpg", "b.jpg")
    answers = {
        b"a.jpg": to_json(EnrolAnswer("looks_like", looks_like="E07")),
        b"b.jpg": to_json(EnrolAnswer("accepted")),
    }
    with Worker(paths, answers):
        assert run({"code": "1", "name": "Sari", "photos": photos}, options=("--basis", "consent")) == 1
    assert [line.split(": ")[1] for line in capsys.readouterr().out.splitlines()[1:]] == [
        "looks_like:E07",
        "accepted",
    ]
    assert stored(paths) == {"1": ("Sari", None, True)}
    assert bases(paths) == [(1, "consent")]


def test_a_dry_run_enrols_nobody(run: Run, paths: SitePaths, tmp_path: Path) -> None:
    row = {"code": "1", "name": "Sari", "photos": photo_files(tmp_path, "a.jpg")}
    with Worker(paths, {}) as worker:
        assert run(row, options=("--dry-run",)) == 0
    assert worker.photos == []
    assert bases(paths) == []


def test_null_photos_remove_what_was_enrolled_unless_it_is_a_rehearsal(run: Run, paths: SitePaths) -> None:
    assert run({"code": "1", "name": "Sari"}) == 0
    template = NewTemplate(1, np.array([1, 0], np.float32), "open", "ab", "upload", b"photo", {})
    engine = writer_engine(paths.database)
    with Session(engine) as session, session.begin():
        row = add_template(session, paths, template, actor="hr", now=datetime.now(UTC))
        photo = paths.home / str(row.photo_path)
    engine.dispose()
    assert run({"code": "1", "photos": None}, options=("--dry-run",)) == 0
    assert photo.is_file()
    assert run({"code": "1", "photos": None}) == 0
    assert not photo.exists()


def test_a_basis_is_recorded_once(run: Run, paths: SitePaths, tmp_path: Path) -> None:
    row = {"code": "1", "name": "Sari", "photos": photo_files(tmp_path, "a.jpg")}
    with Worker(paths, {b"a.jpg": to_json(EnrolAnswer("accepted"))}):
        assert run(row, options=("--basis", "contract")) == 0
        assert run(row) == 0
    assert bases(paths) == [(1, "contract")]


def test_a_worker_that_fails_is_told(
    run: Run, paths: SitePaths, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"code": "1", "name": "Sari", "photos": photo_files(tmp_path, "a.jpg")}
    with Worker(paths, {b"a.jpg": {"code": "worker_crashed"}}):
        assert run(row) == 1
    assert "the people were taken, but not every photo" in capsys.readouterr().err
    assert stored(paths) == {"1": ("Sari", None, True)}


@pytest.mark.models
def test_without_a_worker_it_enrols_the_photos_itself(
    run: Run, paths: SitePaths, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import cv2

    from worker.demo_faces import ORANGE_SUIT

    (tmp_path / "sari.png").write_bytes(ORANGE_SUIT.enrolment_photo())
    assert cv2.imwrite(str(tmp_path / "nobody.png"), np.full((200, 200, 3), 128, np.uint8))
    row = {"code": "1", "name": "Sari", "photos": ["sari.png", "nobody.png"]}
    assert run(row) == 1
    outcomes = [line.split(": ")[1] for line in capsys.readouterr().out.splitlines()[1:]]
    assert outcomes == ["accepted", "no_face"]
    assert run({**row, "photos": ["sari.png"]}) == 0
    assert "already_enrolled" in capsys.readouterr().out
    engine = reader_engine(paths.database)
    with Session(engine) as session:
        (template,) = session.scalars(select(FaceTemplate))
        assert (template.employee_id, template.source) == (1, "import")
        assert len(active_templates(session, template.pack_id, template.pack_sha256)) == 1
    engine.dispose()
