"""The pages of days in a real browser: a day is opened and corrected, the site paused, days judged again."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from core.storage import judged_days
from core.storage.models import Holiday
from tests.browser import Dashboard, give_password, new_page, running_dashboard, sign_in
from tests.days import DaysSite
from tests.layout import too_wide
from tests.week import BUDI, week_site

pytestmark = pytest.mark.browser

Running = tuple[Dashboard, DaysSite, date]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    site, day = week_site(tmp_path_factory.mktemp("site"))
    for username in ("supervisor", "hr"):
        give_password(site.seed, username)
    with running_dashboard(site.seed) as dashboard:
        yield dashboard, site, day
    site.engine.dispose()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    opened = new_page(chromium)
    yield opened
    opened.context.close()


def test_a_supervisor_goes_from_the_list_to_a_day_and_corrects_it(running: Running, page: Page) -> None:
    dashboard, _site, day = running
    sign_in(page, dashboard, "supervisor")
    page.goto(f"{dashboard.url}/attendance?day={day}")
    row = page.locator(".gspe-row", has_text="Budi Santoso")
    expect(row.get_by_text("47 min late", exact=False).first).to_be_visible()
    row.get_by_role("link", name="Budi Santoso", exact=True).click()
    expect(page.get_by_role("heading", name="Budi Santoso")).to_be_visible()
    bar = page.locator(".gspe-bar .gspe-m-excused")
    assert bar.get_attribute("title") == "15:00–16:00 excused"  # noqa: RUF001 - from, to
    assert float(bar.evaluate("piece => piece.getBoundingClientRect().width")) > 30

    page.get_by_text("Correct this day").click()
    page.get_by_role("spinbutton", name="hour, First in").click()
    page.keyboard.type("0800")
    page.get_by_label("Reason, for who checks it").first.fill("badge reader")
    page.get_by_role("button", name="Save the correction").click()
    expect(page.get_by_text("Entered by supervisor: badge reader")).to_be_visible()
    expect(page.locator(".gspe-badge", has_text="Present").first).to_be_visible()


def test_a_pause_stands_on_every_page_and_ends_by_itself_there(running: Running, page: Page) -> None:
    dashboard, _site, _day = running
    sign_in(page, dashboard, "hr", path="/working-time")
    page.get_by_role("tab", name="Pause").click()
    expect(page).to_have_url(re.compile("working_time_tab=pauses$"))
    page.get_by_text("Pause monitoring").first.click()
    page.get_by_label("Reason").last.fill("fire drill")
    page.get_by_role("tab", name="Holidays").click()
    expect(page.get_by_text("Add a holiday")).to_be_visible()
    page.get_by_role("tab", name="Pause").click()  # what was typed there is kept
    page.get_by_role("button", name="Pause monitoring").last.click()
    expect(page.get_by_text("by hr: fire drill").first).to_be_visible()
    page.goto(f"{dashboard.url}/presence")
    expect(page.get_by_text("Monitoring paused until")).to_be_visible()
    page.goto(f"{dashboard.url}/working-time?working_time_tab=pauses")
    page.get_by_role("button", name="End the pause").click()
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="End the pause").click()
    expect(page.get_by_text("Monitoring paused until")).to_have_count(0)


def test_a_holiday_entered_late_is_judged_in_on_purpose(running: Running, page: Page) -> None:
    dashboard, site, day = running
    site.seed.add(Holiday(day=day, name="Hari Guru"))
    sign_in(page, dashboard, "hr", path="/working-time")
    page.get_by_role("tab", name="Judge again").click()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("days would change")).to_be_visible()
    with Session(site.engine) as session:
        assert judged_days.of_employee(session, BUDI, day, day)[0].work.status != "holiday"
    page.get_by_role("button", name="Judge these days again").click()
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="Judge these days again").click()
    expect(page.get_by_text("days were written anew")).to_be_visible()
    with Session(site.engine) as session:
        assert judged_days.of_employee(session, BUDI, day, day)[0].work.status == "holiday"


def test_no_page_of_days_is_wider_than_a_phone(running: Running, chromium: Browser) -> None:
    dashboard, _site, day = running
    phone = new_page(chromium, width=390, dark=True)
    sign_in(phone, dashboard, "hr", path="/presence")
    wrong = {}
    for path in (f"attendance?day={day}", f"person-day?person={BUDI}&day={day}", "corrections"):
        phone.goto(f"{dashboard.url}/{path}")
        expect(phone.get_by_role("heading", level=2).first).to_be_visible()
        expect(phone.get_by_test_id("stTabs").or_(phone.locator(".gspe-rows")).first).to_be_attached()
        wrong[path] = too_wide(phone)
    phone.context.close()
    assert not any(wrong.values()), wrong
