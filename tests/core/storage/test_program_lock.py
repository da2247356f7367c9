"""One program of a kind; the kernel releases the lock of one that died."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import AlreadyRunning
from core.storage.lock import ProgramLock
from tests.core.storage.kills import REPOSITORY

HOLD = (
    "import sys; from pathlib import Path; from core.storage.lock import ProgramLock\n"
    "with ProgramLock(Path(sys.argv[1])):\n"
    "    print('held', flush=True)\n"
    "    sys.stdin.read()"
)


def test_a_second_program_is_refused_and_told_which_process_it_is(tmp_path: Path) -> None:
    lock = tmp_path / "worker.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock)], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        with (
            pytest.raises(AlreadyRunning, match=rf"'worker' \(process {first.pid}\)") as caught,
            ProgramLock(lock),
        ):
            pass
        assert caught.value.params == {"program": "worker", "process": str(first.pid)}
        first.kill()
        first.wait()
        with ProgramLock(lock):
            assert lock.read_text() == f"{os.getpid()}\n"


def test_it_is_free_again_after_the_block(tmp_path: Path) -> None:
    for _ in range(2):
        with ProgramLock(tmp_path / "worker.lock"):
            pass
    assert (tmp_path / "worker.lock").stat().st_mode & 0o777 == 0o600


def test_an_error_inside_releases_it(tmp_path: Path) -> None:
    lock = tmp_path / "worker.lock"
    with pytest.raises(KeyError), ProgramLock(lock):
        raise KeyError
    with ProgramLock(lock):
        pass
