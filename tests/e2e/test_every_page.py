"""Every page for every role, in both languages, light and dark, on a desk and on a phone.

The pages come from `dashboard.pages`, so that a new one is looked at by itself.
"""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import update
from sqlalchemy.orm import Session

from core.domain.states import Role
from core.i18n import LANGUAGES, catalogue, text
from core.storage.models import Camera, User
from dashboard.auth import Account
from dashboard.pages import PageSpec, pages_of
from tests.accessibility import violations
from tests.browser import Dashboard, give_password, new_page, running_dashboard, sign_in
from tests.layout import too_wide
from tests.seed import Seed, working_day

pytestmark = pytest.mark.browser

WALKS = [
    (Role.VIEWER, "id"),
    (Role.SUPERVISOR, "id"),
    (Role.HR, "en"),
    (Role.ADMIN, "en"),
    (Role.ADMIN, "id"),
]
"""English by day, Indonesian by night. An administrator sees all that the others see, in both."""
SUBJECTS = {"person-day": "?person=1", "person": "?employee=1"}
"""Pages about somebody."""
KEY = re.compile(
    rf"\b(?:{'|'.join({key.partition('.')[0] for key in catalogue('en')})})\.(?!md\b)[a-z][a-z_.]+\b"
)
SHOWN = """path => {
  const app = document.querySelector('[data-testid=stApp]');
  return location.pathname === path && app?.dataset.testScriptState === 'notRunning'
    && document.querySelector('[data-testid=stMain] h1, [data-testid=stMain] h2, [data-testid=stMain] h3')
    && !document.querySelector('[data-testid=stMain] [data-stale=true]');
}"""


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    seed = working_day(tmp_path_factory.mktemp("site"))
    seed.worker(age_s=-3600)
    with Session(seed.engine) as session, session.begin():
        session.query(Camera).update({"last_frame_at": seed.now + timedelta(hours=1)})
    for role in Role:
        give_password(seed, role)
    with running_dashboard(seed) as running:
        yield running
    seed.engine.dispose()


@pytest.mark.parametrize(("role", "language"), WALKS)
def test_every_page_is_sound(dashboard: Dashboard, chromium: Browser, role: Role, language: str) -> None:
    speak(dashboard.seed, language)
    page = new_page(chromium, dark=language == "id")
    sign_in(page, dashboard, str(role))
    account = Account(0, str(role), role, (), language, must_change_password=False)
    wrong = {}
    for spec in pages_of(account):
        open_page(page, dashboard, spec)
        if found := [*broken(page), *violations(page), *on_a_phone(page)]:
            wrong[spec.url_path] = found
    page.context.close()
    assert not wrong, "\n".join(f"{path}: {line}" for path, lines in wrong.items() for line in lines)


def speak(seed: Seed, language: str) -> None:
    with Session(seed.engine) as session, session.begin():
        session.execute(update(User).values(language=language))


def open_page(page: Page, dashboard: Dashboard, spec: PageSpec) -> None:
    path = f"/{spec.url_path}"
    link = page.locator(f"[data-testid=stSidebarNav] a[href$='{path}']")
    if link.count():
        link.click()
    else:
        page.goto(f"{dashboard.url}{path}{SUBJECTS.get(spec.url_path, '')}")
    page.wait_for_function(SHOWN, arg=path)


def broken(page: Page) -> list[str]:
    """Errors that reached the page, and keys where a sentence should stand."""
    errors = page.get_by_test_id("stException").all_inner_texts()
    body = page.locator("body").inner_text()
    failed = [said for each in LANGUAGES if (said := text("errors.page", each)) in body]
    return [*errors, *failed, *KEY.findall(body)]


def on_a_phone(page: Page) -> list[str]:
    """What stands out to the right there."""
    desk = page.viewport_size
    assert desk is not None
    page.set_viewport_size({"width": 390, "height": 800})
    found = [f"too wide: {element}" for element in too_wide(page)]
    page.set_viewport_size(desk)
    return found
