"""The page on notifications in a real browser, with a notifier that really sends."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy.orm import Session

from core.domain.states import AlertKind, Role
from core.paths import REPOSITORY
from core.storage.alerts import open_alert
from core.storage.models import AlertLog
from tests.browser import Dashboard, give_password, new_page, running_dashboard, sign_in
from tests.layout import too_wide
from tests.seed import working_day
from tests.worker.notify.hook import KEY, Hook

pytestmark = pytest.mark.browser


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as server:
        yield server


@pytest.fixture
def dashboard(tmp_path: Path, hook: Hook) -> Iterator[Dashboard]:
    seed = working_day(tmp_path / "site")
    seed.worker(age_s=-3600)
    give_password(seed, Role.ADMIN)
    url = f'{{"enabled": true, "url": "{hook.url}/gspe"}}'
    (seed.paths.config / "config_webhook.json").write_text(url)
    environ = {**os.environ, "GSPE_HOME": str(seed.home), "WEBHOOK_SECRET": KEY}
    with running_dashboard(seed, {"WEBHOOK_SECRET": KEY}) as running:
        notifier = subprocess.Popen([sys.executable, "-m", "worker", "notify"], env=environ, cwd=REPOSITORY)
        yield running
        notifier.terminate()
        assert notifier.wait(10) == 0
    seed.engine.dispose()


def test_a_test_message_arrives_and_the_page_says_so_by_itself(
    dashboard: Dashboard, hook: Hook, chromium: Browser
) -> None:
    page = new_page(chromium)
    sign_in(page, dashboard, "admin", path="/notifications")
    expect(page.get_by_text("The webhook is on. WEBHOOK_SECRET is set.")).to_be_visible()
    page.get_by_role("button", name="Send a test message").click()
    result = page.locator(".gspe-delivered").first
    expect(result).to_contain_text("This is a test message, sent by admin.")
    expect(result).to_contain_text("Delivered")
    assert [content["kind"] for content in hook.taken] == ["test"]

    with Session(dashboard.seed.engine) as session, session.begin():
        alert = AlertLog(kind=AlertKind.ABSENT, employee_id=1, opened_at=datetime.now(UTC))
        open_alert(session, alert)
    listed = page.locator(".gspe-delivered", has_text="Ayu Lestari (Produksi) has not been seen since")
    expect(listed).to_be_visible()
    page.get_by_text("Failed: 0").click()
    expect(page.get_by_text("nothing of what is chosen")).to_be_visible()
    page.get_by_text("Failed: 0").click()
    expect(listed).to_be_visible()
    assert hook.violations == []
    page.context.close()

    phone = new_page(chromium, width=390)
    sign_in(phone, dashboard, "admin", path="/notifications")
    expect(phone.locator(".gspe-rows").last).to_be_attached()
    assert too_wide(phone) == []
    phone.context.close()
