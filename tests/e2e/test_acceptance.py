"""From the demo to a site of one's own, by its pages alone: the first camera, the first person, the CSV."""

import csv
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from tests.browser import new_page, sign_in
from tests.face_clip import Stay, enrolment_photo, face_clip
from tests.rtsp import RtspServer
from tests.running_site import (
    NEW_PASSWORD,
    PATIENCE_MS,
    RunningSite,
    files_with,
    first_sign_in,
    running_site,
    until,
)

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.rtsp, pytest.mark.slow]

CLIP_S, FPS = 12.0, 10
STAYS = (Stay("obama2.jpg", 0.2, 11.8, 0.3), Stay("biden.jpg", 2.5, 9.5, 0.75))
"""The employee all the time and a stranger most of it, over and over."""
EMPLOYEE_PHOTO = "obama.jpg"
"""Shows the employee at another time."""
CAMERA, USER = "Lobi utara", "pemantau"
SECRET = "rahasiaQz81"
PASSWORD = f"{SECRET}@/x"
"""With the characters that a URL must escape; the part before them is looked for everywhere."""
CODE, NAME = "=E01", "Budi Santoso"
"""A spreadsheet would run the code as a formula."""
COLUMNS = [
    "Date",
    "Code",
    "Name",
    "Department",
    "First in",
    "Picture of first in taken at",
    "Last out",
    "Picture of last out taken at",
    "Last out provisional",
    "Visits",
]


@dataclass
class Admin:
    """Who sets the site up, in one browser; `names` are those drawn on the live picture."""

    site: RunningSite
    page: Page
    names: set[str | None] = field(default_factory=set)
    contents: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.keep()
        self.page.goto(f"{self.site.url}/{path}")
        self.page.get_by_role("heading", name=path.capitalize(), exact=True).wait_for()
        return self.page

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def fill(self, label: str, value: str) -> None:
        field = self.page.get_by_label(label, exact=True)
        field.fill(value)
        expect(field).to_have_value(value)

    def see(self, told: str) -> None:
        expect(self.page.get_by_text(told).first).to_be_visible(timeout=PATIENCE_MS)

    def keep(self) -> None:
        """Remembers what the page holds, for the search for secrets."""
        self.contents.append(self.page.content())

    def listen(self, socket: WebSocket) -> None:
        if socket.url.endswith("/api/live"):
            socket.on("framereceived", self._receive)

    def _receive(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            length = int.from_bytes(message[:4], "big")
            boxes = json.loads(message[4 : 4 + length])["overlay"]["boxes"]
            self.names |= {box["name"] for box in boxes}


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RtspServer]:
    clip = face_clip(tmp_path_factory.mktemp("clip") / "people.h264", CLIP_S, STAYS, fps=FPS)
    with RtspServer({"stream1": clip}, user=USER, password=PASSWORD, fps=FPS) as server:
        yield server


@pytest.fixture(scope="module")
def demo(chromium: Browser) -> Iterator[Admin]:
    with running_site() as site:
        page = new_page(chromium)
        first_sign_in(page, site)
        admin = Admin(site, page)
        page.on("websocket", admin.listen)
        yield admin
        page.context.close()


@pytest.fixture(scope="module")
def watching(demo: Admin, camera: RtspServer) -> Admin:
    """The first camera is added by its form, tried before it is saved, and the demo has ended by itself."""
    demo.open("cameras")
    demo.press("Add camera")
    demo.see("This is the demo. Saving the first real camera ends it")
    demo.fill("Name", CAMERA)
    demo.fill("Address", camera.url("stream1"))
    demo.fill("User", USER)
    demo.fill("Password", PASSWORD)
    demo.press("Test")
    demo.see("The camera works: h264 · 640×360")  # noqa: RUF001 - as shown
    demo.press("Save")
    demo.see("The demo ends now")
    expect(demo.page.get_by_text("This is a demo.")).to_have_count(0, timeout=PATIENCE_MS)
    demo.see(CAMERA)
    return demo


@pytest.fixture(scope="module")
def enrolled(watching: Admin, tmp_path_factory: pytest.TempPathFactory) -> Admin:
    """The first person is added, the basis recorded, and the worker has accepted his photo."""
    face = tmp_path_factory.mktemp("photo") / "budi.jpg"
    face.write_bytes(enrolment_photo(EMPLOYEE_PHOTO))
    watching.open("employees")
    watching.see("No employees yet.")
    watching.press("Add employee")
    watching.fill("Code", CODE)
    watching.fill("Name", NAME)
    watching.press("Save")
    watching.see("record on which basis this person's face is processed")
    watching.press("Record basis")
    watching.see("Basis: The person has given consent")
    watching.page.get_by_role("radio", name="Upload photos").click()
    watching.page.locator("input[type=file]").set_input_files(face)
    watching.see("budi.jpg")
    watching.press("Check and enrol")
    watching.see("Accepted: the face is recognised from now on")
    watching.see("Templates in use: 1")
    return watching


