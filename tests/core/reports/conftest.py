"""A home with a November in it."""

from pathlib import Path

import pytest

from tests.core.reports.site import november
from tests.seed import Seed


@pytest.fixture
def seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seed:
    seed = november(tmp_path / "home")
    monkeypatch.setenv("GSPE_HOME", str(seed.home))
    return seed
