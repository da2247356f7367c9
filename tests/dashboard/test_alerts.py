"""The Alerts page lists what is open, and a day with what became of each alert."""

from datetime import UTC, date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from core.domain.states import AlertResolution, AlertState
from core.storage.models import AlertLog, WorkerStatus
from dashboard.views.alerts import day_bounds
from tests.dashboard.signed_in import open_view, words_on
from tests.seed import Seed, working_day

VIEW = "dashboard.views.alerts:show"


@pytest.fixture
def seed(tmp_path: Path) -> Seed:
    return working_day(tmp_path)


def test_open_alerts_and_the_history_of_a_day(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    opened_at = seed.now - timedelta(minutes=80)
    page = open_view(seed, monkeypatch, VIEW, "supervisor")
    page.query_params["alerts_day"] = opened_at.date().isoformat()
    words = words_on(page.run())

    assert "Eka Putri has not been seen since" in words
    assert "Ayu Lestari has not been seen since" in words
    assert "Came back " in words
    assert "after 11 min" in words


@pytest.mark.parametrize(
    ("resolution", "said"),
    [
        (AlertResolution.DAY_ENDED, "the attendance day ended"),
        (AlertResolution.DEACTIVATED, "the employee was deactivated"),
    ],
)
def test_every_resolution_has_its_sentence(
    seed: Seed, monkeypatch: pytest.MonkeyPatch, resolution: AlertResolution, said: str
) -> None:
    with Session(seed.engine) as session, session.begin():
        session.query(AlertLog).filter_by(state=AlertState.RESOLVED).update({"resolution": resolution})
    page = open_view(seed, monkeypatch, VIEW, "supervisor")
    page.query_params["alerts_day"] = (seed.now - timedelta(minutes=80)).date().isoformat()

    assert said in words_on(page.run())


def test_a_department_hides_the_alerts_of_others(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "spv.gudang")
    page.query_params["alerts_day"] = (seed.now - timedelta(minutes=80)).date().isoformat()
    words = words_on(page.run())

    assert "Eka Putri" not in words
    assert "Citra Dewi tidak terlihat sejak" in words
    assert "Tidak ada peringatan terbuka" in words


def test_a_day_without_alerts_and_a_silent_worker(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    with Session(seed.engine) as session, session.begin():
        session.query(WorkerStatus).update({"heartbeat_at": seed.now - timedelta(minutes=3)})
    page = open_view(seed, monkeypatch, VIEW, "supervisor")
    page.query_params["alerts_day"] = (seed.now - timedelta(days=9)).date().isoformat()
    words = words_on(page.run())

    assert "No alert was opened on this day" in words
    assert "The worker has been silent since" in words


def test_a_viewer_may_not_open_the_page(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "viewer").run()

    assert "AccessDenied" in str(page.exception[0].stack_trace)
    assert not page.get("html")


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)],
)
def test_a_day_is_as_long_as_its_clock_says(day: date, hours: int) -> None:
    start_at, end_at = day_bounds(day, ZoneInfo("Europe/Berlin"))

    assert end_at - start_at == timedelta(hours=hours)
    assert start_at.tzinfo is UTC
    assert start_at.astimezone(ZoneInfo("Europe/Berlin")).date() == day
