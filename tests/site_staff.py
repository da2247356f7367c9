"""Everybody of a running site, made as an administrator does: on the page of users."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, expect

from core.domain.states import Role
from tests.at_browser import Program, Reader
from tests.browser import new_page
from tests.running_site import replace_password

ROLES = {Role.SUPERVISOR: "Supervisor", Role.HR: "HR", Role.VIEWER: "Viewer"}
"""By role, what the page calls it."""
SCOPES = ("see who is here", "read attendance and its pictures", "read alerts")


@dataclass(frozen=True)
class Staff:
    """Everybody of the site, each in a browser of his own, and the token that the administrator made."""

    admin: Reader
    supervisor: Reader
    hr: Reader
    viewer: Reader
    program: Program


@contextmanager
def staff_of(admin: Reader, chromium: Browser, department: str) -> Iterator[Staff]:
    """The supervisor answers for one department, the others for all."""
    admin.open("users")
    readers = {}
    for role, called in ROLES.items():
        password = _add_account(admin, role, called, department if role is Role.SUPERVISOR else None)
        readers[role] = _arrived(chromium, admin, str(role), password)
    program = Program(admin.site.url, _make_token(admin))
    admin.leave()
    yield Staff(admin, **readers, program=program)
    for reader in readers.values():
        reader.page.context.close()


def _add_account(admin: Reader, role: Role, called: str, department: str | None) -> str:
    """The password that is shown."""
    form = admin.page.get_by_test_id("stForm").first
    if not form.is_visible():
        admin.page.get_by_text("Add an account").first.click()
    admin.fill("User name", role, within=form)
    admin.choose("Role", called, within=form)
    if department is not None:
        admin.choose("Departments", department, within=form)
    form.get_by_role("button", name="Add an account").press("Enter")  # a click may only close a list
    return _shown_once(admin, f"The password of {role}")


def _make_token(admin: Reader) -> str:
    admin.page.get_by_role("tab", name="API tokens").click()
    admin.page.get_by_text("Make a token").first.click()
    admin.fill("Program", "door display")
    for may in SCOPES:
        admin.choose("It may", may)
    admin.page.get_by_role("button", name="Make the token").press("Enter")
    return _shown_once(admin, "The token of door display")


def _shown_once(admin: Reader, about: str) -> str:
    admin.see(about)
    secret = admin.page.locator(".st-key-gspe-shown-once code").inner_text()
    admin.press("I have it")
    expect(admin.page.get_by_text(about)).to_have_count(0)
    return secret.strip()


def _arrived(chromium: Browser, admin: Reader, username: str, password: str) -> Reader:
    reader = Reader(admin.site, new_page(chromium))
    replace_password(reader.page, admin.site, username, password)
    reader.at("Presence")
    reader.leave()
    return reader
