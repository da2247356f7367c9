"""Unknown faces on their page: grouped, named with a preview, ignored, discarded."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.errors import AccessDenied
from core.storage.models import (
    AuditLog,
    Base,
    Consent,
    Employee,
    MonthLock,
    UnknownFace,
    Visit,
    WorkerRequest,
)
from core.storage.requests import read_request_photo
from dashboard import data, unknown_commands
from tests.dashboard.signed_in import open_view, words_on
from tests.days import DaysSite, at
from tests.unknown import DIM, MATCH, SHA256, face, look, unknown_face
from tests.week import BUDI, CITRA, week_site

VIEW = "dashboard.views.unknown:show"
STRANGER = 6


@pytest.fixture
def week(tmp_path: Path) -> tuple[DaysSite, date]:
    """Four faces of Citra on a day on which nobody named her, and one of a stranger the day before."""
    site, day = week_site(tmp_path)
    seed = site.seed
    seed.worker(age_s=-3600, **MATCH)
    for person in (BUDI, CITRA):
        columns = {"dim": DIM, "pack_sha256": SHA256, "embedding": look(person).tobytes()}
        seed.template(person, 9, photo_sha256=f"x{person}", **columns)
    for hour in (8, 9, 10, 11):
        times = at(f"{hour}:05", day), at(f"{hour}:25", day)
        unknown_face(seed, CITRA, *times, camera_id=2 if hour == 8 else 1, sharpness=float(hour))
    unknown_face(seed, STRANGER, at("07:00", day), at("07:02", day))
    return site, day


def opened(site: DaysSite, monkeypatch: pytest.MonkeyPatch, username: str = "hr") -> AppTest:
    return open_view(site.seed, monkeypatch, VIEW, username).run()


def chosen(site: DaysSite, monkeypatch: pytest.MonkeyPatch, key: int = 1) -> AppTest:
    return opened(site, monkeypatch).button(key=f"decide_{key}").click().run()


def rows(site: DaysSite, table: type[Base], *which: Any) -> list[Any]:
    with Session(site.engine) as session:
        return list(session.scalars(select(table).where(*which)))


def states(site: DaysSite) -> list[str]:
    return [row.state for row in rows(site, UnknownFace)]


Site = tuple[DaysSite, date]


def test_faces_that_are_alike_stand_together(week: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    words = words_on(opened(week[0], monkeypatch))
    assert "2 people, 5 faces" in words
    assert words.index("Seen 4 ×") < words.index("Seen 1 ×"), "the newest first"  # noqa: RUF001
    assert "Enough for a name: Citra Dewi (E03)" in words
    assert "Like nobody who is enrolled" in words
    assert "Gate · Lobby" in words


def test_naming_asks_with_a_preview_and_then_writes(week: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site, _day = week
    page = chosen(site, monkeypatch)
    assert page.button(key="preview_naming").disabled
    page.checkbox(key="take_1").uncheck().run()
    page.selectbox(key="employee_1").select_index(0).run()
    page.button(key="preview_naming").click().run()
    words = words_on(page)
    assert "3 visits come from these faces" in words
    assert "<td>Absent</td><td>Half day</td>" in words
    assert states(site) == ["open"] * 5, "a preview writes nothing"
    page.button(key="name_faces_sure").click().run()
    assert states(site) == ["open", "named", "named", "named", "open"]
    assert {row.employee_id for row in rows(site, Visit, Visit.origin == "named")} == {CITRA}
    assert "2 people, 2 faces" in words_on(page), "back on the list"


def test_a_new_employee_with_a_template(week: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site, _day = week
    page = chosen(site, monkeypatch, key=5)
    page.radio(key="who_5").set_value("new").run()
    page.text_input(key="new_code_5").set_value("E77")
    page.text_input(key="new_name_5").set_value("Wayan Sari")
    page.text_input(key="new_department_5_typed").set_value("Kantor Baru").run()
    page.toggle(key="template_5").set_value(True).run()
    page.radio(key="basis_5").set_value("contract").run()
    page.button(key="preview_naming").click().run()
    assert rows(site, Employee, Employee.code == "E77") == [], "a preview writes nothing"
    page.button(key="name_faces_sure").click().run()
    assert not page.error
    [person] = rows(site, Employee, Employee.code == "E77")
    assert person.department == "Kantor Baru"
    [consent] = rows(site, Consent, Consent.employee_id == person.id)
    [request] = rows(site, WorkerRequest)
    assert (consent.basis, request.kind, request.payload["source"]) == ("contract", "enrol", "unknown")
    assert request.payload["employee_id"] == person.id
    picture = (site.seed.paths.home / str(face(site.seed, 5).picture_path)).read_bytes()
    assert read_request_photo(site.seed.paths, request.payload["photo"]) == picture


def test_a_locked_month_is_one_sentence(week: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site, day = week
    site.seed.add(MonthLock(month=day.replace(day=1), locked_at=site.now, locked_by="hr"))
    page = chosen(site, monkeypatch)
    page.selectbox(key="employee_1").select_index(0).run()
    page.button(key="preview_naming").click().run()
    [error] = page.error
    assert "is locked" in error.value
    assert page.selectbox(key="employee_1").value is not None, "nothing is lost"


def test_ignoring_and_no_longer(week: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site, _day = week
    page = chosen(site, monkeypatch)
    page.segmented_control(key="action_1").set_value("ignore").run()
    assert "may keep the cameras from naming Citra" in words_on(page)
    page.button(key="ignore_sure").click().run()
    assert states(site) == ["ignored"] * 4 + ["open"]
    page = open_view(site.seed, monkeypatch, VIEW, "hr")
    page.query_params["ignored"] = "true"
    page.run()
    assert "Ignored by hr" in words_on(page)
    page.button(key="lift_1").click().run()
    assert states(site) == ["open"] * 5
    assert [row.action for row in rows(site, AuditLog)][-2:] == ["unknown.ignored", "unknown.lifted"]


def test_discarding_removes_picture_and_features(week: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site, _day = week
    picture = site.seed.paths.home / str(face(site.seed, 5).picture_path)
    assert picture.exists()
    page = chosen(site, monkeypatch, key=5)
    page.segmented_control(key="action_5").set_value("discard").run()
    page.button(key="discard_sure").click().run()
    gone = face(site.seed, 5)
    assert (gone.state, gone.picture_path, gone.embedding) == ("discarded", None, None)
    assert not picture.exists()


def test_what_somebody_else_decided_is_said(week: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site, _day = week
    page = chosen(site, monkeypatch)
    page.segmented_control(key="action_1").set_value("ignore").run()
    with site.engine.begin() as connection:
        connection.execute(update(UnknownFace).where(UnknownFace.id == 1).values(state="discarded"))
    page.button(key="ignore_sure").click().run()
    assert "Somebody decided on one of these faces" in words_on(page)
    assert states(site)[1:] == ["open"] * 4


@pytest.mark.parametrize(("action", "state"), [("ignore", "ignored"), ("discard", "discarded")])
def test_a_decision_is_about_the_faces_that_were_drawn(
    week: Site, monkeypatch: pytest.MonkeyPatch, action: str, state: str
) -> None:
    site, day = week
    page = chosen(site, monkeypatch)
    page.segmented_control(key="action_1").set_value(action).run()
    unknown_face(site.seed, CITRA, at("12:05", day), at("12:25", day))
    data.forget()
    page.button(key=f"{action}_sure").click().run()
    assert states(site) == [state] * 4 + ["open"] * 2
    assert "1 more face like these came meanwhile and waits in the list." in page.toast[0].value


def test_who_joined_meanwhile_is_said_and_may_be_added(week: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site, day = week
    page = chosen(site, monkeypatch)
    unknown_face(site.seed, CITRA, at("12:05", day), at("12:25", day))
    data.forget()
    page.selectbox(key="employee_1").select_index(0).run()
    words = words_on(page)
    assert "1 more face has joined since." in words
    assert "4 of 4 faces chosen" in words
    page.button(key="show_joined").click().run()
    assert "5 of 5 faces chosen" in words_on(page)
    assert page.selectbox(key="employee_1").value is not None, "nothing is lost"


def test_nothing_is_done_to_the_rest_when_a_face_is_gone(week: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site, _day = week
    page = chosen(site, monkeypatch)
    page.segmented_control(key="action_1").set_value("discard").run()
    with site.engine.begin() as connection:
        connection.execute(update(UnknownFace).where(UnknownFace.id == 2).values(state="ignored"))
    data.forget()
    page.button(key="discard_sure").click().run()
    assert "Nothing was done" in page.warning[0].value
    assert states(site) == ["open", "ignored", "open", "open", "open"]
    page.button(key="see_rest").click().run()
    assert "3 of 3 faces chosen" in words_on(page)


def test_a_basis_is_chosen_by_nobody_else(week: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site, _day = week
    page = chosen(site, monkeypatch, key=5)
    page.radio(key="who_5").set_value("new").run()
    page.text_input(key="new_code_5").set_value("E77")
    page.text_input(key="new_name_5").set_value("Wayan Sari").run()
    assert not page.button(key="preview_naming").disabled
    page.toggle(key="template_5").set_value(True).run()
    assert page.radio(key="basis_5").value is None
    assert page.button(key="preview_naming").disabled
    page.radio(key="basis_5").set_value("consent").run()
    assert not page.button(key="preview_naming").disabled


@pytest.mark.parametrize("role", ["hr", "admin"])
def test_an_account_of_some_departments_sees_no_face(
    week: Site, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    site, _day = week
    site.seed.user(f"{role}.gudang", role, ("Gudang",))
    page = opened(site, monkeypatch, f"{role}.gudang")
    for command in (
        unknown_commands.ignore_faces,
        unknown_commands.lift_faces,
        unknown_commands.discard_faces,
    ):
        with pytest.raises(AccessDenied) as refused:
            command([1])
        assert refused.value.code == "unknown_whole_site"
    words = words_on(page)
    assert "for accounts that see all departments" in words
    assert "Citra" not in words
    assert 'class="gspe-face' not in words


def test_nobody_is_said(week: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site, _day = week
    with site.engine.begin() as connection:
        connection.execute(update(UnknownFace).values(state="discarded"))
    assert "There is no unknown face" in words_on(opened(site, monkeypatch))
