"""supervisord's programs as the Health page shows them, and starting one anew."""

import os
import signal
import threading
from dataclasses import dataclass

from core.errors import SupervisionError
from core.processes import memory_bytes
from core.storage import audit
from core.supervision import Program, RestartCause, Supervision, read_causes
from dashboard.database import site_paths
from dashboard.record_commands import require_whole_site
from dashboard.writes import write

FAREWELL_S = 1.0
"""How long the dashboard goes on after it was told to restart itself: its page must still be told so."""


@dataclass(frozen=True)
class ProgramLine:
    """A program, its memory in bytes (None where it does not run) and the watchdog's last restart of it."""

    program: Program
    memory_bytes: int | None
    cause: RestartCause | None

    @property
    def is_dashboard(self) -> bool:
        """Whether it is the one that shows the page."""
        return self.program.pid == os.getpid()


def program_lines() -> list[ProgramLine]:
    """In order of name. Raises SupervisionError where supervisord is not there."""
    causes = read_causes(site_paths())
    return [
        ProgramLine(program, memory_bytes(program.pid) if program.pid else None, causes.get(program.name))
        for program in Supervision.from_environment().programs()
    ]


def restart_program(name: str) -> None:
    """Ends a program, by force if need be, and starts it anew; what it is about to commit it commits first.

    The dashboard ends itself a moment later and supervisord starts it again: nobody else could answer.
    Raises SupervisionError.
    """
    account = require_whole_site()
    supervision = Supervision.from_environment()
    pids = {program.name: program.pid for program in supervision.programs()}
    if name not in pids:
        raise SupervisionError("supervisord has no such program; reload the page", code="program_unknown")
    subject = f"programs:{name}"
    write(lambda session, now: audit.append(session, now, account.username, "program.restarted", subject, {}))
    if pids[name] == os.getpid():
        threading.Timer(FAREWELL_S, os.kill, (os.getpid(), signal.SIGTERM)).start()
    else:
        supervision.restart(name)
