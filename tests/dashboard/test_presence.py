"""The Presence page shows who is here, and never old facts as the present."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from core.domain.states import PresenceState
from core.i18n import text
from core.settings_store import SettingsStore
from core.storage.models import Camera, Presence, WorkerStatus
from tests.dashboard.signed_in import open_view, words_on
from tests.seed import Seed, working_day

VIEW = "dashboard.views.presence:show"


@pytest.fixture
def seed(tmp_path: Path) -> Seed:
    return working_day(tmp_path)


def counts(words: str) -> dict[str, str]:
    """The figures by their labels."""
    found = re.findall(r'<b>([^<]+)</b><span class="gspe-quiet">([^<]+)</span></li>', words)
    return {label: figure for figure, label in found}


def names(words: str) -> list[str]:
    return re.findall(r'<b title="([^"]*)">', words)


def test_counts_and_cards_of_everybody(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    words = words_on(open_view(seed, monkeypatch, VIEW, "supervisor").run())

    assert counts(words) == {"Present": "4", "Away": "3", "Not observed": "1"}
    assert words.count("Away since ") == 2
    assert "Off since" not in words
    assert len(names(words)) == 8
    assert "Gerbang depan" in words
    assert "Not seen yet" in words
    assert words.count('class="gspe-mark gspe-wanting"') == 1, "the alert about Eka Putri"
    assert "data:image/jpeg;base64," in words


def test_a_viewer_sees_presence_but_no_alerts(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    words = words_on(open_view(seed, monkeypatch, VIEW, "viewer").run())

    assert "Ayu Lestari" in words
    assert 'class="gspe-mark gspe-wanting"' not in words


def test_a_supervisor_of_one_department_sees_only_its_people(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_view(seed, monkeypatch, VIEW, "spv.gudang").run()

    assert names(words_on(page)) == ["Citra Dewi", "Dedi Kurniawan"]
    assert counts(words_on(page))["Hadir"] == "2"
    assert page.selectbox(key="department").options == ["Gudang"]


def test_search_and_filters_narrow_the_cards_from_the_address_on(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_view(seed, monkeypatch, VIEW, "supervisor")
    page.query_params["department"] = "Produksi"
    page.run()
    assert names(words_on(page)) == ["Ayu Lestari", "Budi Santoso", "Fajar Nugroho"]

    page.text_input(key="q").set_value("budi").run()
    assert names(words_on(page)) == ["Budi Santoso"]
    assert counts(words_on(page)) == {"Present": "1", "Away": "0", "Not observed": "0"}
    assert "Counted here: 1 of 8, as search, department and place leave them." in words_on(page)

    page.text_input(key="q").set_value("nobody").run()
    assert "Nobody matches" in words_on(page)


def test_only_those_of_one_state(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "supervisor")
    page.query_params["state"] = "unobserved"
    assert names(words_on(page.run())) == ["Gita Maharani"]
    assert counts(words_on(page)) == {"Present": "4", "Away": "3", "Not observed": "1"}, "of every state"
    assert "Counted here" not in words_on(page)


def test_facts_of_a_silent_worker_are_unknown_not_current(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent_since = seed.now - timedelta(minutes=3)
    with Session(seed.engine) as session, session.begin():
        session.query(WorkerStatus).update({"heartbeat_at": silent_since})

    words = words_on(open_view(seed, monkeypatch, VIEW, "supervisor").run())

    assert set(counts(words).values()) == {text("presence.no_figure", "en")}
    assert words.count(f"Unknown since {silent_since:%H:%M}") == 8
    assert "Present since" not in words
    assert "Last seen" in words, "when somebody was last seen stays true"


def test_frames_that_stopped_everywhere_are_not_the_present_either(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped_at = seed.now - timedelta(minutes=12)
    with Session(seed.engine) as session, session.begin():
        session.query(Camera).update({"last_frame_at": stopped_at})

    assert f"Unknown since {stopped_at:%H:%M}" in words_on(
        open_view(seed, monkeypatch, VIEW, "supervisor").run()
    )


def test_a_site_whose_worker_never_ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = working_day(tmp_path)
    with Session(seed.engine) as session, session.begin():
        session.query(WorkerStatus).delete()

    assert "the worker has not reported yet" in words_on(
        open_view(seed, monkeypatch, VIEW, "supervisor").run()
    )


def test_a_refresh_shows_what_changed(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "supervisor").run()
    with Session(seed.engine) as session, session.begin():
        session.query(Presence).filter_by(employee_id=1).update({"state": PresenceState.OFF})

    page = open_view(seed, monkeypatch, VIEW, "supervisor").run()
    assert counts(words_on(page)) == {"Present": "3", "Away": "4", "Not observed": "1"}


def test_times_are_the_sites(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SettingsStore(seed.paths)
    loaded = store.load_parameters()
    store.save_parameters(loaded.value.changed(time_zone="Asia/Jayapura"), loaded.fingerprint)
    arrived_at = seed.now - timedelta(minutes=40) + timedelta(hours=9)

    words = words_on(open_view(seed, monkeypatch, VIEW, "supervisor").run())
    assert re.search(rf"Present since (\d+ \w+ \d+ )?{arrived_at:%H:%M} \(40 min\)", words)


def test_an_empty_site_says_what_to_do_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = Seed(tmp_path)
    seed.worker()
    seed.user("supervisor", "supervisor")
    page = open_view(seed, monkeypatch, VIEW, "supervisor").run()

    assert "once HR has added them" in words_on(page)
    assert counts(words_on(page)) == {"Present": "0", "Away": "0", "Not observed": "0"}


def test_names_are_shown_as_text(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    seed.employee("X<1>", '<img src=x onerror="alert(1)">', "<b>Dept</b>")

    words = words_on(open_view(seed, monkeypatch, VIEW, "supervisor").run())
    assert "<img src=x" not in words
    assert "&lt;img src=x" in words
    assert "&lt;b&gt;Dept&lt;/b&gt;" in words


def test_a_name_leads_to_the_person(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    link = '<a class="gspe-lead" href="/person?employee=1" target="_self">Ayu Lestari</a>'
    assert link in words_on(open_view(seed, monkeypatch, VIEW, "supervisor").run())
    assert "/person?" not in words_on(open_view(seed, monkeypatch, VIEW, "viewer").run())
