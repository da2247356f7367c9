"""A settings file is saved with its row in the trail, or not at all."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core.errors import SettingsConflict
from core.paths import SitePaths
from core.settings import InvalidSettings, Parameters
from core.settings.files import MODELS, SettingsFile
from core.settings_files import VERSIONS_KEPT
from core.settings_store import SettingsStore
from core.storage import settings_changes
from core.storage.engine import writer_engine
from core.storage.models import AuditLog
from core.storage.settings_changes import Save, history, is_told
from tests.fresh import fresh_site

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
FILE = SettingsFile.PARAMETERS


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[SettingsStore, Engine]]:
    paths = fresh_site(tmp_path)
    engine = writer_engine(paths.database)
    yield SettingsStore(paths), engine
    engine.dispose()


def save(site: tuple[SettingsStore, Engine], fingerprint: str | None = None, **changes: object) -> None:
    store, engine = site
    loaded = store.load(FILE)
    wanted = Save(FILE, loaded.value.changed(**changes), fingerprint or loaded.fingerprint)
    with Session(engine) as session, session.begin():
        settings_changes.save(session, store, wanted, actor="admin", now=NOW)


def rows(engine: Engine) -> list[AuditLog]:
    with Session(engine) as session:
        return list(session.scalars(select(AuditLog).order_by(AuditLog.id)))


def test_the_row_holds_what_changed_and_the_files_fingerprint(
    site: tuple[SettingsStore, Engine], tmp_path: Path
) -> None:
    (store, engine), paths = site, SitePaths(tmp_path)
    save(site, jpeg_quality=50, late_grace_min=5)
    (row,) = rows(engine)
    assert (row.actor, row.action) == ("admin", "settings.saved")
    assert row.params["keys"] == {"jpeg_quality": [75, 50], "late_grace_min": [10, 5]}
    assert row.params["fingerprint"] == store.load(FILE).fingerprint
    with Session(engine) as session:
        assert [entry.id for entry in history(session, store.shown(FILE))] == [row.id]
        assert is_told(session, paths, store.shown(FILE))
        store.path(FILE).write_text("{}")
        assert not is_told(session, paths, store.shown(FILE)), "somebody changed it by hand since"


def test_a_conflict_leaves_neither_row_nor_file(site: tuple[SettingsStore, Engine]) -> None:
    store, engine = site
    before = store.load(FILE)
    with pytest.raises(SettingsConflict):
        save(site, "what somebody read long ago", jpeg_quality=50)
    assert rows(engine) == []
    assert store.load(FILE) == before


@pytest.mark.parametrize("file", SettingsFile)
def test_every_file_has_its_versions(site: tuple[SettingsStore, Engine], file: SettingsFile) -> None:
    store, _ = site
    first = store.load(file)
    saved = store.save(file, first.value, first.fingerprint)
    assert store.load(file) == saved
    store.save(file, saved.value, saved.fingerprint)
    (version, *_) = store.versions(file)
    assert version.fingerprint == saved.fingerprint
    assert store.version(file, version.name) == saved.value
    assert type(store.version(file, version.name)) is MODELS[file]


def test_versions_are_the_newest_first_and_bounded(site: tuple[SettingsStore, Engine]) -> None:
    store, _ = site
    for quality in range(30, 30 + VERSIONS_KEPT + 3):
        save(site, jpeg_quality=quality)
    versions = store.versions(FILE)
    assert len(versions) == VERSIONS_KEPT
    assert [one.replaced_at for one in versions] == sorted(
        (one.replaced_at for one in versions), reverse=True
    )
    newest = store.version(FILE, versions[0].name)
    assert isinstance(newest, Parameters)
    assert newest.jpeg_quality == 30 + VERSIONS_KEPT + 1


@pytest.mark.parametrize("name", ["20260101T000000.000000Z.json", "../../../config/parameter_config.json"])
def test_a_version_that_is_not_kept_is_said(site: tuple[SettingsStore, Engine], name: str) -> None:
    with pytest.raises(InvalidSettings) as error:
        site[0].version(FILE, name)
    assert error.value.problems[0].code == "missing_version"
