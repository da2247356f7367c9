"""The enrolment coach on a person's page: what is next, three ways, the worker's answers, consent."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.domain.states import PhotoOutcome, Pose, RequestKind
from core.i18n import LANGUAGES, catalogue
from core.storage.asking import CapturePayload, EnrolAnswer, EnrolPayload, to_json
from core.storage.models import Consent, FaceTemplate, WorkerRequest
from core.storage.requests import finish, submit
from dashboard import data
from dashboard.widgets.coach import is_secure, next_pose
from dashboard.widgets.coach_drawing import head_image
from tests.dashboard.signed_in import open_view, words_on
from tests.seed import Seed, working_day

VIEW = "dashboard.views.employees:show"
MEASURED = {"face_px": 150.0, "sharpness": 300.0, "brightness": 0.5, "pose": "front"}


@pytest.fixture
def seed(tmp_path: Path) -> Iterator[Seed]:
    seed = working_day(tmp_path)
    yield seed
    seed.engine.dispose()


def opened(seed: Seed, monkeypatch: pytest.MonkeyPatch, employee_id: int, username: str = "hr") -> AppTest:
    page = open_view(seed, monkeypatch, VIEW, username)
    page.query_params["employee"] = str(employee_id)
    return page.run()


def answered(seed: Seed, answer: EnrolAnswer, pose: str | None = None) -> None:
    asked = EnrolPayload(1, "0" * 32, "front.jpg", pose=pose)
    with Session(seed.engine) as session, session.begin():
        request_id = submit(session, RequestKind.ENROL, to_json(asked), "hr", datetime.now(UTC), 60)
        finish(session, request_id, to_json(answer), datetime.now(UTC))
    data.forget()


def refused(seed: Seed, asked: EnrolPayload | CapturePayload, outcome: str) -> None:
    kind = RequestKind.CAPTURE if isinstance(asked, CapturePayload) else RequestKind.ENROL
    with Session(seed.engine) as session, session.begin():
        request_id = submit(session, kind, to_json(asked), "hr", datetime.now(UTC), 60)
        finish(session, request_id, to_json(EnrolAnswer(outcome)), datetime.now(UTC))
    data.forget()


def requests(seed: Seed) -> list[WorkerRequest]:
    with Session(seed.engine) as session:
        return list(session.scalars(select(WorkerRequest).order_by(WorkerRequest.id)))


def pose_asked(page: AppTest) -> Any:
    return page.button_group(key="coach_pose_1").value


def test_a_link_opens_the_person_and_says_what_is_done_and_next(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(seed, monkeypatch, 1)
    words = words_on(page)
    assert "<h3>Ayu Lestari</h3>" in words
    assert "1 of 5 views taken." in words
    assert "Turn the head a little to your own left." in words
    assert pose_asked(page) == Pose.LEFT
    assert "text version 1" in words

    seed.template(1, 2, quality={**MEASURED, "pose": "left"})
    data.forget()
    page.run()
    assert pose_asked(page) == Pose.RIGHT
    assert "2 of 5 views taken." in words_on(page)


@pytest.mark.parametrize("asked", ["nobody", "999", "", "-1", "9" * 30])
def test_a_link_to_nobody_says_so(seed: Seed, monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    page = open_view(seed, monkeypatch, VIEW, "hr")
    page.query_params["employee"] = asked
    assert "There is no such employee" in words_on(page.run())


@pytest.mark.parametrize(
    ("done", "asked", "following"),
    [
        ((), None, Pose.FRONT),
        (("front",), Pose.FRONT, Pose.LEFT),
        (("front", "left", "right"), Pose.RIGHT, Pose.UP),
        (("front", "down"), Pose.DOWN, Pose.LEFT),
        (tuple(Pose), Pose.UP, Pose.UP),
    ],
)
def test_what_follows_a_view(done: tuple[str, ...], asked: Pose | None, following: Pose) -> None:
    assert next_pose({Pose(pose) for pose in done}, asked) is following


@pytest.mark.parametrize(
    ("url", "secure"),
    [
        ("https://gspe.lan/employees", True),
        ("http://localhost:8501/employees", True),
        ("http://127.0.0.1:8501", True),
        ("http://[::1]:8501", True),
        ("http://192.168.1.20:8501/employees", False),
        ("http://localhost.example.com", False),
        (None, False),
    ],
)
def test_where_a_browser_lends_its_camera(url: str | None, secure: bool) -> None:
    assert is_secure(url) is secure


def test_a_mirror_turns_left_and_right_in_the_drawing() -> None:
    plain, mirrored = (head_image(Pose.LEFT, "left", mirrored=one) for one in (False, True))
    assert plain != mirrored
    assert mirrored == head_image(Pose.RIGHT, "left", mirrored=False)


def test_a_camera_of_the_site_is_asked_to_take_the_photo(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(seed, monkeypatch, 1)
    page.button_group(key="coach_way").set_value("site_camera").run()
    page.button(key="coach_take").click().run()
    (request,) = requests(seed)
    assert request.kind == RequestKind.CAPTURE
    assert CapturePayload(**request.payload) == CapturePayload(1, 1, "left")
    assert "Looking for a sharp picture of exactly one face" in words_on(page)


@pytest.mark.parametrize(
    ("asked", "advice"),
    [
        (EnrolPayload(1, "0" * 32, "a.jpg"), "Cut the photo so that only this person is in it"),
        (EnrolPayload(1, "0" * 32, "a.jpg", "browser"), "Let only this person stand before the camera"),
        (CapturePayload(1, 1), "Let only this person stand before the camera"),
        (
            EnrolPayload(1, "0" * 32, "u-5.jpg", "unknown"),
            "The picture of the unknown face is not good enough",
        ),
    ],
)
def test_the_advice_fits_the_way_the_photo_came(
    seed: Seed, monkeypatch: pytest.MonkeyPatch, asked: EnrolPayload | CapturePayload, advice: str
) -> None:
    refused(seed, asked, PhotoOutcome.SEVERAL_FACES)
    words = words_on(opened(seed, monkeypatch, 1))
    assert advice in words
    assert "u-5.jpg" not in words


def test_what_only_one_way_says_is_said_of_all_ways_else(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(seed, CapturePayload(1, 1), PhotoOutcome.TURNED_AWAY)
    refused(seed, CapturePayload(1, 1), "a_code_of_a_later_version")
    words = words_on(opened(seed, monkeypatch, 1))
    assert "The head is turned too far" in words
    assert "could not be enrolled. Take it again" in words


def test_an_accepted_photo_says_how_good_it_is_and_whom_it_resembles(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(seed, EnrolAnswer(PhotoOutcome.ACCEPTED, 1, None, MEASURED, "E02", 0.713, 0.93))
    words = words_on(opened(seed, monkeypatch, 1))
    assert "Front · face large (150 px) · sharp (300) · light good (50 %)" in words
    assert "Looks most like Budi Santoso, 0.71: safely below the threshold of 0.93." in words

    answered(seed, EnrolAnswer(PhotoOutcome.ACCEPTED, 1, None, MEASURED, "E02", 0.92, 0.93, near=True))
    assert "Careful: looks much like Budi Santoso, 0.92" in words_on(opened(seed, monkeypatch, 1))


def test_who_is_of_another_department_stays_unnamed(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    seed.user("hr.produksi", "hr", ("Produksi",))
    answered(seed, EnrolAnswer(PhotoOutcome.ACCEPTED, 1, None, MEASURED, "E07", 0.71, 0.93))
    words = words_on(opened(seed, monkeypatch, 1, "hr.produksi"))
    assert "Looks most like somebody of another department, 0.71" in words
    assert "Gita" not in words and "E07" not in words


def test_another_view_than_asked_for_says_what_to_do(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    answered(seed, EnrolAnswer(PhotoOutcome.WRONG_POSE, None, None, MEASURED), pose="left")
    words = words_on(opened(seed, monkeypatch, 1))
    assert "This is another view: Front. Turn the head a little to your own left." in words


def test_only_an_administrator_who_sent_it_may_insist(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = EnrolAnswer(PhotoOutcome.LOOKS_LIKE, None, "E07", MEASURED, "E07", 0.95, 0.93, near=True)
    answered(seed, refused)
    assert "an administrator can enrol the photo anyway" in words_on(opened(seed, monkeypatch, 1))
    assert "take the photo again" in words_on(opened(seed, monkeypatch, 1, "admin"))

    page = opened(seed, monkeypatch, 1, "admin")
    page.button_group(key="coach_way").set_value("site_camera").run()
    page.button(key="coach_take").click().run()
    request_id = requests(seed)[-1].id
    with Session(seed.engine) as session, session.begin():
        finish(session, request_id, to_json(refused), datetime.now(UTC))
    page.run()
    page.button(key=f"insist_{request_id}_sure").click().run()
    again = requests(seed)[-1]
    assert CapturePayload(**again.payload) == CapturePayload(1, 1, "left", allow_look_alike=True)


def test_withdrawing_asks_first_ends_templates_and_is_shown(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(seed, monkeypatch, 1)
    words = words_on(page)
    assert "Withdraw the basis for Ayu Lestari? Recognition stops at once." in words
    assert "The photos and features of all templates (1) are deleted" in words
    page.button(key="withdraw_sure").click().run()
    words = words_on(page)
    assert "The basis was withdrawn on" in words
    assert "None yet: this person cannot be recognised" in words
    with Session(seed.engine) as session:
        consent = session.scalars(select(Consent).where(Consent.employee_id == 1)).one()
        assert consent.withdrawn_at is not None
        assert session.get_one(FaceTemplate, 1).revoked_at is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_view_has_its_words(language: str) -> None:
    sentences = catalogue(language)
    for pose in Pose:
        assert sentences[f"coach.pose.{pose}"]
        assert sentences[f"coach.do.{pose}"]
        for side in ("mirror", "picture"):
            assert f"coach.where.{side}.{pose}" in sentences or sentences[f"coach.hint.{pose}"]
