"""What the scripts say when something is not as they need it: one line each, and what to do."""

import os
import socket
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scripts.fresh_clone import (
    ALL_LIBRARIES,
    BASE_PYTHON,
    FreshClone,
    fresh_clone,
    link_system_tools,
    readable_folder,
)
from tests.supervised import eventually

APT_LINE = "apt-get install -y --no-install-recommends"


@pytest.fixture(scope="module")
def system_tools() -> Iterator[Path]:
    with readable_folder() as folder:
        link_system_tools(folder)
        yield folder


@pytest.fixture
def clone(system_tools: Path) -> Iterator[FreshClone]:
    with readable_folder() as folder:
        yield fresh_clone(folder, system_tools)


def only_line(ran: subprocess.CompletedProcess[str], status: int) -> str:
    assert ran.returncode == status, ran.stdout + ran.stderr
    (line,) = ran.stderr.splitlines()
    return line


@pytest.mark.parametrize("script", ["run", "install-service"])
def test_help_needs_nothing(clone: FreshClone, script: str) -> None:
    ran = clone.run(f"scripts/{script}", "--help")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith(f"usage: scripts/{script} [")
    assert not (clone.root / ".venv").exists()


def test_the_help_names_every_option(clone: FreshClone) -> None:
    shown = clone.run("scripts/run", "--help").stdout
    assert all(
        f"  {option}" in shown for option in ("--host", "--port", "--tls-cert", "--tls-key", "--no-demo")
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--bogus"], "unknown option --bogus; see scripts/run --help"),
        (["stray"], "unknown option stray"),
        (["--port", "abc"], "--port needs a number from 1 to 65535"),
        (["--port", "0"], "--port needs a number"),
        (["--port", "65536"], "--port needs a number"),
        (["--port"], "--port needs a number"),
        (["--host"], "--host needs a value"),
        (["--tls-cert", ""], "--tls-cert needs a value"),
    ],
)
def test_a_wrong_option_is_told(clone: FreshClone, arguments: list[str], told: str) -> None:
    assert told in only_line(clone.run("scripts/run", *arguments), 2)


def test_a_python_that_is_too_old_is_told(clone: FreshClone) -> None:
    clone.add_tool("python3", '[ "$1" = --version ] && echo Python 3.9.2')
    line = only_line(clone.run("scripts/run"), 1)
    assert "Python 3.11 or newer is needed and Python 3.9.2 is what there is" in line


def test_a_python_that_is_only_a_name_is_passed_over(clone: FreshClone) -> None:
    clone.add_tool("python3.13", "echo 'python3.13: command not found' >&2; exit 127")
    clone.add_python("python3.12")
    assert clone.library("system_python").stdout == "python3.12\n"


def test_missing_packages_are_named_in_one_apt_line(clone: FreshClone) -> None:
    line = only_line(clone.run("scripts/run", as_nobody=True), 3)
    assert line.endswith(f"system packages are missing; run: sudo {APT_LINE} python3 python3-venv")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_root_installs_missing_packages(clone: FreshClone) -> None:
    clone.add_tool("old-python", "exit 1")
    asked = f'echo "$@" >>"{clone.home}/asked"'
    clone.add_tool("apt-get", f'{asked}; cd "{clone.tools}"; [ "$1" = update ] || mv old-python python3')
    assert "this system packages an older one" in only_line(clone.run("scripts/run"), 1)
    install = APT_LINE.removeprefix("apt-get ")
    assert (clone.home / "asked").read_text().splitlines() == ["update", f"{install} python3 python3-venv"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_an_installation_that_fails_names_the_line(clone: FreshClone) -> None:
    clone.add_tool("apt-get", "echo E: no network; exit 100")
    ran = clone.run("scripts/run")
    assert (ran.returncode, ran.stderr.splitlines()[0]) == (3, "E: no network")
    assert f"run: apt-get update && {APT_LINE} python3 python3-venv" in ran.stderr


def test_only_libraries_that_are_not_there_are_missing(clone: FreshClone) -> None:
    clone.add_python()
    libraries = 'SHARED_LIBRARIES=("libc.so.6 libc6" "libnothere.so.9 libnothere9")'
    assert clone.library(f"{libraries}; missing_library_packages python3.11").stdout == "libnothere9\n"


def test_a_python_without_venv_names_its_package(clone: FreshClone) -> None:
    clone.add_tool("python3.12", 'case "$2" in *ensurepip*) exit 1 ;; esac; echo 3.99')
    assert clone.library("venv_package python3.12").stdout == "python3.99-venv\n"


def test_a_full_disk_is_told(clone: FreshClone) -> None:
    clone.add_python()
    clone.add_tool("df", "echo head; echo /dev/x 1 1 2048 1% /")
    line = only_line(clone.library("PYTHON=python3.11; prepare_environment requirements.txt"), 1)
    assert "only 2 MB are free" in line
    assert line.endswith("free 3000 MB and run again")


def test_a_port_in_use_is_told_before_anything_is_installed(clone: FreshClone) -> None:
    clone.add_python()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        ran = clone.run("scripts/run", "--port", port)
    assert (ran.returncode, f"port {port} on 127.0.0.1 is in use" in ran.stderr) == (1, True)
    assert not (clone.root / ".venv").exists()


def test_a_checkout_that_cannot_be_written_is_told(clone: FreshClone) -> None:
    clone.add_python()
    clone.root.chmod(0o555)
    mkdir_fails = 'python3.11() { echo "Error: [Errno 13] Permission denied: .venv"; return 1; }'
    line = only_line(clone.library(f"{mkdir_fails}; PYTHON=python3.11; make_venv"), 1)
    clone.root.chmod(0o755)
    assert "Permission denied" in line
    assert "check owner and disk, then run again" in line


TINY = "tiny==1.0\n"
PREPARE = "require_python && prepare_environment requirements.txt"


@pytest.fixture(scope="module")
def empty_venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with pip alone, to be copied: making one takes seconds."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run([BASE_PYTHON, "-m", "venv", folder], check=True)
    return folder


@pytest.fixture
def wheels(clone: FreshClone, empty_venv: Path, tmp_path: Path) -> dict[str, str]:
    """pip's whole world is a folder; the requirements are one package that is not yet in it."""
    copy = f'rm -rf "$4"; cp -a "{empty_venv}" "$4"'
    clone.add_tool("python3.11", f'if [ "$2" = venv ]; then {copy}; else exec "{BASE_PYTHON}" "$@"; fi')
    (clone.root / "requirements.txt").write_text(TINY)
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}


