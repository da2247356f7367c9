"""The pages in a real browser: what only a browser does, typed, uploaded, downloaded and refreshed."""

import csv
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.states import PhotoOutcome, Role
from core.storage.asking import EnrolAnswer, EnrolPayload, to_json
from core.storage.models import Attendance, Camera, Employee, Presence, WorkerRequest, WorkerStatus
from core.storage.requests import finish
from tests.browser import Dashboard, free_port, give_password, new_page, running_dashboard, sign_in
from tests.layout import rest
from tests.patience import PATIENCE_MS
from tests.seed import working_day

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """With a worker whose report stays fresh for the length of the tests."""
    seed = working_day(tmp_path_factory.mktemp("site"))
    seed.worker(age_s=-3600)
    for number in range(30):
        seed.employee(f"N{number:02}", f"Orang {number:02}", "Produksi")
    with Session(seed.engine) as session, session.begin():
        session.query(Camera).update({"last_frame_at": seed.now + timedelta(hours=1)})
    for role in Role:
        give_password(seed, role)
    with running_dashboard(seed) as running:
        yield running
    seed.engine.dispose()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    opened = new_page(chromium)
    yield opened
    opened.context.close()


def test_the_board_refreshes_around_what_is_typed_and_scrolled(dashboard: Dashboard, page: Page) -> None:
    sign_in(page, dashboard, "supervisor", path="/presence")
    search = page.get_by_label("Search name or code")
    search.fill("orang")
    expect(page).to_have_url(re.compile("q=orang"))
    expect(page.locator(".gspe-card b", has_text="Ayu Lestari")).to_have_count(0)
    page.locator(".gspe-card").last.scroll_into_view_if_needed()
    scrolled = page.locator("[data-testid=stMain]").evaluate("main => main.scrollTop")
    assert scrolled > 0

    with Session(dashboard.seed.engine) as session, session.begin():
        present = session.scalars(select(Presence).where(Presence.state == "available")).all()
        for row in present:
            row.state = "off"
    expect(page.locator(".gspe-counts b").first).to_have_text("0")

    assert search.input_value() == "orang"
    assert page.locator("[data-testid=stMain]").evaluate("main => main.scrollTop") == scrolled
    page.reload()
    expect(page.get_by_label("Search name or code")).to_have_value("orang")


