"""The schema's history is one line, equals the models, and survives kills and mistakes."""

import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from core.errors import AlreadyRunning, DatabaseCorrupt, SchemaMismatch, StorageError
from core.paths import SitePaths
from core.storage import schema
from core.storage.backup import list_backups
from core.storage.engine import migration_engine, reader_engine, writer_engine
from core.storage.lock import dashboard_lock, migration_lock, worker_lock
from core.storage.migrate import migrate
from core.storage.models import Base, Camera, Consent, Employee, Site, Visit
from core.storage.report import check_database
from core.storage.verify import verify_database
from tests.core.storage.kills import REPOSITORY, kill_at_every_step
from tests.core.storage.no_room import files_end_at

ADD_BADGE = """
import sqlalchemy as sa
from alembic import op

revision = "badge"
down_revision = "{head}"
branch_labels = depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("employees", recreate="always", table_kwargs={kwargs}) as batch:
        batch.add_column(sa.Column("badge", sa.String(), nullable=True))
    {more}
"""


def definitions(database: Path) -> dict[str, str]:
    """Normalised DDL of every table and index."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: normalised(sql) for name, sql in rows if not name.startswith(("sqlite_", "alembic_"))}


def normalised(sql: str) -> str:
    """One space, no quotes round names, constraints in order of name."""
    line = re.sub(r"\s+(?=[,)])|(?<=\()\s+", "", " ".join(sql.split())).replace('"', "")
    head, *constraints = re.split(r", (?=CONSTRAINT)", line.removesuffix(")"))
    return ", ".join([head, *sorted(constraints)])


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations to which a test adds a later step."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    return folder


HEAD = schema.head_revision()
KEPT_IDS = {"sqlite_autoincrement": True}


def add_step(folder: Path, more: str = "pass", kwargs: dict[str, bool] = KEPT_IDS) -> None:
    (folder / "versions" / "badge.py").write_text(ADD_BADGE.format(head=HEAD, more=more, kwargs=kwargs))


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(schema.alembic_config()).get_heads()) == 1


def test_the_migrations_make_what_the_models_say(paths: SitePaths, tmp_path: Path) -> None:
    engine = migration_engine(paths.database)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()
    from_models = tmp_path / "models.db"
    engine = create_engine(f"sqlite:///{from_models}")
    Base.metadata.create_all(engine)
    engine.dispose()
    assert definitions(paths.database) == definitions(from_models)


def test_down_and_up_again(paths: SitePaths) -> None:
    before = definitions(paths.database)
    engine = migration_engine(paths.database)
    config = schema.alembic_config()
    for step in (lambda: command.downgrade(config, "base"), lambda: command.upgrade(config, "head")):
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            step()
    engine.dispose()
    assert definitions(paths.database) == before


def test_a_step_back_is_refused_in_one_sentence_while_a_visit_is_nobodys(
    paths: SitePaths, now: datetime
) -> None:
    engine = writer_engine(paths.database)
    with Session(engine) as session, session.begin():
        session.add(
            Camera(id=1, name="Gate", enabled=True, status="online", status_since=now, updated_at=now)
        )
        session.add(Visit(camera_id=1, last_camera_id=1, arrived_at=now, last_seen_at=now, departed_at=now))
    engine.dispose()
    before = definitions(paths.database)
    engine, config = migration_engine(paths.database), schema.alembic_config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        with pytest.raises(StorageError, match="1 visits are nobody's"):
            command.downgrade(config, "0003")
    engine.dispose()
    assert definitions(paths.database) == before


def test_templates_revoked_before_lose_their_features_and_the_others_keep_them(
    paths: SitePaths, now: datetime
) -> None:
    """The version before wrote them so: revoked, with features and photo."""
    engine, config = migration_engine(paths.database), schema.alembic_config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0004")
    with closing(sqlite3.connect(paths.database)) as connection, connection:
        connection.execute(
            "INSERT INTO employees (id, code, name, active, created_at, updated_at) "
            "VALUES (1, 'E1', 'Sari', 1, ?, ?)",
            (str(now), str(now)),
        )
        added = "INSERT INTO face_templates (employee_id, pack_id, pack_sha256, dim, embedding, source, "
        added += "photo_sha256, photo_path, quality, created_at, revoked_at) "
        for revoked_at in (str(now), None):
            connection.execute(
                added + "VALUES (1, 'open', 'ab', 1, x'0000803f', 'upload', 'cd', 'a.jpg', '{}', ?, ?)",
                (str(now), revoked_at),
            )
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()
    with closing(sqlite3.connect(paths.database)) as connection:
        kept = connection.execute("SELECT embedding, photo_path FROM face_templates ORDER BY id").fetchall()
    assert kept == [(None, None), (b"\0\0\x80?", "a.jpg")]


def test_the_first_start_makes_a_site_that_stays(paths: SitePaths) -> None:
    def site() -> tuple[str, str]:
        engine = reader_engine(paths.database)
        with engine.connect() as connection:
            row = connection.execute(select(Site.site_id, Site.site_name)).one()
        engine.dispose()
        return row.site_id, row.site_name

    first = site()
    migrate(paths)
    assert site() == first
    assert len(first[0]) == 36
    assert list_backups(paths.backups) == []


def test_only_the_owner_can_read_it(paths: SitePaths) -> None:
    assert paths.database.stat().st_mode & 0o777 == 0o600
    assert paths.data.stat().st_mode & 0o777 == 0o700


@pytest.fixture
def staffed(paths: SitePaths, now: datetime) -> SitePaths:
    """Employee 7 with a consent, after an employee 8 who was removed."""
    engine = writer_engine(paths.database)
    with Session(engine) as session, session.begin():
        for number in (7, 8):
            person = Employee(id=number, code=f"E{number}", name="A", created_at=now, updated_at=now)
            session.add(person)
        session.flush()
        session.delete(person)
        session.add(
            Consent(employee_id=7, basis="consent", text_version="1", recorded_at=now, recorded_by="hr")
        )
    engine.dispose()
    return paths


def test_an_upgrade_makes_a_backup_and_keeps_rows_that_refer_to_the_changed_table(
    staffed: SitePaths, later: Path
) -> None:
    add_step(later)
    with pytest.raises(SchemaMismatch, match="run `python -m core"):
        verify_database(staffed)
    migrate(staffed)
    report = check_database(staffed)
    assert (report.revision, report.rows["employees"], report.rows["consents"]) == ("badge", 1, 1)
    assert "badge" in definitions(staffed.database)["employees"]
    assert len(list_backups(staffed.backups)) == 1


def test_an_upgrade_never_gives_an_id_a_second_time(staffed: SitePaths, later: Path, now: datetime) -> None:
    add_step(later)
    migrate(staffed)
    engine = writer_engine(staffed.database)
    with Session(engine) as session, session.begin():
        person = Employee(code="E9", name="B", created_at=now, updated_at=now)
        session.add(person)
        session.flush()
        assert person.id == 9
    engine.dispose()


@pytest.mark.parametrize(
    ("more", "kwargs", "error"),
    [
        ('raise RuntimeError("half way")', KEPT_IDS, RuntimeError),
        ('op.execute("DELETE FROM employees")', KEPT_IDS, StorageError),
        ("pass", {}, StorageError),
    ],
    ids=["a step that fails", "a step that loses parents", "a step that would reuse ids"],
)
def test_a_failed_upgrade_leaves_the_old_schema(
    staffed: SitePaths, later: Path, more: str, kwargs: dict[str, bool], error: type[Exception]
) -> None:
    before = definitions(staffed.database)
    add_step(later, more, kwargs)
    with pytest.raises(error):
        migrate(staffed)
    assert definitions(staffed.database) == before
    (later / "versions" / "badge.py").unlink()
    assert check_database(staffed).rows["employees"] == 1


@pytest.mark.parametrize("lock", [worker_lock, dashboard_lock, migration_lock])
def test_a_schema_does_not_change_under_a_running_program(
    paths: SitePaths, later: Path, lock: object
) -> None:
    add_step(later)
    with lock(paths), pytest.raises(AlreadyRunning):  # type: ignore[operator]
        migrate(paths)
    migrate(paths)
    assert check_database(paths).revision == "badge"


def test_nothing_to_migrate_is_no_reason_to_stop_anything(paths: SitePaths) -> None:
    with worker_lock(paths), dashboard_lock(paths):
        migrate(paths)


def test_a_later_schema_is_refused(paths: SitePaths) -> None:
    with closing(sqlite3.connect(paths.database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for refused in (verify_database, migrate):
        with pytest.raises(SchemaMismatch, match="install the version that wrote it"):
            refused(paths)


@pytest.mark.parametrize("content", [b"", b"not a database" * 500], ids=["empty", "garbage"])
def test_a_file_that_is_no_database_is_left_alone(paths: SitePaths, content: bytes) -> None:
    paths.database.write_bytes(content)
    for refused in (verify_database, migrate):
        with pytest.raises(DatabaseCorrupt, match="storage restore FILE"):
            refused(paths)
    assert paths.database.read_bytes() == content


def test_a_database_of_another_program_is_left_alone(paths: SitePaths) -> None:
    paths.database.unlink()
    with closing(sqlite3.connect(paths.database)) as connection:
        connection.execute("CREATE TABLE theirs (id INTEGER)")
    with pytest.raises(DatabaseCorrupt, match="of another program"):
        migrate(paths)


def test_damaged_pages_are_found_at_the_start(paths: SitePaths) -> None:
    content = bytearray(paths.database.read_bytes())
    content[8192:20480] = b"\xff" * 12288
    paths.database.write_bytes(content)
    with pytest.raises(DatabaseCorrupt):
        verify_database(paths)
    assert paths.database.read_bytes() == content


def test_a_lost_file_whose_log_remains_is_not_made_anew(paths: SitePaths) -> None:
    paths.database.unlink()
    paths.database.with_name("attendance.db-wal").write_bytes(b"frames of the lost database")
    with pytest.raises(DatabaseCorrupt, match="write-ahead log"):
        migrate(paths)
    assert not paths.database.exists()


def test_a_missing_database_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="run `python -m core") as caught:
        verify_database(SitePaths(tmp_path))
    assert caught.value.code == "database_missing"


def test_a_database_left_by_a_crash_is_read_with_its_log(paths: SitePaths) -> None:
    script = (
        "import os, sys; from pathlib import Path; from sqlalchemy import text\n"
        "from core.storage.engine import writer_engine\n"
        "connection = writer_engine(Path(sys.argv[1])).connect()\n"
        "connection.execute(text(\"UPDATE site SET site_name = 'from the log'\")); connection.commit()\n"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, str(paths.database)], cwd=REPOSITORY, check=False)
    assert paths.database.with_name("attendance.db-wal").stat().st_size > 0
    verify_database(paths)
    assert check_database(paths).site_name == "from the log"


def test_a_full_disk_is_one_sentence_and_the_next_run_succeeds(tmp_path: Path) -> None:
    home = SitePaths(tmp_path / "new")
    with files_end_at(50_000), pytest.raises(StorageError, match="free disk space") as caught:
        migrate(home)
    assert caught.value.code == "storage_full"
    assert not home.database.exists()
    migrate(home)
    verify_database(home)


def test_a_first_start_killed_at_any_step_begins_anew(tmp_path: Path) -> None:
    master = tmp_path / "empty"
    master.mkdir()
    tries = kill_at_every_step(master, 7, "migrate")
    assert len(tries) > 9
    assert {line["then"] for line in tries} == {"database_missing", "ok"}
    assert {(line["migrated"], line["state"]) for line in tries} == {(0, "GSPE 0 plain")}


def test_an_upgrade_killed_at_any_step_leaves_the_old_schema_or_the_new(
    paths: SitePaths, later: Path
) -> None:
    add_step(later)
    tries = kill_at_every_step(paths.home, 7, "migrate", migrations=later)
    assert len(tries) > 5
    assert {line["then"] for line in tries} == {"schema_mismatch", "ok"}
    assert {(line["migrated"], line["state"]) for line in tries} == {(0, "GSPE 0 badge")}
