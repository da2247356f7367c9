"""Working time: presets, pauses, camera ties, and judging stored days again."""

from datetime import date, time
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.errors import AccessDenied
from core.storage import judged_days, recompute
from core.storage.models import AuditLog, CameraTie, MonthLock, ShiftPlan, SitePause
from core.storage.month_locks import month_of
from dashboard import day_commands
from tests.dashboard.signed_in import open_view, turn_to, words_on
from tests.days import ONE_DAY, DaysSite
from tests.week import AYU, BUDI, CITRA, break_settings, week_site

VIEW = "dashboard.views.working_time:show"
Week = tuple[DaysSite, date]


@pytest.fixture
def week(tmp_path: Path) -> Week:
    """Everything is final."""
    site, day = week_site(tmp_path)
    site.seed.user("hr.gudang", "hr", ("Gudang",))
    with site.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE work_days SET is_final = 1")
    return site, day


def opened(week: Week, monkeypatch: pytest.MonkeyPatch, username: str = "hr", tab: str = "Shifts") -> AppTest:
    return turn_to(open_view(week[0].seed, monkeypatch, VIEW, username), "working_time_tab", tab)


def rows(week: Week, table: type) -> list:
    with Session(week[0].engine) as session:
        return list(session.scalars(select(table)))


def keys(page: AppTest) -> set[str]:
    return {str(button.key) for button in page.button}


