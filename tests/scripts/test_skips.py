"""What a missing Debian package does to the tests that need it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.paths import REPOSITORY

CASES = """
import pytest

@pytest.mark.browser
def test_in_a_browser(): pass

def test_on_its_own_terms(): pytest.skip("no reason at all")

@pytest.mark.xfail(strict=True)
def test_that_is_known_to_fail(): assert False
"""


def outcome(folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs the cases on a PATH without Chromium, under the rules of tests/conftest.py."""
    (folder / "test_cases.py").write_text(CASES)
    inherited = {name: value for name, value in os.environ.items() if name != "CI"}
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", "pyproject.toml", "-rsfE"]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", str(folder)],
        cwd=REPOSITORY,
        env=inherited | {"PATH": str(folder)} | environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_they_are_skipped_by_name(tmp_path: Path) -> None:
    ran = outcome(tmp_path)
    assert ran.returncode == 0, ran.stdout
    assert "needs: apt-get install chromium" in ran.stdout
    assert "2 skipped, 1 xfailed" in ran.stdout


@pytest.mark.parametrize("name", ["test_in_a_browser", "test_on_its_own_terms"])
def test_under_ci_a_skip_fails(tmp_path: Path, name: str) -> None:
    ran = outcome(tmp_path, CI="true")
    assert ran.returncode == 1
    assert f"test_cases.py::{name}" in ran.stdout
    assert "skipped, which CI=true forbids" in ran.stdout
    assert "1 failed, 1 xfailed, 1 error" in ran.stdout
