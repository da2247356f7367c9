"""What `python -m core.storage check` says of a database."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select

from core.paths import SitePaths
from core.storage.engine import reader_engine
from core.storage.models import Base, FaceTemplate, Site
from core.storage.schema import head_revision
from core.storage.verify import check_integrity, verify_database


@dataclass(frozen=True)
class DatabaseReport:
    """`rows` maps table names to counts; `missing_photos` are paths below data/photos that templates name."""

    revision: str
    site_id: str
    site_name: str
    rows: dict[str, int]
    missing_photos: list[str]


def check_database(paths: SitePaths) -> DatabaseReport:
    """Reads the whole file. Raises what `verify_database` and `check_integrity` raise for an unusable one."""
    verify_database(paths)
    check_integrity(paths.database)
    engine = reader_engine(paths.database)
    with engine.connect() as connection:
        site = connection.execute(select(Site.site_id, Site.site_name)).one()
        rows = {table.name: _count(connection, table.name) for table in Base.metadata.sorted_tables}
        missing = _missing_photos(connection, paths.home)
    engine.dispose()
    return DatabaseReport(head_revision(), site.site_id, site.site_name, rows, missing)


def _count(connection: Connection, table: str) -> int:
    return int(connection.scalar(select(func.count()).select_from(Base.metadata.tables[table])) or 0)


def _missing_photos(connection: Connection, home: Path) -> list[str]:
    named = select(FaceTemplate.photo_path).where(FaceTemplate.revoked_at.is_(None)).distinct()
    return sorted(path for path in connection.scalars(named) if not (home / path).is_file())
