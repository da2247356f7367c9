"""A backup is whole or absent, and a restore brings back people, templates, settings and photos."""

import hashlib
import json
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from core.errors import AlreadyRunning, DatabaseCorrupt, SchemaMismatch, StorageError
from core.paths import SitePaths
from core.storage import __main__ as command_line
from core.storage import audit
from core.storage.archive import DATABASE_ENTRY, MANIFEST, read_manifest
from core.storage.backup import create_backup, list_backups, prune
from core.storage.biometrics import NewTemplate, active_templates, add_template, read_picture
from core.storage.employees import create_employee
from core.storage.lock import backup_lock, dashboard_lock, migration_lock, worker_lock
from core.storage.models import FaceTemplate
from core.storage.report import check_database
from core.storage.restore import restore
from core.storage.schema import head_revision
from core.storage.verify import restore_marker, verify_database
from tests.core.storage.kills import kill_at_every_step
from tests.core.storage.no_room import files_end_at

PHOTO = b"\xff\xd8 a portrait \xff\xd9"


@pytest.fixture
def site(paths: SitePaths, engine: Engine, now: datetime) -> Iterator[SitePaths]:
    """One person with a template, settings and a camera; the writer stays open, as when programs run."""
    with Session(engine) as session, session.begin():
        person = create_employee(session, {"code": "E01", "name": "Sari"}, actor="test", now=now)
        vector = np.array([0.6, 0.8], np.float32)
        template = NewTemplate(person.id, vector, "open", "ab", "test", PHOTO, {"px": 80})
        add_template(session, paths, template, actor="test", now=now)
    paths.parameters.write_text('{"fps_target": 7}')
    add_camera(paths, 1)
    yield paths


def add_camera(paths: SitePaths, number: int) -> None:
    paths.camera_config(number).parent.mkdir(parents=True)
    paths.camera_config(number).write_text(json.dumps({"id": number}))


