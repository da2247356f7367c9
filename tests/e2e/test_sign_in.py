"""Signing in as a person does it: by keyboard, in a real browser, over reloads, tabs and mistakes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, expect
from sqlalchemy import update

from core.domain.states import Role
from core.storage.models import User
from dashboard.auth import SESSION_COOKIE
from tests.browser import PASSWORD, Dashboard, give_password, new_page, running_dashboard, sign_in
from tests.seed import working_day

pytestmark = pytest.mark.browser

NEW_PASSWORD = "satu dua tiga empat"


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    seed = working_day(tmp_path_factory.mktemp("home"))
    for role in Role:
        give_password(seed, str(role))
    seed.user("newcomer", Role.SUPERVISOR)
    give_password(seed, "newcomer", must_change=True)
    seed.user("leaver", Role.SUPERVISOR)
    give_password(seed, "leaver")
    seed.user("clumsy", Role.VIEWER)
    give_password(seed, "clumsy")
    with running_dashboard(seed) as running:
        yield running


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    opened = new_page(chromium)
    yield opened
    opened.context.close()


def heading(page: Page, name: str):  # type: ignore[no-untyped-def]
    return page.get_by_role("heading", name=name, exact=True)


def test_sign_in_by_keyboard_returns_to_the_wanted_page_and_survives_reload_and_a_second_tab(
    dashboard: Dashboard, page: Page
) -> None:
    page.goto(f"{dashboard.url}/live?camera=1&of=2%262")
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type("supervisor")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(heading(page, "Live")).to_be_visible()
    expect(page).to_have_url(f"{dashboard.url}/live?camera=1&of=2%262")
    page.reload()
    expect(heading(page, "Live")).to_be_visible()
    second = page.context.new_page()
    second.goto(f"{dashboard.url}/presence")
    expect(heading(second, "Presence")).to_be_visible()


def test_scripts_cannot_read_the_session(dashboard: Dashboard, page: Page) -> None:
    sign_in(page, dashboard, "viewer")
    assert "gspe" not in page.evaluate("document.cookie")
    (cookie,) = [cookie for cookie in page.context.cookies() if cookie["name"] == SESSION_COOKIE]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")


def test_a_wrong_password_is_said_and_too_many_lock(dashboard: Dashboard, page: Page) -> None:
    page.goto(dashboard.url)
    sentence = page.get_by_role("alert")
    for attempt in range(5):
        page.get_by_label("User name").fill("clumsy")
        page.get_by_label("Password").fill(f"wrong {attempt}")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(sentence.filter(has_text="wrong" if attempt < 4 else "You can try again from")).to_be_visible()


def test_a_new_account_changes_its_password_before_anything_else(dashboard: Dashboard, page: Page) -> None:
    sign_in(page, dashboard, "newcomer", path="/live")
    expect(heading(page, "Change password")).to_be_visible()
    page.goto(f"{dashboard.url}/presence")
    expect(heading(page, "Change password")).to_be_visible()
    fill_new_password(page, "short but")
    assert page.get_by_label("New password", exact=True).evaluate("field => field.validity.tooShort")
    fill_new_password(page, "aaaaaaaaaaaa")
    expect(page.get_by_role("alert").filter(has_text="easy to guess")).to_be_visible()
    fill_new_password(page, NEW_PASSWORD)
    expect(heading(page, "Presence")).to_be_visible()


def fill_new_password(page: Page, password: str) -> None:
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill(password)
    page.get_by_label("New password, again").fill(password)
    page.keyboard.press("Enter")


def test_signing_out_ends_the_other_tab_too(dashboard: Dashboard, page: Page) -> None:
    sign_in(page, dashboard, "admin")
    expect(heading(page, "Presence")).to_be_visible()
    other = page.context.new_page()
    other.goto(f"{dashboard.url}/live")
    expect(heading(other, "Live")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("User name")).to_be_visible()
    expect(other.get_by_label("User name")).to_be_visible()  # within a refresh of the bars
    assert SESSION_COOKIE not in [cookie["name"] for cookie in page.context.cookies()]


def test_a_disabled_account_is_out_within_seconds(dashboard: Dashboard, page: Page) -> None:
    sign_in(page, dashboard, "leaver")
    expect(heading(page, "Presence")).to_be_visible()
    with dashboard.seed.engine.begin() as connection:
        connection.execute(update(User).where(User.username == "leaver").values(active=False))
    expect(page.get_by_label("User name")).to_be_visible()


def test_a_viewer_has_no_pages_of_higher_roles(dashboard: Dashboard, page: Page) -> None:
    sign_in(page, dashboard, "viewer")
    expect(heading(page, "Presence")).to_be_visible()
    navigation = page.get_by_test_id("stSidebarNav")
    expect(navigation.get_by_role("link")).to_have_count(3)
    page.goto(f"{dashboard.url}/cameras")
    expect(page.get_by_text("Page not found")).to_be_visible()


def test_the_language_changes_at_once_and_stays(dashboard: Dashboard, page: Page) -> None:
    sign_in(page, dashboard, "hr")
    page.get_by_text("Bahasa Indonesia").click()
    expect(heading(page, "Kehadiran")).to_be_visible()
    page.reload()
    expect(heading(page, "Kehadiran")).to_be_visible()
    expect(page.get_by_role("button", name="Keluar")).to_be_visible()


def test_nothing_is_loaded_from_elsewhere(dashboard: Dashboard, page: Page) -> None:
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))  # noqa: PLW0108 - playwright marks it
    sign_in(page, dashboard, "supervisor")
    expect(heading(page, "Presence")).to_be_visible()
    page.goto(f"{dashboard.url}/live")
    expect(heading(page, "Live")).to_be_visible()
    own = (dashboard.url, dashboard.url.replace("http", "ws", 1), "data:", "blob:")
    elsewhere = [request for request in requests if not request.url.startswith(own)]
    assert [request.url for request in elsewhere if request.failure != "csp"] == []