def test_the_csv_that_is_downloaded_equals_the_database(
    dashboard: Dashboard, page: Page, tmp_path: Path
) -> None:
    day = dashboard.seed.now.date()
    sign_in(page, dashboard, "supervisor", path=f"/attendance?day={day}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    saved = tmp_path / "attendance.csv"
    download.value.save_as(saved)

    assert download.value.suggested_filename == f"attendance-{day}.csv"
    with saved.open(encoding="utf-8-sig", newline="") as content:
        rows = {row["Code"]: row for row in csv.DictReader(content)}
    with Session(dashboard.seed.engine) as session:
        query = select(Attendance, Employee).join(Employee, Employee.id == Attendance.employee_id)
        stored = {employee.code: fact for fact, employee in session.execute(query)}
    assert rows.keys() == stored.keys()
    for code, fact in stored.items():
        assert datetime.fromisoformat(rows[code]["First in"]) == fact.first_in_at
        assert datetime.fromisoformat(rows[code]["Last out"]) == fact.last_out_at
        assert rows[code]["Visits"] == str(fact.visit_count)


def test_a_picture_opens_whole_for_those_who_may_see_it(dashboard: Dashboard, page: Page) -> None:
    sign_in(page, dashboard, "supervisor", path=f"/attendance?day={dashboard.seed.now.date()}")
    link = page.locator("a.gspe-zoom").first
    assert link.get_attribute("target") == "_blank"
    answer = page.request.get(dashboard.url + str(link.get_attribute("href")))
    assert answer.headers["content-type"] == "image/jpeg"


def test_a_photo_is_uploaded_and_the_answer_comes_by_itself(dashboard: Dashboard, page: Page) -> None:
    sign_in(page, dashboard, "hr", path="/employees")
    page.get_by_label("Search name, code or department").fill("E01")
    expect(page.locator("[class*=st-key-open_] button")).to_have_count(1)
    page.locator("[class*=st-key-open_] button").click()
    page.get_by_role("radio", name="Upload photos").click()
    photo = dashboard.home / "data" / "photos" / "E1" / "1.jpg"
    page.locator("input[type=file]").set_input_files(photo)
    expect(page.get_by_text("1.jpg")).to_be_visible()
    page.get_by_role("button", name="Check and enrol").click()
    expect(page.get_by_text("Waiting for the worker's answer")).to_be_visible()

    with Session(dashboard.seed.engine) as session, session.begin():
        request = session.scalars(select(WorkerRequest)).one()
        asked = EnrolPayload(**request.payload)
        answer = to_json(EnrolAnswer(PhotoOutcome.TOO_BLURRY))
        finish(session, request.id, answer, datetime.now(UTC))
    assert (dashboard.home / "data" / "requests" / asked.photo).read_bytes() == photo.read_bytes()
    expect(page.get_by_text("The face is blurred")).to_be_visible()
    expect(page.get_by_text("Waiting for the worker's answer")).to_have_count(0)


def test_a_camera_is_added_and_its_password_is_never_shown(dashboard: Dashboard, page: Page) -> None:
    sign_in(page, dashboard, "admin", path="/cameras")
    page.get_by_role("button", name="Add camera").click()
    page.get_by_label("Name", exact=True).fill("Parkir")
    page.get_by_label("Address", exact=True).fill("rtsp://10.255.0.9:554/s")
    page.get_by_label("User", exact=True).fill("op")
    page.get_by_label("Password", exact=True).fill("r4hasia@x")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Parkir was saved")).to_be_visible()

    stored = json.loads((dashboard.home / "camera_configs" / "CAM3" / "config.json").read_text())
    assert stored["rtsp_url"] == "rtsp://op:r4hasia%40x@10.255.0.9:554/s"
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_label("Address", exact=True)).to_have_value("rtsp://10.255.0.9:554/s")
    assert "r4hasia" not in page.content()
    assert page.get_by_label("Password", exact=True).input_value() == ""


def test_a_card_keeps_the_focus_and_its_place_over_refreshes(dashboard: Dashboard, page: Page) -> None:
    """The mark of an alert is a link on a card; its card is never replaced, only what changes on it."""
    with Session(dashboard.seed.engine) as session, session.begin():
        session.query(Presence).update({"last_seen_at": datetime.now(UTC)})
    sign_in(page, dashboard, "supervisor", path="/presence?group=none&order=state")
    mark = page.locator(".gspe-wanting").first
    mark.focus()
    rest(page)  # what comes in at first is no refresh
    page.evaluate(
        "window.shifts = 0; new PerformanceObserver(list => list.getEntries().forEach(entry =>"
        " window.shifts += entry.value)).observe({type: 'layout-shift'});"
        " document.querySelectorAll('.gspe-card').forEach(card => card.seen = true)"
    )
    age = page.locator(".gspe-card .gspe-quiet", has_text="Last seen").first
    for _ in range(2):
        expect(age).not_to_have_text(age.inner_text())
    assert page.evaluate("document.activeElement.classList.contains('gspe-wanting')")
    assert page.evaluate("[...document.querySelectorAll('.gspe-card')].every(card => card.seen)")
    assert page.evaluate("window.shifts") == 0


