"""The page Records: retention with its dry run, legal holds, and the reset of logs."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.domain.states import EventKind
from core.i18n import text
from core.storage import holds
from core.storage.models import AlertLog, AuditLog, Event, LegalHold
from core.storage.retention_classes import SETTINGS
from tests.dashboard.signed_in import open_view, words_on
from tests.seed import Seed, working_day

VIEW = "dashboard.views.records:show"
AYU = 1


@pytest.fixture
def seed(tmp_path: Path) -> Iterator[Seed]:
    """With two events of Ayu of two days ago, and one of today."""
    seed = working_day(tmp_path)
    seed.paths.create()
    for hours in (48, 49, 0):
        path = seed.picture(f"data/captures/CAM1/{hours}.jpg", 1)
        facts = {"camera_id": 1, "occurred_at": seed.now - timedelta(hours=hours), "picture_path": path}
        seed.add(Event(kind=EventKind.SEEN, employee_id=AYU, score=0.6, **facts))
    seed.user("admin.gudang", "admin", ("Gudang",))
    seed.user("admin.id", "admin", (), "id")
    yield seed
    seed.engine.dispose()


@pytest.fixture
def page(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return open_view(seed, monkeypatch, VIEW, "admin").run()


def actions(seed: Seed) -> list[str]:
    with Session(seed.engine) as session:
        return list(session.scalars(select(AuditLog.action).order_by(AuditLog.id)))


def count(seed: Seed, table: type) -> int:
    with Session(seed.engine) as session:
        return session.query(table).count()


def place(page: AppTest, seed: Seed) -> AppTest:
    today = seed.now.astimezone(UTC).date()
    page.selectbox(key="hold_employee").select(AYU)
    page.date_input(key="hold_first").set_value(today - timedelta(days=3))
    page.date_input(key="hold_last").set_value(today)
    page.text_input(key="hold_reason").set_value("Perkara 7")
    return page.button(key="save_hold").click().run()


def counted(page: AppTest, table: str = "both") -> AppTest:
    page.radio(key="reset_table").set_value(table)
    return page.button(key="count_logs").click().run()


def test_every_class_is_listed_with_its_setting_and_what_would_go(page: AppTest, seed: Seed) -> None:
    table = page.dataframe[0].value
    assert list(table["Setting"]) == [text(f"settings.{key}.title", "en") for key in SETTINGS.values()]
    assert "90 d" in list(table["Kept"])
    assert "24 h" in list(table["Kept"])
    page.button(key="dry_run").click().run()
    listed = page.dataframe[0].value.set_index("Setting")
    assert listed.loc["Events kept", "Rows"] == 2
    assert listed.loc["Events kept", "Files"] == 2
    assert listed.loc["Attendance", "Rows"] == 0
    assert "Nothing was removed" in words_on(page)
    assert count(seed, Event) == 3


def test_a_hold_is_placed_and_lifted(page: AppTest, seed: Seed) -> None:
    words = words_on(place(page, seed))
    assert "Ayu Lestari (E01): " in words
    assert "Perkara 7 · placed by admin on " in words
    page.button(key="dry_run").click().run()
    assert page.dataframe[0].value.set_index("Setting").loc["Events kept", "Rows"] == 0
    words = words_on(page.button(key="lift_1_sure").click().run())
    assert "lifted by admin" in words
    assert actions(seed) == ["hold.placed", "hold.lifted"]


def test_a_hold_without_its_days_is_refused_and_loses_nothing(page: AppTest, seed: Seed) -> None:
    page.text_input(key="hold_reason").set_value("Perkara 7")
    page.button(key="save_hold").click().run()
    assert page.error[0].value.startswith("A hold needs an employee")
    assert page.text_input(key="hold_reason").value == "Perkara 7"
    assert count(seed, LegalHold) == 0


def test_a_reset_is_counted_confirmed_and_told(page: AppTest, seed: Seed) -> None:
    words = words_on(counted(page))
    assert "Of all days: 3 events and 8 alerts would be deleted for good" in words
    page.text_input(key="reset_word").set_value("yes")
    page.button(key="reset_sure").click().run()
    assert page.error[0].value == "Type the word delete to confirm; nothing was deleted."
    assert (count(seed, Event), count(seed, AlertLog)) == (3, 8)
    page.text_input(key="reset_word").set_value(" Delete ")
    words = words_on(page.button(key="reset_sure").click().run())
    assert "Deleted: 3 events and 8 alerts." in words
    assert "would be deleted" not in words
    assert (count(seed, Event), count(seed, AlertLog)) == (0, 0)
    assert actions(seed) == ["logs.reset_began", "logs.reset"]


def test_inclusive_days_one_table_and_days_in_disorder(page: AppTest, seed: Seed) -> None:
    today = seed.now.astimezone(UTC).date()
    page.date_input(key="reset_to").set_value(today - timedelta(days=1))
    words = words_on(counted(page, "events"))
    assert f"Up to {(today - timedelta(days=1)).day} " in words
    assert ": 2 events and 0 alerts would be deleted" in words
    page.date_input(key="reset_from").set_value(today)
    counted(page, "events")
    assert page.error[0].value.startswith("The first day is after the last day")
    assert "would be deleted" not in words_on(page)


def test_what_holds_keep_is_told(page: AppTest, seed: Seed) -> None:
    place(page, seed)
    words = words_on(counted(page))
    assert "0 events and 7 alerts would be deleted" in words
    assert "Legal holds keep 3 events and 1 alert of these days" in words
    page.text_input(key="reset_word").set_value("delete")
    words = words_on(page.button(key="reset_sure").click().run())
    assert "Deleted: 0 events and 7 alerts." in words
    assert "Legal holds keep 3 events" in words
    assert count(seed, Event) == 3


def test_what_was_gone_meanwhile_is_told(page: AppTest, seed: Seed) -> None:
    counted(page, "events")
    with Session(seed.engine) as session, session.begin():
        session.delete(session.get_one(Event, 1))
    page.text_input(key="reset_word").set_value("delete")
    words = words_on(page.button(key="reset_sure").click().run())
    assert "Deleted: 2 events and 0 alerts." in words
    assert "3 events and 0 alerts had been counted" in words


def test_what_is_no_longer_held_is_counted_anew_and_confirmed_again(page: AppTest, seed: Seed) -> None:
    place(page, seed)
    counted(page)
    with Session(seed.engine) as session, session.begin():
        holds.lift(session, 1, actor="other", now=seed.now)
    page.text_input(key="reset_word").set_value("delete")
    words = words_on(page.button(key="reset_sure").click().run())
    assert page.error[0].value.startswith("There is more to delete than was shown; nothing was deleted.")
    assert "3 events and 8 alerts would be deleted" in words
    assert "Legal holds keep" not in words
    assert page.text_input(key="reset_word").value == ""
    assert (count(seed, Event), count(seed, AlertLog)) == (3, 8)
    page.text_input(key="reset_word").set_value("delete")
    assert "Deleted: 3 events and 8 alerts." in words_on(page.button(key="reset_sure").click().run())


def test_nothing_to_delete_asks_for_no_word(page: AppTest, seed: Seed) -> None:
    page.date_input(key="reset_to").set_value(seed.now.date() - timedelta(days=900))
    assert "there is nothing to delete" in words_on(counted(page))
    assert "reset_sure" not in [button.key for button in page.button]


def test_who_is_limited_to_departments_resets_nothing(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = counted(open_view(seed, monkeypatch, VIEW, "admin.gudang").run())
    assert page.error[0].value.startswith("This concerns everybody on the site")
    assert "would be deleted" not in words_on(page)
    assert "Ayu Lestari (E01)" not in page.selectbox(key="hold_employee").options
    assert "Citra Dewi (E03)" in page.selectbox(key="hold_employee").options


@pytest.mark.parametrize("username", ["viewer", "supervisor", "hr"])
def test_it_is_for_administrators(seed: Seed, monkeypatch: pytest.MonkeyPatch, username: str) -> None:
    page = open_view(seed, monkeypatch, VIEW, username).run()
    assert "AccessDenied" in str(page.exception[0].stack_trace)
    assert not page.get("html")


def test_it_speaks_indonesian_down_to_the_word(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = counted(open_view(seed, monkeypatch, VIEW, "admin.id").run(), "events")
    assert "Dari semua hari: 3 kejadian dan 0 peringatan akan dihapus" in words_on(page)
    page.text_input(key="reset_word").set_value("hapus")
    assert "Dihapus: 3 kejadian" in words_on(page.button(key="reset_sure").click().run())
