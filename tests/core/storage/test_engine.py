"""Connections are opened as the design says, and readers cannot write."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError
from sqlalchemy.orm import Session

from core.paths import SitePaths
from core.storage.engine import reader_engine, writer_engine
from core.storage.models import Employee, Site


def pragma(engine: Engine, name: str) -> object:
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("busy_timeout", 5000),
        ("journal_size_limit", 64 * 1024 * 1024),
    ],
)
def test_a_writer_survives_power_cuts_and_holds_to_references(
    engine: Engine, name: str, expected: object
) -> None:
    assert pragma(engine, name) == expected


def test_a_reader_cannot_write(paths: SitePaths, now: datetime) -> None:
    engine = reader_engine(paths.database)
    with pytest.raises(OperationalError, match="readonly"), engine.begin() as connection:
        connection.execute(insert(Site).values(site_id="other", site_name="x", created_at=now))
    engine.dispose()


def test_a_reader_sees_one_moment_and_never_waits_for_the_writer(engine: Engine, paths: SitePaths) -> None:
    reader = reader_engine(paths.database)
    with engine.begin() as writing, reader.begin() as reading:
        writing.execute(text("UPDATE site SET site_name = 'Workshop'"))
        assert reading.scalar(select(Site.site_name)) == "GSPE"
    with reader.begin() as reading:
        assert reading.scalar(select(Site.site_name)) == "Workshop"
    reader.dispose()


def test_a_transaction_that_reads_first_already_holds_the_lock(engine: Engine, paths: SitePaths) -> None:
    impatient = writer_engine(paths.database)
    with engine.begin() as first:
        first.execute(select(Site.site_name))
        with impatient.connect() as second:
            second.connection.execute("PRAGMA busy_timeout=0")  # type: ignore[attr-defined]
            with pytest.raises(OperationalError, match="locked"):
                second.execute(select(Site.site_name))
    impatient.dispose()


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    engine = writer_engine(tmp_path / "typo.db")
    with pytest.raises(OperationalError, match="unable to open"):
        engine.connect()
    assert list(tmp_path.iterdir()) == []


def test_a_path_with_signs_of_a_uri_is_taken_literally(tmp_path: Path) -> None:
    database = tmp_path / "100% ?mode=memory#" / "a b.db"
    database.parent.mkdir()
    database.touch()
    engine = writer_engine(database)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE here (id INTEGER)"))
    engine.dispose()
    assert database.stat().st_size > 0


def test_ids_are_never_reused(session: Session, now: datetime) -> None:
    def add(code: str) -> int:
        person = Employee(code=code, name=code, created_at=now, updated_at=now)
        session.add(person)
        session.commit()
        return person.id

    first = add("E1")
    session.execute(text("DELETE FROM employees"))
    session.commit()
    assert add("E2") > first


def test_naive_times_are_refused(session: Session) -> None:
    naive = datetime(2026, 11, 2, 8, 0)  # noqa: DTZ001
    session.add(Employee(code="E1", name="A", created_at=naive, updated_at=naive))
    with pytest.raises(StatementError, match="naive"):
        session.flush()


def test_times_come_back_in_utc(session: Session) -> None:
    jakarta = datetime(2026, 11, 2, 8, 0, 0, 123456, tzinfo=timezone(timedelta(hours=7)))
    session.add(Employee(code="E1", name="A", created_at=jakarta, updated_at=jakarta))
    session.commit()
    stored = session.scalars(select(Employee.created_at)).one()
    assert stored == jakarta
    assert stored.tzinfo is UTC
    assert stored.hour == 1


def test_an_error_names_no_value_of_a_statement(engine: Engine) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    row = {"code": "geheim", "name": "geheim", "active": True, "created_at": now, "updated_at": now}
    with pytest.raises(IntegrityError) as caught, engine.begin() as connection:
        connection.execute(insert(Employee), [row, row])
    assert "geheim" not in str(caught.value)
