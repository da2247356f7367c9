"""Every change of a settings file leaves its keys in the audit trail, and never a value."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core.paths import SitePaths
from core.settings.files import SettingsFile
from core.settings_store import SettingsStore
from core.storage.models import AuditLog
from core.storage.retry import run_in_order
from core.storage.settings_changes import Save, save
from tests.painted import LEFT, painted_site
from tests.painted_clip import painted_clip
from tests.running import RunningWorker, change_parameters, configure
from worker.settings_trail import SettingsTrail

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
SECRET = "rtsp://op:r4hasia@10.255.0.9:554/s"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[SitePaths, Engine]]:
    paths, engine = painted_site(tmp_path / "home", [1])
    configure(paths, {1: "front.mkv"})
    yield paths, engine
    engine.dispose()


def look(site: tuple[SitePaths, Engine]) -> None:
    """As a worker that has just started."""
    follow(started(site), site)


def started(site: tuple[SitePaths, Engine]) -> SettingsTrail:
    return SettingsTrail(site[0], SettingsStore(site[0]))


def follow(trail: SettingsTrail, site: tuple[SitePaths, Engine]) -> None:
    paths, engine = site
    trail.follow(SettingsStore(paths).fingerprint(), lambda work: run_in_order(engine, work), NOW)


def noted(engine: Engine) -> list[tuple[str, dict[str, object]]]:
    with Session(engine) as session:
        query = select(AuditLog).where(AuditLog.action == "settings.changed").order_by(AuditLog.id)
        return [(row.subject, row.params) for row in session.scalars(query)]


def edit(paths: SitePaths, **changes: object) -> None:
    """By hand, with an editor."""
    file = paths.camera_config(1)
    file.write_text(json.dumps(json.loads(file.read_text()) | changes, indent=4))


def test_the_first_look_ever_notes_nothing(site):
    look(site)
    assert noted(site[1]) == []


def test_changed_keys_are_noted_without_their_values(site):
    paths, engine = site
    trail = started(site)
    follow(trail, site)
    edit(paths, rtsp_url=SECRET, name="Gerbang")
    change_parameters(paths, jpeg_quality=50)
    follow(trail, site)
    follow(trail, site)
    assert noted(engine) == [
        ("settings:camera_configs/CAM1/config.json", {"what": "changed", "keys": ["name", "rtsp_url"]}),
        ("settings:config/parameter_config.json", {"what": "changed", "keys": ["jpeg_quality"]}),
    ]
    with Session(engine) as session:
        row = session.scalars(select(AuditLog).order_by(AuditLog.id.desc()).limit(1)).one()
    assert row.actor == "system:file"
    seen = (paths.run / "settings_seen.json").read_text()
    assert "r4hasia" not in seen + str(noted(engine))


def test_what_changed_while_no_worker_ran_is_noted_at_its_start(site):
    paths, engine = site
    look(site)
    edit(paths, location="Lobi")
    paths.whatsapp.write_text('{"enabled": false}')
    look(site)
    look(site)
    assert noted(engine) == [
        ("settings:camera_configs/CAM1/config.json", {"what": "changed", "keys": ["location"]}),
        ("settings:config/config_whatsapp.json", {"what": "added"}),
    ]
    paths.whatsapp.unlink()
    look(site)
    assert noted(engine)[-1] == ("settings:config/config_whatsapp.json", {"what": "removed"})


@pytest.mark.parametrize("content", ["{ broken", '["no", "settings"]', ""])
def test_a_file_that_cannot_be_read_is_a_change_too(site, content):
    paths, engine = site
    look(site)
    paths.camera_config(1).write_text(content)
    look(site)
    ((subject, params),) = noted(engine)
    assert subject == "settings:camera_configs/CAM1/config.json"
    assert "unreadable" in params["keys"]


def test_a_note_that_is_lost_costs_one_comparison(site, caplog):
    paths, engine = site
    look(site)
    (paths.run / "settings_seen.json").write_text("{ broken")
    edit(paths, name="Gerbang")
    look(site)
    assert "cannot be read" in caplog.text
    assert noted(engine) == []
    edit(paths, name="Gudang")
    look(site)
    assert len(noted(engine)) == 1


def test_the_running_worker_notes_a_change(tmp_path):
    paths, engine = painted_site(tmp_path / "home", [1])
    configure(paths, {1: painted_clip(paths.home / "front.mkv", [(4, {1: LEFT})])})
    with RunningWorker(paths.home) as worker:
        worker.until((paths.run / "settings_seen.json").exists, "a first look")
        change_parameters(paths, jpeg_quality=51)
        assert worker.until(lambda: noted(engine), "a note")[0][1]["keys"] == ["jpeg_quality"]
    engine.dispose()


def test_what_a_page_saved_is_not_told_again_but_a_change_by_hand_after_it_is(site):
    paths, engine = site
    store = SettingsStore(paths)
    trail = started(site)
    follow(trail, site)
    loaded = store.load(SettingsFile.PARAMETERS)
    wanted = Save(SettingsFile.PARAMETERS, loaded.value.changed(jpeg_quality=50), loaded.fingerprint)
    run_in_order(engine, lambda session: save(session, store, wanted, actor="admin", now=NOW))
    follow(trail, site)
    assert noted(engine) == []
    assert store.worker_has_seen(SettingsFile.PARAMETERS)

    change_parameters(paths, jpeg_quality=60)
    assert not store.worker_has_seen(SettingsFile.PARAMETERS)
    follow(trail, site)
    change_parameters(paths, jpeg_quality=50)
    follow(trail, site)
    keys = {"what": "changed", "keys": ["jpeg_quality"]}
    assert noted(engine) == [("settings:config/parameter_config.json", keys)] * 2, "back by hand is told too"
