"""`python -m worker enrol` and `replay` on real faces: who is recognised when, and a site left untouched."""

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.paths import SitePaths
from core.settings_store import SettingsStore
from core.storage.migrate import migrate
from tests import faces
from tests.face_clip import Stay, face_clip
from tests.running import REAL, RunningWorker, configure
from worker.__main__ import main

START = "2026-11-23T08:00:00"
"""Without an offset: in the site's time zone, Jakarta."""
START_AT = datetime(2026, 11, 23, 1, tzinfo=UTC)
KNOWN = (Stay("obama2.jpg", 1.0, 4.0, 0.3), Stay("obama2.jpg", 8.0, 11.0, 0.3))
STRANGER = Stay("biden.jpg", 2.0, 7.0, 0.75)
CLIP_S = 12.0
TOLERANCE_S = 0.5


def run_worker(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "worker", *map(str, arguments)],
        env={**os.environ, "GSPE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


@dataclass(frozen=True)
class Site:
    """A home in which one man is enrolled, the answer to that, and a clip that shows him and a stranger."""

    paths: SitePaths
    enrolled: dict[str, Any]
    clip: Path

    def replay(self, report: Path, *options: str | Path) -> dict[str, Any]:
        arguments = (self.clip, "--camera", "CAM1", "--start", START, "--report", report)
        done = run_worker(self.paths.home, "replay", *arguments, *options)
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
        return json.loads(report.read_text())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("replay")
    paths = SitePaths(folder / "home").create()
    migrate(paths)
    configure(paths, {}, detector_width_px=320)
    photo = folder / "obama.jpg"
    photo.write_bytes(faces.photo("obama.jpg"))
    person = ("--code", "E01", "--name", "Barack", "--basis", "consent")
    done = run_worker(paths.home, "enrol", *person, photo)
    assert done.returncode == 0, done.stderr
    return Site(paths, json.loads(done.stdout), face_clip(folder / "clip.mp4", CLIP_S, [*KNOWN, STRANGER]))


@pytest.fixture(scope="module")
def kept(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scratch home of a replay beside a running worker; its report lies beside it."""
    folder = tmp_path_factory.mktemp("kept")
    with RunningWorker(site.paths.home, REAL, log=folder / "worker.log") as worker:
        worker.until_running()
        before = content_hash(site.paths)
        site.replay(folder / "report.json", "--keep", folder / "home")
        assert worker.stop() == 0
    assert content_hash(site.paths) == before
    return folder / "home"


@pytest.fixture(scope="module")
def report(kept: Path) -> dict[str, Any]:
    return json.loads(kept.with_name("report.json").read_text())


WORKERS_OWN = ("worker_status", "maintenance_runs", "work_days", "audit_log", "sqlite_sequence")


def content_hash(paths: SitePaths) -> str:
    """Of every table but those that a running worker writes by itself."""
    seen = hashlib.sha256()
    with closing(sqlite3.connect(paths.database)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        for (table,) in tables.fetchall():
            if table not in WORKERS_OWN:
                seen.update(repr(connection.execute(f"SELECT * FROM {table}").fetchall()).encode())
    return seen.hexdigest()


def s(at: str) -> float:
    return (datetime.fromisoformat(at) - START_AT).total_seconds()


@pytest.mark.models
def test_a_photo_is_answered_with_a_line_that_tells_its_quality(site):
    assert (site.enrolled["outcome"], Path(site.enrolled["photo"]).name) == ("accepted", "obama.jpg")
    assert site.enrolled["quality"]["face_px"] > 200


@pytest.mark.models
def test_who_is_enrolled_from_one_photo_is_found_in_another_and_a_stranger_is_not(report):
    assert {visit["employee_code"] for visit in report["visits"]} == {"E01"}
    found = [(s(visit["arrived_at"]), s(visit["last_seen_at"])) for visit in report["visits"]]
    assert len(found) == len(KNOWN)
    for (arrived_s, seen_s), stay in zip(found, KNOWN, strict=True):
        assert arrived_s == pytest.approx(stay.start_s, abs=TOLERANCE_S)
        assert seen_s == pytest.approx(stay.end_s, abs=TOLERANCE_S)
    (stranger,) = report["unknown_tracks"]
    assert s(stranger["first_seen_at"]) == pytest.approx(STRANGER.start_s, abs=TOLERANCE_S)
    assert s(stranger["last_seen_at"]) == pytest.approx(STRANGER.end_s, abs=TOLERANCE_S)
    assert report["frames"] == round(CLIP_S * 5)
    assert set(report["timings"]) == {"load_s", "play_s"}


@pytest.mark.models
def test_the_day_has_its_row_its_pictures_and_its_alert(report, kept):
    (day,) = report["attendances"]
    first, last = report["visits"][0], report["visits"][-1]
    assert (day["employee_code"], day["date"]) == ("E01", "2026-11-23")
    assert (day["first_in_at"], day["last_out_at"]) == (first["arrived_at"], last["last_seen_at"])
    for name in ("first_in", "last_out"):
        picture = kept / day[f"{name}_path"]
        assert picture.read_bytes().startswith(b"\xff\xd8")
        link = kept / "data" / "attendance_captures" / day["date"] / "E1" / f"{name}.jpg"
        assert link.resolve() == picture.resolve()
    (alert,) = report["alerts"]
    assert (alert["employee_code"], alert["kind"], alert["resolution"]) == ("E01", "absent", "returned")
    assert alert["absent_since"] == first["last_seen_at"]
    assert s(alert["opened_at"]) == pytest.approx(s(alert["absent_since"]) + 3.0, abs=TOLERANCE_S)
    assert alert["resolved_at"] == last["arrived_at"]


@pytest.mark.models
def test_a_second_replay_gives_the_same_report_to_the_byte_but_for_its_timings(site, report, tmp_path):
    again = site.replay(tmp_path / "again.json")
    assert again.pop("timings").keys() == report["timings"].keys()
    first = {key: value for key, value in report.items() if key != "timings"}
    assert json.dumps(again) == json.dumps(first)


@pytest.mark.models
def test_a_folder_that_holds_a_replay_already_is_not_used_again(site, kept, tmp_path):
    arguments = (site.clip, "--camera", "1", "--start", START, "--keep", kept)
    done = run_worker(site.paths.home, "replay", *arguments)
    assert done.returncode == 2
    assert said(done) == f"worker replay: {kept} already holds a replay; choose another folder for --keep"


@pytest.fixture(scope="module")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SitePaths]:
    paths = SitePaths(tmp_path_factory.mktemp("empty") / "home").create()
    migrate(paths)
    configure(paths, {})
    yield paths
    assert SettingsStore(paths).load_cameras() == {}


def said(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence on standard error, logging aside."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("worker replay: ")]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


@pytest.mark.models
def test_a_source_that_cannot_be_replayed_is_told_in_one_sentence(empty_site, tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("no recording")
    for source, expected in (
        (str(tmp_path / "none.mp4"), "none.mp4"),
        (str(text), "notes.txt"),
        ("rtsp://viewer:gehe1m@127.0.0.1/front", "replay takes a video file, not rtsp"),
    ):
        done = run_worker(empty_site.home, "replay", source, "--camera", "1", "--start", START)
        assert done.returncode == 2
        assert expected in said(done)
        assert done.stdout == ""
        assert "gehe1m" not in done.stderr


@pytest.mark.parametrize(("camera", "start"), [("front", START), ("0", START), ("1", "yesterday")])
def test_arguments_that_make_no_sense_are_refused(camera, start, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["replay", "x.mp4", "--camera", camera, "--start", start])
    assert caught.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("python -m worker replay: error: ")
