"""Reports and the muster list in a real browser: charts are drawn, files come down, the list prints."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader
from sqlalchemy.orm import Session

from core.domain.states import CoverageState
from core.storage.models import Camera, CameraCoverage
from tests.browser import Dashboard, give_password, new_page, running_dashboard, sign_in
from tests.patience import PATIENCE_MS
from tests.seed import working_day

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """With a worker whose report stays fresh for the length of the tests."""
    seed = working_day(tmp_path_factory.mktemp("site"))
    seed.worker(age_s=-3600)
    start = seed.now - timedelta(days=2)
    seed.add(CameraCoverage(camera_id=1, state=CoverageState.OBSERVING, started_at=start, ended_at=seed.now))
    with Session(seed.engine) as session, session.begin():
        session.query(Camera).update({"last_frame_at": seed.now + timedelta(hours=1)})
    for user in ("hr", "viewer"):
        give_password(seed, user)
    with running_dashboard(seed) as running:
        yield running
    seed.engine.dispose()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    opened = new_page(chromium)
    yield opened
    opened.context.close()


def downloaded(page: Page, make: str, name: str, folder: Path) -> Path:
    page.get_by_role("button", name=make, exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Download {name}-").click()
    target = folder / download.value.suggested_filename
    download.value.save_as(target)
    return target


def test_a_month_is_drawn_and_taken_away(dashboard: Dashboard, page: Page, tmp_path: Path) -> None:
    sign_in(page, dashboard, "hr", path="/reports")
    expect(page.get_by_text("People: 8 · coverage")).to_be_visible()
    book = downloaded(page, "Excel", "month", tmp_path)
    assert book.name.startswith("month-")
    assert book.suffix == ".xlsx"
    assert book.read_bytes().startswith(b"PK")
    pay = downloaded(page, "Payroll CSV", "payroll", tmp_path)
    assert pay.read_text("utf-8-sig").startswith("Employee code;")

    page.get_by_test_id("stDataFrame").hover()
    expect(page.get_by_role("button", name="Fullscreen")).to_be_visible()
    expect(page.get_by_role("button", name="Download as CSV")).to_be_hidden()
    page.get_by_role("tab", name="Charts").click()
    for title in ("Attendance rate (%)", "Arrivals (count)", "Hour of the day (hh)", "Department"):
        drawn = page.locator(".js-plotly-plot").get_by_text(title, exact=True)
        expect(drawn).to_be_visible(timeout=PATIENCE_MS)  # the first chart brings the library that draws it


def test_the_muster_list_prints_what_it_shows_and_says_its_age(
    dashboard: Dashboard, page: Page, tmp_path: Path
) -> None:
    sign_in(page, dashboard, "viewer", path="/muster")
    expect(page.get_by_role("heading", name="Believed inside: 4")).to_be_visible()
    assert "Ayu Lestari" in words_of(downloaded(page, "PDF to print", "muster", tmp_path).read_bytes())
    dashboard.seed.worker(age_s=7200)
    expect(page.get_by_role("alert").filter(has_text="These facts are 2 h old")).to_be_visible(
        timeout=PATIENCE_MS
    )
    printed = words_of(page.pdf(format="A4"))
    dashboard.seed.worker(age_s=-3600)
    assert "Believed inside: 4" in printed
    assert "These facts are 2 h old" in printed
    assert "Sign out" not in printed
    assert "PDF to print" not in printed


def words_of(pdf: bytes) -> str:
    return " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(BytesIO(pdf)).pages).split())
