"""A lock is waited for, in order and within a budget; every other failure has its own error."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.errors import DatabaseBusy, DatabaseCorrupt, StorageError
from core.paths import SitePaths
from core.storage.engine import writer_engine
from core.storage.models import Employee, Site
from core.storage.retry import run_in_order
from tests.core.storage.no_room import files_end_at


class Time:
    """A clock that only sleeping moves; `then` runs during the n-th sleep."""

    def __init__(self, then: dict[int, Callable[[], None]] | None = None) -> None:
        self.now_s = 0.0
        self.sleeps = 0
        self.then = then or {}

    def clock(self) -> float:
        return self.now_s

    def sleep(self, duration_s: float) -> None:
        self.now_s += duration_s
        self.sleeps += 1
        self.then.get(self.sleeps, lambda: None)()


@pytest.fixture
def other(paths: SitePaths) -> Iterator[Engine]:
    """A second program's engine."""
    other = writer_engine(paths.database)
    yield other
    other.dispose()


@pytest.fixture
def impatient(engine: Engine) -> Engine:
    """The engine without SQLite's own waiting, so that the test does not wait for it either."""
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=0")
    return engine


def rename_site(name: str) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        site = session.scalars(select(Site)).one()
        site.site_name = name
        return name

    return work


def test_work_is_committed_and_its_rows_stay_readable(engine: Engine, now: datetime) -> None:
    def work(session: Session) -> Employee:
        person = Employee(code="E1", name="A", created_at=now, updated_at=now)
        session.add(person)
        return person

    person = run_in_order(engine, work)
    assert (person.id, person.name) == (1, "A")
    with engine.connect() as connection:
        assert connection.scalar(select(Employee.code)) == "E1"


def test_a_lock_that_goes_away_in_time_costs_nothing(impatient: Engine, other: Engine) -> None:
    locking = other.connect()
    locking.execute(text("UPDATE site SET site_name = 'theirs'"))
    time = Time(then={3: locking.commit})
    assert run_in_order(impatient, rename_site("ours"), clock=time.clock, sleep=time.sleep) == "ours"
    locking.close()
    assert time.sleeps == 3
    with other.connect() as connection:
        assert connection.scalar(select(Site.site_name)) == "ours"


def test_a_lock_that_stays_ends_in_busy_when_the_budget_is_spent(impatient: Engine, other: Engine) -> None:
    time = Time()
    with other.begin(), pytest.raises(DatabaseBusy, match="locked by another program"):
        run_in_order(impatient, rename_site("ours"), budget_s=60, clock=time.clock, sleep=time.sleep)
    assert 60 <= time.now_s < 61
    with other.connect() as connection:
        assert connection.scalar(select(Site.site_name)) == "GSPE"


def test_a_broken_constraint_is_the_callers(engine: Engine, now: datetime) -> None:
    def work(session: Session) -> None:
        for _ in range(2):
            session.add(Employee(code="E1", name="A", created_at=now, updated_at=now))
            session.flush()

    with pytest.raises(IntegrityError):
        run_in_order(engine, work)
    with engine.connect() as connection:
        assert connection.scalar(select(Employee.code)) is None


def test_work_that_raises_stores_nothing(engine: Engine) -> None:
    def work(session: Session) -> None:
        rename_site("half")(session)
        session.flush()
        raise KeyError("mistake")

    with pytest.raises(KeyError):
        run_in_order(engine, work)
    with engine.connect() as connection:
        assert connection.scalar(select(Site.site_name)) == "GSPE"


def test_a_disk_that_takes_no_more(engine: Engine, paths: SitePaths, now: datetime) -> None:
    def work(session: Session) -> None:
        for number in range(500):
            name = str(number) * 300
            session.add(Employee(code=str(number), name=name, created_at=now, updated_at=now))

    room = files_end_at(paths.database.stat().st_size)
    with room, pytest.raises(StorageError, match="free disk space") as caught:
        run_in_order(engine, work)
    assert caught.value.code == "storage_full"
    with engine.connect() as connection:
        assert connection.scalar(select(Employee.code)) is None


def test_a_limit_on_pages_is_a_full_disk_too(engine: Engine, now: datetime) -> None:
    def work(session: Session) -> None:
        session.execute(text("PRAGMA max_page_count = 10"))
        for number in range(500):
            name = str(number) * 300
            session.add(Employee(code=str(number), name=name, created_at=now, updated_at=now))

    with pytest.raises(StorageError, match="database or disk is full") as caught:
        run_in_order(engine, work)
    assert caught.value.code == "storage_full"


@pytest.mark.parametrize("content", [b"not a database at all" * 1000, None], ids=["garbage", "pages"])
def test_a_damaged_file_names_the_restore_command(
    paths: SitePaths, engine: Engine, content: bytes | None
) -> None:
    engine.dispose()
    pages = bytearray(paths.database.read_bytes())
    pages[4096:] = b"\xff" * (len(pages) - 4096)
    paths.database.write_bytes(content or pages)
    with pytest.raises(DatabaseCorrupt, match="storage restore FILE"):
        run_in_order(engine, rename_site("ours"))


def test_a_missing_file_is_a_storage_error(tmp_path: Path) -> None:
    engine = writer_engine(tmp_path / "nothing here.db")
    with pytest.raises(StorageError, match="nothing here"):
        run_in_order(engine, rename_site("ours"))
