"""The Employees page: list, form, basis, upload with the worker's answer, templates."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.domain.states import PhotoOutcome
from core.i18n import LANGUAGES, catalogue
from core.storage.asking import EnrolAnswer, to_json
from core.storage.employees import BASES
from core.storage.models import Consent, Employee, FaceTemplate, WorkerRequest
from core.storage.requests import finish
from dashboard import data
from tests.dashboard.signed_in import open_view, words_on
from tests.seed import Seed, portrait, working_day

VIEW = "dashboard.views.employees:show"


@pytest.fixture
def seed(tmp_path: Path) -> Iterator[Seed]:
    seed = working_day(tmp_path)
    yield seed
    seed.engine.dispose()


def photo() -> bytes:
    content = io.BytesIO()
    portrait(1).save(content, "JPEG")
    return content.getvalue()


def opened(seed: Seed, monkeypatch: pytest.MonkeyPatch, employee_id: int, username: str = "hr") -> AppTest:
    page = open_view(seed, monkeypatch, VIEW, username).run()
    return page.button(key=f"open_{employee_id}").click().run()


def show_only(page: AppTest, code: str) -> AppTest:
    return page.button_group(key="show").set_value(code).run()


def way(page: AppTest, code: str) -> AppTest:
    return page.button_group(key="coach_way").set_value(code).run()


def submit(page: AppTest, label: str) -> AppTest:
    (button,) = [button for button in page.button if button.label == label]
    return button.click().run()


def labels(page: AppTest) -> list[str]:
    return [group.label for group in page.button_group]


def requests(seed: Seed) -> list[WorkerRequest]:
    with Session(seed.engine) as session:
        return list(session.scalars(select(WorkerRequest).order_by(WorkerRequest.id)))


def answer(seed: Seed, request_id: int, result: dict[str, Any]) -> None:
    with Session(seed.engine) as session, session.begin():
        finish(session, request_id, result, datetime.now(UTC))
    data.forget()


def test_the_list_shows_who_is_enrolled_and_who_is_not(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    seed.employee("E99", "Zaki Lama", active=False, deactivated_at=seed.now)
    page = open_view(seed, monkeypatch, VIEW, "hr").run()
    words = words_on(page)

    assert "Ayu Lestari" in words
    assert words.count("Templates: 1") == 7
    assert "Templates: 0" in words
    assert words.count("few photos") == 7
    assert words.count("not enrolled") == 1
    assert "not seen yet" in words
    assert "Zaki Lama" not in words

    show_only(page, "inactive")
    assert "Zaki Lama" in words_on(page)
    assert "deactivated on" in words_on(page)


def test_search_finds_by_name_code_and_department(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "hr").run()
    for wanted, count in (("ayu", 1), ("E0", 8), ("gudang", 2), ("nobody", 0)):
        page.text_input(key="find").set_value(wanted).run()
        assert len([button for button in page.button if button.label == "Open"]) == count, wanted
    assert "Nobody matches this search" in words_on(page)


def test_filters_leave_who_is_in_a_department_or_lacks_photos(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (2, 3):
        seed.template(3, number)
    page = open_view(seed, monkeypatch, VIEW, "hr").run()
    page.selectbox(key="department").set_value("Gudang").run()
    assert [button.key for button in page.button if button.label == "Open"] == ["open_3", "open_4"]
    show_only(page, "few")
    assert [button.key for button in page.button if button.label == "Open"] == ["open_4"]


def test_a_new_employee_is_added_by_the_form(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "hr").run()
    page.button(key="add").click().run()
    page.text_input(key="field_code_new").set_value("N1")
    page.text_input(key="field_name_new").set_value("Nina Putri")
    page.selectbox(key="field_department_new").set_value("Gudang")
    submit(page, "Save")

    assert "<h3>Nina Putri</h3>" in words_on(page), "his own page opens"
    with Session(seed.engine) as session:
        stored = session.scalars(select(Employee).where(Employee.code == "N1")).one()
    assert (stored.name, stored.department, stored.phone) == ("Nina Putri", "Gudang", None)


def test_a_new_department_is_typed_and_goes_before_the_choice(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(seed, monkeypatch, 1)
    page.text_input(key="field_department_1_Produksi_typed").set_value("  Gudang Timur ")
    submit(page, "Save")
    with Session(seed.engine) as session:
        assert session.get_one(Employee, 1).department == "Gudang Timur"
    assert page.selectbox(key="field_department_1_Gudang Timur").value == "Gudang Timur"
    assert page.text_input(key="field_department_1_Gudang Timur_typed").value == ""


def test_what_the_form_refuses_is_said_and_kept(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "hr").run()
    page.button(key="add").click().run()
    page.text_input(key="field_code_new").set_value("E01")
    page.text_input(key="field_name_new").set_value("Nina")
    submit(page, "Save")
    assert "The code E01 belongs to Ayu Lestari already" in page.error[0].value
    assert page.text_input(key="field_name_new").value == "Nina"

    page.text_input(key="field_code_new").set_value(" ")
    submit(page, "Save")
    assert "Code and name must not be empty" in page.error[0].value


def test_deactivate_and_back(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(seed, monkeypatch, 1)
    page.button(key="activity_sure").click().run()
    with Session(seed.engine) as session:
        assert session.get_one(Employee, 1).active is False
    assert "This person is deactivated" in words_on(page)

    page.button(key="activity_sure").click().run()
    with Session(seed.engine) as session:
        assert session.get_one(Employee, 1).active is True


def test_the_basis_comes_before_the_first_photo(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(seed, monkeypatch, 8)
    assert "How to take the photo" not in labels(page)
    assert page.radio(key="basis_of_8").value is None, "chosen by nobody else"
    assert page.button(key="record_basis").disabled
    assert "nothing is chosen for you" in words_on(page)
    page.radio(key="basis_of_8").set_value("consent").run()
    page.button(key="record_basis").click().run()

    assert "How to take the photo" in labels(page)
    assert "Basis: The person has given consent" in words_on(page)
    with Session(seed.engine) as session:
        consent = session.scalars(select(Consent).where(Consent.employee_id == 8)).one()
    assert (consent.basis, consent.recorded_by, consent.text_version) == ("consent", "hr", "1")


def test_photos_wait_for_the_worker_and_its_answer_is_shown(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(seed, monkeypatch, 1)
    files = [("front.jpg", photo(), "image/jpeg"), ("side.jpg", photo(), "image/jpeg")]
    way(page, "upload")
    page.file_uploader[0].set_value(files)
    submit(page, "Check and enrol")
    assert words_on(page).count("Waiting for the worker") == 2

    first, second = requests(seed)
    answer(seed, first.id, to_json(EnrolAnswer(PhotoOutcome.ACCEPTED, template_id=1)))
    answer(seed, second.id, to_json(EnrolAnswer(PhotoOutcome.LOOKS_LIKE, looks_like="E07")))
    words = words_on(page.run())
    assert "Accepted: the face is recognised from now on" in words
    assert "front.jpg" in words
    assert "Looks like Gita Maharani (E07)" in words
    assert "Waiting for" not in words


@pytest.mark.parametrize("code", ["expired", "worker_crashed", "photo_gone", "something_new"])
def test_a_request_that_ended_without_an_outcome_says_so(
    seed: Seed, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    page = opened(seed, monkeypatch, 1)
    way(page, "upload")
    page.file_uploader[0].set_value([("front.jpg", photo(), "image/jpeg")])
    submit(page, "Check and enrol")
    answer(seed, requests(seed)[0].id, {"code": code})

    assert "pload" in words_on(page.run()) or "Choose another" in words_on(page)
    assert "Waiting for" not in words_on(page)


def test_while_the_worker_is_down_the_photo_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = working_day(tmp_path)
    seed.worker(age_s=60)
    page = opened(seed, monkeypatch, 1)
    way(page, "upload")
    page.file_uploader[0].set_value([("front.jpg", photo(), "image/jpeg")])
    submit(page, "Check and enrol")

    assert "The photo is kept and will be checked when it is back" in page.warning[0].value


def test_uploads_that_are_no_photo_are_refused_with_a_sentence(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    huge = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(huge, "PNG")
    page = opened(seed, monkeypatch, 1)
    files = [
        ("empty.jpg", b"", "image/jpeg"),
        ("text.jpg", b"no picture", "image/jpeg"),
        ("huge.png", huge.getvalue(), "image/png"),
        ("good.jpg", photo(), "image/jpeg"),
    ]
    way(page, "upload")
    page.file_uploader[0].set_value(files)
    submit(page, "Check and enrol")

    assert [error.value.partition(" · ")[0] for error in page.error] == ["empty.jpg", "text.jpg", "huge.png"]
    sentences = [error.value.partition(" · ")[2] for error in page.error]
    assert sentences[0].startswith("The file is empty")
    assert "not a picture" in sentences[1]
    assert "too large" in sentences[2]
    assert len(requests(seed)) == 1


def test_no_file_chosen_is_said(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = way(opened(seed, monkeypatch, 1), "upload")
    submit(page, "Check and enrol")
    assert "Choose at least one photo" in page.warning[0].value


def test_a_template_is_shown_and_removed(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(seed, monkeypatch, 1)
    assert "face large (142 px)" in words_on(page)
    assert "sharp (210)" in words_on(page)
    assert "Front · " in words_on(page)
    page.button(key="template_1_sure").click().run()

    assert "None yet: this person cannot be recognised" in words_on(page)
    with Session(seed.engine) as session:
        assert session.get_one(FaceTemplate, 1).revoked_at is not None


def test_answers_of_another_person_are_not_shown(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(seed, monkeypatch, 1)
    way(page, "upload")
    page.file_uploader[0].set_value([("front.jpg", photo(), "image/jpeg")])
    submit(page, "Check and enrol")
    page.button(key="back").click().run()
    page.button(key="open_2").click().run()

    assert "front.jpg" not in words_on(page)


def test_hr_of_a_department_lists_its_people(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    seed.user("hr.gudang", "hr", ("Gudang",))
    page = open_view(seed, monkeypatch, VIEW, "hr.gudang").run()

    assert [button.key for button in page.button if button.label == "Open"] == ["open_3", "open_4"]


def test_hr_of_a_department_learns_nothing_of_people_of_others(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed.user("hr.gudang", "hr", ("Gudang",))
    page = opened(seed, monkeypatch, 3, "hr.gudang")
    files = [("front.jpg", photo(), "image/jpeg"), ("side.jpg", photo(), "image/jpeg")]
    way(page, "upload")
    page.file_uploader[0].set_value(files)
    submit(page, "Check and enrol")
    for request, code in zip(requests(seed), ("E07", "E04"), strict=True):
        answer(seed, request.id, to_json(EnrolAnswer(PhotoOutcome.LOOKS_LIKE, looks_like=code)))
    words = words_on(page.run())

    assert "Looks like somebody of another department" in words
    assert "Looks like Dedi Kurniawan (E04)" in words
    assert "Gita" not in words
    assert "E07" not in words


def test_a_person_of_another_department_does_not_open(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    seed.user("hr.gudang", "hr", ("Gudang",))
    page = open_view(seed, monkeypatch, VIEW, "hr.gudang")
    page.query_params["employee"] = "1"

    assert "Ayu Lestari" not in words_on(page.run())
    assert "There is no such employee" in words_on(page)


def test_an_empty_list_says_what_to_do_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = Seed(tmp_path)
    seed.user("hr", "hr")
    assert 'Press "Add employee"' in words_on(open_view(seed, monkeypatch, VIEW, "hr").run())


def test_a_refused_field_has_the_name_it_has_in_the_form(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    seed.user("hr.id", "hr", (), "id")
    page = open_view(seed, monkeypatch, VIEW, "hr.id").run()
    page.button(key="add").click().run()
    page.text_input(key="field_name_new").set_value("Nina")
    submit(page, "Simpan")

    assert page.error[0].value.startswith("Isian Kode tidak dapat disimpan")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outcome_and_basis_has_its_sentence(language: str) -> None:
    sentences = catalogue(language)
    for outcome in PhotoOutcome:
        assert sentences[f"employees.outcome.{outcome}"]
    for basis in BASES:
        assert sentences[f"employees.basis.{basis}"]
