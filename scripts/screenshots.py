"""Makes docs/images/*.png, a picture of every page, from a demo of its own; needs the test tools.

The demo shows photos of real people, which must not go into the repository: thumbnails become outlines, and
the live picture is blurred before the viewer draws its boxes. Look at the files before you commit them.
"""

import sys
import time
from pathlib import Path

from PIL import Image

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

from playwright.sync_api import BrowserContext, Page, expect  # noqa: E402

from dashboard.pages import HIDDEN_PAGES, PAGES  # noqa: E402
from tests.browser import running_chromium  # noqa: E402
from tests.running_site import first_sign_in, running_site  # noqa: E402

IMAGES = REPOSITORY / "docs" / "images"
SIZE = {"width": 1280, "height": 820}
PHONE = {"width": 390, "height": 844}
ON_A_PHONE = ("presence", "live", "alerts")
ROUND_MS = 120_000.0
"""Longer than a round of the demo."""
SETTLES_MS = 1500.0

OUTLINE = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 54 54'><g fill='%239aa5a3'>"
    "<circle cx='27' cy='21' r='9'/><path d='M9 54a18 18 0 0 1 36 0z'/></g></svg>"
)
HIDE_FACES = f"""
const style = document.createElement("style");
style.textContent = `.gspe-face {{
    background: #dfe6e4 url("data:image/svg+xml,{OUTLINE}") center !important;
}}`;
document.addEventListener("DOMContentLoaded", () => document.head.append(style));
const decode = window.createImageBitmap;
window.createImageBitmap = async (...source) => {{
    const picture = await decode(...source);
    const blurred = new OffscreenCanvas(picture.width, picture.height);
    const context = blurred.getContext("2d");
    context.filter = "blur(26px)";
    context.drawImage(picture, 0, 0);
    return decode(blurred);
}};
"""


def main() -> int:
    IMAGES.mkdir(parents=True, exist_ok=True)
    began_s = time.monotonic()
    with running_site() as site, running_chromium() as browser:
        context = browser.new_context(viewport=SIZE, locale="en-US")
        context.add_init_script(HIDE_FACES)
        first_sign_in(context.new_page(), site)
        for spec in (*PAGES, *HIDDEN_PAGES):
            page = open_page(context, f"{site.url}/{spec.url_path}{SUBJECTS.get(spec.url_path, '')}")
            READY.get(spec.url_path, anything)(page)
            save(page, IMAGES / f"{spec.url_path}.png")
            if spec.url_path in ON_A_PHONE:
                page.set_viewport_size(PHONE)
                save(page, IMAGES / f"{spec.url_path}-phone.png")
            page.close()
    print(f"{time.monotonic() - began_s:.0f} s")
    return 0


def open_page(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    page.goto(url)
    return page


def anything(page: Page) -> None:
    """A title, and nothing that still waits for the server."""
    expect(page.get_by_test_id("stMain").get_by_role("heading").first).to_be_visible(timeout=ROUND_MS)
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_attached()


def presence(page: Page) -> None:
    """Some here, somebody gone, and an alert about him."""
    expect(page.locator(".gspe-bell-count b")).to_be_visible(timeout=ROUND_MS)
    expect(page.locator(".gspe-cards .gspe-available").first).to_be_visible(timeout=ROUND_MS)


def live(page: Page) -> None:
    """All three employees, with their names in the list."""
    named = page.get_by_test_id("stDataFrame").locator("td", has_text="Demo ")
    expect(named).to_have_count(3, timeout=ROUND_MS)
    root = page.locator(".gspe-live").element_handle(timeout=ROUND_MS)
    page.wait_for_function("root => root.dataset.state === 'live' && root.dataset.boxes > 2", arg=root)


READY = {"presence": presence, "live": live}
SUBJECTS = {"person-day": "?person=1", "person": "?employee=1"}
"""Pages about somebody."""


def save(page: Page, path: Path) -> None:
    page.wait_for_timeout(SETTLES_MS)
    page.screenshot(path=path)
    with Image.open(path) as picture:
        picture.convert("RGB").save(path, optimize=True)
    print(f"{path.relative_to(REPOSITORY)}: {path.stat().st_size // 1024} KB")


if __name__ == "__main__":
    sys.exit(main())
