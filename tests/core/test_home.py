import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.home import current_home, resolve_home
from core.paths import REPOSITORY, SitePaths


@pytest.fixture
def site(tmp_path: Path) -> SitePaths:
    return SitePaths(tmp_path).create()


def environ(site: SitePaths, **more: str) -> dict[str, str]:
    return {"GSPE_HOME": str(site.home), **more}


def configure_camera(site: SitePaths) -> None:
    site.camera_config(1).parent.mkdir(parents=True)
    site.camera_config(1).write_text("{}")


def run_in_home(environment: dict[str, str], code: str) -> str:
    """What a program prints that `python -m core.home exec` starts."""
    command = [sys.executable, "-m", "core.home", "exec", "tests.printed", code]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GSPE_")}
    ran = subprocess.run(
        command, cwd=REPOSITORY, env=inherited | environment, capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()


def test_a_site_without_camera_plays_the_demo_in_a_home_of_its_own(site: SitePaths) -> None:
    home = resolve_home(environ(site))
    assert (home.demo, home.paths.home, home.site.home) == (True, site.demo_home, site.home)


def test_a_camera_ends_the_demo(site: SitePaths) -> None:
    configure_camera(site)
    home = resolve_home(environ(site))
    assert (home.demo, home.paths.home) == (False, site.home)


def test_no_demo_is_played_where_none_is_wanted(site: SitePaths) -> None:
    assert not resolve_home(environ(site, GSPE_NO_DEMO="1")).demo


def test_a_program_of_the_demo_finds_the_site(site: SitePaths) -> None:
    child = resolve_home(environ(site)).environment(environ(site))
    assert child["GSPE_HOME"] == str(site.demo_home)
    assert resolve_home(child) == current_home(child) == resolve_home(environ(site))


def test_a_program_keeps_the_home_it_started_in(site: SitePaths) -> None:
    child = resolve_home(environ(site)).environment(environ(site))
    configure_camera(site)
    assert current_home(child).demo
    assert not resolve_home(child).demo


def test_the_site_does_not_fall_back_into_the_demo(site: SitePaths) -> None:
    configure_camera(site)
    assert run_in_home(environ(site), "GSPE_HOME") == str(site.home)
    site.camera_config(1).unlink()
    assert not resolve_home(environ(site)).demo


def test_exec_hands_on_the_environment(site: SitePaths) -> None:
    assert run_in_home(environ(site), "GSPE_HOME") == str(site.demo_home)
    assert run_in_home(environ(site), "GSPE_SITE_HOME") == str(site.home)
    assert run_in_home(environ(site), "GSPE_DEMO") == "1"
    assert run_in_home(environ(site, GSPE_NO_DEMO="1", GSPE_DEMO="1"), "GSPE_DEMO") == ""


@pytest.mark.parametrize("arguments", [[], ["exec"], ["run", "x"]])
def test_wrong_use_is_told(arguments: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "core.home", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr.startswith("usage:")) == (2, True)
