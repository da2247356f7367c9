"""The Presence page shows who is here, and never old facts as the present."""

from pathlib import Path

import pytest

from tests.dashboard.signed_in import open_view, words_on
from tests.seed import Seed, working_day

VIEW = "dashboard.views.presence:show"


@pytest.fixture
def seed(tmp_path: Path) -> Seed:
    return working_day(tmp_path)


def test_counts_and_cards_of_everybody(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view(seed, monkeypatch, VIEW, "supervisor").run()

    words = words_on(page)
    assert [(metric.label, metric.value) for metric in page.metric] == [
        ("Present", "4"),
        ("Off", "3"),
        ("Not observed", "1"),
    ]
    assert "Ayu Lestari" in words
    assert "Gerbang depan" in words
    assert "Not seen yet" in words
    assert "Eka Putri has not been seen since" in words
    assert "data:image/jpeg;base64," in words
