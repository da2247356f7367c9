"""A site of one's own, set up by its pages alone: from the demo to the first employee, enrolled by camera."""

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, expect

from tests.at_browser import Reader
from tests.browser import take_photo
from tests.entrance import PASSWORD, USER
from tests.patience import PATIENCE_MS
from tests.running_site import until

CAMERA = "Lobi utara"
CODE, NAME, DEPARTMENT = "=E01", "Budi Santoso", "Produksi"
"""A spreadsheet would run the code as a formula."""
SITE_NAME = "Kantor Utara"
DAYLIGHT = range(6, 18)
ZONE = next(
    zone for zone in ("Asia/Jakarta", "America/Bogota") if datetime.now(ZoneInfo(zone)).hour in DAYLIGHT
)
"""Where no test runs over midnight, and the morning is over."""
QUICK = {"Present time-out": "3", "Absence time-out": "6", "Last-out delay": "1"}
"""Settings that make a day of seconds."""


def add_first_camera(admin: Reader, url: str) -> None:
    """By its form, tried before it is saved; the demo ends by itself."""
    admin.page.get_by_role("link", name="To the cameras").click()
    admin.at("Cameras")
    admin.press("Add camera")
    admin.see("This is the demo. Saving the first real camera ends it")
    admin.fill("Name", CAMERA)
    admin.fill("Address", url)
    admin.fill("User", USER)
    admin.fill("Password", PASSWORD)
    admin.press("Test")
    admin.see("The camera works: h264 · 640×360")  # noqa: RUF001 - as shown
    admin.press("Save")
    admin.see("The demo ends now")
    expect(admin.page.get_by_text("This is a demo.")).to_have_count(0, timeout=PATIENCE_MS)
    admin.see(CAMERA)


def confirm_site(admin: Reader) -> None:
    """Name, zone and hours."""
    admin.open("setup", "First steps")
    admin.see("2 of 5 steps done")
    admin.fill("Name of the site", SITE_NAME)
    admin.choose("Time zone", ZONE)
    admin.press("Name and time zone are right")
    admin.see("3 of 5 steps done")
    admin.press("Always")
    admin.press("These hours are right")
    admin.see("4 of 5 steps done")


def shorten_day(admin: Reader) -> None:
    page = admin.open("settings")
    for number, (title, seconds) in enumerate(QUICK.items(), 1):
        admin.fill("Search", title)
        page.keyboard.press("Enter")
        counted = page.get_by_text(f"Changes not saved: {number}")
        field = page.get_by_role("spinbutton", name=title)
        until(partial(_has_counted, counted, field, seconds), title, PATIENCE_MS / 1000, page=page)
    admin.press("Review and save")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("60 s → 6 s")).to_be_visible(timeout=PATIENCE_MS)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden(timeout=PATIENCE_MS)


def _has_counted(counted: Locator, field: Locator, value: str) -> bool:
    """Whether the page counts the change; else it is typed, anew where the search just replaced the field."""
    if counted.count():
        return True
    if field.count() and field.input_value() != value:
        field.fill(value)
        field.press("Enter")
    return False


def enrol_first_employee(admin: Reader) -> None:
    """The person is added, the basis recorded, and the worker has accepted the face that the browser sees."""
    admin.open("employees")
    admin.see("No employees yet.")
    admin.press("Add employee")
    admin.fill("Code", CODE)
    admin.fill("Name", NAME)
    admin.fill("Or a new department", DEPARTMENT)
    admin.press("Save")
    admin.see("record on which basis this person's face is processed")
    admin.page.get_by_text("The person has given consent", exact=True).click()
    admin.press("Record basis")
    admin.see("Basis: The person has given consent")
    take_photo(admin.page)
    admin.see("Accepted: the face is recognised from now on")
    admin.see("Templates in use: 1")
