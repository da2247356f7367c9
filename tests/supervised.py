"""A real supervisord on the repository's supervisord.conf, with stand-ins for the programs."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from core.launch import programs_environment
from core.paths import REPOSITORY, SitePaths
from core.preflight import Endpoint
from core.supervision import Supervision, make_socket_folder, supervisor_socket
from tests.patience import PATIENCE_S

PROGRAMS = ("dashboard", "notifier", "watchdog", "worker")

_FAKE_PYTHON = """#!/bin/sh
case "$*" in
  *"exec worker run") name=worker ;;
  *"exec dashboard serve") name=dashboard ;;
  *"exec worker notify") name=notifier ;;
  *"exec worker watchdog") name=watchdog ;;
  *) echo "unexpected command: $*"; exit 2 ;;
esac
[ "$name" = "{real}" ] && exec "{python}" "$@"
exec "{python}" -m core.home exec tests.fake_programs "$name"
"""


def eventually(condition: Callable[[], bool], within_s: float = PATIENCE_S) -> bool:
    """Whether the condition came true in time."""
    deadline_s = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.05)
    return True


def is_alive(pid: int) -> bool:
    """Zombies are not: they hold nothing."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class SupervisedPrograms:
    """A context manager; the programs run when it is entered."""

    def __init__(self, home: Path, real: str = "none of them") -> None:
        """real: the program that runs itself instead of its stand-in."""
        self.site = SitePaths(home).create()
        python = self.site.home / "python"
        python.write_text(_FAKE_PYTHON.format(python=sys.executable, real=real))
        python.chmod(0o755)
        endpoint = Endpoint("127.0.0.1", 8501, None, None)
        own = {"GSPE_HOME": str(home)}
        self.socket = supervisor_socket(own)
        make_socket_folder(self.socket)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("GSPE_")}
        self.environment = inherited | programs_environment(endpoint, self.site, self.socket)
        self.environment |= {"GSPE_PYTHON": str(python)}
        self.control = Supervision(self.socket)

    def __enter__(self) -> "SupervisedPrograms":
        configuration = str(REPOSITORY / "supervisord.conf")
        command = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", configuration]
        self.process = subprocess.Popen(command, env=self.environment, umask=0o077)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE_S)

    def started(self, name: str) -> dict[str, str | int]:
        """Process number and home of a program's last start; empty before the first one."""
        file = self.site.data / f"{name}.started"
        return json.loads(file.read_text()) if file.exists() else {}

    def pids(self) -> list[int]:
        return [int(self.started(name).get("pid", 0)) for name in PROGRAMS]

    def all_started(self) -> bool:
        return all(self.pids())
