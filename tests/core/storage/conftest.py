"""A migrated home with real SQLite for every test of the storage."""

import shutil
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


@pytest.fixture(scope="session")
def migrated_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh home, to be copied: quicker than migrating for every test."""
    home = tmp_path_factory.mktemp("migrated") / "home"
    migrate(SitePaths(home))
    return home


@pytest.fixture
def paths(migrated_home: Path, tmp_path: Path) -> SitePaths:
    shutil.copytree(migrated_home, tmp_path / "home")
    return SitePaths(tmp_path / "home")


@pytest.fixture
def engine(paths: SitePaths) -> Iterator[Engine]:
    engine = writer_engine(paths.database)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session