def change_everything(paths: SitePaths, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE employees SET name = 'Somebody else'"))
        connection.execute(text("UPDATE site SET site_name = 'changed'"))
    paths.parameters.write_text('{"fps_target": 1}')
    paths.whatsapp.write_text("{}")
    add_camera(paths, 2)
    shutil.rmtree(paths.photos / "E1")


def test_a_restore_brings_back_people_templates_settings_and_photos(
    site: SitePaths, engine: Engine, tmp_path: Path
) -> None:
    file = create_backup(site, tmp_path / "backups")
    change_everything(site, engine)
    engine.dispose()
    aside = restore(site, file)
    verify_database(site)
    with Session(engine) as session:
        (template,) = active_templates(session, "open", "ab")
        assert template.vector.tolist() == pytest.approx([0.6, 0.8])
        assert read_picture(site, session.get_one(FaceTemplate, template.template_id).photo_path) == PHOTO
        assert session.scalar(text("SELECT name FROM employees")) == "Sari"
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
    assert json.loads(site.parameters.read_text()) == {"fps_target": 7}
    assert not site.whatsapp.exists()
    assert [folder.name for folder in site.camera_configs.iterdir()] == ["CAM1"]
    assert json.loads((aside / "config" / "parameter_config.json").read_text()) == {"fps_target": 1}
    assert (aside / "camera_configs" / "CAM2" / "config.json").exists()
    with closing(sqlite3.connect(aside / "attendance.db")) as connection:
        assert connection.execute("SELECT name FROM employees").fetchone() == ("Somebody else",)
    assert not restore_marker(site).parent.exists()


def test_a_restore_into_an_empty_home(site: SitePaths, tmp_path: Path) -> None:
    file = create_backup(site, tmp_path)
    other = SitePaths(tmp_path / "new machine")
    restore(other, file)
    report = check_database(other)
    assert (report.rows["employees"], report.rows["face_templates"], report.missing_photos) == (1, 1, [])
    assert report.site_id == check_database(site).site_id


def test_what_it_writes_is_readable_by_the_owner_only(
    site: SitePaths, tmp_path: Path, engine: Engine
) -> None:
    file = create_backup(site, tmp_path / "new" / "folder")
    engine.dispose()
    restore(site, file)
    assert file.parent.stat().st_mode & 0o777 == 0o700
    for path in (file, site.database, site.parameters, *site.photos.glob("E1/*")):
        assert path.stat().st_mode & 0o777 == 0o600, path


def test_a_backup_sees_one_moment_while_a_writer_is_at_work(
    site: SitePaths, engine: Engine, tmp_path: Path
) -> None:
    with engine.begin() as writing:
        writing.execute(text("UPDATE site SET site_name = 'not committed'"))
        file = create_backup(site, tmp_path)
    other = SitePaths(tmp_path / "copy")
    restore(other, file)
    assert check_database(other).site_name == "GSPE"


def test_a_part_that_is_not_covered_stays(site: SitePaths, engine: Engine) -> None:
    file = create_backup(site, site.backups, parts=("database",))
    change_everything(site, engine)
    engine.dispose()
    restore(site, file)
    assert check_database(site).site_name == "GSPE"
    assert json.loads(site.parameters.read_text()) == {"fps_target": 1}
    assert not (site.photos / "E1").exists()


def test_a_covered_part_that_was_empty_is_emptied(paths: SitePaths) -> None:
    file = create_backup(paths, paths.backups)
    (paths.photos / "E9").mkdir()
    add_camera(paths, 9)
    restore(paths, file)
    assert list(paths.photos.iterdir()) == []
    assert list(paths.camera_configs.iterdir()) == []


@pytest.mark.parametrize("lock", [worker_lock, dashboard_lock, migration_lock])
def test_a_restore_refuses_while_a_program_runs(
    site: SitePaths, tmp_path: Path, lock: Callable[[SitePaths], worker_lock]
) -> None:
    file = create_backup(site, tmp_path)
    before = site.database.read_bytes()
    with lock(site), pytest.raises(AlreadyRunning, match=str(os.getpid())):
        restore(site, file)
    assert site.database.read_bytes() == before


def rewrite(file: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """A copy of the archive with entries changed, or left out when the change is None."""
    target = file.with_name("changed.zip")
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            content = change(name, source.read(name))
            if content is not None:
                copy.writestr(name, content)
    return target


def in_manifest(old: str, new: str) -> Callable[[str, bytes], bytes]:
    return lambda name, content: content.replace(old.encode(), new.encode()) if name == MANIFEST else content


def cut(file: Path) -> Path:
    file.write_bytes(file.read_bytes()[:-200])
    return file


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: rewrite(file, lambda name, content: content + b" " if name != MANIFEST else content),
        lambda file: rewrite(file, lambda name, content: None if "photos" in name else content),
        lambda file: rewrite(file, lambda name, content: None if name == MANIFEST else content),
        lambda file: rewrite(file, lambda name, content: b"[1]" if name == MANIFEST else content),
        lambda file: rewrite(file, in_manifest("photos/E1/", "photos/../../../E1/")),
        lambda file: rewrite(file, in_manifest("photos/E1/", "/tmp/E1/")),
        lambda file: rewrite(file, in_manifest('"format": 1', '"format": 2')),
        cut,
    ],
    ids=["changed", "missing", "no manifest", "no object", "leads out", "absolute", "later", "cut"],
)
def test_a_damaged_backup_changes_nothing(
    site: SitePaths, engine: Engine, tmp_path: Path, damage: Callable[[Path], Path]
) -> None:
    file = damage(create_backup(site, tmp_path))
    engine.dispose()
    before = site.database.read_bytes()
    with pytest.raises(StorageError, match="choose another") as caught:
        restore(site, file)
    assert caught.value.code == "backup_invalid"
    assert site.database.read_bytes() == before
    assert not restore_marker(site).parent.exists()
    assert read_names(site) == ["CAM1"]
    verify_database(site)


