"""An administrator's day in a real browser: settings there and back, and another browser's session ended."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from core.domain.states import Role
from core.settings_store import SettingsStore
from tests.browser import Dashboard, give_password, new_page, running_dashboard, sign_in
from tests.layout import rest
from tests.seed import working_day

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    seed = working_day(tmp_path_factory.mktemp("home"))
    for role in (Role.ADMIN, Role.HR):
        give_password(seed, str(role))
    with running_dashboard(seed) as running:
        yield running


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    opened = new_page(chromium)
    yield opened
    opened.context.close()


def grace(dashboard: Dashboard) -> int:
    return SettingsStore(dashboard.seed.paths).load_parameters().value.late_grace_min


def save(page: Page) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()


def test_a_setting_is_changed_and_taken_back(dashboard: Dashboard, page: Page) -> None:
    sign_in(page, dashboard, "admin", path="/settings")
    page.get_by_label("Search").fill("late_grace_min")
    page.get_by_label("Search").press("Enter")
    field = page.get_by_role("spinbutton", name="Grace for late")
    expect(field).to_have_value("10")
    field.fill("25")
    field.press("Enter")
    page.get_by_role("button", name="Review and save").click()
    expect(page.get_by_role("dialog").get_by_text("10 min → 25 min")).to_be_visible()
    save(page)
    assert grace(dashboard) == 25

    page.get_by_text("Who changed what").click()
    expect(page.get_by_text("Grace for late: 10 min → 25 min")).to_be_visible()
    page.get_by_text("in force until").click()
    page.get_by_role("button", name="Back to this version").click()
    expect(page.get_by_role("dialog").get_by_text("25 min → 10 min")).to_be_visible()
    save(page)
    assert grace(dashboard) == 10


def test_what_is_typed_survives_other_groups_and_a_closed_review(dashboard: Dashboard, page: Page) -> None:
    sign_in(page, dashboard, "admin", path="/settings")
    monday = page.get_by_label("Monday", exact=True)
    monday.fill("7-15")
    monday.press("Enter")
    page.get_by_role("button", name="Review and save").click()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.get_by_text("Storage", exact=True).click()
    expect(page.get_by_role("spinbutton", name="Free disk space")).to_be_visible()
    page.get_by_test_id("stMain").get_by_text("Site", exact=True).click()
    expect(monday).to_have_value("07:00-15:00")
    rest(page)
    discard = page.get_by_role("button", name="Discard")
    discard.click()
    expect(discard).to_have_count(0)
    rest(page)
    expect(monday).to_have_count(1)
    expect(monday).to_have_value("08:00-17:00")


def test_another_browsers_session_is_ended(dashboard: Dashboard, chromium: Browser, page: Page) -> None:
    other = new_page(chromium)
    sign_in(other, dashboard, "hr", path="/presence")
    expect(other.get_by_role("heading", name="Presence", exact=True)).to_be_visible()
    sign_in(page, dashboard, "admin", path="/users")
    page.get_by_text("hr · HR").click()
    account = page.locator("[class*=st-key-account_]").filter(has_text="hr · HR")
    account.get_by_role("button", name="End", exact=True).click()
    expect(other.get_by_label("User name")).to_be_visible()
    other.context.close()
