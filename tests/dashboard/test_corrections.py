"""The Corrections page: a second person decides; months are locked and unlocked."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.domain.states import DayStatus
from core.errors import AccessDenied
from core.storage import judged_days
from core.storage.corrections import Entry
from core.storage.models import AuditLog, Correction, Holiday, MonthLock
from core.storage.month_locks import month_of
from dashboard import day_commands
from tests.dashboard.signed_in import open_view, words_on
from tests.days import ONE_DAY, DaysSite
from tests.week import BUDI, CITRA, correct, week_site

VIEW = "dashboard.views.corrections:show"
Week = tuple[DaysSite, date]


@pytest.fixture
def week(tmp_path: Path) -> Week:
    """Two corrections wait: the supervisor's of Budi (Produksi) and HR's of Citra (Gudang)."""
    site, day = week_site(tmp_path, corrections_need_approval=True)
    site.seed.user("spv.gudang", "supervisor", ("Gudang",))
    correct(site, BUDI, day, Entry("kartu", status="present", note="gerbang lain"), "supervisor")
    correct(site, CITRA, day, Entry("surat dokter", status="leave"), "hr")
    return site, day


def opened(week: Week, monkeypatch: pytest.MonkeyPatch, username: str) -> AppTest:
    return open_view(week[0].seed, monkeypatch, VIEW, username).run()


def states(week: Week) -> list[str]:
    with Session(week[0].engine) as session:
        return list(session.scalars(select(Correction.state).order_by(Correction.id)))


def keys(page: AppTest) -> set[str]:
    return {str(button.key) for button in page.button}


def status_of(week: Week, employee: int) -> DayStatus:
    with Session(week[0].engine) as session:
        return judged_days.of_employee(session, employee, week[1], week[1])[0].work.status


def test_a_second_person_approves_or_rejects(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(week, monkeypatch, "hr")
    words = words_on(page)
    assert "Reason: kartu" in words
    assert "<td>Late</td><td>Present</td>" in words
    assert "Picture of 08:47:00, Gate" in words, "the evidence beside it"
    assert "This is your own correction" in words
    assert {"approve_1", "reject_1"} <= keys(page)
    assert "approve_2" not in keys(page), "his own"

    page.text_input(key="note_1").set_value("saw him")
    page.button(key="approve_1").click().run()
    assert states(week) == ["in_force", "pending"]
    assert status_of(week, BUDI) == DayStatus.PRESENT
    assert "Decided by hr" in words_on(page)

    other = opened(week, monkeypatch, "supervisor")
    other.button(key="reject_2").click().run()
    assert states(week) == ["in_force", "rejected"]
    assert status_of(week, CITRA) == DayStatus.ABSENT
    assert "No correction waits for a decision" in words_on(other)


def test_departments_limit_what_is_seen_and_decided(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(week, monkeypatch, "spv.gudang")
    assert "Budi" not in words_on(page)
    assert keys(page) == {"approve_2", "reject_2"}
    with pytest.raises(AccessDenied):
        day_commands.decide_correction(1, approve=True, note="")
    with pytest.raises(AccessDenied):
        day_commands.correct_day(BUDI, week[1], Entry("why", status="absent"))
    assert states(week) == ["pending", "pending"]


def test_one_that_was_decided_meanwhile_is_said(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(week, monkeypatch, "hr")
    with Session(week[0].engine) as session, session.begin():
        session.query(Correction).filter_by(id=1).update({"state": "rejected"})
    page.button(key="approve_1").click().run()
    assert states(week) == ["rejected", "pending"]


def test_a_day_that_other_rules_would_change_is_not_approved(
    week: Week, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, day = week
    with site.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE work_days SET is_final = 1")
    site.seed.add(Holiday(day=day, name="Guru"))
    page = opened(week, monkeypatch, "hr")
    page.button(key="approve_1").click().run()
    [error] = page.error
    assert error.value.startswith("Another rule would judge this day otherwise; HR has to judge it again")
    assert states(week) == ["pending", "pending"]


def test_hr_locks_a_month_and_an_administrator_unlocks_it(
    week: Week, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, day = week
    page = opened(week, monkeypatch, "hr")
    assert "No month is locked" in words_on(page)
    this_month = month_of(site.now.astimezone(site.parameters.zone).date())
    month = month_of(month_of(this_month - ONE_DAY) - ONE_DAY)
    site.store(month, day)
    with Session(site.engine) as session, session.begin():
        session.query(Correction).delete()
    page.selectbox(key="month_to_lock").set_value(month)
    page.button(key="lock_month_sure").click().run()
    assert not page.error, page.error[0].value
    assert "locked by hr" in words_on(page)
    assert not any(str(key).startswith("unlock") for key in keys(page)), "that is an administrator's"

    admin = opened(week, monkeypatch, "admin")
    admin.button(key=f"unlock_{month}").click().run()
    assert admin.error[0].value == "Say why, in at most 200 characters."
    admin.text_input(key=f"unlock_why_{month}").set_value("payroll")
    admin.button(key=f"unlock_{month}").click().run()
    assert "No month is locked" in words_on(admin)
    with Session(site.engine) as session:
        actions = session.scalars(select(AuditLog.action).order_by(AuditLog.id)).all()
    assert actions[-2:] == ["month.locked", "month.unlocked"]


def test_a_month_that_is_not_judged_says_what_to_do(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    with week[0].engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM work_days")
        connection.exec_driver_sql("UPDATE employees SET created_at = '2020-01-01 00:00:00'")
    page = opened(week, monkeypatch, "hr")
    page.button(key="lock_month_sure").click().run()
    assert "Some days of this month are not judged" in page.error[0].value


def test_locks_are_not_for_supervisors_and_departments(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    week[0].seed.user("hr.gudang", "hr", ("Gudang",))
    assert "lock_month_sure" not in keys(opened(week, monkeypatch, "supervisor"))
    assert "lock_month_sure" not in keys(opened(week, monkeypatch, "hr.gudang"))
    with pytest.raises(AccessDenied):
        day_commands.lock_month(week[1])
    opened(week, monkeypatch, "hr")
    with pytest.raises(AccessDenied):
        day_commands.unlock_month(week[1], "why")
    with Session(week[0].engine) as session:
        assert session.scalars(select(MonthLock)).all() == []


def test_it_speaks_indonesian(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    week[0].seed.user("hr.id", "hr", (), "id")
    words = words_on(opened(week, monkeypatch, "hr.id"))
    assert "Alasan: kartu" in words
    assert "Tidak ada bulan yang dikunci" in words
