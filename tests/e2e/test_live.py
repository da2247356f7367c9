"""The live view in a real browser: pictures move, are labelled, switch, and never pass old for new."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
from PIL import Image
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.domain.states import CameraStatus, Role
from core.storage.models import AuditLog, Camera
from tests.browser import Dashboard, give_password, new_page, running_dashboard, sign_in
from tests.choosing import choose
from tests.live_frames import (
    BITS,
    CELL_PX,
    HEIGHT_PX,
    WIDTH_PX,
    candidate_of,
    named_box,
    overlay,
    unnamed_box,
    write_frame,
)
from tests.patience import PATIENCE_MS, PATIENCE_S
from tests.running_site import until
from tests.seed import Seed, working_day

pytestmark = pytest.mark.browser

GREEN, AMBER = (52, 211, 153), (251, 191, 36)


CAMERAS = (1, 2, 3, 4)
STRANGER = unnamed_box("below_threshold") | candidate_of(2, "Budi Santoso", 0.41, 0.06)


class FakeWorker:
    """Writes live frames and heartbeats of the cameras ten times a second until it is paused.

    `broken`: cameras that write nothing, with the cause that the worker found.
    """

    def __init__(self, seed: Seed) -> None:
        self._seed = seed
        self.broken: dict[int, tuple[str, str]] = {}
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
            for camera_id in set(CAMERAS) - self.broken.keys():
                unnamed = STRANGER if camera_id == 2 else unnamed_box("too_small")
                boxes = [named_box(1, "Ayu Lestari"), unnamed]
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
            connection.execute(update(Camera).values(**facts, cause=None))
            for camera_id, (status, cause) in self.broken.items():
                broken = {"status": status, "cause": cause}
                connection.execute(update(Camera).where(Camera.id == camera_id).values(**broken))

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Seed:
    seed = working_day(tmp_path_factory.mktemp("home"))
    seed.camera(3, "Parkir belakang", position=-1)
    seed.camera(4, "Ruang rapat")
    for role in Role:
        give_password(seed, str(role))
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
    """The first camera alone."""
    with opened(chromium, dashboard, worker, Role.SUPERVISOR, "camera=1") as page:
        yield page


@pytest.fixture
def wall(chromium: Browser, dashboard: Dashboard, worker: FakeWorker) -> Iterator[Page]:
    with opened(chromium, dashboard, worker, Role.VIEWER, "tiles=4") as page:
        yield page


@contextmanager
def opened(
    chromium: Browser, dashboard: Dashboard, worker: FakeWorker, role: Role, query: str
) -> Iterator[Page]:
    worker.writing.set()
    worker.broken.clear()
    page = new_page(chromium)
    sign_in(page, dashboard, str(role))
    page.goto(f"{dashboard.url}/live?{query}")
    expect(live(page).first).to_have_attribute("data-state", "live", timeout=PATIENCE_MS)
    try:
        yield page
    finally:
        page.context.close()


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
                context.getImageData((bit + 0.5) * cell * canvas.width, y * canvas.height, 1, 1).data[0]);
        }""",
            [BITS, CELL_PX / WIDTH_PX, 1 - CELL_PX / 2 / HEIGHT_PX],
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
    choose(page.get_by_test_id("stSelectbox").get_by_role("combobox"), name)


def order(page: Page) -> list[str]:
    return live(page).locator(".gspe-live-name").all_inner_texts()


def tile(page: Page, name: str) -> Locator:
    return live(page).filter(has=page.get_by_text(name, exact=True))


def test_the_picture_moves_and_is_fresh(page: Page) -> None:
    first, frames = number_in_picture(page), int(shown(page, "frames"))
    wait_until(page, f"Number(data.frames) >= {frames + 5}")
    assert number_in_picture(page) != first
    wait_until(page, "Number(data.age) < 3")
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
    expect(live(page)).to_have_attribute("data-camera", "2")
    expect(live(page)).to_have_attribute("data-state", "live")
    assert near(pixel(page, 0.9, 0.1), (160, 40, 20))
    choose_camera(page, "Gerbang depan")
    expect(live(page)).to_have_attribute("data-camera", "1")
    expect(live(page)).to_have_attribute("data-state", "live")
    assert near(pixel(page, 0.9, 0.1), (20, 40, 160))
    assert sockets == []


