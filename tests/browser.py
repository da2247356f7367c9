"""The dashboard as a user has it: the real server on a free port, looked at with Debian's Chromium."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from playwright.sync_api import Browser, Page, TimeoutError, expect, sync_playwright

from core.paths import REPOSITORY
from core.storage.models import User
from core.storage.passwords import hash_password
from core.storage.schema import head_revision
from tests.patience import PATIENCE_MS, PATIENCE_S
from tests.seed import Seed

PASSWORD = "kuda-laut-biru-77"
OPTIONS = ["--no-sandbox", "--disable-gpu"]


@dataclass(frozen=True)
class Dashboard:
    """A running server over a seeded home."""

    url: str
    seed: Seed

    @property
    def home(self) -> Path:
        return self.seed.home


def give_password(seed: Seed, username: str, *, password: str = PASSWORD, must_change: bool = False) -> None:
    """Replaces the seed's unusable password."""
    hashed = _hashed(password)
    with seed.engine.begin() as connection:
        table = User.__table__
        values = {"password_hash": hashed, "must_change_password": must_change}
        connection.execute(table.update().where(table.c.username == username).values(values))


@cache
def _hashed(password: str) -> str:
    return hash_password(password, "nobody in particular")


def stamp(seed: Seed) -> None:
    """Says that the seed's tables are of this version, as a migration would."""
    with closing(sqlite3.connect(seed.paths.database)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("DELETE FROM alembic_version")
        connection.execute("INSERT INTO alembic_version VALUES (?)", (head_revision(),))
        connection.commit()


@contextmanager
def running_dashboard(
    seed: Seed, environ: Mapping[str, str] | None = None, port: int | None = None
) -> Iterator[Dashboard]:
    """`python -m dashboard serve` over this home, until the block ends."""
    stamp(seed)
    port = port or free_port()
    child = {**os.environ, "GSPE_HOME": str(seed.home), "GSPE_PORT": str(port), "GSPE_NO_DEMO": "1"}
    child.pop("GSPE_SITE_HOME", None)
    log = seed.home / "dashboard.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboard", "serve"],
            cwd=REPOSITORY,
            env={**child, **(environ or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/api/health", process, log)
        yield Dashboard(f"http://127.0.0.1:{port}", seed)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def running_chromium() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


FAKE_CAMERA = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")


@contextmanager
def chromium_with_camera(chromium: Browser, clip: Path) -> Iterator[Browser]:
    """A second Chromium, whose camera shows this clip of Motion-JPEG over and over."""
    options = [*OPTIONS, *FAKE_CAMERA, f"--use-file-for-fake-video-capture={clip}"]
    browser = chromium.browser_type.launch(executable_path=shutil.which("chromium"), args=options)
    try:
        yield browser
    finally:
        browser.close()


CAMERA_SHOWS = """shown_s => {
  const camera = document.querySelector('video');
  camera?.scrollIntoView({ block: 'center' });
  if (!(camera?.videoWidth > 0 && camera.currentTime > shown_s)) return false;
  return camera.dataset.seen = 'yes';
}"""
SWALLOWED_AFTER_MS = 5000


def take_photo(page: Page, shown_s: float = 0.5) -> None:
    """Once the camera has shown something for a moment; a browser plays only what is in view.

    A click that the page swallows while it is drawn is made again: the picture goes when it is taken.
    """
    camera, taken = page.locator("video[data-seen]"), False
    while not taken:
        page.wait_for_function(CAMERA_SHOWS, arg=shown_s, polling=200)
        page.get_by_role("button", name="Take Photo").click()
        with suppress(TimeoutError):
            camera.wait_for(state="detached", timeout=SWALLOWED_AFTER_MS)
            taken = True


def new_page(browser: Browser, *, locale: str = "en-US", dark: bool = False, width: int = 1280) -> Page:
    """A page of a browser profile of its own."""
    context = browser.new_context(
        locale=locale,
        color_scheme="dark" if dark else "light",
        viewport={"width": width, "height": 800},
    )
    context.set_default_timeout(PATIENCE_MS)
    return context.new_page()


def sign_in(
    page: Page, dashboard: Dashboard, username: str, password: str = PASSWORD, path: str = "/"
) -> None:
    """By keyboard, as a person does; returns when the page after it is there."""
    page.goto(dashboard.url + path)
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    page.get_by_label("User name").wait_for(state="detached")


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"the dashboard did not start:\n{log.read_text()}")
