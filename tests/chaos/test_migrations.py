"""The migration that chaos kills is a real one: it builds tables anew, can be killed, finished and undone."""

import random
import sqlite3
from contextlib import closing

import pytest

from benchmarks.chaos.checks import Inspection
from benchmarks.chaos.journal import JournalProcess
from benchmarks.chaos.migrations import MigrationStrikes, revision
from benchmarks.chaos.next_version import REVISION
from core.paths import SitePaths
from core.storage.schema import head_revision
from tests.chaos.story import record_a_morning


def schema(site: SitePaths) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(site.database)) as connection:
        return set(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))


@pytest.mark.slow
def test_a_killed_upgrade_can_be_finished_and_undone(tmp_path):
    site = record_a_morning(tmp_path / "home")
    before = {name for name, _ in schema(site)}
    migrations = MigrationStrikes(tmp_path / "migrations", random.Random(1))
    with JournalProcess(site.database, tmp_path / "journal.jsonl") as journal:
        inspection = Inspection(site, tmp_path / "copy", journal)
        assert inspection.look_at_remains(everything=True) == []
        strike = migrations.upgrade(site)
        assert revision(site) == (REVISION if strike.found == "after" else head_revision())
        assert inspection.look_at_remains(everything=True) == []
        migrations.finish(site)
        assert revision(site) == REVISION
        assert "note" in dict(schema(site))["events"]
        assert inspection.look_at_remains(everything=True) == []
        migrations.go_back(site)
        assert inspection.look_at_return() == []
    assert revision(site) == head_revision()
    assert "note" not in dict(schema(site))["events"]
    assert {name for name, _ in schema(site)} == before