def test_an_old_picture_is_greyed_and_says_so_until_a_new_one_comes(page: Page, worker: FakeWorker) -> None:
    worker.writing.clear()
    wait_until(page, "data.state === 'old'")
    expect(live(page).get_by_text("it does not show what happens now").first).to_be_visible()
    style = live(page).locator("canvas").evaluate("canvas => getComputedStyle(canvas).filter")
    assert "grayscale(1)" in style
    assert float(shown(page, "age")) > 3
    worker.writing.set()
    wait_until(page, "data.state === 'live'")


def test_without_worker_the_page_turns_red_and_names_nobody(page: Page, worker: FakeWorker) -> None:
    tracked = page.get_by_test_id("stDataFrame")
    expect(tracked).to_be_visible()
    worker.writing.clear()
    expect(page.get_by_text("The worker has been silent since")).to_be_visible()
    expect(page.get_by_test_id("stAlert").get_by_text("nothing is recognised now")).to_be_visible()
    expect(tracked).to_have_count(0)
    worker.writing.set()
    expect(tracked).to_be_visible()
    expect(page.get_by_text("The worker has been silent since")).to_have_count(0)


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
    expect(live(page).get_by_text("The connection to the server is lost.").first).to_be_visible()
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


def test_the_wall_shows_every_camera_over_one_connection(wall: Page) -> None:
    sockets: list[str] = []
    wall.on("websocket", lambda socket: sockets.append(socket.url))
    wall.reload()
    for name in ("Parkir belakang", "Gerbang depan", "Gudang", "Ruang rapat"):
        expect(tile(wall, name)).to_have_attribute("data-state", "live")
        expect(tile(wall, name).locator(".gspe-live-fps")).to_have_text("5.0 fps")
        expect(tile(wall, name).locator(".gspe-live-age")).to_contain_text("s old")
        expect(tile(wall, name).get_by_role("status")).to_have_text(f"{name}: Live")
    assert order(wall) == ["Parkir belakang", "Gerbang depan", "Gudang", "Ruang rapat"], "by position"
    assert len([url for url in sockets if url.endswith("/api/live")]) == 1


def test_a_tile_is_moved_by_keyboard_and_stays_there_when_the_page_comes_back(
    wall: Page, dashboard: Dashboard
) -> None:
    wall.get_by_role("button", name="Move Gudang one place ahead").focus()
    wall.keyboard.press("Enter")
    moved = ["Parkir belakang", "Gudang", "Gerbang depan", "Ruang rapat"]
    expect(live(wall).locator(".gspe-live-name")).to_have_text(moved)
    expect(wall.get_by_role("button", name="Move Gudang one place ahead")).to_be_focused()
    wall.reload()
    expect(live(wall).locator(".gspe-live-name")).to_have_text(moved)
    wall.goto(f"{dashboard.url}/live")
    expect(live(wall).locator(".gspe-live-name")).to_have_text(moved)


def test_a_camera_without_picture_is_grey_and_says_why_beside_the_others(
    wall: Page, worker: FakeWorker
) -> None:
    worker.broken[4] = (CameraStatus.UNAUTHORISED, "unauthorised")
    worker.broken[3] = (CameraStatus.NO_FRAMES, "frozen")
    expect(tile(wall, "Ruang rapat")).to_have_attribute("data-state", "offline")
    expect(tile(wall, "Ruang rapat").get_by_role("status")).to_contain_text(
        "Password refused. The camera refuses the user name or password."
    )
    expect(tile(wall, "Parkir belakang").get_by_role("status")).to_contain_text(
        "The camera sends the same picture again and again."
    )
    style = tile(wall, "Ruang rapat").locator("canvas").evaluate("canvas => getComputedStyle(canvas).filter")
    assert "grayscale(1)" in style
    expect(tile(wall, "Gudang")).to_have_attribute("data-state", "live")


