"""What only a browser shows of the Cameras and the Health page: drawing a mask, and restarting programs."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Error, Locator, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.states import Role
from core.live_frame import split_overlay
from core.settings_store import SettingsStore
from core.storage.models import AuditLog
from tests.browser import (
    Dashboard,
    free_port,
    give_password,
    new_page,
    running_dashboard,
    sign_in,
    stamp,
)
from tests.painted import LEFT, SIZE
from tests.painted_clip import painted_clip
from tests.running import RunningWorker, configure
from tests.seed import Seed, working_day
from tests.supervised import SupervisedPrograms, eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HEIGHT, WIDTH = SIZE
JPEG_NOISE = 24


@pytest.fixture
def seed(tmp_path: Path) -> Iterator[Seed]:
    seed = Seed(tmp_path / "home")
    seed.user("admin", Role.ADMIN)
    give_password(seed, "admin")
    yield seed
    seed.engine.dispose()


def corner(stage: Locator, x: float, y: float) -> dict[str, float]:
    box = stage.bounding_box()
    assert box is not None
    return {"x": x * box["width"], "y": y * box["height"]}


def live(seed: Seed) -> np.ndarray | None:
    file = seed.paths.live_frame(1)
    if not file.exists():
        return None
    _, jpeg = split_overlay(file.read_bytes())
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)


def is_black(seed: Seed, left: float, top: float, right: float, bottom: float) -> bool:
    """Whether this part of the live file, in fractions, is black."""
    pixels = live(seed)
    if pixels is None:
        return False
    part = pixels[int(top * HEIGHT) : int(bottom * HEIGHT), int(left * WIDTH) : int(right * WIDTH)]
    return bool(part.max() < JPEG_NOISE)


def open_areas(page: Page, dashboard: Dashboard) -> Locator:
    sign_in(page, dashboard, "admin", path="/cameras")
    page.get_by_role("button", name="Edit").click()
    page.get_by_role("tab", name="Privacy masks and zones").click()
    page.wait_for_selector(".gspe-areas[data-picture]")
    return page.locator(".gspe-areas .stage")


def test_a_mask_that_is_drawn_is_black_in_the_live_file(
    seed: Seed, chromium: Browser, tmp_path: Path
) -> None:
    stamp(seed)
    configure(seed.paths, {1: painted_clip(tmp_path / "clip.mkv", [(3, {1: LEFT})])}, jpeg_quality=95)
    with RunningWorker(seed.home) as worker, running_dashboard(seed) as dashboard:
        worker.until_online(1)
        worker.until(lambda: live(seed) is not None, "there is a picture")
        page = new_page(chromium)
        stage = open_areas(page, dashboard)
        editor = page.locator(".gspe-areas")
        save = page.get_by_role("button", name="Save", exact=True).last
        expect(save).to_be_disabled()

        page.get_by_role("button", name="Draw").click()
        for x, y in ((0.5, 0.1), (0.9, 0.1), (0.9, 0.6), (0.5, 0.6)):
            stage.click(position=corner(stage, x, y))
        page.keyboard.press("Enter")
        expect(editor).to_have_attribute("data-dirty", "true")
        page.get_by_role("button", name="Undo").click()
        expect(editor).to_have_attribute("data-dirty", "false")

        page.get_by_role("button", name="Draw").click()
        for x, y in ((0.5, 0.1), (0.9, 0.1), (0.9, 0.6), (0.5, 0.6), (0.5, 0.1)):
            stage.click(position=corner(stage, x, y))
        point = page.get_by_role("button", name="Point 3 of area 1")
        point.focus()
        for _ in range(5):
            page.keyboard.press("ArrowDown")
        page.get_by_label("Point 4: percent from the top").fill("65")
        page.keyboard.press("Tab")
        page.get_by_text("Preview").click()
        page.get_by_text("Preview").click()
        assert not is_black(seed, 0.52, 0.15, 0.88, 0.58), "nothing is saved yet"
        save.click()
        page.get_by_text("Saved. The worker takes it up within seconds").wait_for()

        (mask,) = SettingsStore(seed.paths).load_camera(1).value.privacy_masks
        assert [[round(part, 2) for part in point] for point in mask] == [
            [0.5, 0.1],
            [0.9, 0.1],
            [0.9, 0.65],
            [0.5, 0.65],
        ]
        worker.until(lambda: is_black(seed, 0.52, 0.13, 0.88, 0.62), "the live file is black there")
        pixels = live(seed)
        assert pixels is not None
        assert pixels[:, : WIDTH // 2 - 8, 1].max() > 100, "and only there"
        expect(editor).to_have_attribute("data-dirty", "false")


def test_by_keyboard_alone_a_zone_is_added_on_a_phone(seed: Seed, chromium: Browser) -> None:
    configure(seed.paths, {1: "demo:"})
    with running_dashboard(seed) as dashboard:
        page = new_page(chromium, width=390, dark=True)
        sign_in(page, dashboard, "admin", path="/cameras")
        page.get_by_role("button", name="Edit").click()
        page.get_by_role("tab", name="Privacy masks and zones").click()
        page.get_by_text("There is no picture of this camera now").wait_for()
        page.get_by_role("radio", name="Zones").focus()
        page.keyboard.press("Space")
        page.get_by_role("button", name="Add rectangle").focus()
        page.keyboard.press("Enter")
        field = page.get_by_label("Point 1: percent from the left")
        expect(field).to_be_focused()
        field.fill("10")
        page.keyboard.press("Tab")
        save = page.get_by_role("button", name="Save", exact=True).last
        save.focus()
        page.keyboard.press("Enter")
        page.get_by_text("Saved. The worker takes it up within seconds").wait_for()
        (zone,) = SettingsStore(seed.paths).load_camera(1).value.zones
        assert zone == ((0.1, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7))


def restarted(seed: Seed) -> list[str]:
    with Session(seed.engine) as session:
        query = select(AuditLog.subject).where(AuditLog.action == "program.restarted")
        return list(session.scalars(query.order_by(AuditLog.id)))


def restart(page: Page, name: str) -> None:
    card = page.locator(f".st-key-program_{name}")
    card.get_by_role("button", name="Restart").click()
    page.locator(f".st-key-restart_{name}_sure button").click()


def test_worker_and_dashboard_are_restarted_from_the_page(tmp_path: Path, chromium: Browser) -> None:
    seed = working_day(tmp_path / "home")
    give_password(seed, "admin")
    stamp(seed)
    supervised = SupervisedPrograms(seed.home, real="dashboard")
    port = free_port()
    supervised.environment |= {"GSPE_PORT": str(port), "GSPE_NO_DEMO": "1"}

    def pid(name: str) -> int:
        return next(program.pid for program in supervised.control.programs() if program.name == name)

    with supervised:
        assert eventually(lambda: bool(supervised.started("worker")))
        page = new_page(chromium)
        dashboard = Dashboard(f"http://127.0.0.1:{port}", seed)
        assert eventually(lambda: answers(page, dashboard.url))
        sign_in(page, dashboard, "admin", path="/health")
        page.get_by_text("Watches the cameras and writes the facts").wait_for()
        worker, server = pid("worker"), pid("dashboard")
        restart(page, "worker")
        assert eventually(lambda: pid("worker") not in (0, worker))
        restart(page, "dashboard")
        page.get_by_text("The dashboard restarts now").wait_for()
        assert eventually(lambda: pid("dashboard") not in (0, server))
        assert eventually(lambda: answers(page, dashboard.url))
        page.goto(f"{dashboard.url}/health")
        page.get_by_text("Watches the cameras and writes the facts").wait_for()
        assert restarted(seed) == ["programs:worker", "programs:dashboard"]
    seed.engine.dispose()


def answers(page: Page, url: str) -> bool:
    try:
        return page.request.get(f"{url}/api/health").ok
    except Error:
        return False
