"""From the demo to a site of one's own, and a day of each role on it, by its pages and its API alone.

One site runs through all of it: a test stands on what those before it did, which their fixtures say.
"""

import csv
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from core.domain.states import Role
from core.paths import SitePaths
from core.storage.verify import verify_database
from dashboard.pages import PAGES, SECTIONS
from tests.at_browser import Program, Reader
from tests.browser import chromium_with_camera, new_page, sign_in
from tests.core.reports.site import sheets
from tests.entrance import SECRET, Entrance
from tests.face_clip import browser_clip
from tests.first_steps import (
    CAMERA,
    CODE,
    DEPARTMENT,
    NAME,
    SITE_NAME,
    add_first_camera,
    confirm_site,
    enrol_first_employee,
    shorten_day,
)
from tests.patience import PATIENCE_MS
from tests.running_site import (
    NEW_PASSWORD,
    RunningSite,
    files_with,
    replace_password,
    running_site,
    until,
)
from tests.site_staff import Staff, staff_of

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.rtsp, pytest.mark.slow]

BEFORE_THE_BROWSER = "obama.jpg"
"""Shows the employee at another time than the entrance does."""
STRANGER = "Joko Susilo"
CORRECTED, CELL = "0530", 5.5 / 24
"""First in as HR knows it, and as a spreadsheet holds it, in days."""
TRAIL = {
    *(("admin", action) for action in ("camera.saved", "setup.confirmed", "settings.saved", "user.added")),
    *(("admin", action) for action in ("template.added", "token.created", "logs.reset", "program.restarted")),
    *((role, "user.password_changed") for role in ("supervisor", "hr", "viewer")),
    ("supervisor", "alert.acknowledged"),
    ("hr", "correction.made"),
    ("hr", "report.exported"),
    ("hr", "unknown.named"),
    ("token:door display", "picture.viewed"),
}
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


@pytest.fixture(scope="module")
def entrance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Entrance]:
    camera = Entrance(tmp_path_factory.mktemp("clips"))
    yield camera
    camera.close()


