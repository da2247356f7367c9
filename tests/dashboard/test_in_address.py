"""What a reader chose stands in the address by its code: the link opens the same view in every language."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.i18n import text
from core.settings import CameraSettings
from core.settings_store import MISSING, SettingsStore
from core.storage import audit
from tests.dashboard.signed_in import open_view, words_on
from tests.seed import Seed, working_day
from tests.unknown import unknown_face

NOW = datetime.now(UTC).replace(microsecond=0)
LAST_MONTH = f"{NOW.replace(day=1) - timedelta(days=1):%Y-%m}"
YESTERDAY = f"{NOW - timedelta(days=1):%Y-%m-%d}"

CHOICES: dict[str, dict[str, str | list[str]]] = {
    "muster": {"muster_department": "Gudang"},
    "reports": {
        "report_kind": "person",
        "report_person": "E03",
        "report_first": YESTERDAY,
        "report_tab": "charts",
    },
    "reports ": {"report_month": LAST_MONTH, "report_department": "Kantor"},
    "reports  ": {"report_kind": "department", "report_one_department": "Kantor"},
    "notifications": {"notifications_channel": "email", "notifications_states": ["failed", "delivered"]},
    "audit": {
        "audit_actor": "hr",
        "audit_action": "employee.updated",
        "audit_subject": "employees:1",
        "audit_from": YESTERDAY,
    },
    "corrections": {"corrections_tab": "months"},
    "working_time": {"working_time_tab": "pauses"},
    "users": {"users_tab": "tokens"},
    "records": {"records_tab": "reset"},
    "settings": {"settings_group": "recognition"},
    "settings ": {"settings_search": "sharp"},
    "settings  ": {"settings_view": "history", "settings_history_file": "email"},
    "employees": {"show": "inactive"},
    "health": {"log_program": "notifier", "log_contains": "error"},
}
"""By page; a blank more is another look at the same."""
TABS = {
    "report_tab": "report_page",
    **{f"{area}_tab": f"{area}.tab" for area in ("corrections", "working_time", "users", "records")},
}
"""Where the catalogue has the names of tabs."""


@pytest.fixture
def seed(tmp_path: Path) -> Iterator[Seed]:
    seed = working_day(tmp_path, NOW)
    seed.user("admin.id", "admin", (), "id")
    with Session(seed.engine) as session, session.begin():
        for actor, action in (("hr", "employee.updated"), ("admin", "employee.created")):
            audit.append(session, NOW - timedelta(seconds=1), actor, action, "employees:1", {})
    yield seed
    seed.engine.dispose()


def opened(
    seed: Seed, monkeypatch: pytest.MonkeyPatch, page: str, address: dict[str, str | list[str]], who: str
) -> AppTest:
    view = open_view(seed, monkeypatch, f"dashboard.views.{page.strip()}:show", who)
    for key, value in address.items():
        view.query_params[key] = value
    return view.run()


def told(view: AppTest, key: str) -> list[str]:
    assert not view.exception, view.exception
    value = view.query_params.get(key, [])
    return [value] if isinstance(value, str) else value


def is_chosen(page: AppTest, key: str, wanted: str | list[str], language: str) -> bool:
    value = page.session_state[key]
    if key in TABS:
        return bool(value == text(f"{TABS[key]}.{wanted}", language))
    return value == wanted or str(value) == wanted


@pytest.mark.parametrize(("who", "language"), [("admin", "en"), ("admin.id", "id")])
@pytest.mark.parametrize("page", CHOICES)
def test_a_link_opens_the_same_view_in_every_language(
    seed: Seed, monkeypatch: pytest.MonkeyPatch, page: str, who: str, language: str
) -> None:
    view = opened(seed, monkeypatch, page, CHOICES[page], who)
    for key, wanted in CHOICES[page].items():
        assert told(view, key) == ([wanted] if isinstance(wanted, str) else wanted)
        assert is_chosen(view, key, wanted, language), (key, view.session_state[key])


@pytest.mark.parametrize(
    ("page", "keys"),
    [
        ("muster", ["muster_department"]),
        ("reports", ["report_kind", "report_month", "report_department", "report_tab"]),
        ("notifications", ["notifications_channel", "notifications_states"]),
        ("audit", ["audit_actor", "audit_action", "audit_from"]),
        ("settings", ["settings_view", "settings_group"]),
        ("employees", ["show"]),
    ],
)
def test_an_address_that_says_nothing_possible_opens_the_usual_view(
    seed: Seed, monkeypatch: pytest.MonkeyPatch, page: str, keys: list[str]
) -> None:
    usual = opened(seed, monkeypatch, page, {}, "admin")
    odd = opened(seed, monkeypatch, page, dict.fromkeys(keys, "\u00b2"), "admin")
    assert not odd.exception, odd.exception
    assert [odd.session_state[key] for key in keys] == [usual.session_state[key] for key in keys]


def test_what_the_reader_chooses_is_told_and_the_usual_is_not(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = opened(seed, monkeypatch, "muster", {}, "admin.id")
    department = "muster_department"
    assert told(view.selectbox(key=department).select("Gudang").run(), department) == ["Gudang"]
    assert told(view.selectbox(key=department).set_value(None).run(), department) == []
    view = opened(seed, monkeypatch, "employees", {}, "admin.id")
    assert told(view.pills(key="show").set_value("few").run(), "show") == ["few"]
    assert told(view.pills(key="show").set_value("active").run(), "show") == []
    view = opened(seed, monkeypatch, "reports", {}, "admin.id")
    assert told(view.button_group(key="report_kind").set_value("person").run(), "report_kind") == ["person"]
    assert told(view.selectbox(key="report_person").select("E03").run(), "report_person") == ["E03"]
    view = opened(seed, monkeypatch, "notifications", {}, "admin.id")
    states = view.pills(key="notifications_states").set_value(["failed"])
    assert told(states.run(), "notifications_states") == ["failed"]


def test_one_camera_has_its_address(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = CameraSettings(id=1, name="Gerbang depan", rtsp_url="rtsp://10.0.0.1/1")
    SettingsStore(seed.paths).save_camera(stored, MISSING)
    view = opened(seed, monkeypatch, "cameras", {"camera": "1", "part": "placement"}, "admin.id")
    assert view.text_input(key="cam_name_1").value == "Gerbang depan"
    assert view.session_state["part"] == text("cameras.part.placement", "id")
    view.button(key="back").click().run()
    assert told(view, "camera") == []
    assert told(view.button(key="edit_1").click().run(), "camera") == ["1"]
    view = opened(seed, monkeypatch, "cameras", {"camera": "new"}, "admin")
    assert view.text_input(key="cam_name_new").value == ""
    view = opened(seed, monkeypatch, "cameras", {"camera": "99"}, "admin")
    assert view.button(key="edit_1")


def test_a_group_of_unknown_faces_has_its_address(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    first = unknown_face(seed, 1, seed.now - timedelta(hours=2), seed.now - timedelta(hours=1))
    view = opened(seed, monkeypatch, "unknown", {"face": str(first)}, "admin.id")
    assert view.checkbox(key=f"take_{first}")
    view.button(key="back").click().run()
    assert told(view, "face") == []
    assert told(view.button(key=f"decide_{first}").click().run(), "face") == [str(first)]
    gone = opened(seed, monkeypatch, "unknown", {"face": "12345678901234567890"}, "admin")
    assert text("unknown.gone", "en") in words_on(gone)


def test_an_alert_has_its_address(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    view = opened(seed, monkeypatch, "alerts", {}, "supervisor")
    [more] = [button for button in view.button if str(button.key).startswith("more_")]
    number = str(more.key).removeprefix("more_")
    assert told(more.click().run(), "alert") == [number]
    linked = opened(seed, monkeypatch, "alerts", {"alert": number}, "supervisor")
    assert linked.button(key="acknowledge")
    linked.button(key="alerts_back").click().run()
    assert told(linked, "alert") == []
    for nobodys in ("x", "99999", "12345678901234567890"):
        assert not opened(seed, monkeypatch, "alerts", {"alert": nobodys}, "supervisor").exception


@pytest.mark.parametrize(("page", "key"), [("person", "employee"), ("person_day", "person")])
def test_a_number_that_no_row_can_have_is_nobody(
    seed: Seed, monkeypatch: pytest.MonkeyPatch, page: str, key: str
) -> None:
    view = opened(seed, monkeypatch, page, {key: "12345678901234567890"}, "hr")
    assert not view.exception, view.exception