def test_a_disabled_camera_loses_its_picture(wall: Page, seed: Seed) -> None:
    chosen(seed, 4, enabled=False)
    try:
        expect(tile(wall, "Ruang rapat")).to_have_attribute("data-state", "error")
        expect(tile(wall, "Ruang rapat").get_by_role("status")).to_contain_text("This camera is disabled.")
        blank = "canvas => canvas.getContext('2d').getImageData(9, 9, 1, 1).data[3] === 0"
        assert tile(wall, "Ruang rapat").locator("canvas").evaluate(blank)
    finally:
        chosen(seed, 4, enabled=True)
    expect(tile(wall, "Ruang rapat")).to_have_attribute("data-state", "live")


def chosen(seed: Seed, camera_id: int, *, enabled: bool) -> None:
    with seed.engine.begin() as connection:
        connection.execute(update(Camera).where(Camera.id == camera_id).values(enabled=enabled))


def test_a_line_that_is_dead_and_clocks_that_jump_make_the_picture_old(wall: Page) -> None:
    """Nothing is received any more although nobody closed the connection; the other clock runs ahead."""
    wall.evaluate(
        """() => {
            const now = Date.now.bind(Date);
            window.ahead = 0;
            Date.now = () => now() + window.ahead;
        }"""
    )
    tile_of = tile(wall, "Gudang")
    tile_of.evaluate("""tile => new Promise((done) => {
        const seen = () => tile.dataset.state === "old"
            && (clearInterval(leap), observer.disconnect(), done());
        const observer = new MutationObserver(seen);
        observer.observe(tile, { attributes: true });
        window.ahead = 120_000;
        const leap = setInterval(() => (window.ahead += 60_000), 10);
    })""")
    expect(tile_of).to_have_attribute("data-state", "live")


def test_a_click_shows_the_camera_alone_and_leads_back(wall: Page) -> None:
    wall.get_by_role("button", name="Show Gudang alone").click()
    expect(live(wall)).to_have_count(1)
    expect(tile(wall, "Gudang")).to_have_attribute("data-state", "live")
    expect(wall.get_by_text("People tracked now")).to_be_visible()
    assert "camera=2" in wall.url
    wall.get_by_role("button", name="Back to the wall").click()
    expect(live(wall)).to_have_count(4)


def test_only_admins_see_whom_an_unnamed_face_resembles(
    chromium: Browser, dashboard: Dashboard, worker: FakeWorker
) -> None:
    told = {}
    for role in (Role.ADMIN, Role.HR):
        with opened(chromium, dashboard, worker, role, "camera=2") as page:
            labels = "() => window.labels"
            page.add_init_script(
                """window.labels = [];
                const write = CanvasRenderingContext2D.prototype.fillText;
                CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
                    window.labels.push(text);
                    return write.call(this, text, ...rest);
                };"""
            )
            page.reload()
            wait_until(page, "data.state === 'live' && Number(data.frames) > 1")
            told[role] = set(page.evaluate(labels))
    assert {"Ayu Lestari 0.71", "unknown: Budi Santoso? 0.41 (+0.06)"} <= told[Role.ADMIN]
    assert {"Ayu Lestari 0.71", "unknown"} <= told[Role.HR]
    assert not [label for label in told[Role.HR] if "Budi" in label]


