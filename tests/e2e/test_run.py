"""What scripts/run keeps running: a program that dies or stands still comes back, and the page says why."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.auth import SESSION_COOKIE
from tests.browser import new_page, sign_in
from tests.certificates import self_signed
from tests.patience import PATIENCE_MS, PATIENCE_S
from tests.running_site import (
    NEW_PASSWORD,
    RunningSite,
    empty_home,
    files_with,
    first_sign_in,
    open_to_others,
    until,
)

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.slow]

STANDS_STILL_S = 20.0


@pytest.fixture(scope="module")
def site() -> Iterator[RunningSite]:
    with empty_home() as site:
        yield site


@pytest.fixture(scope="module")
def page(site: RunningSite, chromium: Browser) -> Iterator[Page]:
    """Presence, signed in since the first start and open until that start ends."""
    site.start("--no-demo")
    opened = new_page(chromium)
    first_sign_in(opened, site)
    yield opened
    opened.context.close()


@pytest.fixture
def stopped(site: RunningSite, page: Page) -> RunningSite:
    """Has run once, and its first password was changed."""
    if site.runs:
        site.stop()
    return site


def refusal(ran: "subprocess.CompletedProcess[str]") -> str:
    """The one line that a start was refused with; a warning may stand before it."""
    assert ran.returncode == 1, ran.stdout + ran.stderr
    (line,) = [line for line in ran.stderr.splitlines() if not line.startswith("run: warning:")]
    return line


def test_a_killed_worker_comes_back(site: RunningSite, page: Page) -> None:
    before = until(site.worker_pid, "the worker runs", PATIENCE_S)
    os.kill(before, signal.SIGKILL)
    until(lambda: site.worker_pid() not in (0, before), "another worker", PATIENCE_S)
    expect(page.get_by_text("The worker has")).to_have_count(0, timeout=PATIENCE_MS)


def test_a_worker_that_stands_still_is_restarted_and_the_page_says_why(site: RunningSite, page: Page) -> None:
    running = "SELECT pid FROM worker_status WHERE phase = 'running'"
    before = until(site.worker_pid, "the worker runs", PATIENCE_S)
    until(lambda: [row["pid"] for row in site.rows(running)] == [before], "its loop turns", PATIENCE_S)
    os.kill(before, signal.SIGSTOP)
    bar = page.get_by_test_id("stAlert").filter(has_text="The worker has been silent since")
    expect(bar).to_contain_text("because it stood still", timeout=1000 * STANDS_STILL_S + PATIENCE_MS)
    until(lambda: site.worker_pid() not in (0, before), "another worker", PATIENCE_S)
    expect(bar).to_have_count(0, timeout=PATIENCE_MS)


def test_a_second_start_on_the_same_home_is_refused(site: RunningSite, page: Page) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ran = subprocess.run(**site.command("--no-demo", port=port), capture_output=True, check=False)
    assert "run already; stop them first" in refusal(ran)
    assert site.runs


def test_ctrl_c_ends_everything(site: RunningSite, page: Page) -> None:
    site.stop(signal.SIGINT)


@pytest.mark.parametrize("password", ["first", "new"])
def test_no_password_is_written_anywhere(site: RunningSite, page: Page, password: str) -> None:
    secret = site.first_password if password == "first" else NEW_PASSWORD
    assert files_with(secret, site.home) == []


def test_nobody_else_may_read_what_is_kept(site: RunningSite, page: Page) -> None:
    assert (site.site.logs / "worker.log").is_file()
    assert open_to_others(site.site.data) == []


def test_a_port_in_use_is_one_line(stopped: RunningSite) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ran = subprocess.run(**stopped.command("--no-demo", port=port), capture_output=True, check=False)
    assert refusal(ran) == (
        f"run: port {port} on 127.0.0.1 is in use; stop what uses it or choose one with --port"
    )


def test_a_start_open_to_the_network_warns(stopped: RunningSite, chromium: Browser, record_property) -> None:
    stopped.start("--no-demo", "--host", "0.0.0.0")
    record_property("later_start_s", round(stopped.started_in_s, 1))
    assert "warning: 0.0.0.0 serves plain HTTP, which carries passwords readably" in stopped.output
    assert "first sign-in" not in stopped.output
    visitor = new_page(chromium)
    visitor.goto(stopped.url)
    warning = visitor.get_by_text("This page is served without encryption")
    expect(warning).to_be_visible(timeout=PATIENCE_MS)
    expect(warning).to_contain_text("browsers refuse to use their camera here")
    visitor.context.close()
    stopped.stop()


def test_with_a_certificate_everything_is_encrypted(
    stopped: RunningSite, chromium: Browser, tmp_path: Path
) -> None:
    certificate, key = self_signed(tmp_path)
    stopped.start("--no-demo", "--tls-cert", str(certificate), "--tls-key", str(key))
    assert stopped.url.startswith("https://")
    context = chromium.new_context(ignore_https_errors=True, locale="en-US")
    context.set_default_timeout(PATIENCE_MS)
    visitor = context.new_page()
    sign_in(visitor, stopped, "admin", NEW_PASSWORD, path="/presence")  # type: ignore[arg-type]
    visitor.get_by_role("heading", name="Presence", exact=True).wait_for()
    (session,) = [cookie for cookie in context.cookies() if cookie["name"].endswith(SESSION_COOKIE)]
    assert (session["secure"], session["httpOnly"]) == (True, True)
    expect(visitor.get_by_text("This page is served without encryption")).to_have_count(0)
    context.close()
    stopped.stop()
