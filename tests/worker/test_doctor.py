"""`python -m worker doctor`: what it says of a home that is well, and of one where everything is wrong."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.paths import SitePaths
from core.settings import Parameters
from core.storage.failures import RESTORE_COMMAND
from core.storage.migrate import migrate
from tests.painted import LEFT
from tests.painted_clip import painted_clip
from tests.running import add_camera, configure
from worker.doctor import EARLIEST_CLOCK, Verdict, clock, disk, examine

SECRET = "gehe1m"


def doctor(home: Path, *options: str, **environment: str) -> tuple[int, str]:
    """Exit status and standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "worker", "doctor", *options],
        env={**os.environ, "GSPE_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


@pytest.fixture
def paths(tmp_path: Path) -> SitePaths:
    """A home that is well, with one camera that works and one that is off."""
    paths = SitePaths(tmp_path / "home").create()
    migrate(paths)
    configure(paths, {1: painted_clip(tmp_path / "front.mkv", [(1, {1: LEFT})])})
    add_camera(paths, 2, "nowhere.mp4", enabled=False)
    return paths


@pytest.mark.models
def test_a_home_that_is_well(paths):
    status, said = doctor(paths.home, "--json")
    findings = {finding["check"]: finding for finding in json.loads(said)}
    assert status == 0
    assert {name: finding["verdict"] for name, finding in findings.items()} == {
        "onnxruntime": "ok",
        "clock": "ok",
        "permissions": "ok",
        "settings": "ok",
        "disk": "ok",
        "database": "ok",
        "model pack": "ok",
        "provider": findings["provider"]["verdict"],
        "camera 1": "ok",
    }
    assert findings["provider"]["detail"].split()[0] in ("CPUExecutionProvider", "CUDAExecutionProvider")
    assert findings["model pack"]["detail"].startswith("open")
    assert findings["camera 1"]["detail"].startswith("ffv1 640x360, first frame after ")
    status, said = doctor(paths.home, "--skip-cameras")
    assert (status, "camera 1" in said) == (0, False)
    assert said.splitlines()[0].split()[:2] == ["OK", "onnxruntime"]


def test_a_home_where_everything_is_wrong(paths, tmp_path):
    paths.data.chmod(0o755)
    paths.parameters.write_text("{")
    paths.database.write_bytes(b"no database" * 1000)
    add_camera(paths, 3, f"rtsp://admin:{SECRET}@127.0.0.1:1/x", rtsp_open_timeout_s=2.0)
    broken = paths.camera_config(4)
    broken.parent.mkdir()
    broken.write_text(f'{{"id": 4, "rtsp_url": "rtsp://admin:{SECRET}@')
    before = paths.database.read_bytes()
    status, said = doctor(paths.home, "--json", GSPE_MODEL_CACHE=str(tmp_path / "no packs"))
    findings = {finding["check"]: finding for finding in json.loads(said)}
    assert status == 1
    failed = {name for name, finding in findings.items() if finding["verdict"] == "failed"}
    assert failed == {"permissions", "settings", "database", "model pack", "camera 3", "camera 4"}
    assert f"chmod 700 {paths.data}" in findings["permissions"]["detail"]
    assert "parameter_config.json" in findings["settings"]["detail"]
    assert RESTORE_COMMAND in findings["database"]["detail"]
    assert "packs build" in findings["model pack"]["detail"]
    assert "config.json" in findings["camera 4"]["detail"]
    assert SECRET not in said
    assert paths.database.read_bytes() == before


def test_an_empty_home_is_told_what_to_run(tmp_path):
    findings = {finding.check: finding for finding in examine(SitePaths(tmp_path), cameras=True)}
    assert findings["permissions"].verdict is Verdict.FAILED
    assert findings["database"].verdict is Verdict.FAILED
    assert "core.storage migrate" in findings["database"].detail
    assert findings["cameras"].verdict is Verdict.WARNING


def test_a_disk_with_too_little_room_fails(paths):
    assert disk(paths, Parameters.parse({"min_free_mb": 10})).verdict is Verdict.OK
    full = disk(paths, Parameters.parse({"min_free_mb": 10_000_000}))
    assert full.verdict is Verdict.FAILED
    assert "min_free_mb 10000000" in full.detail


def test_the_clock_of_today_is_believed():
    assert datetime.now(UTC) > EARLIEST_CLOCK
    assert clock().verdict is Verdict.OK