@pytest.fixture(scope="module")
def demo(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """The administrator on his first sign-in, before a camera of his own that shows the employee."""
    clip = browser_clip(tmp_path_factory.mktemp("camera") / "face.mjpeg", BEFORE_THE_BROWSER)
    with running_site() as site, chromium_with_camera(chromium, clip) as browser:
        page = new_page(browser)
        replace_password(page, site, "admin", site.first_password)
        admin = Reader(site, page)
        admin.at("First steps")
        yield admin


@pytest.fixture(scope="module")
def watching(demo: Reader, entrance: Entrance) -> Reader:
    add_first_camera(demo, entrance.url)
    return demo


@pytest.fixture(scope="module")
def enrolled(watching: Reader) -> Reader:
    confirm_site(watching)
    shorten_day(watching)
    enrol_first_employee(watching)
    return watching


@pytest.fixture(scope="module")
def staff(enrolled: Reader, chromium: Browser) -> Iterator[Staff]:
    """Made on the page of users; each has replaced the password that was shown there."""
    with staff_of(enrolled, chromium, DEPARTMENT) as everybody:
        yield everybody


def test_the_site_starts_empty_with_the_admin_s_account(watching: Reader) -> None:
    assert watching.site.rows("SELECT code FROM employees") == []
    assert [row["name"] for row in watching.site.rows("SELECT name FROM cameras")] == [CAMERA]
    assert [row["username"] for row in watching.site.rows("SELECT username FROM users")] == ["admin"]


def test_the_first_steps_are_done(enrolled: Reader) -> None:
    enrolled.open("setup", "First steps")
    enrolled.see("Everything is set up. The site observes.")
    [site] = enrolled.site.rows("SELECT site_name, setup FROM site")
    assert site["site_name"] == SITE_NAME
    assert {"site", "hours"} <= set(audited(enrolled.site, "setup.confirmed", "$.step"))


def test_he_is_named_live(enrolled: Reader) -> None:
    page = enrolled.open("live")
    listed = page.get_by_test_id("stDataFrame").locator("td", has_text=NAME)
    expect(listed).to_be_attached(timeout=PATIENCE_MS)
    root = page.locator(".gspe-live").element_handle()
    page.wait_for_function("root => root.dataset.state === 'live' && root.dataset.boxes > 1", arg=root)
    page.wait_for_function("root => Number(root.dataset.frames) > 10", arg=root)
    assert enrolled.names == {NAME, None}


def test_he_is_present_on_the_board_and_for_programs(staff: Staff) -> None:
    staff.supervisor.open("presence")
    is_present(staff.supervisor)
    state = until(lambda: tracked(staff.program), "a track has his name", PATIENCE_MS / 1000)
    [person], [camera] = state["employees"], state["cameras"]
    assert state["known_until"] is None
    assert (person["code"], person["department"], person["state"]) == (CODE, DEPARTMENT, "available")
    assert person["last_camera"] == {"id": camera["id"], "name": CAMERA}
    assert (camera["name"], camera["status"]) == (CAMERA, "online")


def tracked(program: Program) -> Any:
    """What the API says of the site; None while he is between two tracks."""
    state = program.get("/api/tracking/state")
    [person], [camera] = state["employees"], state["cameras"]
    return state if person["id"] in {track["employee_id"] for track in camera["tracks"]} else None


def is_present(reader: Reader) -> None:
    card = reader.page.locator(".gspe-cards .gspe-available")
    expect(card).to_contain_text(NAME, timeout=PATIENCE_MS)
    expect(card).to_contain_text("Present since")


def test_a_viewer_sees_who_is_here_and_nothing_else(staff: Staff) -> None:
    """Whatever else he asks for, he is led back; one page of each section stands for the others."""
    viewer = staff.viewer
    viewer.open("presence")
    is_present(viewer)
    own = {spec.url_path for spec in PAGES if spec.min_role is Role.VIEWER}
    links = viewer.page.get_by_test_id("stSidebarNav").get_by_role("link")
    expect(links).to_have_count(len(own))
    expect(viewer.page.locator(".st-key-gspe-bell")).to_have_count(0)
    for path in {
        next(spec.url_path for spec in pages if spec.url_path not in own) for pages in SECTIONS.values()
    }:
        viewer.page.goto(f"{viewer.site.url}/{path}")
        expect(viewer.page).to_have_url(re.compile(r"/(presence)?$"), timeout=PATIENCE_MS)
        is_present(viewer)  # below what says that there is no such page
    viewer.leave()


@pytest.fixture(scope="module")
def acknowledged(staff: Staff, entrance: Entrance) -> int:
    """He left; the supervisor was told and has acknowledged it from the bell. The alert's id."""
    supervisor, cursor = staff.supervisor, staff.program.cursor()
    supervisor.open("presence")
    expect(supervisor.page.locator(".gspe-bell-count")).to_have_count(0)
    entrance.nobody()
    told = staff.program.told(cursor, kind="alert_log_created", alert_kind="absent")
    page = supervisor.page
    expect(page.locator("#gspe-toasts")).to_contain_text(f"{NAME} has not been seen", timeout=PATIENCE_MS)
    expect(page.locator(".gspe-bell-count")).to_have_text("Open alerts: 1")
    page.locator(".st-key-gspe-bell").get_by_role("button").click()
    bell = page.locator(f".st-key-bell_alert_{told['alert_id']}")
    expect(bell).to_contain_text(f"{NAME} has not been seen since")
    bell.get_by_role("button", name="Acknowledge").click()
    expect(page.locator(".gspe-bell-count")).to_have_count(0)
    return int(told["alert_id"])


def test_the_supervisor_is_told_that_he_left_and_acknowledges(staff: Staff, acknowledged: int) -> None:
    site = staff.admin.site
    [alert] = site.rows("SELECT id, employee_id, kind, state FROM alert_logs")
    assert (alert["id"], alert["kind"], alert["state"]) == (acknowledged, "absent", "acknowledged")
    [listed] = staff.program.get("/api/alerts")
    assert (listed["id"], listed["state"], listed["employee_id"]) == (
        acknowledged,
        "acknowledged",
        alert["employee_id"],
    )
    [step] = site.rows("SELECT actor FROM alert_steps WHERE action = 'acknowledged'")
    assert step["actor"] == "supervisor"
    card = staff.supervisor.page.locator(".gspe-cards .gspe-off")
    expect(card).to_contain_text(NAME, timeout=PATIENCE_MS)
    staff.supervisor.leave()


def test_his_day_is_there_with_pictures_and_the_csv_equals_the_database(
    staff: Staff, acknowledged: int, tmp_path: Path
) -> None:
    page = staff.hr.open("attendance")
    pictures = page.locator(".gspe-row", has_text=NAME).locator("a.gspe-zoom")
    expect(pictures).to_have_count(2, timeout=PATIENCE_MS)
    with downloaded(staff.hr, "Download CSV", tmp_path).open(encoding="utf-8-sig", newline="") as content:
        heading, *rows = list(csv.reader(content))
    facts = len(COLUMNS)  # what was judged of the day stands behind them
    assert heading[:facts] == COLUMNS
    assert [(*row[:4], *map(datetime.fromisoformat, row[4:8]), *row[8:facts]) for row in rows] == stored(
        staff.hr.site
    )
    query = f"employee_id=1&date={rows[0][0]}"
    links = staff.program.get(f"/api/report/attendance_captures?{query}")
    assert links["ok"]
    for name in ("first_in", "last_out"):
        answer = staff.viewer.page.request.get(staff.viewer.site.url + links[name])
        assert (answer.headers["content-type"], answer.body()[:2]) == ("image/jpeg", b"\xff\xd8")


def downloaded(reader: Reader, name: str, folder: Path) -> Path:
    buttons = reader.page.get_by_role("link", name=name).or_(reader.page.get_by_role("button", name=name))
    with reader.page.expect_download() as download:
        buttons.click()
    target = folder / download.value.suggested_filename
    download.value.save_as(target)
    return target


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


def test_hr_corrects_the_day_and_the_report_says_so(staff: Staff, acknowledged: int, tmp_path: Path) -> None:
    page = staff.hr.page  # still on the day's attendance
    page.locator(".gspe-row", has_text=NAME).get_by_role("link", name=NAME, exact=True).click()
    staff.hr.at(NAME)
    page.get_by_text("Correct this day").click()
    page.get_by_role("spinbutton", name="hour, First in").click()
    page.keyboard.type(CORRECTED)
    page.get_by_label("Reason, for who checks it").first.fill("badge reader")
    staff.hr.press("Save the correction")
    staff.hr.see("Entered by hr: badge reader")
    [correction] = staff.hr.site.rows("SELECT employee_id, author, state FROM corrections")
    assert tuple(correction) == (1, "hr", "in_force")

    staff.hr.open("reports")
    staff.hr.press("Excel")
    days = sheets(downloaded(staff.hr, "Download month-", tmp_path))["Days"]
    [day] = [row for row in days if row["Name"] == NAME]
    assert float(day["First in"]) % 1 == pytest.approx(CELL)


def test_hr_names_the_stranger_and_sees_first_what_changes(staff: Staff, acknowledged: int) -> None:
    page = staff.hr.open("unknown", "Unknown faces")
    staff.hr.press("Decide")
    page.get_by_text("A new employee").click()
    staff.hr.fill("Code", "E02")
    staff.hr.fill("Name", STRANGER)
    page.keyboard.press("Tab")
    staff.hr.press("See what changes")
    staff.hr.see("visits come from these faces")
    assert staff.hr.site.rows("SELECT id FROM employees WHERE code = 'E02'") == [], "looked at, not done"
    page.get_by_role("button", name="Name ").first.click()
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="Name ").click()
    staff.hr.see("There is no unknown face.")
    named = "SELECT v.origin FROM visits v JOIN employees e ON e.id = v.employee_id WHERE e.code = 'E02'"
    assert {row["origin"] for row in staff.hr.site.rows(named)} == {"named"}
    staff.hr.leave()


