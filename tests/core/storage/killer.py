"""python killer.py HOME STRIDE COMMAND [ARGUMENT…]: kills `core.storage COMMAND` at every STRIDE-th step.

Each try runs in a fork with a fresh copy of HOME as GSPE_HOME and ends by SIGKILL at its n-th step: a file
opened, renamed, removed or made, a connection, an SQL statement. Then `migrate` runs as the next start would.
A JSON line a try: the step, what `verify_database` said after the kill, the exit status of `migrate`, and the
state of the home after it.
`KILLER_MIGRATIONS` names another folder of migrations.
"""

import itertools
import json
import os
import shutil
import signal
import sqlite3
import sys
import warnings
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

import core.storage.__main__ as command_line
from core.errors import GspeError
from core.paths import SitePaths
from core.storage import schema
from core.storage.report import check_database
from core.storage.verify import verify_database

STEPS = ("open", "sqlite3.connect", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.")


def in_fork(work: Callable[[], int]) -> int:
    """The exit status of `work` in a child, negative for a signal."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        os._exit(work())
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at(home: Path, last: int, journal: Path, arguments: list[str]) -> int:
    """Runs the command line and kills this process at its `last`-th step, whose name goes into `journal`."""
    count = 0
    watched = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)

    def step(name: str) -> None:
        nonlocal count
        count += 1
        if count == last:
            os.write(watched, name.encode())
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(name: str, details: tuple[Any, ...]) -> None:
        if name.startswith(STEPS) and str(home) in str(details):
            step(f"{name} {details[0]}")

    def statement(*arguments: Any) -> None:
        step(arguments[2].split("\n")[0])

    event.listen(Engine, "before_cursor_execute", statement)
    sys.addaudithook(audit)
    return command_line.main(arguments)


def refusal(paths: SitePaths) -> str:
    try:
        verify_database(paths)
    except GspeError as error:
        return error.code
    return "ok"


def state(paths: SitePaths) -> str:
    """What the home holds: a word from the database, one from the settings, one from the photos."""
    report = check_database(paths)
    with closing(sqlite3.connect(paths.database)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(employees)")]
    words = [report.site_name, str(report.rows["employees"]), "badge" if "badge" in columns else "plain"]
    words += [path.read_text() for path in (paths.parameters, paths.photos / "E1" / "a.jpg") if path.exists()]
    words += sorted(folder.name for folder in paths.camera_configs.iterdir())
    return " ".join(words)


def main(master: Path, stride: int, arguments: list[str]) -> None:
    home = master.with_name("killed")
    paths = SitePaths(home)
    os.environ["GSPE_HOME"] = str(home)
    journal = master.with_name("journal")
    status = -signal.SIGKILL
    for step in itertools.count(1, stride):
        if status != -signal.SIGKILL:
            break
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(master, home)
        journal.write_text("done")
        status = in_fork(partial(killed_at, home, step, journal, arguments))
        line: dict[str, Any] = {"step": journal.read_text(), "status": status, "then": refusal(paths)}
        line["migrated"] = in_fork(partial(command_line.main, ["migrate"]))
        line["state"] = state(paths)
        print(json.dumps(line), flush=True)  # noqa: T201


if __name__ == "__main__":
    warnings.simplefilter(
        "ignore", DeprecationWarning
    )  # of fork beside numpy's threads, which do nothing here
    if "KILLER_MIGRATIONS" in os.environ:
        schema.MIGRATIONS = Path(os.environ["KILLER_MIGRATIONS"])
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
