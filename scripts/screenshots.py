"""Makes docs/images/*.png, the pages that the README shows, from a demo of its own; needs the test tools.

The demo shows photos of real people, which must not go into the repository: thumbnails become outlines, and
the live picture is blurred before the viewer draws its boxes. Look at the files before you commit them.
"""

import sys
from pathlib import Path

from PIL import Image

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

from playwright.sync_api import BrowserContext, Page, expect  # noqa: E402

from tests.browser import running_chromium  # noqa: E402
from tests.running_site import first_sign_in, running_site  # noqa: E402

IMAGES = REPOSITORY / "docs" / "images"
SIZE = {"width": 1280, "height": 820}
ROUND_MS = 120_000.0
"""Longer than a round of the demo."""

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
    with running_site() as site, running_chromium() as browser:
        context = browser.new_context(viewport=SIZE, locale="en-US")
        context.add_init_script(HIDE_FACES)
        first_sign_in(context.new_page(), site)
        for name, take in (("presence", presence), ("live", live)):
            page = open_page(context, f"{site.url}/{name}")
            take(page)
            save(page, IMAGES / f"{name}.png")
    return 0


def open_page(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    page.goto(url)
    return page


def presence(page: Page) -> None:
    """Some here, somebody gone, and an alert about him."""
    expect(page.get_by_test_id("stSidebar").get_by_text("Open alerts: ")).to_be_visible(timeout=ROUND_MS)
    expect(page.locator(".gspe-rows .gspe-open").first).to_be_visible(timeout=ROUND_MS)
    expect(page.locator(".gspe-cards .gspe-available").first).to_be_visible(timeout=ROUND_MS)


def live(page: Page) -> None:
    """All three employees, with their names in the list."""
    named = page.get_by_test_id("stDataFrame").locator("td", has_text="Demo ")
    expect(named).to_have_count(3, timeout=ROUND_MS)
    root = page.locator(".gspe-live").element_handle(timeout=ROUND_MS)
    page.wait_for_function("root => root.dataset.state === 'live' && root.dataset.boxes > 2", arg=root)


def save(page: Page, path: Path) -> None:
    page.screenshot(path=path)
    with Image.open(path) as picture:
        picture.convert("RGB").save(path, optimize=True)
    print(f"{path.relative_to(REPOSITORY)}: {path.stat().st_size // 1024} KB")


if __name__ == "__main__":
    sys.exit(main())