def test_the_admin_resets_logs_by_typing_the_word(staff: Staff, acknowledged: int) -> None:
    site = staff.admin.site
    counts = [site.rows(f"SELECT COUNT(*) FROM {table}")[0][0] for table in ("events", "alert_logs")]
    assert min(counts) > 0
    page = staff.admin.open("records")
    page.get_by_role("tab", name="Reset logs").click()
    page.get_by_text("Both", exact=True).click()
    staff.admin.press("Count first")
    told = " and ".join(
        f"{count} {one if count == 1 else one + 's'}"
        for count, one in zip(counts, ("event", "alert"), strict=True)
    )
    staff.admin.see(f"{told} would be deleted for good")
    staff.admin.fill("Type delete to confirm", "delete")
    staff.admin.press("Delete for good")
    staff.admin.see(f"Deleted: {told}.")
    assert site.rows("SELECT id FROM events UNION ALL SELECT id FROM alert_logs") == []
    assert staff.program.get("/api/alerts") == []
    assert len(site.rows("SELECT id FROM attendances WHERE employee_id = 1")) == 1, "attendance stays"


def test_the_worker_is_restarted_from_a_phone_and_knows_him_again(
    staff: Staff, acknowledged: int, entrance: Entrance, chromium: Browser
) -> None:
    site = staff.admin.site
    before, cursor = site.worker_pid(), staff.program.cursor()
    phone = Reader(site, new_page(chromium, width=390, dark=True))
    phone.page.context.set_default_timeout(PATIENCE_MS)
    sign_in(phone.page, site, "admin", NEW_PASSWORD, path="/health")  # type: ignore[arg-type]
    card = phone.page.locator(".st-key-program_worker")
    card.get_by_role("button", name="Restart").click()
    phone.page.locator(".st-key-restart_worker_sure button").click()
    phone.see("worker was restarted.")
    after = until(site.worker_pid, "another worker runs", PATIENCE_MS / 1000)
    assert after != before
    entrance.people()
    staff.program.told(cursor, kind="arrived", employee_id=1)
    staff.supervisor.open("presence")
    is_present(staff.supervisor)
    assert [row["pid"] for row in site.rows("SELECT pid FROM worker_status")] == [after]
    phone.page.context.close()


