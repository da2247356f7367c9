"""Pages that show faces note who looks, once an hour, and stay visible when they cannot."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.states import Role
from core.storage.models import AuditLog
from dashboard import viewing
from dashboard.auth import Account
from dashboard.pages import PAGES
from tests.seed import Seed

BUDI = Account(1, "budi", Role.VIEWER, (), "en", must_change_password=False)


@pytest.fixture
def seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seed:
    monkeypatch.setenv("GSPE_HOME", str(tmp_path))
    return Seed(tmp_path)


def noted(seed: Seed) -> list[tuple[str, str, str]]:
    with Session(seed.engine) as session:
        return [(row.actor, row.action, row.subject) for row in session.scalars(select(AuditLog))]


def test_a_page_is_noted_once_an_hour_however_often_it_refreshes(seed: Seed) -> None:
    for page in ("presence", "presence", "live", "presence"):
        viewing.note_faces(BUDI, page)
    assert noted(seed) == [
        ("budi", "faces.viewed", "pages:presence"),
        ("budi", "faces.viewed", "pages:live"),
    ]


def test_a_locked_database_hides_no_page_and_no_view(seed: Seed, caplog: pytest.LogCaptureFixture) -> None:
    with closing(sqlite3.connect(seed.paths.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        viewing.note_faces(BUDI, "presence")
        other.execute("ROLLBACK")
    assert "a view of the page presence by budi is not noted yet" in caplog.text
    assert noted(seed) == []
    viewing.note_faces(BUDI, "presence")
    assert len(noted(seed)) == 1


def test_the_pages_that_show_faces_say_so() -> None:
    showing = {spec.url_path for spec in PAGES if spec.shows_faces}
    assert {"presence", "live", "alerts", "attendance", "employees"} <= showing
    assert not showing & {"cameras", "working-time", "records", "audit"}
