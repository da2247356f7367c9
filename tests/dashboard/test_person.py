"""A person's page: who, where, the month, the pictures with their rule, and "this is wrong"."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.errors import AccessDenied
from core.storage.models import Base, Reassignment, Visit
from core.storage.rows import PresenceRow
from dashboard import visit_commands
from dashboard.views.person import VISITS_A_PAGE
from dashboard.widgets.board import places_of
from dashboard.widgets.markup import joined
from tests.dashboard.signed_in import open_view, words_on
from tests.days import ONE_DAY, DaysSite, at
from tests.unknown import MATCH
from tests.week import AYU, BUDI, CITRA, DEDI, week_site

VIEW = "dashboard.views.person:show"
Site = tuple[DaysSite, date]


@pytest.fixture
def week(tmp_path: Path) -> Site:
    site, day = week_site(tmp_path)
    site.seed.worker(age_s=-3600, **MATCH)
    site.seed.user("spv", "supervisor", ("Gudang",))
    return site, day


def opened(
    week: Site, monkeypatch: pytest.MonkeyPatch, person: object, username: str = "hr", **address: str
) -> AppTest:
    page = open_view(week[0].seed, monkeypatch, VIEW, username)
    page.query_params["employee"] = str(person)
    page.query_params["day"] = week[1].isoformat()
    for name, value in address.items():
        page.query_params[name] = value
    return page.run()


def rows(site: DaysSite, table: type[Base], *which: Any) -> list[Any]:
    with Session(site.engine) as session:
        return list(session.scalars(select(table).where(*which).order_by(table.id)))  # type: ignore[attr-defined]


def first_visit(week: Site, person: int, begins: str = "00:00") -> Visit:
    site, day = week
    start = at(begins, day)
    his = (Visit.employee_id == person, Visit.arrived_at >= start, Visit.arrived_at < start + ONE_DAY)
    found: Visit = rows(site, Visit, *his)[0]
    return found


def test_profile_today_month_and_pictures(week: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site, day = week
    site.seed.consent(BUDI)
    words = words_on(opened(week, monkeypatch, BUDI))
    assert "Budi Santoso" in words
    assert "Enrolled photos: 1 · Basis: The person has given consent" in words
    assert f'href="/person-day?person={BUDI}&amp;day={day}"' in words
    assert "gspe-day-late" in words
    assert "A name takes a likeness of at least 0.900 and a lead of 0.050" in words
    assert "likeness 0.710 · nobody else to compare with" in words
    assert "Named by another rule: 0.710 would not be enough now" in words
    assert words.count("08:47 to 11:30, Gate") == 1


def test_why_a_picture_has_its_name_is_told_to_who_asks(week: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    words = words_on(opened(week, monkeypatch, BUDI))
    why = words[words.index('<details class="gspe-why">') :]
    why = why[: why.index("</details>")]
    assert "<summary>Why this name?</summary>" in why
    assert "Named by another rule: 0.710 would not be enough now" in why
    assert "likeness 0.710 · nobody else to compare with" in why


def test_many_visits_stand_on_pages(week: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site, day = week
    for minute in range(24):
        start = at(f"20:{2 * minute:02}", day)
        site.seed.visit(BUDI, start, start)
    page = opened(week, monkeypatch, BUDI)
    before = rows(site, Visit, Visit.employee_id == BUDI, Visit.arrived_at >= at("00:00", day))
    assert len(before) == 27
    assert words_on(page).count("Why this name?") == 2 * VISITS_A_PAGE
    assert "08:47 to 11:30, Gate" in words_on(page)
    page.get("pagination")[0].set_value(3).run()
    assert words_on(page).count("Why this name?") == 2 * 7
    assert "20:46 to 20:46, Gate" in words_on(page)
    assert "08:47 to 11:30, Gate" not in words_on(page)


@pytest.mark.parametrize(
    ("camera", "location", "said"),
    [("Gate", "gate", "Gate"), ("Gate", "", "Gate"), ("Gate", "Yard", "Gate · Yard"), (None, None, "")],
)
def test_a_place_is_named_once(camera: str | None, location: str | None, said: str) -> None:
    row = PresenceRow(1, "E1", "Sari", None, None, None, None, None, camera, None, None, location)
    assert joined(*places_of(row)) == said


def test_a_supervisor_sees_no_basis(week: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Basis" not in words_on(opened(week, monkeypatch, BUDI, "supervisor"))


def test_the_month_is_in_the_address(week: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(week, monkeypatch, BUDI, month="2020-02")
    words = words_on(page)
    assert "Calendar of Feb 2020" in words
    assert "29 Feb 2020: not judged" in words
    page.button(key="month_next").click().run()
    assert page.query_params["month"] in ("2020-03", ["2020-03"])
    assert "Calendar of Mar 2020" in words_on(page)
    assert f"Calendar of {week[1]:%b %Y}" in words_on(opened(week, monkeypatch, BUDI, month="2020-99x"))


def test_a_day_without_a_visit_shows_the_latest(week: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    words = words_on(opened(week, monkeypatch, CITRA))
    assert "No visit on" in words
    assert "07:59 to 17:10" in words


@pytest.mark.parametrize("person", ["", "x", "99", "-1", "²"])
def test_an_address_that_names_nobody(week: Site, monkeypatch: pytest.MonkeyPatch, person: str) -> None:
    assert "There is no such person" in words_on(opened(week, monkeypatch, person))


def test_only_his_departments(week: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "There is no such person" in words_on(opened(week, monkeypatch, BUDI, "spv"))
    page = opened(week, monkeypatch, DEDI, "spv")
    visit = first_visit(week, DEDI, begins="20:00")  # by night
    page.button(key=f"wrong_{visit.id}").click().run()
    names = page.selectbox(key=f"who_{visit.id}").options
    assert names == ["Citra Dewi (E03)", "Nobody we know"]


def test_this_is_wrong_and_back(week: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site, _day = week
    visit = first_visit(week, BUDI)
    page = opened(week, monkeypatch, BUDI)
    page.button(key=f"wrong_{visit.id}").click().run()
    page.selectbox(key=f"who_{visit.id}").set_value(CITRA).run()
    page.button(key="preview_visit").click().run()
    words = words_on(page)
    assert "2 days change" in words
    assert "<td>08:47:00</td><td>12:10:00</td>" in words, "Budi's first in"
    assert "<td>Absent</td><td>Half day</td>" in words, "Citra's status"
    assert rows(site, Reassignment) == []
    page.button(key="reassign_sure").click().run()
    assert [error.value for error in page.error] == ["Say why, in at most 200 characters."]
    page.text_input(key=f"why_{visit.id}").set_value("looks like her").run()
    page.button(key="reassign_sure").click().run()
    words = words_on(page)
    assert "The visit is now counted for: Citra Dewi (E03)" in words
    assert "look at the enrolled faces of Budi Santoso" in words
    assert "hr said (" in words
    assert "looks like her" in words
    assert "Taken from this person" in words

    page = opened(week, monkeypatch, BUDI)
    page.button(key=f"wrong_{visit.id}").click().run()
    page.selectbox(key=f"who_{visit.id}").set_value(BUDI).run()
    page.text_input(key=f"why_{visit.id}").set_value("it was him").run()
    page.button(key="preview_visit").click().run()
    page.button(key="reassign_sure").click().run()
    assert first_visit(week, BUDI).id == visit.id
    assert "Taken from this person" not in words_on(page)


def test_who_has_a_visit_at_that_time_is_said(week: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    visit = first_visit(week, BUDI)
    page = opened(week, monkeypatch, BUDI)
    page.button(key=f"wrong_{visit.id}").click().run()
    page.selectbox(key=f"who_{visit.id}").set_value(AYU).run()
    page.button(key="preview_visit").click().run()
    assert "has a visit of his own at that time, 07:52 to 10:00 at Gate" in words_on(page)


def second_person(tmp_path: Path) -> Site:
    site, day = week_site(tmp_path, corrections_need_approval=True)
    site.seed.worker(age_s=-3600, **MATCH)
    return site, day


def test_where_corrections_need_a_second_person_hr_gives_visits_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    week = second_person(tmp_path)
    visit = first_visit(week, BUDI)
    page = opened(week, monkeypatch, BUDI, "supervisor")
    assert "Ask somebody with the role HR" in words_on(page)
    assert f"wrong_{visit.id}" not in {button.key for button in page.button}
    for deed in (
        lambda: visit_commands.preview_visit(visit.id, CITRA),
        lambda: visit_commands.reassign_visit(visit.id, CITRA, "x"),
    ):
        with pytest.raises(AccessDenied) as refusal:
            deed()
        assert refusal.value.code == "visit_needs_hr"
    assert rows(week[0], Reassignment) == []
    page = opened(week, monkeypatch, BUDI, "hr")
    assert f"wrong_{visit.id}" in {button.key for button in page.button}
    visit_commands.reassign_visit(visit.id, CITRA, "x")
    assert [row.author for row in rows(week[0], Reassignment)] == ["hr"]


def test_a_supervisor_gives_away_a_visit_of_today(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    week = second_person(tmp_path)
    site = week[0]
    today = site.seed.visit(BUDI, site.now, site.now)
    opened(week, monkeypatch, BUDI, "supervisor")
    visit_commands.reassign_visit(today, CITRA, "x")
    assert [row.author for row in rows(site, Reassignment)] == ["supervisor"]


def test_it_speaks_indonesian(week: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    week[0].seed.user("hr.id", "hr", (), "id")
    words = words_on(opened(week, monkeypatch, BUDI, "hr.id"))
    assert "Kalender" in words
    assert "kemiripan 0,710" in words