def test_the_trail_tells_who_did_what_and_holds(staff: Staff) -> None:
    staff.admin.open("audit")
    staff.admin.press("Check the chain")
    staff.admin.see("The chain holds")
    site = staff.admin.site
    told = {(row["actor"], row["action"]) for row in site.rows("SELECT actor, action FROM audit_log")}
    assert told >= TRAIL
    verify_database(SitePaths(site.home))


def audited(site: RunningSite, action: str, param: str) -> list[Any]:
    query = f"SELECT json_extract(params, '{param}') FROM audit_log WHERE action = '{action}'"
    return [row[0] for row in site.rows(query)]


def test_the_camera_s_password_is_nowhere_but_in_its_settings(staff: Staff) -> None:
    admin, home = staff.admin, staff.admin.site.home
    admin.open("cameras")
    admin.press("Edit")
    kept = admin.page.get_by_placeholder("stored; leave empty to keep it")
    expect(kept).to_have_count(2, timeout=PATIENCE_MS)
    readers = (admin, staff.supervisor, staff.hr, staff.viewer)
    for reader in readers:
        reader.keep()
    assert [content for reader in readers for content in reader.contents if SECRET in content] == []
    holding = [path.relative_to(home).parts for path in files_with(SECRET, home)]
    assert ("camera_configs", "CAM1", "config.json") in holding
    assert [parts for parts in holding if not is_camera_settings(parts)] == []
    for backup in home.glob("data/**/*.zip"):
        with zipfile.ZipFile(backup) as kept:
            names = [name for name in kept.namelist() if SECRET.encode() in kept.read(name)]
        assert [name for name in names if not is_camera_settings(Path(name).parts)] == []
    assert files_with(staff.program.token, home) == []


def is_camera_settings(parts: tuple[str, ...]) -> bool:
    """The settings themselves, and how they were before a change."""
    return parts[0] == "camera_configs" or parts[:2] == ("data", "settings_history")
