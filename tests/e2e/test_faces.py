"""In a real browser: a supervisor says whose a visit was, HR names a face, both see first what changes."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.storage.models import Employee, Reassignment, Visit
from tests.browser import Dashboard, give_password, new_page, running_dashboard, sign_in
from tests.choosing import choose
from tests.days import DaysSite, at
from tests.layout import too_wide
from tests.unknown import DIM, MATCH, SHA256, look, unknown_face
from tests.week import BUDI, CITRA, week_site

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def running(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Dashboard, DaysSite, date, Browser]]:
    site, day = week_site(tmp_path_factory.mktemp("faces") / "home")
    site.seed.worker(age_s=-3600, **MATCH)
    template = {"dim": DIM, "pack_sha256": SHA256, "embedding": look(CITRA).tobytes(), "photo_sha256": "c"}
    site.seed.template(CITRA, 9, **template)
    for hour in (8, 9):
        unknown_face(site.seed, CITRA, at(f"{hour}:00", day), at(f"{hour}:30", day))
    for username in ("hr", "supervisor"):
        give_password(site.seed, username)
    with running_dashboard(site.seed) as dashboard:
        yield dashboard, site, day, chromium


def test_a_face_gets_its_name(running: tuple[Dashboard, DaysSite, date, Browser]) -> None:
    dashboard, site, _day, browser = running
    page = new_page(browser, width=390, dark=True)
    sign_in(page, dashboard, "hr", path="/unknown")
    page.get_by_role("button", name="Decide").click()
    choose(page.get_by_label("Employee", exact=True), "Citra Dewi")
    page.get_by_role("button", name="See what changes").click()
    expect(page.get_by_text("2 visits come from these faces.")).to_be_visible()
    expect(page.get_by_role("cell", name="Half day")).to_be_visible()
    assert too_wide(page) == []
    page.get_by_role("button", name="Name 2 faces").first.click()
    page.get_by_role("button", name="Name 2 faces").last.click()
    expect(page.get_by_text("There is no unknown face.")).to_be_visible()
    with Session(site.engine) as session:
        named = session.scalars(select(Visit).where(Visit.origin == "named")).all()
    assert [visit.employee_id for visit in named] == [CITRA, CITRA]


def test_a_new_department_is_kept_without_enter(running: tuple[Dashboard, DaysSite, date, Browser]) -> None:
    dashboard, site, _day, browser = running
    page = new_page(browser)
    sign_in(page, dashboard, "hr")
    page.goto(f"{dashboard.url}/employees?employee={CITRA}")
    page.get_by_label("Or a new department").press_sequentially("Kantor Timur", delay=20)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("was saved.")).to_be_visible()
    with Session(site.engine) as session:
        assert session.get_one(Employee, CITRA).department == "Kantor Timur"


def test_a_visit_is_given_to_whom_it_belongs(running: tuple[Dashboard, DaysSite, date, Browser]) -> None:
    dashboard, site, day, browser = running
    page = new_page(browser)
    sign_in(page, dashboard, "supervisor")
    page.goto(f"{dashboard.url}/person?employee={BUDI}&day={day}")
    page.get_by_role("button", name="This is wrong").first.click()
    choose(page.get_by_label("Who was it?", exact=True), "Nobody we know")
    page.get_by_label("Reason, for who checks it").fill("a visitor")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="See what changes").click()
    figures = page.get_by_text(re.compile(r"days? changes?\."))
    expect(figures.or_(page.get_by_text("No figure"))).to_be_visible()
    page.get_by_role("button", name="Apply").first.click()
    page.get_by_role("button", name="Apply").last.click()
    expect(page.get_by_text("The visit is now counted for: Nobody we know.")).to_be_visible()
    expect(page.get_by_text("Taken from this person")).to_be_visible()
    with Session(site.engine) as session:
        [moved] = session.scalars(select(Reassignment)).all()
    assert (moved.from_employee_id, moved.to_employee_id, moved.reason) == (BUDI, None, "a visitor")
