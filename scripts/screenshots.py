"""Makes docs/images/: a picture of every page in every language, at a site of drawn people.

It needs the test tools. Nobody on the pictures is real. `--only NAME` makes one again; `--look FOLDER` writes
every page at 1280 and 390 px, light and dark, for somebody who looks for what is ugly.
"""

import argparse
import io
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from PIL import Image

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

from playwright.sync_api import Browser, BrowserContext, Page, expect  # noqa: E402
from sqlalchemy import update  # noqa: E402

from core.domain.states import Role  # noqa: E402
from core.i18n import LANGUAGES, text  # noqa: E402
from core.storage.models import Site, User  # noqa: E402
from dashboard.pages import HIDDEN_PAGES, PAGES  # noqa: E402
from tests.browser import Dashboard, free_port, give_password, running_chromium, sign_in, stamp  # noqa: E402
from tests.drawn_cameras import live_pictures  # noqa: E402
from tests.drawn_site import AYU, BUDI, DrawnSite  # noqa: E402
from tests.running_site import until  # noqa: E402
from tests.supervised import SupervisedPrograms  # noqa: E402

IMAGES = REPOSITORY / "docs" / "images"
DESK, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
SETTLES_MS = 900.0
WAIT_MS = 120_000.0
SMALL = {"method": 6, "quality": 100}
"""Of lossless WebP, which is a third smaller than PNG and which GitHub shows."""
SHOWN = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  return app?.dataset.testScriptState === 'notRunning'
    && document.querySelector('[data-testid=stMain] h1, [data-testid=stMain] h2, [data-testid=stMain] h3')
    && !document.querySelector('[data-testid=stMain] [data-stale=true], [data-testid=stSkeleton]');
}"""

Say = Callable[[str], str]
Prepare = Callable[[Page, Say], None]


@dataclass(frozen=True)
class Shot:
    """`path` is opened and prepared; `tall` takes the whole of a long page up to this height, in px."""

    name: str
    path: str
    prepare: Prepare = lambda _page, _say: None
    phone: bool = False
    tall: int = DESK["height"]
    role: Role = Role.ADMIN

    def files(self) -> list[str]:
        return [f"{self.name}.webp", *([f"{self.name}-phone.webp"] if self.phone else [])]


def button(key: str, number: int = 0) -> Prepare:
    """Presses what the catalogue calls so."""
    return lambda page, say: page.get_by_role("button", name=say(key)).nth(number).click()


def tab(key: str) -> Prepare:
    return lambda page, say: page.get_by_role("tab", name=say(key)).click()


def words(key: str) -> Prepare:
    """Clicks a choice of this name."""
    return lambda page, say: page.get_by_test_id("stMain").get_by_text(say(key), exact=True).first.click()


def both(*steps: Prepare) -> Prepare:
    def prepare(page: Page, say: Say) -> None:
        for step in steps:
            step(page, say)
            page.wait_for_timeout(SETTLES_MS)
            page.wait_for_function(SHOWN)

    return prepare


def tiles(count: int) -> Prepare:
    """That many pictures, none of them old."""
    live = ".gspe-live[data-state=live]"
    return lambda page, _say: expect(page.locator(live)).to_have_count(count, timeout=WAIT_MS)


def bell(page: Page, _say: Say) -> None:
    page.locator(".st-key-gspe-bell button").click()
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()


def sign_in_form(page: Page, say: Say) -> None:
    expect(page.get_by_label(say("sign_in.password"))).to_be_visible()


def judged_again(page: Page, say: Say) -> None:
    both(tab("working_time.tab.recompute"), button("recompute.preview"))(page, say)
    expect(page.get_by_role("button", name=say("recompute.apply"))).to_be_visible()


def account(page: Page, say: Say) -> None:
    """Of HR, who signed in for the pages before."""
    page.locator("summary", has_text=say("shell.role.hr")).click()
    expect(page.get_by_role("button", name=say("users.end_session")).first).to_be_visible()


def report(page: Page, say: Say) -> None:
    expect(page.get_by_role("tab", name=say("report_page.charts"))).to_be_visible()


SPECIAL = {
    "presence": Shot("presence", "presence", phone=True),
    "live": Shot("live", "live?tiles=4", tiles(4), phone=True),
    "alerts": Shot("alerts", "alerts", phone=True),
    "muster": Shot("muster", "muster", phone=True),
    "person": Shot("person", f"person?employee={AYU}", tall=1500, role=Role.SUPERVISOR),
    "person-day": Shot("person-day", f"person-day?person={BUDI}", tall=1300, role=Role.SUPERVISOR),
    "setup": Shot("setup", "setup", tall=1300),
    "settings": Shot("settings", "settings", tall=1100),
    "health": Shot("health", "health", tall=1500),
    "users": Shot("users", "users", account, tall=1200),
    "reports": Shot("reports", "reports", report, tall=1000, role=Role.HR),
    "corrections": Shot("corrections", "corrections", role=Role.HR),
    "working-time": Shot("working-time", "working-time", tall=1100, role=Role.HR),
}
"""Pages that need more than to be opened."""
MORE = (
    Shot("sign-in", "", sign_in_form),
    Shot("presence-table", "presence?view=table"),
    Shot("bell", "presence", bell, phone=True),
    Shot("live-alone", "live?camera=1", tiles(1)),
    Shot("alert", "alerts", button("alerts.more"), role=Role.SUPERVISOR),
    Shot("employee", f"employees?employee={AYU}", words("coach.way.site_camera"), tall=1500, role=Role.HR),
    Shot("unknown-decide", "unknown", button("unknown.open"), tall=1100, role=Role.HR),
    Shot("camera-form", "cameras", button("cameras.open"), tall=1100),
    Shot("camera-areas", "cameras", both(button("cameras.open"), tab("cameras.part.areas")), tall=1100),
    Shot("camera-placement", "cameras", both(button("cameras.open", 1), tab("cameras.part.placement"))),
    Shot("settings-history", "settings", words("settings_page.view.history")),
    Shot("users-tokens", "users", tab("users.tab.tokens")),
    Shot("working-time-again", "working-time", judged_again, role=Role.HR),
    Shot("records-reset", "records", tab("records.tab.reset")),
)


def shots() -> list[Shot]:
    """Every page, and more of some."""
    pages = [
        SPECIAL.get(spec.url_path, Shot(spec.url_path, spec.url_path)) for spec in (*PAGES, *HIDDEN_PAGES)
    ]
    return [*pages, *MORE]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", metavar="NAME", help="names without -phone")
    parser.add_argument("--language", choices=LANGUAGES, action="append")
    parser.add_argument("--look", type=Path, metavar="FOLDER")
    arguments = parser.parse_args()
    began_s = time.monotonic()
    wanted = [shot for shot in shots() if not arguments.only or shot.name in arguments.only]
    with ExitStack() as running:
        site, dashboard = running.enter_context(drawn_site())
        browser = running.enter_context(running_chromium())
        for language in arguments.language or LANGUAGES:
            speak(site, language)
            if arguments.look:
                look(browser, dashboard, wanted, language, arguments.look)
            else:
                take(browser, dashboard, wanted, language)
    print(f"{time.monotonic() - began_s:.0f} s")
    return 0


@contextmanager
def drawn_site() -> Iterator[tuple[DrawnSite, Dashboard]]:
    """It runs under supervisord, with stand-ins for the programs but the dashboard."""
    with tempfile.TemporaryDirectory(prefix="gspe-site-") as folder:
        site = DrawnSite(Path(folder) / "home")
        for role in Role:
            give_password(site.seed, str(role))
        stamp(site.seed)
        port = free_port()
        programs = SupervisedPrograms(site.seed.home, real="dashboard")
        programs.environment |= {"GSPE_PORT": str(port), "GSPE_NO_DEMO": "1"}
        with live_pictures(site), programs:
            dashboard = Dashboard(f"http://127.0.0.1:{port}", site.seed)
            log = site.seed.paths.logs / "dashboard.log"
            until(lambda: answers(dashboard.url), f"the dashboard answers, see {log}", 240)
            yield site, dashboard
        site.seed.engine.dispose()


def answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/api/health", timeout=2):
            return True
    except OSError:
        return False


def speak(site: DrawnSite, language: str) -> None:
    with site.seed.engine.begin() as connection:
        connection.execute(update(User).values(language=language))
        connection.execute(update(Site).values(setup={}))


def folder_of(language: str) -> Path:
    return IMAGES if language == "en" else IMAGES / language


def take(browser: Browser, dashboard: Dashboard, wanted: list[Shot], language: str) -> None:
    folder = folder_of(language)
    folder.mkdir(parents=True, exist_ok=True)
    signed_in: dict[Role | None, BrowserContext] = {}
    for shot in wanted:
        role = shot.role if shot.path else None
        if role not in signed_in:
            signed_in[role] = context_of(browser, dashboard, role, language)
        page = prepared(signed_in[role], dashboard, shot, language)
        for name, size in zip(shot.files(), (DESK, PHONE), strict=False):
            save(page, shot, folder / name, size)
        page.close()


def look(browser: Browser, dashboard: Dashboard, wanted: list[Shot], language: str, folder: Path) -> None:
    for scheme in ("light", "dark"):
        contexts: dict[Role | None, BrowserContext] = {}
        (folder / language).mkdir(parents=True, exist_ok=True)
        for shot in wanted:
            role = shot.role if shot.path else None
            if role not in contexts:
                contexts[role] = context_of(browser, dashboard, role, language, scheme=scheme)
            page = prepared(contexts[role], dashboard, shot, language)
            for size in (DESK, PHONE):
                save(page, shot, folder / language / f"{shot.name}-{scheme}-{size['width']}.png", size)
            page.close()


def context_of(
    browser: Browser, dashboard: Dashboard, role: Role | None, language: str, *, scheme: str = "light"
) -> BrowserContext:
    """Who has signed in reads the account's language; before, the browser's."""
    locale = "id-ID" if role is None and language == "id" else "en-US"
    context = browser.new_context(viewport=DESK, locale=locale, color_scheme=scheme)
    context.set_default_timeout(WAIT_MS)
    if role is not None:
        page = context.new_page()
        sign_in(page, dashboard, str(role), path="/muster")
        page.close()
    return context


def prepared(context: BrowserContext, dashboard: Dashboard, shot: Shot, language: str) -> Page:
    page = context.new_page()
    page.goto(f"{dashboard.url}/{shot.path}")
    if shot.path:
        page.wait_for_function(SHOWN, timeout=WAIT_MS)
    shot.prepare(page, lambda key: text(key, language))
    return page


def save(page: Page, shot: Shot, path: Path, size: dict[str, int]) -> None:
    """As tall as its content, between the viewport and `shot.tall`."""
    page.set_viewport_size(size)
    page.wait_for_timeout(SETTLES_MS)
    if shot.tall > size["height"]:
        content = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        page.set_viewport_size(size | {"height": max(size["height"], min(content, shot.tall))})
        page.wait_for_timeout(SETTLES_MS)
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        picture.convert("RGB").save(path, lossless=True, **SMALL)
    print(f"{path.name}: {path.stat().st_size // 1024} KB", flush=True)


if __name__ == "__main__":
    sys.exit(main())
