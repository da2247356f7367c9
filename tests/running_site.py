"""The whole system as a user starts it: scripts/run on a free port, in a home of its own; nothing stays."""

import os
import re
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any, Self, TypeVar

from playwright.sync_api import Page

from core.paths import REPOSITORY, SitePaths
from core.supervision import Supervision, supervisor_socket
from tests.browser import free_port
from tests.patience import PATIENCE_MS, PATIENCE_S

T = TypeVar("T")

LOOK_S = 0.1
NEW_PASSWORD = "kuda-laut-biru-77"
OTHERS = 0o077


class RunningSite:
    """`start` and `stop` may follow one another; each start has a port of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.site = SitePaths(home)
        self.said: list[str] = []
        """What the last start has printed."""
        self.port = 0
        self.url = ""
        self.started_in_s = 0.0
        """From the command to the printed URL."""
        self.url_at = 0.0
        """When the URL was printed, in seconds of the system's clock."""
        self.first_password = ""
        """Of the first start."""
        self._process: subprocess.Popen[str] | None = None
        self._reader: Thread | None = None
        self._may_be_demo = True

    @property
    def demo(self) -> SitePaths:
        return SitePaths(self.site.demo_home)

    @property
    def output(self) -> str:
        return "\n".join(self.said)

    @property
    def programs(self) -> Supervision:
        return Supervision(supervisor_socket({"GSPE_HOME": str(self.home)}))

    def worker_pid(self) -> int:
        """0 while supervisord has none running."""
        return {program.name: program.pid for program in self.programs.programs()}["worker"]

    def command(self, *options: str, port: int | None = None) -> dict[str, Any]:
        """Arguments of subprocess for scripts/run on this home."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("GSPE_")}
        if "GSPE_MODEL_CACHE" in os.environ:
            inherited["GSPE_MODEL_CACHE"] = os.environ["GSPE_MODEL_CACHE"]
        return {
            "args": [str(REPOSITORY / "scripts" / "run"), "--port", str(port or self.port), *options],
            "env": inherited | {"GSPE_HOME": str(self.home)},
            "text": True,
        }

    def start(self, *options: str) -> Self:
        """Returns when the URL is printed."""
        self.port, self.said = free_port(), []
        self._may_be_demo = "--no-demo" not in options
        began_s = time.monotonic()
        self._process = subprocess.Popen(
            **self.command(*options),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # as in a terminal, whose Ctrl-C reaches every process
        )
        self._reader = Thread(target=self._read, args=[self.process])
        self._reader.start()
        line = until(self._printed_url, "the URL is printed", PATIENCE_S, self._ended)
        self.started_in_s, self.url_at = time.monotonic() - began_s, time.time()
        self.url = line.split()[1]
        if found := re.search(r"user admin, password (\S+)", self.output):
            self.first_password = found[1]
        return self

    def stop(self, number: int = signal.SIGTERM) -> float:
        """Asks it to end and returns after how many seconds nothing of it was left.

        SIGINT goes to every process, as a terminal's Ctrl-C does. Fails when the end takes too long.
        """
        began_s = time.monotonic()
        send = os.killpg if number == signal.SIGINT else os.kill
        send(self.process.pid, number)
        status = self.process.wait(PATIENCE_S)
        left = processes_of(self.home)
        took_s = time.monotonic() - began_s
        assert left == {}, f"still running after the end: {left}"
        assert status == 0, self.output
        self._forget()
        return took_s

    def kill(self) -> None:
        """Ends whatever is left of it, for the end of a test that failed."""
        for pid in processes_of(self.home):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._forget()

    @property
    def process(self) -> "subprocess.Popen[str]":
        assert self._process is not None
        return self._process

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def rows(self, sql: str) -> list[sqlite3.Row]:
        """Rows of the database in which the programs work now, read by a connection of its own."""
        is_demo = self._may_be_demo and not any(self.site.camera_configs.glob("CAM*/config.json"))
        home = self.demo if is_demo else self.site
        with closing(sqlite3.connect(f"file:{home.database}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(sql).fetchall()

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self.said.append(line.rstrip("\n"))

    def _forget(self) -> None:
        if self._process is not None and self._reader is not None:
            self._process.wait()
            self._reader.join()
        self._process = self._reader = None

    def _printed_url(self) -> str | None:
        return next((line for line in list(self.said) if line.startswith("dashboard: ")), None)

    def _ended(self) -> str | None:
        status = self.process.poll()
        return None if status is None else f"scripts/run ended ({status}):\n{self.output}"


@contextmanager
def running_site(*options: str) -> Iterator[RunningSite]:
    """A started site in an empty home; it is stopped at the end and must leave nothing running."""
    with empty_home() as site:
        site.start(*options)
        yield site


@contextmanager
def empty_home() -> Iterator[RunningSite]:
    """A site that has not been started yet, in a folder that whichever user the programs become may enter."""
    with tempfile.TemporaryDirectory(prefix="gspe site ") as folder:
        Path(folder).chmod(0o755)
        site = RunningSite(Path(folder) / "home")
        try:
            yield site
            if site.runs:
                site.stop()
        finally:
            site.kill()


def until(
    condition: Callable[[], T | None],
    what: str,
    within_s: float,
    hopeless: Callable[[], str | None] = lambda: None,
    page: Page | None = None,
) -> T:
    """The first true value of the condition. `hopeless` says why waiting is no use; `page` lives on."""
    deadline_s = time.monotonic() + within_s
    while not (value := condition()):
        reason = hopeless()
        assert reason is None, reason
        assert time.monotonic() < deadline_s, f"not within {within_s:.0f} s: {what}"
        if page is None:
            time.sleep(LOOK_S)
        else:
            page.wait_for_timeout(1000 * LOOK_S)  # delivers what the page has received
    return value


def processes_of(home: Path) -> dict[int, str]:
    """Command lines by process id of everything that was started for this home."""
    marks = {f"{name}={path}".encode() for name in HOME_NAMES for path in (home, home / "data" / "demo")}
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if marks & set((process / "environ").read_bytes().split(b"\0")):
                found[int(process.name)] = (process / "cmdline").read_text().replace("\0", " ")
        except OSError:  # it has ended, or is somebody else's
            continue
    return found


HOME_NAMES = ("GSPE_HOME", "GSPE_SITE_HOME")


def files_with(secret: str, folder: Path) -> list[Path]:
    """Files below the folder that hold these bytes anywhere."""
    return [path for path in entries(folder) if path.is_file() and secret.encode() in content_of(path)]


def open_to_others(folder: Path) -> list[Path]:
    """The folder and what is below it, as far as group or others may do anything with it."""
    return [path for path in entries(folder) if mode_of(path) & OTHERS]


def entries(folder: Path) -> list[Path]:
    return [path for path in (folder, *folder.rglob("*")) if not path.is_symlink()]


def content_of(path: Path) -> bytes:
    """Nothing of a file that has gone meanwhile: programs that run replace their files all the time."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def mode_of(path: Path) -> int:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return 0


def first_sign_in(page: Page, site: RunningSite, password: str = NEW_PASSWORD) -> None:
    """With the printed password, which must be changed at once; returns when the first page is there."""
    replace_password(page, site, "admin", site.first_password, password)
    page.get_by_role("heading", name="First steps", exact=True).wait_for()
    page.get_by_role("button", name="Do not begin here any more").click()
    page.get_by_role("link", name="Presence").click()
    page.get_by_role("heading", name="Presence", exact=True).wait_for()


def replace_password(
    page: Page, site: RunningSite, username: str, given: str, password: str = NEW_PASSWORD
) -> None:
    """Signs in with a password that somebody else made up, and replaces it; what follows is still to come."""
    page.context.set_default_timeout(PATIENCE_MS)
    page.goto(site.url)
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(given)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Change password").wait_for()
    page.get_by_label("Current password").fill(given)
    page.get_by_label("New password", exact=True).fill(password)
    page.get_by_label("New password, again").fill(password)
    page.keyboard.press("Enter")