def test_a_preset_fills_the_form(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(week, monkeypatch)
    page.button(key="preset_seven_by_six").click().run()
    assert page.time_input(key="shift_end").value == time(16)
    page.button(key="save_shift").click().run()
    [plan] = [row for row in rows(week, ShiftPlan) if row.name != "Malam"]
    assert (plan.name, plan.start, plan.end) == ("7 h x 6 days", "08:00", "16:00")
    assert (plan.breaks, plan.weekdays) == ([["12:00", "13:00"]], [0, 1, 2, 3, 4, 5])
    page.button(key="preset_plain").click().run()
    assert page.time_input(key="break_start").value is None
    assert "warn above 40 h a week" in words_on(page)


def test_hr_pauses_the_site_and_ends_the_pause(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(week, monkeypatch, tab="Pause")
    page.date_input(key="pause_day").set_value(week[1] + 3 * ONE_DAY)
    page.button(key="save_pause").click().run()
    assert "A pause needs a reason" in page.error[0].value
    page.text_input(key="pause_reason").set_value("fire drill")
    page.toggle(key="pause_stops").set_value(True)
    page.button(key="save_pause").click().run()
    [pause] = rows(week, SitePause)
    assert (pause.reason, pause.paused_by, pause.stops_recognition) == ("fire drill", "hr", True)
    assert "by hr: fire drill · nobody was recognised" in words_on(page)
    page.button(key=f"lift_{pause.id}_sure").click().run()
    assert "ended by hr" in words_on(page)


def test_an_account_of_a_department_cannot_pause(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(week, monkeypatch, "hr.gudang", "Pause")
    assert "save_pause" not in keys(page)
    with pytest.raises(AccessDenied):
        day_commands.begin_pause(week[0].now, "why", stops_recognition=False)
    with pytest.raises(AccessDenied):
        day_commands.lift_pause(1)
    opened(week, monkeypatch, "supervisor")
    with pytest.raises(AccessDenied):
        day_commands.begin_pause(week[0].now, "why", stops_recognition=False)


def test_somebody_is_tied_to_cameras_and_untied(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(week, monkeypatch, tab="Cameras")
    page.button(key="save_tie").click().run()
    assert page.error[0].value.startswith("Something is missing")
    page.selectbox(key="tie_employee").set_value(AYU)
    page.multiselect(key="tie_cameras").set_value([1])
    page.multiselect(key="tie_locations").set_value(["Ground floor"])
    page.button(key="save_tie").click().run()
    assert "Ayu Lestari (E01): Gate · location Ground floor" in words_on(page)
    page.button(key=f"untie_{AYU}_sure").click().run()
    assert rows(week, CameraTie) == []


def test_who_is_limited_ties_his_people_only(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(week, monkeypatch, "hr.gudang")
    with pytest.raises(AccessDenied):
        day_commands.set_ties(AYU, (1,), ())
    day_commands.set_ties(CITRA, (1,), ())
    assert [tie.employee_id for tie in rows(week, CameraTie)] == [CITRA]


def add_holiday(page: AppTest, day: date) -> AppTest:
    page.date_input(key="holiday_day").set_value(day)
    page.text_input(key="holiday_name").set_value("Guru")
    return page.button(key="save_holiday").click().run()


def test_a_change_leaves_stored_days_and_leads_to_judging_them_again(
    week: Week, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, day = week
    page = add_holiday(opened(week, monkeypatch, tab="Holidays"), day)
    assert "were judged before this change and stay as they are" in words_on(page)
    page.button(key="lead_to_recompute").click().run()
    assert page.date_input(key="recompute_first").value == day
    assert page.date_input(key="recompute_last").value == day
    page.button(key="recompute_look").click().run()
    assert "5 of 6 days would change" in words_on(page), "leave goes before a holiday"
    [table] = page.dataframe
    assert "Status Late → Holiday" in table.value.to_string()
    assert "Holiday: Guru" in table.value.to_string()
    with Session(site.engine) as session:
        assert judged_days.of_employee(session, BUDI, day, day)[0].work.status == "late"

    page.button(key="recompute_apply_sure").click().run()
    assert page.success[0].value == "5 of 6 days were written anew."
    with Session(site.engine) as session:
        assert judged_days.of_employee(session, BUDI, day, day)[0].work.status == "holiday"
        noted = session.scalars(select(AuditLog).where(AuditLog.action == "days.recomputed")).one()
    assert (noted.actor, noted.params["changed"], noted.params["judged"]) == ("hr", 5, 6)


def test_a_locked_month_is_named_and_left_out(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    site, day = week
    site.seed.add(MonthLock(month=month_of(day), locked_at=site.now, locked_by="hr"))
    page = add_holiday(opened(week, monkeypatch, tab="Holidays"), day)
    assert "is locked: nothing changes there" in words_on(page)
    page.button(key="lead_to_recompute").click().run()
    page.button(key="recompute_look").click().run()
    assert "0 of 0 days would change" in words_on(page)


def test_a_change_for_days_to_come_says_nothing(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    page = add_holiday(opened(week, monkeypatch, tab="Holidays"), week[1] + 9 * ONE_DAY)
    assert "lead_to_recompute" not in keys(page)


def test_a_range_too_long_or_in_disorder_is_refused(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(week, monkeypatch, tab="Judge again")
    page.date_input(key="recompute_first").set_value(week[1] - 200 * ONE_DAY)
    page.button(key="recompute_look").click().run()
    assert "Choose at most 92 days" in page.error[0].value
    page.date_input(key="recompute_first").set_value(week[1])
    page.date_input(key="recompute_last").set_value(week[1] - ONE_DAY)
    page.button(key="recompute_look").click().run()
    assert "exchange them" in page.error[0].value


def test_who_is_limited_judges_his_people_again_only(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    site, day = week
    with site.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE work_days SET status = 'present' WHERE status = 'absent'")
    opened(week, monkeypatch, "hr.gudang")
    found: recompute.Preview = day_commands.preview_days(day, day, site.now)
    assert [change.name for change in found.changes] == ["Citra Dewi"]
    assert day_commands.recompute_days(day, day, site.now).changed == 1
    opened(week, monkeypatch, "supervisor")
    with pytest.raises(AccessDenied):
        day_commands.preview_days(day, day, site.now)
    with pytest.raises(AccessDenied):
        day_commands.recompute_days(day, day, site.now)


def test_broken_settings_are_said_and_the_rest_of_the_page_stays(
    week: Week, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_settings(week[0])
    page = opened(week, monkeypatch)
    assert len(page.error) == 1
    assert "Who has which shift" in words_on(page)
