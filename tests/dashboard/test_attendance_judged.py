"""The Attendance page of a judged day: status, figures, coverage, the rule, and who was not seen."""

from datetime import date, time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.schedule import attendance_day
from core.storage.corrections import Entry
from tests.dashboard.signed_in import open_view, words_on
from tests.days import ZONE, DaysSite
from tests.week import BUDI, correct, week_site

VIEW = "dashboard.views.attendance:show"


@pytest.fixture
def week(tmp_path: Path) -> tuple[DaysSite, date]:
    return week_site(tmp_path)


def opened(
    week: tuple[DaysSite, date], monkeypatch: pytest.MonkeyPatch, username: str = "supervisor"
) -> AppTest:
    site, day = week
    page = open_view(site.seed, monkeypatch, VIEW, username)
    page.query_params["day"] = day.isoformat()
    return page.run()


def test_every_day_says_status_coverage_figures_and_the_rule(
    week: tuple[DaysSite, date], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = words_on(opened(week, monkeypatch))
    assert "Coverage 94 % · 3 min overtime · 37 min missing" in words, "Ayu, through the outage"
    assert "First in 08:47, work began 08:00: 47 min late" in words
    assert words.count(">Absent<") == 2
    assert "Not seen, with 94 % of the working time observed" in words
    assert "On leave (sick)" in words
    assert words.count(">First in<") == 3, "the others were not seen"


def test_a_name_leads_to_the_person_s_day(
    week: tuple[DaysSite, date], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = words_on(opened(week, monkeypatch))
    assert f'href="/person-day?person={BUDI}&amp;day={week[1]}"' in words


def test_a_status_narrows_the_rows(week: tuple[DaysSite, date], monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(week, monkeypatch)
    page.multiselect(key="status").set_value(["absent"]).run()
    words = words_on(page)
    assert "Rows: 2" in words
    assert "Citra Dewi" in words
    assert "Ayu Lestari" not in words


def test_a_corrected_day_shows_what_is_answered_for(
    week: tuple[DaysSite, date], monkeypatch: pytest.MonkeyPatch
) -> None:
    correct(*week[:1], BUDI, week[1], Entry("badge", first_in=time(8)), "hr")
    words = words_on(opened(week, monkeypatch))
    assert ">corrected<" in words
    assert "<b>08:00:00</b>" in words
    assert "Picture of 08:47:00" in words, "the evidence stays"


def test_a_correction_taken_back_marks_no_day(
    week: tuple[DaysSite, date], monkeypatch: pytest.MonkeyPatch
) -> None:
    correct(*week[:1], BUDI, week[1], Entry("badge", first_in=time(8)), "hr")
    correct(*week[:1], BUDI, week[1], Entry("mistake", withdraws=True), "hr")
    words = words_on(opened(week, monkeypatch))
    assert "<b>08:47:00</b>" in words
    assert ">corrected<" not in words


def test_a_day_that_goes_on_says_how_old_it_is(
    week: tuple[DaysSite, date], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = week[0]
    page = open_view(site.seed, monkeypatch, VIEW, "hr")
    page.query_params["day"] = attendance_day(site.now, ZONE).isoformat()
    words = words_on(page.run())
    assert "As of " in words
    assert "what is not over yet may still change" in words


def test_days_that_nobody_judged_are_said(
    week: tuple[DaysSite, date], monkeypatch: pytest.MonkeyPatch
) -> None:
    with week[0].engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM work_days")
    words = words_on(opened(week, monkeypatch))
    assert "Some days are not judged yet" in words
    assert words.count(">Not judged yet<") == 3


def test_a_supervisor_sees_his_departments_only(
    week: tuple[DaysSite, date], monkeypatch: pytest.MonkeyPatch
) -> None:
    week[0].seed.user("spv", "supervisor", ("Gudang",))
    words = words_on(opened(week, monkeypatch, "spv"))
    assert "Citra Dewi" in words
    assert "Ayu Lestari" not in words
