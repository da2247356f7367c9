"""How quick the dashboard feels: the real server over a seeded site, looked at with a real browser.

    python -m benchmarks.feel [--people 60] [--crowd 500] [--rounds 5] [--results FILE]

Times are milliseconds as the reader's page sees them: from the key that sends the sign-in form to the first
page, and from the click on a page's link until its title stands there and the server has sent everything.
The first page is measured again at a site with a crowd.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser
from sqlalchemy.orm import Session

from core.domain.states import PresenceState, Role
from core.i18n import text
from core.storage.models import Camera
from dashboard.pages import PAGES, PageSpec
from tests.browser import (
    PASSWORD,
    Dashboard,
    give_password,
    new_page,
    running_chromium,
    running_dashboard,
    sign_in,
)
from tests.seed import Seed, working_day

READER = str(Role.ADMIN)
"""He has every page."""
READY = """title => {
  const app = document.querySelector('[data-testid=stApp]');
  const heading = document.querySelector('[data-testid=stMain] h2');
  return heading?.textContent === title && app?.dataset.testScriptState === 'notRunning';
}"""
CLICK = """([address, title]) => new Promise(done => {
  const ready = %s;
  const began = performance.now();
  document.querySelector(`[data-testid=stSidebarNav] a[href$="/${address}"]`).click();
  const look = () => ready(title) ? done(performance.now() - began) : requestAnimationFrame(look);
  requestAnimationFrame(look);
})"""
CHANGE = CLICK % READY


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--crowd", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--results", type=Path, help="write the figures as JSON")
    arguments = parser.parse_args(argv)
    asked = {"people": arguments.people, "crowd": arguments.crowd, "rounds": arguments.rounds}
    with running_chromium() as browser:
        figures = at_site(browser, arguments.people, arguments.rounds, measure)
        crowded = at_site(browser, arguments.crowd, arguments.rounds, first_pages)
    figures = {**asked, "cores": os.cpu_count(), **figures, "sign_in_crowd": crowded}
    timed = {"sign-in": figures["sign_in"], "sign-in, a crowd": crowded, **figures["pages"]}
    for name, spent in timed.items():
        print(f"{name:20} p50 {spent['p50_ms']:6.0f} ms   p95 {spent['p95_ms']:6.0f} ms")
    if arguments.results:
        arguments.results.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


def at_site(
    browser: Browser, people: int, rounds: int, measured: Callable[[Dashboard, Browser, int], dict[str, Any]]
) -> dict[str, Any]:
    """The figures of one running site."""
    with tempfile.TemporaryDirectory(prefix="gspe-feel-") as folder:
        seed = busy_site(Path(folder), people)
        with running_dashboard(seed) as dashboard:
            figures = measured(dashboard, browser, rounds)
        seed.engine.dispose()
    return figures


def busy_site(home: Path, people: int) -> Seed:
    """A working day on which so many more people are here, each with a picture."""
    seed = working_day(home)
    seed.worker(age_s=-36_000)
    with Session(seed.engine) as session, session.begin():
        session.query(Camera).update({"last_frame_at": seed.now + timedelta(hours=10)})
    for number in range(people):
        employee_id = seed.employee(f"N{number:03}", f"Orang {number:03}", f"Bagian {number % 12}")
        since = seed.now - timedelta(minutes=number % 300)
        seed.presence(employee_id, PresenceState.AVAILABLE, since, last_seen_at=seed.now)
    give_password(seed, READER)
    return seed


def measure(dashboard: Dashboard, browser: Browser, rounds: int) -> dict[str, Any]:
    """Sign-ins, then every page in turn in one browser."""
    sign_in_ms = first_pages(dashboard, browser, rounds)
    page = new_page(browser)
    sign_in(page, dashboard, READER)
    page.wait_for_function(READY, arg=title_of(PAGES[0]))
    changes: dict[str, list[float]] = {spec.url_path: [] for spec in PAGES}
    for _ in range(rounds + 1):
        for spec in (*PAGES[1:], PAGES[0]):
            changes[spec.url_path].append(page.evaluate(CHANGE, [spec.url_path, title_of(spec)]))
    page.context.close()
    return {
        "sign_in": sign_in_ms,
        "pages": {path: spread(spent[1:]) for path, spent in changes.items()},
        "any_page": spread([ms for spent in changes.values() for ms in spent[1:]]),
    }


def first_pages(dashboard: Dashboard, browser: Browser, rounds: int) -> dict[str, float]:
    """Sign-ins, each from a browser of its own."""
    return spread([first_page_ms(dashboard, browser) for _ in range(rounds + 1)][1:])


def first_page_ms(dashboard: Dashboard, browser: Browser) -> float:
    page = new_page(browser)
    page.goto(dashboard.url)
    page.get_by_label("User name").fill(READER)
    page.get_by_label("Password").fill(PASSWORD)
    began_s = time.perf_counter()
    page.keyboard.press("Enter")
    page.wait_for_function(READY, arg=title_of(PAGES[0]), polling="raf")
    spent_ms = 1000 * (time.perf_counter() - began_s)
    page.context.close()
    return spent_ms


def title_of(spec: PageSpec) -> str:
    return text(spec.title_key, "en")


def spread(spent_ms: list[float]) -> dict[str, float]:
    return {
        "p50_ms": round(median(spent_ms)),
        "p95_ms": round(quantiles(spent_ms, n=20, method="inclusive")[-1]),
    }


if __name__ == "__main__":
    sys.exit(main())
