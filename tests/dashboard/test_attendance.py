"""The Attendance page of a day."""

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.domain.states import EvidenceKind
from core.storage.models import Attendance, AuditLog, Evidence, User
from tests.dashboard.signed_in import get_file, open_view, words_on
from tests.seed import Seed, working_day

VIEW = "dashboard.views.attendance:show"


@pytest.fixture
def seed(tmp_path: Path) -> Seed:
    return working_day(tmp_path)


def opened(seed: Seed, monkeypatch: pytest.MonkeyPatch, username: str = "supervisor") -> AppTest:
    page = open_view(seed, monkeypatch, VIEW, username)
    page.query_params["day"] = seed.now.date().isoformat()
    return page.run()


def test_first_in_and_last_out_with_their_pictures(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    words = words_on(opened(seed, monkeypatch))

    first_in_at = seed.now - timedelta(minutes=200)
    assert words.count(">First in<") == words.count(">Last out<") == 7
    assert f"{first_in_at:%H:%M:%S}" in words
    assert f"Picture of {first_in_at:%H:%M:%S}, Gerbang depan" in words
    assert words.count(">provisional<") == 4, "those who are present"
    assert "/api/picture/evidence/1" in words


def test_a_picture_that_retention_removed_is_said(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    with Session(seed.engine) as session, session.begin():
        session.query(Evidence).filter_by(kind=EvidenceKind.ARRIVAL).update({"path": None})
        session.query(Attendance).filter_by(employee_id=1).update({"last_out_evidence_id": None})
    words = words_on(opened(seed, monkeypatch))

    assert words.count("was removed by retention") == 7
    assert words.count("No picture was taken") == 1


def test_search_and_department_narrow_rows(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(seed, monkeypatch)
    page.selectbox(key="from").set_value("Gudang").run()
    assert "Rows: 2" in words_on(page)

    page.text_input(key="name").set_value("e03").run()
    words = words_on(page)
    assert "Rows: 1" in words
    assert "Citra Dewi" in words
    page.text_input(key="name").set_value("zzz").run()
    assert "Nobody matches this search" in words_on(page)


def test_a_supervisor_sees_his_departments_only(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    words = words_on(opened(seed, monkeypatch, "spv.gudang"))

    assert "Citra Dewi" in words
    assert "Ayu Lestari" not in words


def test_a_day_on_which_nobody_came(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "supervisor")
    page.query_params["day"] = "2026-01-04"
    page.run()

    assert "Nobody was expected or seen on 4 Jan 2026" in words_on(page)
    assert page.get("link_button")[0].proto.disabled


def test_a_site_without_employees_says_what_to_do_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = Seed(tmp_path)
    seed.user("supervisor", "supervisor")
    words = words_on(open_view(seed, monkeypatch, VIEW, "supervisor").run())
    assert "No employees yet. Add people and a photo of each on the page Employees" in words
    assert "Nobody was expected" not in words


def downloads(seed: Seed) -> list[tuple[str, str, str, int]]:
    with Session(seed.engine) as session:
        rows = session.scalars(select(AuditLog).order_by(AuditLog.id))
        return [(row.actor, row.action, row.subject, row.params["rows"]) for row in rows]


def codes_in(content: bytes) -> set[str]:
    return {row["Code"] for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))}


def test_a_download_is_made_and_noted_when_it_is_asked_for(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(seed, monkeypatch)
    address = page.get("link_button")[0].proto.url
    assert downloads(seed) == []

    answer = get_file(address)
    assert answer.headers["content-disposition"] == f'attachment; filename="attendance-{seed.now.date()}.csv"'
    assert len(codes_in(answer.content)) == 7
    page.selectbox(key="from").set_value("Gudang").run()
    assert page.get("link_button")[0].proto.url == address
    assert codes_in(get_file(address).content) == {"E03", "E04"}
    noted = ("supervisor", "attendance.exported", f"attendances:{seed.now.date()}")
    assert downloads(seed) == [(*noted, 7), (*noted, 2)]


def test_a_download_keeps_to_the_departments_of_now(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    address = opened(seed, monkeypatch).get("link_button")[0].proto.url
    with Session(seed.engine) as session, session.begin():
        session.query(User).filter_by(username="supervisor").update({"departments": ["Gudang"]})
    assert codes_in(get_file(address).content) == {"E03", "E04"}


@pytest.mark.parametrize(
    ("change", "status"), [({"session_epoch": 1}, 401), ({"active": False}, 401), ({"role": "viewer"}, 403)]
)
def test_who_may_no_longer_downloads_nothing(
    seed: Seed, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], status: int
) -> None:
    address = opened(seed, monkeypatch).get("link_button")[0].proto.url
    with Session(seed.engine) as session, session.begin():
        session.query(User).filter_by(username="supervisor").update(change)
    assert get_file(address).status_code == status
    assert downloads(seed) == []


def test_a_link_is_for_the_session_that_was_offered_it(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    address = opened(seed, monkeypatch).get("link_button")[0].proto.url
    opened(seed, monkeypatch, "spv.gudang")
    answer = get_file(address)
    assert (answer.status_code, answer.json()["code"]) == (404, "link_over")
    read = get_file(address, "text/html,*/*")
    assert read.text == "This link has expired or opens nothing for you any more; ask for a new one."
    assert downloads(seed) == []


def test_many_rows_are_paged(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        employee_id = seed.employee(f"N{number:02}", f"Orang {number:02}")
        visit = seed.visit(employee_id, seed.now - timedelta(hours=1), seed.now)
        seed.attendance(employee_id, seed.now.date(), [visit], None)
    page = opened(seed, monkeypatch)

    words = words_on(page)
    assert "Rows: 27" in words
    assert words.count(">First in<") == 25
    page.get("pagination")[0].set_value(2).run()
    assert words_on(page).count(">First in<") == 2
