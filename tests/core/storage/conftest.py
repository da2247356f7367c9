"""A migrated home with real SQLite for every test of the storage."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.paths import SitePaths
from core.storage.engine import writer_engine
from core.storage.migrate import migrate

NOW = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def paths(tmp_path: Path) -> SitePaths:
    paths = SitePaths(tmp_path / "home")
    migrate(paths)
    return paths


@pytest.fixture
def engine(paths: SitePaths) -> Iterator[Engine]:
    engine = writer_engine(paths.database)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session
