"""Which pages there are, where they live and who may open them."""

from dataclasses import dataclass
from importlib import import_module

from core.domain.states import Role
from dashboard.auth import Account


@dataclass(frozen=True)
class PageSpec:
    """One page of the sidebar.

    `view` names a function without parameters as "module:function"; it is imported when the page opens, so
    that a page costs nothing until somebody looks at it.
    """

    url_path: str
    view: str
    icon: str
    """A Material symbol, ":material/name:"."""
    min_role: Role
    title_key: str
    shows_faces: bool = False
    """Then who opens it is noted, once an hour."""

    def open(self) -> None:
        module, _, function = self.view.partition(":")
        getattr(import_module(module), function)()


SECTIONS: dict[str, list[PageSpec]] = {
    "now": [
        PageSpec(
            "presence",
            "dashboard.views.presence:show",
            ":material/groups:",
            Role.VIEWER,
            "presence.title",
            shows_faces=True,
        ),
        PageSpec(
            "live",
            "dashboard.views.live:show",
            ":material/videocam:",
            Role.VIEWER,
            "live.title",
            shows_faces=True,
        ),
        PageSpec(
            "muster", "dashboard.views.muster:show", ":material/checklist:", Role.VIEWER, "muster.title"
        ),
        PageSpec(
            "alerts",
            "dashboard.views.alerts:show",
            ":material/notifications:",
            Role.SUPERVISOR,
            "alerts.title",
            shows_faces=True,
        ),
        PageSpec(
            "notifications",
            "dashboard.views.notifications:show",
            ":material/outgoing_mail:",
            Role.SUPERVISOR,
            "deliveries.title",
        ),
    ],
    "days": [
        PageSpec(
            "attendance",
            "dashboard.views.attendance:show",
            ":material/calendar_month:",
            Role.SUPERVISOR,
            "attendance.title",
            shows_faces=True,
        ),
        PageSpec(
            "corrections",
            "dashboard.views.corrections:show",
            ":material/edit_calendar:",
            Role.SUPERVISOR,
            "corrections.title",
            shows_faces=True,
        ),
        PageSpec(
            "reports",
            "dashboard.views.reports:show",
            ":material/summarize:",
            Role.SUPERVISOR,
            "report_page.title",
        ),
        PageSpec(
            "working-time",
            "dashboard.views.working_time:show",
            ":material/schedule:",
            Role.HR,
            "working_time.title",
        ),
    ],
    "site": [
        PageSpec(
            "employees",
            "dashboard.views.employees:show",
            ":material/badge:",
            Role.HR,
            "employees.title",
            shows_faces=True,
        ),
        PageSpec(
            "unknown",
            "dashboard.views.unknown:show",
            ":material/person_search:",
            Role.HR,
            "unknown.title",
            shows_faces=True,
        ),
        PageSpec(
            "cameras",
            "dashboard.views.cameras:show",
            ":material/settings_video_camera:",
            Role.ADMIN,
            "cameras.title",
        ),
        PageSpec(
            "records",
            "dashboard.views.records:show",
            ":material/inventory_2:",
            Role.ADMIN,
            "records.title",
        ),
        PageSpec(
            "health",
            "dashboard.views.health:show",
            ":material/monitor_heart:",
            Role.ADMIN,
            "health.title",
        ),
        PageSpec(
            "settings",
            "dashboard.views.settings:show",
            ":material/tune:",
            Role.ADMIN,
            "settings_page.title",
        ),
        PageSpec(
            "users", "dashboard.views.users:show", ":material/manage_accounts:", Role.ADMIN, "users.title"
        ),
        PageSpec("audit", "dashboard.views.audit:show", ":material/policy:", Role.ADMIN, "audit.title"),
    ],
}
"""The sidebar in its order, by the section's `shell.section.<code>`."""

PAGES = [spec for section in SECTIONS.values() for spec in section]
"""The first one a role may open is where it lands."""

HIDDEN_PAGES: list[PageSpec] = [
    PageSpec("setup", "dashboard.views.setup:show", ":material/checklist_rtl:", Role.ADMIN, "setup.title"),
    PageSpec(
        "person",
        "dashboard.views.person:show",
        ":material/person:",
        Role.SUPERVISOR,
        "person.title",
        shows_faces=True,
    ),
    PageSpec(
        "person-day",
        "dashboard.views.person_day:show",
        ":material/person:",
        Role.SUPERVISOR,
        "days.title",
        shows_faces=True,
    ),
    PageSpec(
        "password", "dashboard.views.password:show", ":material/key:", Role.VIEWER, "sign_in.change_title"
    ),
]
"""Reached by a link, not listed."""


def pages_of(account: Account) -> list[PageSpec]:
    """What this account may open; every other address is unknown to it."""
    return [spec for spec in (*PAGES, *HIDDEN_PAGES) if account.may(spec.min_role)]


def may_open(account: Account, url_path: str) -> bool:
    """Whether there is such a page for this account, so that a link to it leads somewhere."""
    return any(spec.url_path == url_path for spec in pages_of(account))
