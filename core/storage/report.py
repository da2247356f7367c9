"""What `python -m core.storage check` and `retention` say of a site."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select

from core.paths import SitePaths
from core.settings import Parameters
from core.storage.engine import reader_engine
from core.storage.models import Base, FaceTemplate, Site
from core.storage.retention import Plan
from core.storage.retention_classes import SETTINGS
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


def plan_lines(plan: Plan, parameters: Parameters) -> Iterator[str]:
    """One line a class: its setting, what goes, how large the files are, and of which day the oldest is."""
    for one, due in plan.items():
        rows = ", ".join(f"{name} {count}" for name, count in sorted(due.rows.items()) if count)
        told = ", ".join(part for part in (rows, f"{due.files} files" if due.files else "") if part)
        setting = f"{SETTINGS[one]} {getattr(parameters, SETTINGS[one])}"
        size = f", {due.size_bytes} bytes" if due.files else ""
        oldest = f", oldest {due.oldest}" if due.oldest else ""
        yield f"{one:15} {setting:40} {told or 'nothing'}{size}{oldest}"


def _count(connection: Connection, table: str) -> int:
    return int(connection.scalar(select(func.count()).select_from(Base.metadata.tables[table])) or 0)


def _missing_photos(connection: Connection, home: Path) -> list[str]:
    named = select(FaceTemplate.photo_path).where(FaceTemplate.revoked_at.is_(None)).distinct()
    return sorted(path for path in connection.scalars(named) if path and not (home / path).is_file())