def test_the_manifest_names_the_newest_row_of_the_audit_trail(
    site: SitePaths, engine: Engine, tmp_path: Path
) -> None:
    with zipfile.ZipFile(create_backup(site, tmp_path)) as archive, Session(engine) as session:
        newest = read_manifest(archive).audit_newest
        assert newest is not None
        assert newest == audit.newest_mark(session)


def test_a_backup_whose_manifest_does_not_name_it_is_restored(
    site: SitePaths, engine: Engine, tmp_path: Path
) -> None:
    def without(name: str, content: bytes) -> bytes:
        if name != MANIFEST:
            return content
        entries = json.loads(content)
        del entries["audit_newest"]
        return json.dumps(entries).encode()

    file = rewrite(create_backup(site, tmp_path), without)
    engine.dispose()
    restore(site, file)
    verify_database(site)


def test_a_site_without_an_audit_trail_is_backed_up(paths: SitePaths, tmp_path: Path) -> None:
    with zipfile.ZipFile(create_backup(paths, tmp_path / "backups")) as archive:
        assert read_manifest(archive).audit_newest is None


def read_names(paths: SitePaths) -> list[str]:
    return sorted(folder.name for folder in paths.camera_configs.iterdir())


def test_a_backup_of_a_later_version_is_refused(site: SitePaths, engine: Engine, tmp_path: Path) -> None:
    file = create_backup(site, tmp_path)
    later = tmp_path / "later.db"
    with zipfile.ZipFile(file) as archive:
        later.write_bytes(archive.read(DATABASE_ENTRY))
    was = hashlib.sha256(later.read_bytes()).hexdigest()
    with closing(sqlite3.connect(later)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    is_now = hashlib.sha256(later.read_bytes()).hexdigest()
    new_manifest = in_manifest(was, is_now)

    def change(name: str, content: bytes) -> bytes:
        return later.read_bytes() if name == DATABASE_ENTRY else new_manifest(name, content)

    engine.dispose()
    with pytest.raises(SchemaMismatch, match="install the version that wrote it"):
        restore(site, rewrite(file, change))
    verify_database(site)


def test_a_corrupt_database_is_not_backed_up_over_good_backups(site: SitePaths, engine: Engine) -> None:
    good = create_backup(site, site.backups)
    engine.dispose()
    content = bytearray(site.database.read_bytes())
    content[8192:20480] = b"\xff" * 12288
    site.database.write_bytes(content)
    with pytest.raises(DatabaseCorrupt):
        create_backup(site, site.backups)
    assert list(site.backups.iterdir()) == [good]
    restore(site, good)
    verify_database(site)


def test_an_unwritable_folder_is_named(site: SitePaths, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="no backup could be written") as caught:
        create_backup(site, tmp_path / "file" / "folder")
    assert caught.value.code == "storage_full"


@pytest.mark.parametrize("room", [50_000, 600_000], ids=["for no copy", "for no archive"])
def test_a_full_disk_leaves_no_half_backup(site: SitePaths, room: int) -> None:
    (site.photos / "E1" / "large.jpg").write_bytes(os.urandom(700_000))
    assert site.database.stat().st_size < 600_000
    with files_end_at(room), pytest.raises(StorageError, match="free disk space") as caught:
        create_backup(site, site.backups)
    assert caught.value.code == "storage_full"
    assert list(site.backups.iterdir()) == []


def test_a_restore_without_room_changes_nothing(site: SitePaths, engine: Engine, tmp_path: Path) -> None:
    file = create_backup(site, tmp_path)
    engine.dispose()
    with files_end_at(50_000), pytest.raises(StorageError, match="nothing was changed") as caught:
        restore(site, file)
    assert caught.value.code == "storage_full"
    assert not restore_marker(site).parent.exists()
    verify_database(site)


def test_two_backups_at_once_are_refused(site: SitePaths) -> None:
    with backup_lock(site), pytest.raises(AlreadyRunning):
        create_backup(site, site.backups)


def test_what_a_kill_left_is_removed_a_day_later(site: SitePaths) -> None:
    for name, age_s in (("old", 25 * 3600), ("fresh", 0)):
        scratch = site.backups / f".gspe-backup-{name}"
        scratch.mkdir()
        stamp = scratch.stat().st_mtime - age_s
        os.utime(scratch, (stamp, stamp))
    file = create_backup(site, site.backups)
    assert sorted(path.name for path in site.backups.iterdir()) == [".gspe-backup-fresh", file.name]


def test_the_newest_backups_are_kept(site: SitePaths) -> None:
    files = [create_backup(site, site.backups, parts=("database",)) for _ in range(4)]
    (site.backups / "of somebody else.zip").touch()
    assert prune(site.backups, 2) == [files[1], files[0]]
    assert list_backups(site.backups) == [files[3], files[2]]
    prune(site.backups, 0)
    assert list_backups(site.backups) == [files[3]]
    assert (site.backups / "of somebody else.zip").exists()


def test_a_restore_killed_at_any_step_ends_as_the_old_site_or_as_the_backup(
    site: SitePaths, engine: Engine, tmp_path: Path
) -> None:
    (site.photos / "E1" / "a.jpg").write_text("photo-then")
    file = create_backup(site, tmp_path)
    change_everything(site, engine)
    engine.dispose()
    (site.photos / "E1").mkdir()
    with zipfile.ZipFile(file) as archive:  # the template's own photo, so that `check` finds nothing missing
        for name in archive.namelist():
            if name.startswith("photos/E1/") and not name.endswith("a.jpg"):
                (site.photos / "E1" / Path(name).name).write_bytes(archive.read(name))
    (site.photos / "E1" / "a.jpg").write_text("photo-now")
    tries = kill_at_every_step(site.home, 7, "restore", str(file))
    assert {line["migrated"] for line in tries} == {0}
    assert {line["then"] for line in tries} == {"ok", "restore_interrupted"}
    assert {line["state"] for line in tries} == {
        'changed 1 plain {"fps_target": 1} photo-now CAM1 CAM2',
        'GSPE 1 plain {"fps_target": 7} photo-then CAM1',
    }
    assert tries[-1]["state"].startswith("GSPE")


def run(*arguments: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("GSPE_HOME", str(home))
    return command_line.main(list(arguments))


def test_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "site"

    def call(*arguments: str) -> tuple[int, str, str]:
        status = run(*arguments, home=home, monkeypatch=monkeypatch)
        out, err = capsys.readouterr()
        return status, out, err

    status, out, err = call("check")
    assert (status, out) == (1, "")
    assert err.startswith(f"core.storage check: {home}/data/attendance.db is missing; run `python -m")
    assert call("migrate")[:2] == (0, f"{home}/data/attendance.db: schema {head_revision()}\n")
    status, out, _ = call("backup", str(tmp_path / "to"))
    assert (status, Path(out.strip()).parent) == (0, tmp_path / "to")
    (home / "data" / "attendance.db").write_bytes(b"not a database")
    assert call("check")[0] == 1
    assert call("backup", str(tmp_path / "to"))[0] == 2
    assert call("restore", str(tmp_path / "nothing.zip"))[0] == 2
    assert call("restore", out.strip())[0] == 0
    status, report, _ = call("check")
    assert status == 0
    assert f"integrity ok, schema {head_revision()}" in report
    assert "employees            0" in report


def test_check_names_photos_that_are_missing(
    site: SitePaths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(site.photos / "E1")
    assert run("check", home=site.home, monkeypatch=monkeypatch) == 1
    assert "missing: data/photos/E1/" in capsys.readouterr().out
