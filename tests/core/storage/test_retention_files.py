"""What a kill left behind goes after an hour; what is being written stays."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.paths import SitePaths
from core.storage.engine import writer_engine
from core.storage.holds import Holds
from core.storage.sweeps import sweep_pictures, sweep_temporary
from tests.chaos.story import record_a_morning


@pytest.fixture
def site(tmp_path: Path) -> SitePaths:
    return record_a_morning(tmp_path / "home")


def aged(file: Path, age: timedelta) -> Path:
    """Makes an empty file, or the link that `file` is, so old."""
    if not file.is_symlink():
        file.touch()
    then_s = (datetime.now(UTC) - age).timestamp()
    os.utime(file, (then_s, then_s), follow_symlinks=False)
    return file


def test_temporary_files_of_an_hour_ago_go(site):
    folder = next(site.attendance_captures.rglob("E1"))
    link = folder / ".last_out.jpg.0a0a0a0a.tmp"
    link.symlink_to("gone.jpg")
    old = [
        aged(site.frames / ".CAM1.jpg.0a0a0a0a.tmp", timedelta(hours=2)),
        aged(next(site.captures.glob("CAM1")) / ".a.jpg.0a0a0a0a.tmp", timedelta(hours=2)),
        aged(link, timedelta(hours=2)),
    ]
    kept = [
        aged(site.frames / ".CAM1.jpg.0b0b0b0b.tmp", timedelta(minutes=5)),
        aged(site.frames / "CAM1.jpg", timedelta(hours=2)),
        *folder.glob("*.jpg"),
    ]
    assert sweep_temporary(site, datetime.now(UTC)) == 3
    assert not any(os.path.lexists(file) for file in old)
    assert all(os.path.lexists(file) for file in kept)


def test_evidence_that_no_row_names_goes_and_the_rest_stays(site):
    engine = writer_engine(site.database)
    named = list(site.evidence.rglob("*.jpg"))
    folder = named[0].parent
    for file in (*named, folder / "nameless.jpg", folder / ".departure.jpg.0a0a0a0a.tmp"):
        aged(file, timedelta(hours=2))
    aged(folder / "young.jpg", timedelta(minutes=5))
    assert sweep_pictures(engine, site, datetime.now(UTC), Holds([])) == 2
    engine.dispose()
    assert {file.name for file in folder.iterdir()} == {"young.jpg", *(file.name for file in named)}


def test_a_picture_that_is_replaced_during_the_sweep_does_no_harm(site, monkeypatch):
    """The folder is listed first and each file is looked at later."""
    engine = writer_engine(site.database)
    ghost = next(site.evidence.rglob("E1")) / ".departure.jpg.0c0c0c0c.tmp"
    listed = [*site.evidence.rglob("*"), ghost]
    monkeypatch.setattr(Path, "rglob", lambda folder, pattern: iter(listed))
    assert sweep_pictures(engine, site, datetime.now(UTC), Holds([])) == 0
    assert sweep_temporary(site, datetime.now(UTC)) == 0
    engine.dispose()
