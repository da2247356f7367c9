"""The page Audit: newest first, filtered, checked, and taken away as a file."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from html import escape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.audit_csv import audit_csv
from core.domain.states import AlertAction, Role
from core.errors import AccessDenied
from core.i18n import catalogue
from core.storage import audit, audit_list
from core.storage.audit_list import AuditFilter
from core.storage.models import AuditLog
from dashboard import record_commands
from dashboard.auth import current_account
from tests.core.storage.scans import scanned_tables
from tests.dashboard.signed_in import open_view, words_on
from tests.seed import Seed

VIEW = "dashboard.views.audit:show"
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def seed(tmp_path: Path) -> Iterator[Seed]:
    seed = Seed(tmp_path, datetime.now(UTC).replace(microsecond=0))
    seed.user("admin", "admin")
    seed.user("hr", "hr")
    seed.user("admin.gudang", "admin", ("Gudang",))
    seed.user("admin.id", "admin", (), "id")
    with Session(seed.engine) as session, session.begin():
        for days, actor, action, subject in (
            (20, "hr", "employee.created", "employees:1"),
            (2, "hr", "employee.updated", "employees:1"),
            (1, "sari", "picture.viewed", "employees:12"),
            (0, "=cmd()", "thing.done", "things:1"),
        ):
            at = seed.now - timedelta(days=days, seconds=1)
            audit.append(session, at, actor, action, subject, {"name": "=1+1 <b>"})
    yield seed
    seed.engine.dispose()


@pytest.fixture
def page(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return open_view(seed, monkeypatch, VIEW, "admin").run()


def rows_of(seed: Seed) -> list[AuditLog]:
    with Session(seed.engine) as session:
        return list(session.scalars(select(AuditLog).order_by(AuditLog.id)))


def test_the_last_week_newest_first(page: AppTest) -> None:
    words = words_on(page)
    assert "Rows: 3" in words
    assert words.index("thing.done") < words.index("Picture viewed") < words.index("Employee changed")
    assert "Employee added" not in words, "that was three weeks ago"
    assert "&lt;b&gt;" in words
    assert "<b>}" not in words, "what somebody typed is no markup"


def test_it_is_filtered_by_who_what_about_whom_and_day(page: AppTest, seed: Seed) -> None:
    page.selectbox(key="audit_actor").select("sari")
    assert "Rows: 1" in words_on(page.run())
    page.selectbox(key="audit_actor").set_value(None)
    page.selectbox(key="audit_action").select("employee.updated")
    assert "Rows: 1" in words_on(page.run())
    page.selectbox(key="audit_action").set_value(None)
    page.text_input(key="audit_subject").set_value("employees:1")
    assert "Rows: 2" in words_on(page.run())
    page.date_input(key="audit_from").set_value(seed.now.date() - timedelta(days=30))
    assert "Rows: 3" in words_on(page.run())
    page.text_input(key="audit_subject").set_value("nothing")
    assert "Nothing of the kind" in words_on(page.run())


def test_a_whole_chain_holds_and_a_change_is_found(page: AppTest, seed: Seed) -> None:
    assert "The chain holds: 4 rows" in words_on(page.button(key="verify").click().run())
    assert rows_of(seed)[-1].action == "audit.verified"
    with seed.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE audit_log SET actor = 'x' WHERE id = 2")
    page.button(key="verify").click().run()
    assert page.error[0].value.startswith("The chain is broken at row 2")
    assert "python -m core.storage.audit verify" in page.error[0].value
    assert rows_of(seed)[-1].params["broken_at"] == 2


def test_a_long_chain_is_checked_from_its_newest_end(seed: Seed) -> None:
    with Session(seed.engine) as session:
        checked = audit.verify_newest(session, 2)
    assert (checked.found, checked.rows, checked.whole) == (None, 2, False)


def test_the_file_has_every_row_and_runs_nothing(
    page: AppTest, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = seed.now - timedelta(days=30)
    account = current_account()
    assert account is not None
    found = record_commands.audit_export(account, AuditFilter(start, seed.now + timedelta(days=1)))
    content = audit_csv(found, ZoneInfo("Asia/Jakarta"), "en").decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(content)))
    stored = rows_of(seed)
    assert [int(line["id"]) for line in lines] == [4, 3, 2, 1]
    assert lines[0]["actor"] == "'=cmd()"
    assert lines[0]["hash"] == stored[3].hash
    assert datetime.fromisoformat(lines[0]["at"]) == stored[3].at
    assert (stored[-1].action, stored[-1].params["rows"]) == ("audit.exported", 4)
    with pytest.raises(AccessDenied):
        record_commands.audit_export(replace(account, departments=("Gudang",)), AuditFilter(start, seed.now))
    with pytest.raises(AccessDenied):
        record_commands.audit_export(replace(account, role=Role.HR), AuditFilter(start, seed.now))


def test_who_is_limited_to_departments_sees_no_trail_of_everybody(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_view(seed, monkeypatch, VIEW, "admin.gudang").run()
    assert page.error[0].value.startswith("This concerns everybody on the site")
    assert not page.get("link_button")


def test_it_is_for_administrators(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "hr").run()
    assert "AccessDenied" in str(page.exception[0].stack_trace)


def test_it_speaks_indonesian(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "admin.id").run()
    assert "Gambar dilihat" in words_on(page)
    assert "Rantai utuh: ke-4 baris" in words_on(page.button(key="verify").click().run())


def told(
    seed: Seed, monkeypatch: pytest.MonkeyPatch, who: str, *rows: tuple[str, str, dict[str, Any]]
) -> str:
    with Session(seed.engine) as session, session.begin():
        for action, subject, params in rows:
            audit.append(session, seed.now, "hr", action, subject, params)
    return words_on(open_view(seed, monkeypatch, VIEW, who).run())


def test_rows_are_read_as_words_and_not_as_codes(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    ayu = seed.employee("E01", "Ayu Lestari")
    words = told(
        seed,
        monkeypatch,
        "admin",
        (
            "employee.updated",
            f"employees:{ayu}",
            {"before": {"code": "E1", "name": "Ayu"}, "after": {"code": "E01", "name": "Ayu"}},
        ),
        ("user.changed", "users:2", {"username": "sari", "changed": {"role": ["viewer", "hr"]}}),
        (
            "settings.saved",
            "settings:config/parameter_config.json",
            {"keys": {"tracking_timeout": [60, 1200]}, "fingerprint": "0badcafe"},
        ),
        (
            "settings.changed",
            "settings:camera_configs/CAM3/config.json",
            {"what": "changed", "keys": ["name"]},
        ),
        (
            "correction.made",
            "corrections:4",
            {"employee": ayu, "day": "2026-03-02", "before": {"late_s": 600}, "after": {"late_s": 0}},
        ),
        ("picture.viewed", f"employees:{ayu}", {"kind": "evidence"}),
        ("logs.reset", "logs:both", {"deleted_events": 12345}),
        ("thing.done", "things:1", {"odd_key": "odd value"}),
    )
    for sentence in (
        "Code: E1 → E01",
        "Role: Viewer → HR",
        "Absence time-out: 60 s → 1,200 s",
        "Camera 3",
        "Settings: Name",
        "Day corrected",
        "Employee: Ayu Lestari (E01)",
        "Day: 2 Mar 2026",
        "Late by: 10 min → 0 s",
        "Kind: Attendance picture",
        "Events deleted: 12,345",
        "odd_key: odd value",
    ):
        assert escape(sentence) in words, sentence
    entries = re.sub(' title="[^"]*"', "", "".join(re.findall('<li class="gspe-row">.*?</li>', words)))
    raws = ("0badcafe", "before", "tracking_timeout", "{", "parameter_config")
    assert not [raw for raw in raws if raw in entries]
    assert f'title="employees:{ayu}"' in words, "what the filter takes"


def test_rows_are_read_in_indonesian_too(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    words = told(seed, monkeypatch, "admin.id", ("month.locked", "month_locks:2026-03", {}))
    assert "Bulan ditutup" in words
    assert "Bulan · 2026-03" in words


def test_every_action_that_is_noted_has_its_words() -> None:
    """Those that stand whole in the code: the first words of `audit.append` and constants for it."""
    source = "\n".join(
        path.read_text()
        for part in ("core", "dashboard", "worker")
        for path in (REPOSITORY / part).rglob("*.py")
    )
    noted = set(re.findall(r'audit\.append\([^)]*?"([a-z]+\.[a-z_]+)"', source))
    noted |= set(re.findall(r'_note\([^)]*?"([a-z]+\.[a-z_]+)"', source))
    assert len(noted) > 25
    assert {name for name in noted if f"audit.action.{name}" not in catalogue("en")} == set()


def test_every_step_of_an_alert_has_its_words() -> None:
    taken = (AlertAction.ACKNOWLEDGED, AlertAction.SNOOZED, AlertAction.EXCUSED, AlertAction.RESOLVED)
    assert all(f"audit.action.alert.{action}" in catalogue("en") for action in taken)


def test_no_query_scans_the_trail(seed: Seed) -> None:
    start, end = seed.now - timedelta(days=7), seed.now
    chosen = AuditFilter(start, end, "hr", "employee.updated", "employees:")
    with Session(seed.engine) as session:
        for ask in (
            partial(audit_list.rows, session, chosen, 0, 50),
            partial(audit_list.count, session, chosen),
            partial(audit_list.names, session, start, end),
        ):
            assert scanned_tables(session, ask) == set()
