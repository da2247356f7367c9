"""The live view in a real browser: the picture moves, is labelled, switches, and never passes old for new."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import update

from core.domain.states import CameraStatus, Role
from core.storage.models import Camera
from tests.browser import Dashboard, give_password, new_page, running_dashboard, sign_in
from tests.live_frames import BITS, CELL_PX, HEIGHT_PX, named_box, overlay, unnamed_box, write_frame
from tests.seed import Seed, working_day

pytestmark = pytest.mark.browser

GREEN, AMBER = (52, 211, 153), (251, 191, 36)


class FakeWorker:
    """Writes live frames and heartbeats of both cameras ten times a second until it is paused."""

    def __init__(self, seed: Seed) -> None:
        self._seed = seed
        self._stop, self._thread = Event(), Thread(target=self._work)
        self.writing = Event()
        self.writing.set()
        self._thread.start()

    def _work(self) -> None:
        sequence = 0
        while not self._stop.wait(0.1):
            if not self.writing.is_set():
                continue
            sequence = sequence % (2**BITS - 1) + 1
            self._seed.now = datetime.now(UTC)
            boxes = [named_box(1, "Ayu Lestari"), unnamed_box("too_small")]
            for camera_id in (1, 2):
                write_frame(self._seed.paths, overlay(camera_id, sequence, self._seed.now, boxes))
            if sequence % 10 == 1:
                self._report()

    def _report(self) -> None:
        self._seed.worker()
        since = (self._seed.now - timedelta(seconds=90)).isoformat()
        tracks = [{"employee_id": 1, "track_id": 1, "since": since}]
        tracks.append({"employee_id": None, "track_id": 2, "since": since})
        facts = {"status": CameraStatus.ONLINE, "last_frame_at": self._seed.now, "tracks": tracks}
        with self._seed.engine.begin() as connection:
            connection.execute(update(Camera).values(**facts))

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Seed:
    seed = working_day(tmp_path_factory.mktemp("home"))
    give_password(seed, str(Role.SUPERVISOR))
    return seed


@pytest.fixture(scope="module")
def dashboard(seed: Seed) -> Iterator[Dashboard]:
    with running_dashboard(seed) as running:
        yield running


@pytest.fixture(scope="module")
def worker(seed: Seed) -> Iterator[FakeWorker]:
    working = FakeWorker(seed)
    yield working
    working.stop()


@pytest.fixture
def page(chromium: Browser, dashboard: Dashboard, worker: FakeWorker) -> Iterator[Page]:
    worker.writing.set()
    opened = new_page(chromium)
    sign_in(opened, dashboard, "supervisor", path="/live")
    expect(live(opened)).to_have_attribute("data-state", "live")
    yield opened
    opened.context.close()


def live(page: Page) -> Locator:
    return page.locator(".gspe-live")


def pixel(page: Page, x: float, y: float) -> tuple[int, int, int]:
    """The canvas's colour at a fraction of its width and height."""
    read = """(canvas, [x, y]) => {
        const [left, top] = [Math.round(x * canvas.width), Math.round(y * canvas.height)];
        return Array.from(canvas.getContext("2d").getImageData(left, top, 1, 1).data);
    }"""
    red, green, blue, _ = live(page).locator("canvas").evaluate(read, [x, y])
    return red, green, blue


def number_in_picture(page: Page) -> int:
    """The sequence number that the pixels show, read from one frame."""
    shades = (
        live(page)
        .locator("canvas")
        .evaluate(
            """(canvas, [bits, cell, y]) => {
            const context = canvas.getContext("2d");
            return Array.from({length: bits}, (_, bit) =>
                context.getImageData(bit * cell + cell / 2, y, 1, 1).data[0]);
        }""",
            [BITS, CELL_PX, HEIGHT_PX - CELL_PX / 2],
        )
    )
    return sum(1 << bit for bit, shade in enumerate(shades) if shade > 127)


def near(colour: tuple[int, int, int], wanted: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(colour, wanted, strict=True))


def wait_until(page: Page, condition: str) -> None:
    """Until a JavaScript condition over the viewer's `data` holds."""
    root = live(page).element_handle()
    page.wait_for_function(f"root => {{ const data = root.dataset; return {condition}; }}", arg=root)


