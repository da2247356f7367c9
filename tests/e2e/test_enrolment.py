"""Enrolment as HR does it: worker and dashboard run, and Chromium's camera shows a real face."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.domain.states import Pose, Role
from core.errors import PackUnavailable
from core.storage.models import AuditLog, Consent, FaceTemplate, Visit
from tests.browser import (
    Dashboard,
    chromium_with_camera,
    give_password,
    new_page,
    running_dashboard,
    sign_in,
    take_photo,
)
from tests.face_clip import Stay, browser_clip, face_clip
from tests.patience import PATIENCE_MS
from tests.running import REAL, RunningWorker, configure, rows_of
from tests.seed import Seed

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.slow]

BEFORE_THE_BROWSER, BEFORE_THE_GATE = "biden.jpg", "obama.jpg"
JOE, BARRY, TWIN = 1, 2, 3


@dataclass(frozen=True)
class Site:
    dashboard: Dashboard
    worker: RunningWorker

    def rows(self, model):
        return rows_of(self.dashboard.seed.paths, model)

    def templates(self, employee_id: int) -> list[FaceTemplate]:
        in_force = [row for row in self.rows(FaceTemplate) if row.revoked_at is None]
        return [row for row in in_force if row.employee_id == employee_id]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Three people nobody has enrolled yet, and a gate before which one of them stands."""
    folder = tmp_path_factory.mktemp("enrolment")
    seed = Seed(folder / "home")
    try:
        clip = face_clip(folder / "gate.mp4", 6.0, [Stay(BEFORE_THE_GATE, 0.0, 60.0, 0.5)])
    except PackUnavailable as error:
        pytest.skip(str(error))
    for number, name in enumerate(("Joe", "Barry", "Barry's twin"), 1):
        seed.employee(f"E{number}", name, enrolled=False)
    for role in (Role.HR, Role.ADMIN):
        seed.user(role, role)
        give_password(seed, role)
    configure(seed.paths, {1: clip}, loop_file=True)
    with RunningWorker(seed.home, REAL) as worker, running_dashboard(seed) as dashboard:
        worker.until_online(1)
        yield Site(dashboard, worker)
    seed.engine.dispose()


@pytest.fixture(scope="module")
def with_camera(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    clip = browser_clip(tmp_path_factory.mktemp("camera") / "face.mjpeg", BEFORE_THE_BROWSER)
    with chromium_with_camera(chromium, clip) as browser:
        yield browser


@pytest.fixture
def page(with_camera: Browser) -> Iterator[Page]:
    opened = new_page(with_camera)
    opened.context.set_default_timeout(PATIENCE_MS)
    yield opened
    opened.context.close()


def open_person(page: Page, site: Site, employee_id: int, username: str = "hr") -> None:
    sign_in(page, site.dashboard, username, path="/employees")
    page.goto(f"{site.dashboard.url}/employees?employee={employee_id}")


def record_basis(page: Page) -> None:
    page.get_by_text("The person has given consent").click()
    page.get_by_role("button", name="Record basis").click()
    page.get_by_text("How to take the photo").wait_for()


def take_from_gate(page: Page) -> None:
    page.get_by_role("radio", name="Camera of the site").click()
    page.get_by_role("button", name="Take it").click()


def newest_answer(page: Page) -> Locator:
    return page.locator(".gspe-card .gspe-state").first


def test_a_person_is_enrolled_from_the_browsers_camera(site: Site, page: Page) -> None:
    open_person(page, site, JOE)
    record_basis(page)
    expect(page.get_by_text("0 of 5 views taken.")).to_be_visible()
    take_photo(page)
    expect(newest_answer(page)).to_contain_text("Accepted", timeout=PATIENCE_MS)
    expect(page.get_by_text("Templates in use: 1")).to_be_visible()
    expect(page.get_by_text("1 of 5 views taken.")).to_be_visible()
    expect(page.get_by_text("Turn the head a little to your own left.")).to_be_visible()

    take_photo(page, shown_s=2.0)  # another picture of the clip, which begins anew
    expect(newest_answer(page)).to_contain_text("This is another view: Front", timeout=PATIENCE_MS)

    (template,) = site.templates(JOE)
    assert (template.source, template.quality["pose"]) == ("browser", Pose.FRONT)
    assert template.quality["face_px"] > 100
    (consent,) = [row for row in site.rows(Consent) if row.employee_id == JOE]
    assert consent.recorded_at < template.created_at


def test_a_camera_of_the_site_enrols_who_is_then_recognised_and_told_from_others(
    site: Site, page: Page
) -> None:
    open_person(page, site, BARRY)
    record_basis(page)
    take_from_gate(page)
    expect(newest_answer(page)).to_contain_text("Accepted", timeout=PATIENCE_MS)
    expect(page.get_by_text("Looks most like Joe")).to_be_visible()
    (template,) = site.templates(BARRY)
    assert (template.source, template.camera_id) == ("site_camera", 1)
    site.worker.until(lambda: site.rows(Visit), "he is recognised")
    assert {row.employee_id for row in site.rows(Visit)} == {BARRY}

    page.goto(f"{site.dashboard.url}/employees?employee={TWIN}")
    record_basis(page)
    take_from_gate(page)
    expect(newest_answer(page)).to_contain_text("Looks like Barry (E2)", timeout=PATIENCE_MS)
    expect(page.get_by_text("an administrator can enrol the photo anyway")).to_be_visible()
    assert site.templates(TWIN) == []


def test_only_an_administrator_insists_and_the_trail_says_so(site: Site, page: Page) -> None:
    open_person(page, site, TWIN, "admin")
    page.get_by_text("How to take the photo").wait_for()
    take_from_gate(page)
    page.get_by_role("button", name="Enrol anyway").click()
    page.locator("[class*=st-key-insist_][class*=_sure] button").click()
    expect(newest_answer(page)).to_contain_text("Accepted", timeout=PATIENCE_MS)
    expect(page.get_by_text("Careful: looks much like Barry")).to_be_visible()
    (template,) = site.templates(TWIN)
    (added,) = [row for row in site.rows(AuditLog) if row.subject == f"face_templates:{template.id}"]
    assert (added.actor, added.params["despite_look_alike"]) == ("admin", "E2")


def test_withdrawing_ends_templates_and_recognition(site: Site, page: Page) -> None:
    open_person(page, site, TWIN, "hr")
    page.get_by_role("button", name="Withdraw").click()
    page.locator(".st-key-withdraw_sure button").click()
    expect(page.get_by_text("The basis was withdrawn on")).to_be_visible()
    assert site.templates(TWIN) == []
