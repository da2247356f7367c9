"""Asks supervisord about its programs, over its unix socket, and keeps why the watchdog restarted one."""

import hashlib
import http.client
import json
import os
import socket
import xmlrpc.client
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from core.errors import SupervisionError
from core.home import site_paths
from core.paths import OWNER_ONLY_FOLDER, SitePaths

GROUP = "gspe"
"""The programs' group in supervisord.conf: a group is stopped all at once, not program by program."""

RPC_TIMEOUT_S = 20.0
"""Above the longest stopwaitsecs of supervisord.conf: stopping a program waits for its end."""

SOCKET_PATH_LIMIT = 107
SUPERVISORD_SUFFIX = len(".4194304")
"""supervisord binds the path with its process number behind it before it renames."""

FAULT_SHUTTING_DOWN = 6
FAULT_NOT_RUNNING = 70
FAULT_ALREADY_STARTED = 60


class ProgramState(StrEnum):
    """What supervisord says of a program."""

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    BACKOFF = "backoff"
    STOPPING = "stopping"
    EXITED = "exited"
    FATAL = "fatal"
    UNKNOWN = "unknown"


class RestartCode(StrEnum):
    """Why the watchdog started a program anew."""

    HEARTBEAT_STALE = "heartbeat_stale"
    FATAL = "fatal"
    DEMO_ENDED = "demo_ended"


@dataclass(frozen=True)
class Program:
    name: str
    state: ProgramState
    pid: int
    """0 while it does not run."""
    started_at: datetime | None
    exit_status: int


@dataclass(frozen=True)
class RestartCause:
    """The watchdog's last restart of a program, and how many there were in all."""

    program: str
    code: RestartCode
    at: datetime
    count: int


class Supervision:
    """supervisord's remote interface. A connection a call, so that several threads may share one of these.

    Every method raises SupervisionError when supervisord does not answer, stops (code `supervision_stopping`)
    or refuses.
    """

    def __init__(self, socket_file: Path) -> None:
        self._socket_file = socket_file

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Supervision":
        return cls(supervisor_socket(environ))

    def programs(self) -> tuple[Program, ...]:
        """Every program, in the order of their names."""
        with self._rpc() as rpc:
            answers: Any = rpc.supervisor.getAllProcessInfo()
        return tuple(sorted((_program(answer) for answer in answers), key=lambda program: program.name))

    def start(self, name: str) -> None:
        """Begins to start a program; one that runs stays as it is."""
        with self._rpc(tolerated=FAULT_ALREADY_STARTED) as rpc:
            rpc.supervisor.startProcess(f"{GROUP}:{name}", False)

    def restart(self, name: str) -> None:
        """Stops a program, by force if need be, and begins to start it; not for the caller itself."""
        with self._rpc(tolerated=FAULT_NOT_RUNNING) as rpc:
            rpc.supervisor.stopProcess(f"{GROUP}:{name}", True)
        self.start(name)

    @contextmanager
    def _rpc(self, tolerated: int | None = None) -> Iterator[xmlrpc.client.ServerProxy]:
        transport = _UnixTransport(self._socket_file)
        try:
            with xmlrpc.client.ServerProxy("http://localhost", transport=transport) as proxy:
                yield proxy
        except xmlrpc.client.Fault as fault:
            if fault.faultCode == FAULT_SHUTTING_DOWN:
                raise SupervisionError("supervisord is stopping", code="supervision_stopping") from fault
            if fault.faultCode != tolerated:
                raise SupervisionError(f"supervisord refused: {fault.faultString}") from fault
        except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
            raise SupervisionError(
                f"supervisord does not answer on {self._socket_file} ({error}); start it with ./scripts/run",
                code="supervision_unavailable",
            ) from error


def supervisor_socket(environ: Mapping[str, str]) -> Path:
    """`data/run/supervisor.sock` of the site, or a private folder's when that path is too long for one."""
    site = site_paths(environ)
    usual = site.run / "supervisor.sock"
    if len(os.fsencode(usual)) + SUPERVISORD_SUFFIX <= SOCKET_PATH_LIMIT:
        return usual
    digest = hashlib.sha256(os.fsencode(site.home)).hexdigest()[:12]
    folder = Path(environ.get("XDG_RUNTIME_DIR") or "/tmp") / f"gspe-{os.getuid()}-{digest}"
    return folder / usual.name


def make_socket_folder(socket_file: Path) -> None:
    """Makes the socket's folder, 0700. Raises SupervisionError when it is there and another user's."""
    folder = socket_file.parent
    folder.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.getuid():
        raise SupervisionError(
            f"{folder} belongs to somebody else; remove it or set GSPE_HOME to a shorter path"
        )
    folder.chmod(OWNER_ONLY_FOLDER)


def write_causes(paths: SitePaths, causes: Mapping[str, RestartCause]) -> None:
    """Replaces `watchdog.json` as a whole."""
    rows = [{**asdict(cause), "at": cause.at.isoformat()} for cause in causes.values()]
    new = _causes_file(paths).with_suffix(".new")
    new.write_text(json.dumps(rows))
    new.replace(_causes_file(paths))


def read_causes(paths: SitePaths) -> dict[str, RestartCause]:
    """The watchdog's last restart of each program, by program."""
    try:
        rows = json.loads(_causes_file(paths).read_text())
    except FileNotFoundError:
        return {}
    causes = (
        RestartCause(
            row["program"], RestartCode(row["code"]), datetime.fromisoformat(row["at"]), row["count"]
        )
        for row in rows
    )
    return {cause.program: cause for cause in causes}


def _causes_file(paths: SitePaths) -> Path:
    return paths.run / "watchdog.json"


def _program(answer: dict[str, Any]) -> Program:
    started_s = answer["start"]
    return Program(
        name=answer["name"],
        state=ProgramState(answer["statename"].lower()),
        pid=answer["pid"],
        started_at=datetime.fromtimestamp(started_s, UTC) if started_s else None,
        exit_status=answer["exitstatus"],
    )


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, socket_file: Path) -> None:
        super().__init__("localhost", timeout=RPC_TIMEOUT_S)
        self._socket_file = socket_file

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._socket_file))


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, socket_file: Path) -> None:
        super().__init__()
        self._socket_file = socket_file

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        connection = _UnixConnection(self._socket_file)
        self._connection = (host, connection)  # where the base class looks for what it must close
        return connection