def publish(wheels: dict[str, str], version: str = "1.0") -> None:
    name = f"tiny-{version}"
    with zipfile.ZipFile(Path(wheels["PIP_FIND_LINKS"]) / f"{name}-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny.py", f"version = '{version}'\n")
        wheel.writestr(
            f"{name}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n"
        )
        tag = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr(f"{name}.dist-info/WHEEL", tag)
        wheel.writestr(f"{name}.dist-info/RECORD", "")


def installed_version(clone: FreshClone) -> str:
    return clone.run(".venv/bin/python", "-c", "import tiny; print(tiny.version)").stdout.strip()


def test_a_failed_download_is_told_and_the_next_run_goes_on(
    clone: FreshClone, wheels: dict[str, str]
) -> None:
    line = only_line(clone.library(PREPARE, **wheels), 1)
    assert "installing requirements.txt failed: ERROR: No matching distribution found for tiny==1.0" in line
    publish(wheels)
    ran = clone.library(PREPARE, **wheels)
    assert (ran.returncode, installed_version(clone)) == (0, "1.0")
    assert "making .venv" not in ran.stdout


def test_a_killed_installation_ends_and_is_repaired(clone: FreshClone, wheels: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        index = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        asking = {"PIP_INDEX_URL": index, "PIP_CONFIG_FILE": os.devnull}
        with clone.popen("bash", "-c", f"{ALL_LIBRARIES}; {PREPARE}", **asking) as script:
            with silent.accept()[0]:  # pip asks for the package and waits
                script.kill()
            assert eventually(lambda: not clone.processes())
    publish(wheels)
    assert "making .venv" in clone.library(PREPARE, **wheels).stdout
    assert installed_version(clone) == "1.0"


def test_what_is_installed_is_left_alone_until_a_pin_changes(
    clone: FreshClone, wheels: dict[str, str]
) -> None:
    publish(wheels)
    clone.library(PREPARE, **wheels)
    assert clone.library(PREPARE, **wheels).stdout == ""
    publish(wheels, "1.1")
    (clone.root / "requirements.txt").write_text("tiny==1.1\n")
    clone.library(PREPARE, **wheels)
    assert installed_version(clone) == "1.1"


@pytest.mark.parametrize("damage", ["touch .venv/.installing", "rm -rf .venv/lib", "rm .venv/bin/python*"])
def test_an_environment_that_a_kill_left_half_made_is_made_anew(
    clone: FreshClone, wheels: dict[str, str], damage: str
) -> None:
    publish(wheels)
    clone.library("require_python && make_venv")
    clone.run("bash", "-c", damage)
    ran = clone.library(PREPARE, **wheels)
    assert "making .venv" in ran.stdout
    assert installed_version(clone) == "1.0"


@pytest.mark.parametrize(
    ("installed", "wish", "chosen"),
    [
        (None, {}, "requirements.txt"),
        (None, {"GSPE_GPU": "1"}, "requirements-gpu.txt"),
        ("requirements-gpu.txt", {}, "requirements-gpu.txt"),
        ("requirements-gpu.txt", {"GSPE_GPU": "0"}, "requirements.txt"),
        ("requirements-dev.txt", {}, "requirements.txt"),
    ],
)
def test_the_choice_of_the_gpu_holds(
    clone: FreshClone, installed: str | None, wish: dict[str, str], chosen: str
) -> None:
    if installed:
        (clone.root / ".venv").mkdir()
        (clone.root / ".venv" / ".installed").write_text(f"{installed} 0123\n")
    assert clone.library("requirements_file", **wish).stdout == f"{chosen}\n"


def test_the_development_environment_serves_the_programs_too(clone: FreshClone) -> None:
    (clone.root / ".venv").mkdir()
    clone.library('stamp requirements-dev.txt >"$INSTALLED"')
    assert clone.library("is_installed requirements.txt").returncode == 0
    assert clone.library("is_installed requirements-gpu.txt").returncode == 1


def test_the_service_runs_this_checkout_with_the_options_given(clone: FreshClone) -> None:
    unit = clone.run(
        "scripts/install-service", "--dry-run", "--host", "0.0.0.0", "--tls-key", "/a b/100%$x"
    ).stdout
    run = clone.root / "scripts" / "run"
    assert f'ExecStart="{run}" "--host" "0.0.0.0" "--tls-key" "/a b/100%%$$x"' in unit.splitlines()
    assert f"WorkingDirectory={clone.root}" in unit.splitlines()
    assert f'"GSPE_HOME={clone.root}"' in unit


def test_the_service_is_installed_by_root_only(clone: FreshClone) -> None:
    line = only_line(clone.run("scripts/install-service", as_nobody=True), 1)
    assert "needs root; run: sudo scripts/install-service" in line


def test_a_dry_run_changes_nothing(clone: FreshClone) -> None:
    clone.add_tool("systemctl", "exit 1")
    assert clone.run("scripts/install-service", "--dry-run", as_nobody=True).returncode == 0
