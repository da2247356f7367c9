"""The page on working time: HR enters shifts, who has them, holidays, leave and excused hours."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.storage.models import AuditLog, ExcusedAbsence, Holiday, Leave, ShiftAssignment, ShiftPlan
from tests.dashboard.signed_in import open_view, turn_to, words_on
from tests.seed import Seed, working_day

VIEW = "dashboard.views.working_time:show"
TABS = "working_time_tab"


@pytest.fixture
def seed(tmp_path: Path) -> Seed:
    seed = working_day(tmp_path)
    seed.user("hr.gudang", "hr", ("Gudang",))
    return seed


@pytest.fixture
def page(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return open_view(seed, monkeypatch, VIEW, "hr").run()


def save(page: AppTest, what: str) -> AppTest:
    return page.button(key=f"save_{what}").click().run()


def rows(seed: Seed, table: type) -> list:
    with Session(seed.engine) as session:
        return list(session.scalars(select(table)))


def add_shift(page: AppTest, name: str = "Malam") -> AppTest:
    page.text_input(key="shift_name").set_value(name)
    page.time_input(key="shift_start").set_value(time(22))
    page.time_input(key="shift_end").set_value(time(6))
    page.time_input(key="break_start").set_value(time(1))
    page.time_input(key="break_end").set_value(time(2))
    return save(page, "shift")


def test_an_empty_page_says_what_counts_and_what_to_do(page: AppTest) -> None:
    assert "There is no shift yet: everybody works the hours in the settings" in words_on(page)
    assert "save_assign" not in [button.key for button in page.button], "there is nothing to give"
    assert "No holiday is entered" in words_on(turn_to(page, TABS, "Holidays"))


def test_a_tab_is_built_when_it_is_opened_and_stays(page: AppTest) -> None:
    def built() -> set[str]:
        fields = {str(field.key) for field in page.text_input}
        return fields & {"shift_name", "holiday_name", "leave_note"}

    assert built() == {"shift_name"}
    turn_to(page, TABS, "Holidays")
    assert built() == {"shift_name", "holiday_name"}
    turn_to(page, TABS, "Shifts")
    assert built() == {"shift_name", "holiday_name"}, "with what was typed there"


def test_a_shift_is_added_given_and_retired(page: AppTest, seed: Seed) -> None:
    words = words_on(add_shift(page))
    assert "Malam: 22:00-06:00, Monday, Tuesday, Wednesday, Thursday, Friday" in words
    assert "break 01:00-02:00" in words
    assert "grace 10 and 0 min" in words

    page.selectbox(key="assign_employee").select(1)
    assert "Ayu Lestari: Malam, from" in words_on(save(page, "assign"))
    [given] = rows(seed, ShiftAssignment)
    assert (given.employee_id, given.department, given.last_date) == (1, None, None)

    page.button(key="shift_1_sure").click().run()
    assert "22:00-06:00" not in words_on(page)
    assert "Ayu Lestari: Malam" in words_on(page), "who has it keeps it"
    assert rows(seed, ShiftPlan)[0].retired_at is not None


def test_what_cannot_be_is_said_and_what_was_typed_stays(page: AppTest, seed: Seed) -> None:
    add_shift(page)
    add_shift(page)
    assert page.error[0].value == "There is a shift Malam already. Choose another name."
    assert page.text_input(key="shift_name").value == "Malam"
    assert len(rows(seed, ShiftPlan)) == 1
    save(page, "assign")
    assert "goes to one employee or one department" in page.error[0].value
    save(turn_to(page, TABS, "Leave"), "leave")
    assert page.error[0].value.startswith("Something is missing")


def test_half_a_break_is_refused_and_not_left_out(page: AppTest, seed: Seed) -> None:
    page.text_input(key="shift_name").set_value("Pagi")
    page.time_input(key="break_start").set_value(time(12))
    save(page, "shift")
    assert "breaks within it" in page.error[0].value
    assert rows(seed, ShiftPlan) == []


def test_no_time_at_all_is_not_a_whole_day_excused(page: AppTest, seed: Seed) -> None:
    turn_to(page, TABS, "Leave").selectbox(key="excuse_employee").select(2)
    page.time_input(key="excuse_end").set_value(time(8))
    page.text_input(key="excuse_reason").set_value("Dokter")
    save(page, "excuse")
    assert "an end that is not before its start" in page.error[0].value
    assert rows(seed, ExcusedAbsence) == []


def test_a_department_has_a_shift_and_a_holiday(page: AppTest, seed: Seed) -> None:
    add_shift(page)
    page.selectbox(key="assign_department").select("Gudang")
    save(page, "assign")
    turn_to(page, TABS, "Holidays").text_input(key="holiday_name").set_value("Stock opname")
    page.selectbox(key="holiday_department").select("Gudang")
    words = words_on(save(page, "holiday"))
    assert "Department Gudang: Malam" in words
    assert "Stock opname (Gudang)" in words
    [holiday] = rows(seed, Holiday)
    page.button(key=f"holidays_{holiday.id}_sure").click().run()
    assert rows(seed, Holiday) == []
    with Session(seed.engine) as session:
        actions = session.scalars(select(AuditLog.action).order_by(AuditLog.id)).all()
    assert actions[-4:] == ["shift.added", "assignment.added", "holiday.added", "holiday.removed"]


def test_leave_and_excused_hours_are_somebody_s(page: AppTest, seed: Seed) -> None:
    today = seed.now.astimezone(UTC).date()
    turn_to(page, TABS, "Leave").selectbox(key="leave_employee").select(2)
    page.selectbox(key="leave_kind").select("sick")
    page.date_input(key="leave_last").set_value(today + timedelta(days=2))
    page.text_input(key="leave_note").set_value("Surat dokter")
    assert "Budi Santoso: sick, " in words_on(save(page, "leave"))
    [leave] = rows(seed, Leave)
    assert (leave.first_date, leave.last_date, leave.note) == (
        today,
        today + timedelta(days=2),
        "Surat dokter",
    )

    page.selectbox(key="excuse_employee").select(2)
    page.time_input(key="excuse_start").set_value(time(22))
    page.time_input(key="excuse_end").set_value(time(1))
    page.text_input(key="excuse_reason").set_value("Dokter")
    assert "· Dokter" in words_on(save(page, "excuse"))
    [excuse] = rows(seed, ExcusedAbsence)
    assert excuse.ended_at - excuse.started_at == timedelta(hours=3), "over midnight"
    assert excuse.started_at == datetime.combine(today, time(22), UTC)


def test_what_is_over_for_a_month_is_not_listed(page: AppTest, seed: Seed) -> None:
    seed.add(Holiday(day=date(2020, 5, 1), name="Hari Buruh"))
    assert "Hari Buruh" not in words_on(turn_to(page, TABS, "Holidays"))


def test_hr_of_a_department_sees_and_changes_only_its_own(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = seed.add(Holiday(day=seed.now.date() + timedelta(days=3), name="Natal"))
    today = seed.now.date()
    seed.add(Leave(employee_id=1, kind="sick", first_date=today, last_date=today))
    page = open_view(seed, monkeypatch, VIEW, "hr.gudang").run()
    add_shift(page)
    assert rows(seed, ShiftPlan) == []
    words = words_on(turn_to(page, TABS, "Leave")) + words_on(turn_to(page, TABS, "Holidays"))
    assert "Natal (everybody)" in words
    assert "Ayu Lestari" not in words

    page.button(key=f"holidays_{everybody}_sure").click().run()
    assert "department" in page.error[0].value
    assert len(rows(seed, Holiday)) == 1
    save(page, "leave")
    assert page.error[0].value.startswith("Something is missing"), "not that a department is foreign"
    page.selectbox(key="leave_employee").select(3)
    save(page, "leave")
    assert [leave.employee_id for leave in rows(seed, Leave)] == [1, 3]


def test_a_supervisor_may_not_open_it(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "supervisor").run()
    assert "AccessDenied" in str(page.exception[0].stack_trace)
    assert not page.get("html")


def test_it_speaks_indonesian(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    seed.user("hr.id", "hr", (), "id")
    words = words_on(add_shift(open_view(seed, monkeypatch, VIEW, "hr.id").run()))
    assert "Malam: 22:00-06:00, Senin" in words
    assert "toleransi 10 dan 0 menit" in words
