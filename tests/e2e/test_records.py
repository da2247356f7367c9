"""Alerts, Records and Audit in a real browser: one click, a typed word, a downloaded file, and a phone."""

import csv
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.states import AlertKind, EventKind
from core.storage import alerts
from core.storage.models import AlertLog, AuditLog, Event
from tests.browser import Dashboard, give_password, new_page, running_dashboard, sign_in
from tests.layout import too_wide
from tests.seed import working_day

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    seed = working_day(tmp_path_factory.mktemp("site"))
    seed.paths.create()
    picture = seed.picture("data/captures/CAM1/unknown.jpg", 3)
    with Session(seed.engine) as session, session.begin():
        for kind, columns in (
            (AlertKind.CAMERA_DOWN, {"camera_id": 2, "cause": "refused"}),
            (AlertKind.UNKNOWN_PERSON, {"camera_id": 1, "picture_path": picture}),
        ):
            at = seed.now - timedelta(minutes=2)
            alerts.open_alert(session, AlertLog(kind=kind, opened_at=at, **columns))
        session.add(Event(kind=EventKind.UNKNOWN, camera_id=1, occurred_at=seed.now))
    give_password(seed, "admin")
    with running_dashboard(seed) as running:
        yield running
    seed.engine.dispose()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    opened = new_page(chromium)
    yield opened
    opened.context.close()


def test_an_alert_is_acknowledged_and_snoozed_and_the_tab_counts(dashboard: Dashboard, page: Page) -> None:
    sign_in(page, dashboard, "admin", path="/alerts")
    expect(page).to_have_title(re.compile(r"^\(3\) Alerts"))
    page.get_by_role("button", name="Acknowledge").first.click()
    expect(page.get_by_text("Wants attention: 2")).to_be_visible()
    expect(page).to_have_title(re.compile(r"^\(2\) Alerts"))
    shown = page.locator("a.gspe-zoom[href^='/api/picture/alert/']").first
    assert page.request.get(dashboard.url + str(shown.get_attribute("href"))).status == 200
    page.get_by_role("button", name="More").first.click()
    page.get_by_role("button", name="Snooze").click()
    expect(page.get_by_text("Wants attention: 1")).to_be_visible()
    expect(page.get_by_text("snoozed until")).not_to_have_count(0)


def test_logs_are_reset_by_typing_the_word_and_the_trail_is_taken_away(
    dashboard: Dashboard, page: Page, tmp_path: Path
) -> None:
    sign_in(page, dashboard, "admin", path="/records")
    page.get_by_role("tab", name="Reset logs").click()
    page.get_by_text("Both", exact=True).click()
    page.get_by_role("button", name="Count first").click()
    expect(page.get_by_text(re.compile("1 event and 10 alerts would be deleted"))).to_be_visible()
    page.get_by_label("Type delete to confirm").fill("delete")
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("Deleted: 1 event and 10 alerts.")).to_be_visible()

    page.goto(f"{dashboard.url}/audit")
    page.get_by_role("button", name="Check the chain").click()
    expect(page.get_by_text("The chain holds")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    saved = tmp_path / "audit.csv"
    download.value.save_as(saved)
    with saved.open(encoding="utf-8-sig", newline="") as content:
        noted = {row["action"]: row for row in csv.DictReader(content)}
    assert noted["logs.reset"]["actor"] == "admin"
    assert {"user.signed_in", "picture.viewed", "alert.snoozed", "audit.verified"} <= noted.keys()
    with Session(dashboard.seed.engine) as session:
        seen = session.scalars(select(AuditLog.subject).where(AuditLog.action == "faces.viewed")).all()
        assert (
            session.scalars(select(AuditLog.action).order_by(AuditLog.id.desc())).first() == "audit.exported"
        )
    assert list(seen) == ["pages:alerts"], "once an hour"


def test_they_fit_on_a_phone(dashboard: Dashboard, chromium: Browser) -> None:
    phone = new_page(chromium, width=390)
    sign_in(phone, dashboard, "admin", path="/records")
    for path in ("records", "audit", "alerts"):
        phone.goto(f"{dashboard.url}/{path}")
        expect(phone.get_by_test_id("stHeading").first).to_be_visible()
        assert too_wide(phone) == [], path
    phone.context.close()