def test_the_site_starts_empty_with_the_admin_s_account(watching: Admin, chromium: Browser) -> None:
    assert watching.site.rows("SELECT code FROM employees") == []
    assert [row["name"] for row in watching.site.rows("SELECT name FROM cameras")] == [CAMERA]
    another = new_page(chromium)
    another.context.set_default_timeout(PATIENCE_MS)
    sign_in(another, watching.site, "admin", NEW_PASSWORD, path="/presence")  # type: ignore[arg-type]
    expect(another.get_by_text("Nobody to show yet.")).to_be_visible(timeout=PATIENCE_MS)
    another.context.close()


def test_he_is_named_live(enrolled: Admin) -> None:
    page = enrolled.open("live")
    listed = page.get_by_test_id("stDataFrame").locator("td", has_text=NAME)
    expect(listed).to_be_attached(timeout=PATIENCE_MS)
    root = page.locator(".gspe-live").element_handle()
    page.wait_for_function("root => root.dataset.state === 'live' && root.dataset.boxes > 1", arg=root)
    page.wait_for_function("root => Number(root.dataset.frames) > 10", arg=root)
    assert enrolled.names == {NAME, None}


def test_he_is_present(enrolled: Admin) -> None:
    card = enrolled.open("presence").locator(".gspe-cards .gspe-available")
    expect(card).to_contain_text(NAME, timeout=PATIENCE_MS)
    expect(card).to_contain_text("Present since")


def test_his_day_is_there_with_pictures_and_the_csv_equals_the_database(
    enrolled: Admin, tmp_path: Path
) -> None:
    switch_camera_off(enrolled)
    page = enrolled.open("attendance")
    pictures = page.locator(".gspe-row", has_text=NAME).locator("a.gspe-zoom")
    expect(pictures).to_have_count(2, timeout=PATIENCE_MS)
    with page.expect_download() as download:
        enrolled.press("Download CSV")
    saved = tmp_path / "attendance.csv"
    download.value.save_as(saved)
    assert saved.read_bytes().startswith(b"\xef\xbb\xbf")
    with saved.open(encoding="utf-8-sig", newline="") as content:
        heading, *rows = list(csv.reader(content))
    facts = len(COLUMNS)  # what was judged of the day stands behind them
    assert heading[:facts] == COLUMNS
    assert [(*row[:4], *map(datetime.fromisoformat, row[4:8]), *row[8:facts]) for row in rows] == stored(
        enrolled.site
    )


def switch_camera_off(admin: Admin) -> None:
    """So that the rows stand still while they are compared."""
    admin.open("cameras")
    admin.press("Switch off")
    admin.page.get_by_test_id("stPopoverBody").get_by_role("button", name="Switch off").click()
    admin.see("Switched off")
    off = "SELECT 1 FROM camera_coverage WHERE state = 'disabled'"
    until(lambda: admin.site.rows(off), "the camera is off", PATIENCE_MS / 1000, page=admin.page)


def stored(site: RunningSite) -> list[tuple[Any, ...]]:
    """The rows of the database in the file's order of columns, its times as moments."""
    query = """
        SELECT a.attendance_date, e.code, e.name, e.department, a.first_in_at, i.captured_at AS first_picture,
            a.last_out_at, o.captured_at AS last_picture, a.last_out_final_at, a.visit_count
        FROM attendances a JOIN employees e ON e.id = a.employee_id
        LEFT JOIN evidence i ON i.id = a.first_in_evidence_id
        LEFT JOIN evidence o ON o.id = a.last_out_evidence_id ORDER BY e.name"""
    return [
        (
            *(row["attendance_date"], f"'{row['code']}", row["name"], row["department"] or ""),
            *(utc(row[at]) for at in ("first_in_at", "first_picture", "last_out_at", "last_picture")),
            *("yes" if row["last_out_final_at"] is None else "no", str(row["visit_count"])),
        )
        for row in site.rows(query)
    ]


def utc(stored_at: str) -> datetime:
    return datetime.fromisoformat(stored_at).replace(tzinfo=UTC)


def test_the_camera_s_password_is_nowhere_but_in_its_settings(enrolled: Admin) -> None:
    home = enrolled.site.home
    enrolled.open("cameras")
    enrolled.press("Edit")
    kept = enrolled.page.get_by_placeholder("stored; leave empty to keep it")
    expect(kept).to_have_count(2, timeout=PATIENCE_MS)
    enrolled.keep()
    assert [content for content in enrolled.contents if SECRET in content] == []
    holding = [path.relative_to(home).parts for path in files_with(SECRET, home)]
    assert ("camera_configs", "CAM1", "config.json") in holding
    assert [parts for parts in holding if not is_camera_settings(parts)] == []
    for backup in home.glob("data/**/*.zip"):
        with zipfile.ZipFile(backup) as kept:
            names = [name for name in kept.namelist() if SECRET.encode() in kept.read(name)]
        assert [name for name in names if not is_camera_settings(Path(name).parts)] == []


def is_camera_settings(parts: tuple[str, ...]) -> bool:
    """The settings themselves, and how they were before a change."""
    return parts[0] == "camera_configs" or parts[:2] == ("data", "settings_history")
