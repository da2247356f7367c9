"""The settings page: changed with a preview, refused with a sentence, taken back to an earlier version."""

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.domain.states import Role
from core.settings import InvalidSettings, Problem
from core.settings.files import SettingsFile
from core.settings_store import SettingsStore
from core.storage.models import AuditLog
from dashboard.widgets.settings_words import PAGE_GROUPS, error_words, every_setting
from dashboard.widgets.words import Words
from tests.dashboard.signed_in import open_view, words_on
from tests.seed import Seed, working_day

VIEW = "dashboard.views.settings:show"


@pytest.fixture
def seed(tmp_path: Path) -> Seed:
    return working_day(tmp_path)


@pytest.fixture
def page(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return open_view(seed, monkeypatch, VIEW, "admin").run()


def group(page: AppTest, name: str) -> AppTest:
    page.get("button_group")
    choose = next(one for one in page.get("button_group") if one.key == "settings_group")
    return choose.set_value(name).run()


def review(page: AppTest) -> AppTest:
    return page.button(key="settings_review").click().run()


def save(page: AppTest) -> AppTest:
    review(page)
    return page.button(key="settings_save").click().run()


def stored(seed: Seed, file: SettingsFile = SettingsFile.PARAMETERS) -> dict[str, Any]:
    return SettingsStore(seed.paths).load(file).value.as_json()


def audited(seed: Seed) -> list[AuditLog]:
    with Session(seed.engine) as session:
        query = select(AuditLog).where(AuditLog.action == "settings.saved").order_by(AuditLog.id)
        return list(session.scalars(query))


@pytest.mark.parametrize("name", PAGE_GROUPS)
def test_every_setting_has_its_field_with_help_default_and_bounds(page: AppTest, name: str) -> None:
    words = words_on(group(page, name))
    for one in every_setting():
        assert (f"`{one.key}`" in words) or one.group != name, one.key
    assert "Default: " in words
    assert not page.error, "nothing is wrong with what is stored"
    assert "settings_review" not in [button.key for button in page.button], "nothing to save yet"


def test_a_change_is_seen_before_it_is_saved_and_told_afterwards(page: AppTest, seed: Seed) -> None:
    group(page, "attendance")
    page.number_input(key="set_parameters_late_grace_min_0").set_value(15).run()
    assert "Changes not saved: 1" in words_on(page)
    assert "10 min → 15 min" in words_on(review(page))
    assert stored(seed)["late_grace_min"] == 10, "not before the button"
    page.button(key="settings_save").click().run()
    assert stored(seed)["late_grace_min"] == 15
    (row,) = audited(seed)
    assert (row.actor, row.subject) == ("admin", "settings:config/parameter_config.json")
    assert row.params["keys"] == {"late_grace_min": [10, 15]}
    assert "Days are judged by this" in words_on(page)
    assert "Changes not saved" not in words_on(page)


def test_what_is_typed_stays_while_one_looks_elsewhere(page: AppTest, seed: Seed) -> None:
    group(page, "attendance")
    page.number_input(key="set_parameters_late_grace_min_0").set_value(15).run()
    group(page, "storage")
    page.number_input(key="set_parameters_backups_kept_0").set_value(9).run()
    group(page, "attendance")
    assert page.number_input(key="set_parameters_late_grace_min_0").value == 15
    save(page)
    assert (stored(seed)["late_grace_min"], stored(seed)["backups_kept"]) == (15, 9)


@pytest.mark.parametrize(
    ("name", "key", "value", "sentence"),
    [
        ("presence", "tracking_timeout", 20.0, "The absence time-out (20 s) must not be below"),
        ("attendance", "half_day_share", 1.5, "Half day is 1.5; it must be at most 1"),
        ("storage", "backups_kept", None, "Backups kept must be a whole number."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    page: AppTest, seed: Seed, name: str, key: str, value: float | None, sentence: str
) -> None:
    before = stored(seed)
    group(page, name)
    page.number_input(key=f"set_parameters_{key}_0").set_value(value).run()
    assert sentence in page.error[0].value
    assert page.number_input(key=f"set_parameters_{key}_0").value == value, "nothing typed is lost"
    review(page)
    assert page.button(key="settings_save").disabled
    assert stored(seed) == before


def test_the_week_is_written_as_people_do(page: AppTest, seed: Seed) -> None:
    page.text_input(key="set_parameters_working_hours_0_sat").set_value("8-12.30, 22-6").run()
    save(page)
    assert stored(seed)["working_hours"]["sat"] == [["08:00", "12:30"], ["22:00", "06:00"]]


def test_hours_that_are_none_are_refused_and_stay(page: AppTest, seed: Seed) -> None:
    page.text_input(key="set_parameters_working_hours_0_mon").set_value("morning").run()
    assert "Working hours: write times such as 08:00-12:00" in page.error[0].value
    group(page, "storage")
    group(page, "site")
    assert page.text_input(key="set_parameters_working_hours_0_mon").value == "morning"


def test_like_monday_fills_the_week(page: AppTest, seed: Seed) -> None:
    page.text_input(key="set_parameters_working_hours_0_mon").set_value("07:00-15:00").run()
    page.button(key="set_parameters_working_hours_0_like_monday").click().run()
    save(page)
    week = stored(seed)["working_hours"]
    assert [week[day] for day in ("mon", "fri", "sat")] == [[["07:00", "15:00"]], [["07:00", "15:00"]], []]


def test_search_finds_over_all_groups(page: AppTest) -> None:
    words = words_on(page.text_input(key="settings_search").set_value("WhatsApp").run())
    assert "`supervisors`" in words
    assert "`late_grace_min`" not in words
    page.text_input(key="settings_search").set_value("xyzzy").run()
    assert "No setting is called so" in page.info[0].value


def test_a_default_comes_back_by_its_button(page: AppTest, seed: Seed) -> None:
    group(page, "attendance")
    assert "set_parameters_late_grace_min_0_reset" not in [button.key for button in page.button]
    page.number_input(key="set_parameters_late_grace_min_0").set_value(15).run()
    page.button(key="set_parameters_late_grace_min_0_reset").click().run()
    assert page.number_input(key="set_parameters_late_grace_min_1").value == 10


def test_discarding_puts_everything_back(page: AppTest, seed: Seed) -> None:
    group(page, "attendance")
    page.number_input(key="set_parameters_late_grace_min_0").set_value(15).run()
    page.button(key="settings_discard").click().run()
    assert page.number_input(key="set_parameters_late_grace_min_1").value == 10
    assert "Changes not saved" not in words_on(page)


def test_what_somebody_else_saved_meanwhile_is_said_and_kept(page: AppTest, seed: Seed) -> None:
    group(page, "attendance")
    page.number_input(key="set_parameters_late_grace_min_0").set_value(15).run()
    store = SettingsStore(seed.paths)
    loaded = store.load_parameters()
    store.save_parameters(loaded.value.changed(early_grace_min=3), loaded.fingerprint)
    save(page)
    assert "nothing was stored" in page.error[0].value
    page.run()
    assert "Grace for leaving early: 10 min → 3 min" in page.warning[0].value
    page.button(key="take_over_parameters").click().run()
    save(page)
    assert (stored(seed)["late_grace_min"], stored(seed)["early_grace_min"]) == (15, 3)


def test_back_to_an_earlier_version(page: AppTest, seed: Seed) -> None:
    group(page, "attendance")
    page.number_input(key="set_parameters_late_grace_min_0").set_value(15).run()
    save(page)
    view = next(one for one in page.get("button_group") if one.key == "settings_view")
    view.set_value("history").run()
    words = words_on(page)
    assert "Grace for late: 10 min → 15 min" in words
    (version,) = SettingsStore(seed.paths).versions(SettingsFile.PARAMETERS)
    page.button(key=f"back_parameters_{version.name}").click().run()
    assert "15 min → 10 min" in words_on(page), "seen before it is done"
    page.button(key="settings_save").click().run()
    assert stored(seed)["late_grace_min"] == 10
    assert audited(seed)[-1].params["back_to"] == version.name
    assert "Back to an earlier version" in words_on(page)


def test_a_version_that_todays_rules_refuse_says_why(page: AppTest, seed: Seed) -> None:
    folder = seed.paths.data / "settings_history" / "parameter_config"
    folder.mkdir(parents=True)
    (folder / "20260101T000000.000000Z.json").write_text(json.dumps({"time_zone": "Mars/Base"}))
    view = next(one for one in page.get("button_group") if one.key == "settings_view")
    view.set_value("history").run()
    assert "Time zone must be an IANA time zone" in page.error[0].value
    page.button(key="back_parameters_20260101T000000.000000Z.json").click().run()
    assert stored(seed)["time_zone"] == "UTC"


def test_the_webhooks_address_is_never_shown_nor_noted(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SettingsStore(seed.paths)
    loaded = store.load_webhook()
    secret = "https://hooks.example.com/s3cret-path"
    store.save_webhook(loaded.value.changed(url=secret, enabled=True), loaded.fingerprint)
    page = group(open_view(seed, monkeypatch, VIEW, "admin").run(), "webhook")
    assert "s3cret" not in words_on(page) + str(page.text_input(key="set_webhook_url_0"))
    page.text_input(key="set_webhook_url_0").set_value("https://hooks.example.com/0ther").run()
    save(page)
    assert stored(seed, SettingsFile.WEBHOOK)["url"] == "https://hooks.example.com/0ther"
    (row,) = audited(seed)
    assert row.params["keys"] == {"url": None}


def test_recipients_are_added_changed_and_removed(page: AppTest, seed: Seed) -> None:
    group(page, "email")
    page.button(key="set_email_recipients_add").click().run()
    assert "Recipients 1, name must not be empty." in page.error[0].value
    page.text_input(key="set_email_recipients_1_0_name").set_value("Sari").run()
    page.text_input(key="set_email_recipients_1_0_address").set_value("sari@example.com").run()
    assert not page.error
    save(page)
    (sari,) = stored(seed, SettingsFile.EMAIL)["recipients"]
    assert (sari["name"], sari["address"], sari["level"]) == ("Sari", "sari@example.com", 1)
    assert "sari@example.com" not in str(audited(seed)[-1].params), "no address of anybody in the trail"


def test_columns_of_the_payroll_file_move(page: AppTest, seed: Seed) -> None:
    group(page, "payroll")
    page.button(key="set_payroll_columns_0_1_up").click().run()
    save(page)
    assert [column["code"] for column in stored(seed, SettingsFile.PAYROLL)["columns"]][:2] == [
        "name",
        "code",
    ]


def test_shorter_keeping_says_how_much_would_go(page: AppTest, seed: Seed) -> None:
    group(page, "retention")
    page.number_input(key="set_parameters_attendance_retention_days_0").set_value(31).run()
    review(page)
    page.button(key="settings_count").click().run()
    assert "Nothing would go that does not go already" in words_on(page)


def test_a_file_that_cannot_be_used_can_be_mended(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    seed.paths.email.write_text('{"enabled": "perhaps"}')
    page = group(open_view(seed, monkeypatch, VIEW, "admin").run(), "email")
    assert "Enabled must be" in page.error[0].value
    page.number_input(key="set_email_port_0").set_value(465).run()
    save(page)
    assert stored(seed, SettingsFile.EMAIL)["port"] == 465


def test_an_admin_of_some_departments_changes_nothing(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    seed.user("admin.gudang", Role.ADMIN, ("Gudang",))
    page = open_view(seed, monkeypatch, VIEW, "admin.gudang").run()
    assert "your account is limited to departments" in page.error[0].value
    assert not page.number_input


def test_what_is_wrong_is_said_by_the_names_of_the_form_and_the_numbers_of_the_language() -> None:
    parameters, camera = "config/parameter_config.json", "camera_configs/CAM3/config.json"
    error = InvalidSettings(
        [
            Problem("too_large", {"key": "half_day_share", "value": 1234.5, "maximum": 1}, parameters),
            Problem("bad_url_host", {"key": "rtsp_url"}, camera),
            Problem("broken_json", {"line": 1200, "column": 7}, "config/config_email.json"),
        ]
    )
    said = error_words(error, Words("id", ZoneInfo("Asia/Jakarta")))
    assert "Setengah hari bernilai 1.234,5" in said
    assert "Kamera 3: Alamat " in said
    assert "config/config_email.json: " in said
    assert "1200" in said, "the number of a line is no amount"
    assert not any(raw in said for raw in ("half_day_share", "rtsp_url", "CAM3"))
