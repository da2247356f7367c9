"""A person's day: how it went, why, the pictures, and correcting it."""

from datetime import date, time
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.storage.corrections import Entry
from core.storage.models import AlertLog, Correction, Holiday, MonthLock
from tests.dashboard.signed_in import open_view, words_on
from tests.days import ONE_DAY, DaysSite, at
from tests.week import AYU, BUDI, DEDI, FAJAR, break_settings, correct, week_site

VIEW = "dashboard.views.person_day:show"
Week = tuple[DaysSite, date]


@pytest.fixture
def week(tmp_path: Path) -> Week:
    site, day = week_site(tmp_path)
    site.seed.user("spv", "supervisor", ("Gudang",))
    return site, day


def opened(
    week: Week,
    monkeypatch: pytest.MonkeyPatch,
    person: object,
    username: str = "supervisor",
    day: date | None = None,
) -> AppTest:
    page = open_view(week[0].seed, monkeypatch, VIEW, username)
    page.query_params["person"] = str(person)
    page.query_params["day"] = (day or week[1]).isoformat()
    return page.run()


def corrections(week: Week) -> list[Correction]:
    with Session(week[0].engine) as session:
        return list(session.scalars(select(Correction).order_by(Correction.id)))


def test_the_outage_is_told_in_the_bar_and_in_words(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    words = words_on(opened(week, monkeypatch, AYU))
    assert 'title="10:00–10:30 not observed"' in words  # noqa: RUF001 - from, to
    assert "<b>10:00–10:30</b><span>not observed, 30 min</span>" in words  # noqa: RUF001
    assert "8 h 30 min of 9 h were seen or observable" in words
    assert 'class="gspe-m-not_observable"></i>not observed' in words, "the legend"


def test_every_figure_says_why(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    words = words_on(opened(week, monkeypatch, BUDI))
    assert "First in 08:47, work began 08:00: 47 min late" in words
    assert "Start of the first of 3 visits" in words
    assert "The shift without breaks and excused hours, as far as it is over" in words
    assert "Overtime: 2 h 20 min after 17:00" in words
    assert "Not more than the grace of 10 min was observed after last out" in words
    assert "15:00–16:00</b><span>excused, 1 h" in words  # noqa: RUF001


def test_a_night_shift_is_one_day(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    words = words_on(opened(week, monkeypatch, DEDI))
    assert "Shift Malam: 22:00 to 06:00" in words
    assert "01:02–01:30</b><span>break, 28 min" in words  # noqa: RUF001
    assert words.count("Picture of 21:54:00") == 2, "first in, and in the list of visits"


def test_alerts_of_the_day_are_marks_on_the_bar(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    site, day = week
    for clock, employee in (("13:05", BUDI), ("13:10", AYU)):
        alert = AlertLog(kind="absent", employee_id=employee, absent_since=at("13:00", day))
        alert.state, alert.resolution, alert.opened_at = "resolved", "returned", at(clock, day)
        alert.resolved_at, alert.duration_s = at("13:30", day), 1800
        site.seed.add(alert)
    words = words_on(opened(week, monkeypatch, BUDI))
    assert words.count("▼") == 1
    assert 'title="13:05 Budi' in words
    assert "Came back" in words


def test_the_month_has_sums_and_warnings(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    words = words_on(opened(week, monkeypatch, FAJAR, day=week[1] - ONE_DAY))
    assert "figures of the stored days" in words
    assert "Beyond the allowed hours:" in words
    assert "Overtime of the day" in words
    assert "4 h 45 min of at most 4 h" in words


def test_a_correction_is_entered_shown_and_withdrawn(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(week, monkeypatch, BUDI)
    key = f"{BUDI}_{week[1]}"
    page.time_input(key=f"first_{key}").set_value(time(8, 0))
    page.text_input(key=f"note_{key}").set_value("back door")
    page.text_input(key=f"reason_{key}").set_value("badge reader")
    page.button(key="save_correction").click().run()
    words = words_on(page)
    assert "First in 08:00 · back door" in words
    assert "Entered by supervisor" in words
    assert "<td>Late</td><td>Present</td>" in words
    assert "Entered by supervisor: badge reader" in words, "behind the figure"
    assert page.time_input(key=f"first_{key}").value == time(8, 0)

    page.text_input(key=f"withdraw_{key}").set_value("was wrong")
    page.button(key="withdraw_correction").click().run()
    words = words_on(page)
    assert "Left to the cameras again" in words
    assert [row.state for row in corrections(week)] == ["superseded", "in_force"]
    assert "withdraw_correction" not in [button.key for button in page.button]


def test_bad_input_is_one_sentence_and_loses_nothing(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(week, monkeypatch, BUDI)
    key = f"{BUDI}_{week[1]}"
    page.time_input(key=f"last_{key}").set_value(time(7, 0))
    page.text_input(key=f"reason_{key}").set_value("why")
    page.button(key="save_correction").click().run()
    assert [error.value for error in page.error] == ["Last out would lie before first in; correct both."]
    assert page.time_input(key=f"last_{key}").value == time(7, 0)
    assert corrections(week) == []


def test_a_supervisor_sees_and_corrects_his_departments_only(
    week: Week, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = words_on(opened(week, monkeypatch, BUDI, "spv"))
    assert "There is no such person, or not in your departments" in words
    assert "Budi" not in words
    assert "Dedi Kurniawan" in words_on(opened(week, monkeypatch, DEDI, "spv"))


@pytest.mark.parametrize("person", ["", "x", "99", "-1"])
def test_an_address_that_names_nobody(week: Week, monkeypatch: pytest.MonkeyPatch, person: str) -> None:
    assert "There is no such person" in words_on(opened(week, monkeypatch, person))


def test_a_day_before_employment(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    words = words_on(opened(week, monkeypatch, AYU, day=date(2020, 1, 1)))
    assert "He was not employed on 1 Jan 2020" in words


def test_a_locked_month_offers_no_correction(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    site, day = week
    site.seed.add(MonthLock(month=day.replace(day=1), locked_at=site.now, locked_by="hr"))
    page = opened(week, monkeypatch, BUDI)
    assert "is locked: this day changes no more" in words_on(page)
    assert "save_correction" not in [button.key for button in page.button]


def test_a_day_that_the_rules_would_judge_otherwise_says_so(
    week: Week, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, day = week
    with site.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE work_days SET is_final = 1")
    site.seed.add(Holiday(day=day, name="Guru"))
    words = words_on(opened(week, monkeypatch, BUDI))
    assert "By the rules that hold now this day would be another" in words
    assert "gspe-day-late" in words, "what is stored counts"


def test_such_a_day_takes_no_correction_until_it_is_judged_again(
    week: Week, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, day = week
    with site.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE work_days SET is_final = 1")
    site.seed.add(Holiday(day=day, name="Guru"))
    page = opened(week, monkeypatch, BUDI)
    key = f"{BUDI}_{day}"
    page.time_input(key=f"first_{key}").set_value(time(8, 0))
    page.text_input(key=f"reason_{key}").set_value("badge reader")
    page.button(key="save_correction").click().run()
    [error] = page.error
    assert error.value.startswith("Another rule would judge this day otherwise; HR has to judge it again")
    assert page.time_input(key=f"first_{key}").value == time(8, 0), "nothing is lost"
    assert corrections(week) == []


def test_it_speaks_indonesian(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    site, day = week
    site.seed.user("hr.id", "hr", (), "id")
    correct(site, BUDI, day, Entry("kartu", first_in=time(8)), "hr")
    words = words_on(opened(week, monkeypatch, BUDI, "hr.id"))
    assert "Diisi oleh hr: kartu" in words
    assert "tidak terlihat" in words


def test_broken_settings_are_one_sentence(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    break_settings(week[0])
    page = opened(week, monkeypatch, BUDI)
    assert len(page.error) == 1
    assert "Budi Santoso" in words_on(page)