def test_the_bell_tells_and_keeps_what_is_typed(dashboard: Dashboard, page: Page) -> None:
    sign_in(page, dashboard, "supervisor", path="/presence")
    page.get_by_test_id("stPopover").get_by_role("button", name="Alerts").click()
    page.get_by_role("button", name="Excuse …").first.click()
    reason = page.get_by_label("Reason")
    reason.fill("half a")
    alert_id = dashboard.seed.alert(2, datetime.now(UTC))
    toast = page.locator(".gspe-toast")
    expect(toast).to_contain_text("Budi Santoso has not been seen since")
    assert reason.input_value() == "half a"
    expect(reason).to_be_focused()
    page.locator(f".st-key-bell_acknowledge_{alert_id} button").click()
    expect(page.locator(f".st-key-bell_acknowledge_{alert_id}")).to_have_count(0)
    assert page.evaluate("document.documentElement.lang") == "en"
    page.reload()
    expect(page.locator(".gspe-card").first).to_be_visible()
    expect(toast).to_have_count(0)


def test_old_facts_turn_unknown_while_one_looks(dashboard: Dashboard, page: Page) -> None:
    sign_in(page, dashboard, "supervisor", path="/presence")
    expect(page.locator(".gspe-counts b").first).not_to_have_text("–")  # noqa: RUF001 - as shown
    with Session(dashboard.seed.engine) as session, session.begin():
        silent_since = dashboard.seed.now - timedelta(minutes=5)
        session.query(WorkerStatus).update({"heartbeat_at": silent_since})
    expect(page.get_by_text(f"Unknown since {silent_since:%H:%M}").first).to_be_visible(timeout=PATIENCE_MS)
    with Session(dashboard.seed.engine) as session, session.begin():
        session.query(WorkerStatus).update({"heartbeat_at": dashboard.seed.now + timedelta(hours=1)})


def test_a_page_asks_nobody_outside_and_its_tab_has_our_icon(dashboard: Dashboard, page: Page) -> None:
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url))
    sign_in(page, dashboard, "admin", path="/presence")
    page.get_by_role("link", name="Health").click()
    expect(page.get_by_role("heading", name="Health")).to_be_visible()
    assert [url for url in asked if not url.startswith((dashboard.url, "data:", "blob:"))] == []
    assert [text for text in said if "Content Security Policy" in text] == []
    icon = page.locator("link[rel~=icon]")
    expect(icon).to_have_count(1)
    expect(icon).to_have_attribute("href", re.compile("^data:image/svg"))


def test_a_lost_server_is_told_in_the_readers_language_and_the_page_comes_back_by_itself(
    chromium: Browser, tmp_path: Path
) -> None:
    seed, port = working_day(tmp_path), free_port()
    give_password(seed, "spv.gudang")
    page = new_page(chromium, width=390)
    page.set_default_timeout(PATIENCE_MS)
    bar, board = page.locator("#gspe-cut-off"), page.get_by_role("heading", name="Kehadiran", exact=True)
    with running_dashboard(seed, port=port) as dashboard:
        sign_in(page, dashboard, "spv.gudang", path="/presence")
        expect(board).to_be_visible(timeout=PATIENCE_MS)
        expect(bar).to_be_attached()  # the browser has the page's script
        expect(bar).to_be_hidden()
        page.evaluate(NOTE_DIALOGS)
    expect(bar).to_contain_text("Tidak ada sambungan ke sistem sejak", timeout=PATIENCE_MS)
    page.wait_for_function("window.dialogs.length")
    expect(page.get_by_test_id("stDialog")).to_have_count(0)
    expect(bar).to_be_visible()
    with running_dashboard(seed, port=port):
        expect(bar).to_be_hidden(timeout=PATIENCE_MS)
        expect(board).to_be_visible()
    page.context.close()
    seed.engine.dispose()


NOTE_DIALOGS = """() => {
    window.dialogs = [];
    const noted = (node) => node.matches?.("[data-testid=stDialog]") && window.dialogs.push(node);
    const note = (changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach(noted));
    new MutationObserver(note).observe(document.body, { childList: true, subtree: true });
}"""
"""Streamlit opens its own, which must go before anybody reads it."""