def shown(page: Page, name: str) -> str:
    return live(page).get_attribute(f"data-{name}") or ""


def choose_camera(page: Page, name: str) -> None:
    page.get_by_test_id("stSelectbox").get_by_role("combobox").click()
    page.get_by_role("option", name=name).click()


def test_the_picture_moves_and_is_fresh(page: Page) -> None:
    first, frames = number_in_picture(page), int(shown(page, "frames"))
    wait_until(page, f"Number(data.frames) >= {frames + 5}")
    assert number_in_picture(page) != first
    assert float(shown(page, "age")) < 3
    expect(page.get_by_text(" s old")).to_be_visible()


def test_boxes_are_drawn_where_the_overlay_says(page: Page) -> None:
    assert near(pixel(page, 0.25, 0.5), GREEN), "left edge of the named face"
    assert near(pixel(page, 0.5, 0.5), GREEN), "right edge of the named face"
    assert near(pixel(page, 0.625, 0.375), AMBER), "left edge of the unnamed face"
    assert near(pixel(page, 0.27, 0.21), GREEN), "the name's label lies above its box"
    assert near(pixel(page, 0.375, 0.5), (20, 40, 160)), "inside the box is the picture"


def test_switching_keeps_the_connection_and_shows_the_other_camera(page: Page) -> None:
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    choose_camera(page, "Gudang")
    wait_until(page, "data.camera === '2' && data.state === 'live'")
    assert near(pixel(page, 0.9, 0.1), (160, 40, 20))
    choose_camera(page, "Gerbang depan")
    wait_until(page, "data.camera === '1' && data.state === 'live'")
    assert near(pixel(page, 0.9, 0.1), (20, 40, 160))
    assert sockets == []


def test_an_old_picture_is_greyed_and_says_so_until_a_new_one_comes(page: Page, worker: FakeWorker) -> None:
    worker.writing.clear()
    wait_until(page, "data.state === 'old'")
    expect(page.get_by_text("seconds old. It does not show what happens now.")).to_be_visible()
    style = live(page).locator("canvas").evaluate("canvas => getComputedStyle(canvas).filter")
    assert "grayscale(1)" in style
    assert float(shown(page, "age")) > 3
    worker.writing.set()
    wait_until(page, "data.state === 'live'")


def test_without_worker_the_page_turns_red_and_names_nobody(page: Page, worker: FakeWorker) -> None:
    tracked = page.get_by_test_id("stDataFrame")
    expect(tracked).to_be_visible()
    worker.writing.clear()
    expect(page.get_by_text("The worker has been silent since")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("nothing is recognised now")).to_be_visible()
    expect(tracked).to_have_count(0)
    worker.writing.set()
    expect(tracked).to_be_visible()
    expect(page.get_by_text("The worker has been silent since")).to_have_count(0, timeout=20_000)


def test_the_viewer_reconnects_when_the_connection_breaks(page: Page) -> None:
    keep_sockets = """window.sockets = [];
        window.WebSocket = class extends WebSocket {
            constructor(...words) { super(...words); window.sockets.push(this); }
        };"""
    page.add_init_script(keep_sockets)
    page.reload()
    expect(live(page)).to_have_attribute("data-state", "live")
    broken = page.evaluate(
        """() => {
            const open = window.sockets.filter((socket) => socket.url.endsWith("/api/live"));
            open.forEach((socket) => socket.close());
            return open.length;
        }"""
    )
    assert broken == 1
    expect(page.get_by_text("The connection to the server is lost.")).to_be_visible()
    expect(live(page)).to_have_attribute("data-state", "live")
    assert page.evaluate("window.sockets.filter((socket) => socket.url.endsWith('/api/live')).length") == 2


def test_the_lease_is_renewed_while_watched(page: Page, seed: Seed) -> None:
    lease = seed.paths.viewer_lease(1)
    first = lease.stat().st_mtime_ns
    deadline_s = time.monotonic() + 30
    while lease.stat().st_mtime_ns == first and time.monotonic() < deadline_s:
        page.wait_for_timeout(100)
    assert lease.stat().st_mtime_ns > first


def test_signing_out_stops_the_picture(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("User name")).to_be_visible()
    expect(live(page)).to_have_count(0)
