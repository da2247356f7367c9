"""The page Muster list: who is inside by the last facts, also when nothing works any more."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.storage.models import AuditLog, Camera
from dashboard import writes
from tests.dashboard.signed_in import open_view, words_on
from tests.seed import Seed, working_day

VIEW = "dashboard.views.muster:show"


@pytest.fixture
def seed(tmp_path: Path) -> Seed:
    return working_day(tmp_path)


def test_it_lists_who_is_inside_and_who_may_be(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    words = words_on(open_view(seed, monkeypatch, VIEW, "viewer").run())
    assert "Believed inside: 4" in words
    assert "Maybe inside: 1" in words
    inside, maybe = words.split("Maybe inside: 1")
    assert all(name in inside for name in ("Ayu Lestari", "Budi Santoso", "Citra Dewi", "Dedi Kurniawan"))
    assert "Gita Maharani" in maybe
    assert "his cameras do not observe; may have come in unseen" in maybe
    assert "Eka Putri" not in words, "she was seen to leave"
    assert "These facts are" not in words


def test_a_dead_worker_and_dead_cameras_keep_the_list_and_say_how_old_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = working_day(tmp_path, datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2))
    with Session(seed.engine) as session, session.begin():
        session.query(Camera).update({"status": "unreachable"})
    words = words_on(open_view(seed, monkeypatch, VIEW, "supervisor").run())
    assert "Believed inside: 4" in words
    assert "These facts are 2 h old: nothing was recorded after" in words
    assert "(2 h ago)" in words


def test_cameras_that_are_all_gone_make_the_facts_old_though_the_worker_lives(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Session(seed.engine) as session, session.begin():
        session.query(Camera).update({"last_frame_at": seed.now - timedelta(minutes=30)})
    words = words_on(open_view(seed, monkeypatch, VIEW, "viewer").run())
    assert "These facts are 30 min" in words


def test_without_a_worker_ever_it_says_that_nothing_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = Seed(tmp_path)
    seed.user("viewer", "viewer")
    seed.employee("E01", "Ayu Lestari")
    words = words_on(open_view(seed, monkeypatch, VIEW, "viewer").run())
    assert "No worker has reported yet: nothing is known of who is inside." in words
    assert "Believed inside: 0" in words


@pytest.mark.parametrize("people", [(), ("Ayu Lestari",)])
def test_where_nobody_is_enrolled_it_never_reads_as_everybody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, people: tuple[str, ...]
) -> None:
    seed = Seed(tmp_path)
    seed.user("viewer", "viewer")
    seed.worker()
    for name in people:
        seed.employee("E01", name, enrolled=False)
    page = open_view(seed, monkeypatch, VIEW, "viewer").run()
    words = words_on(page)
    assert "Nobody is enrolled yet" in words
    assert "on the page Employees" in words
    assert "inside: 0" not in words
    page.button(key="make_pdf").click().run()
    printed = PdfReader(BytesIO(page.session_state["made_file"].content)).pages[0].extract_text()
    assert "Nobody is enrolled yet" in printed
    assert "inside: 0" not in printed


def test_who_is_limited_sees_and_prints_his_own(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "spv.gudang").run()
    words = words_on(page)
    assert "Diyakini di dalam: 2" in words
    assert "Ayu Lestari" not in words
    assert "Hanya dari: Gudang" in words, "nobody takes it for the whole list"
    page.button(key="make_pdf").click().run()
    pdf = PdfReader(BytesIO(page.session_state["made_file"].content)).pages[0].extract_text()
    assert "Citra Dewi" in pdf
    assert "Hanya dari: Gudang" in pdf
    assert "Ayu Lestari" not in pdf
    with Session(seed.engine) as session:
        [row] = session.scalars(select(AuditLog))
    assert (row.actor, row.action, row.subject) == ("spv.gudang", "report.exported", "reports:muster")
    assert row.params == {"format": "pdf", "people": 2}


def test_it_is_printed_also_when_nothing_can_be_stored(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "viewer").run()
    monkeypatch.setattr(writes, "LOCK_BUDGET_S", 0.1)
    with closing(sqlite3.connect(seed.paths.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        page.button(key="make_pdf").click().run(timeout=30)
    assert page.session_state["made_file"].content.startswith(b"%PDF")
    assert "could not be noted in the audit trail" in page.warning[0].value