def test_a_snapshot_is_saved_under_camera_and_time_and_noted(page: Page, seed: Seed) -> None:
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save a picture of Gerbang depan").click()
    assert re.fullmatch(r"Gerbang-depan_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d\.jpg", saved.value.suggested_filename)
    with Image.open(saved.value.path()) as picture:
        assert picture.size == (WIDTH_PX, HEIGHT_PX)
        assert near(picture.getpixel((WIDTH_PX * 3 // 8, HEIGHT_PX // 2)), (20, 40, 160))  # type: ignore[arg-type]
        assert near(picture.getpixel((WIDTH_PX // 4, HEIGHT_PX // 2)), GREEN), "with its boxes"  # type: ignore[arg-type]
    with Session(seed.engine) as session:
        query = select(AuditLog.actor).where(
            AuditLog.subject == "cameras:1", AuditLog.action == "picture.viewed"
        )
        assert session.scalars(query).all() == ["supervisor"]


def test_the_wall_fills_the_screen(wall: Page) -> None:
    wall.get_by_role("button", name="Full screen", exact=True).click()
    wall.wait_for_function("() => document.fullscreenElement !== null")
    high = "two rows of a screen of 800 px"
    until(lambda: all(box["height"] > 350 for box in boxes(wall, 4)), high, PATIENCE_S, page=wall)
    wall.keyboard.press("Escape")


def test_on_a_phone_tiles_stand_below_one_another(wall: Page) -> None:
    wall.set_viewport_size({"width": 390, "height": 800})

    def in_one_column() -> bool:
        found = boxes(wall, 4)
        return len({box["x"] for box in found}) == 1 and all(box["width"] <= 390 for box in found)

    until(in_one_column, "one column", PATIENCE_S, page=wall)
    assert all(box["x"] >= 0 for box in boxes(wall, 4))


def boxes(wall: Page, count: int) -> list[FloatRect]:
    """Where its tiles are now."""
    expect(live(wall)).to_have_count(count)
    return [box for box in map(Locator.bounding_box, live(wall).all()) if box]


def test_webrtc_shows_the_camera_with_its_boxes_and_ends_with_the_choice(
    page: Page, dashboard: Dashboard
) -> None:
    page.get_by_role("radio", name="WebRTC").click()
    expect(live(page)).to_have_count(0)
    frame = page.frame_locator("iframe").first
    video = frame.locator("video")
    expect(video).to_be_attached()
    moves = """video => new Promise((done) => {
        const canvas = document.createElement("canvas");
        const seen = new Set();
        const look = () => {
            if (video.videoWidth) {
                [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
                const context = canvas.getContext("2d");
                context.drawImage(video, 0, 0);
                const row = context.getImageData(0, canvas.height - 20, canvas.width, 1).data;
                seen.add(Array.from({length: 12}, (_, bit) => row[4 * (bit * 40 + 20)] > 127).join());
                const green = [...context.getImageData(160, 240, 1, 1).data];
                if (seen.size > 5) return done(green);
            }
            setTimeout(look, 50);
        };
        look();
    })"""
    red, green, blue, _ = video.evaluate(moves)
    assert near((red, green, blue), GREEN), "left edge of the named face"
    page.get_by_role("radio", name="WebSocket").click()
    wait_until(page, "data.state === 'live'")
    assert pages_that_failed(dashboard) == ""


def test_webrtc_that_cannot_be_had_is_said_and_leads_to_the_websocket(
    page: Page, dashboard: Dashboard
) -> None:
    refuse = "RTCPeerConnection.prototype.setRemoteDescription = () => Promise.reject(new Error('no way'))"
    page.add_init_script(refuse)
    page.reload()
    expect(live(page)).to_have_attribute("data-state", "live")
    page.get_by_role("radio", name="WebRTC").click()
    expect(page.get_by_text("The browser gets no video stream")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("iframe")).to_have_count(0)
    page.get_by_role("button", name="Show by WebSocket").click()
    wait_until(page, "data.state === 'live'")
    expect(page.get_by_role("radio", name="WebSocket")).to_be_checked()
    assert pages_that_failed(dashboard) == ""


def pages_that_failed(dashboard: Dashboard) -> str:
    """From the first traceback of a page on; Streamlit logs others for a tab that closes while it sends."""
    log = (dashboard.home / "dashboard.log").read_text()
    return log[log.index("_run_pages") :] if "_run_pages" in log else ""
