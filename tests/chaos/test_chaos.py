"""Ten real kills of the real system: one in each moment, of the worker and of everything."""

import json
import subprocess

import pytest

from benchmarks.chaos.strikes import MIX, Moment
from core.paths import REPOSITORY

KILLS = len(MIX)


@pytest.mark.models
@pytest.mark.slow
@pytest.mark.timeout(1200)  # a minute and a half where nothing else runs
def test_ten_kills_break_no_promise(tmp_path):
    results = tmp_path / "chaos.json"
    command = [str(REPOSITORY / "scripts" / "chaos"), "--kills", str(KILLS), "--results", str(results)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    content = json.loads(results.read_text())
    assert content["violations"] == []
    assert [order["kills"] for order in content["orders"]] == [1] * KILLS
    assert {order["moment"] for order in content["orders"]} == set(Moment)
    rows = content["rows"]
    assert all(rows[name] > 0 for name in ("visits", "evidence", "attendances", "camera_coverage", "events"))
