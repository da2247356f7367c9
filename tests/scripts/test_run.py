"""The whole of scripts/run on an empty home: what it says, what it leaves, how it stops."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.launch import answers
from core.paths import REPOSITORY
from tests.patience import PATIENCE_S
from tests.supervised import eventually

pytestmark = [pytest.mark.models, pytest.mark.slow]

ANSWER = "dashboard: http://127.0.0.1:"


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


@contextmanager
def running(home: Path, port: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, in a session of its own as in a terminal, and what it said until its URL."""
    process = subprocess.Popen(
        [REPOSITORY / "scripts" / "run", "--no-demo", "--port", port],
        env=os.environ | {"GSPE_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    said = ""
    try:
        for line in process.stdout:
            said += line
            if line.startswith(ANSWER):
                break
        yield process, said
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_S)


def processes_of(home: Path) -> list[str]:
    """Command lines of everything that was started for this home."""
    mark = f"GSPE_HOME={home}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:  # it has ended, or is somebody else's
            continue
    return found


def test_a_first_and_a_later_start(tmp_path: Path) -> None:
    home, port = tmp_path / "a home", free_port()
    with running(home, port) as (process, said):
        assert answers(f"http://127.0.0.1:{port}")
        password = said.partition("first sign-in: user admin, password ")[2].split()[0]
        assert eventually(lambda: len(processes_of(home)) >= 4)
        another = [REPOSITORY / "scripts" / "run", "--no-demo", "--port", free_port()]
        refused = subprocess.run(
            another, env=os.environ | {"GSPE_HOME": str(home)}, capture_output=True, text=True, check=False
        )
        assert (refused.returncode, "run already; stop them first" in refused.stderr) == (1, True)
        process.terminate()
        assert process.wait(PATIENCE_S) == 0
    assert processes_of(home) == []
    files = [file for file in (home / "data").rglob("*") if file.is_file()]
    assert not [file for file in files if password.encode() in file.read_bytes()]
    assert not [file for file in files if file.stat().st_mode & 0o077]

    with running(home, port) as (process, said):
        assert "password" not in said
        os.killpg(process.pid, signal.SIGINT)  # what a terminal does on Ctrl-C
        assert process.wait(PATIENCE_S) == 0
    assert processes_of(home) == []


def test_a_damaged_database_is_told_and_left_alone(tmp_path: Path) -> None:
    database = tmp_path / "data" / "attendance.db"
    database.parent.mkdir()
    database.write_bytes(b"SQLite format 3\0" + b"nonsense" * 1000)
    before = database.read_bytes()
    with running(tmp_path, free_port()) as (process, said):
        assert process.wait(PATIENCE_S) == 1
    line = said.splitlines()[-1]
    assert line.startswith("run: ")
    assert "python -m core.storage restore FILE" in line
    assert database.read_bytes() == before
