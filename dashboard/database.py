"""The dashboard's connections, shared by pages and routes: one engine for reading, one for its few writes."""

import os
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Engine

from core.paths import SitePaths
from core.storage.engine import reader_engine, writer_engine


def site_paths() -> SitePaths:
    return _paths(os.environ.get("GSPE_HOME"))


def reader() -> Engine:
    return _reader(site_paths().database)


def writer() -> Engine:
    return _writer(site_paths().database)


@lru_cache(maxsize=4)
def _paths(_home: str | None) -> SitePaths:
    """Looked up once: a page with faces asks a hundred times, and each is a walk along the path."""
    return SitePaths.from_environment()


@lru_cache(maxsize=4)
def _reader(database: Path) -> Engine:
    return reader_engine(database)


@lru_cache(maxsize=4)
def _writer(database: Path) -> Engine:
    return writer_engine(database)
