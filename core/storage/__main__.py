"""python -m core.storage migrate | backup DIR | restore FILE | check | retention [--dry-run]

Works on the home that GSPE_HOME names. Exit status: 0 done, 1 `check` found something, 2 failed.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from core.errors import GspeError
from core.paths import SitePaths
from core.settings_store import SettingsStore
from core.storage.backup import create_backup
from core.storage.engine import reader_engine, writer_engine
from core.storage.migrate import migrate
from core.storage.report import check_database, plan_lines
from core.storage.restore import restore
from core.storage.retention import carry_out, due
from core.storage.schema import head_revision
from core.storage.verify import verify_database


def main(argv: list[str] | None = None) -> int:
    parsed = _parser().parse_args(argv)
    paths = SitePaths.from_environment()
    try:
        return int(parsed.run(paths, parsed))
    except GspeError as error:
        print(f"core.storage {parsed.command}: {error}", file=sys.stderr)
        return 1 if parsed.run is _check else 2
    except OSError as error:
        print(f"core.storage {parsed.command}: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m core.storage",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    make = commands.add_parser("migrate", help="make the database, or bring it to this version's schema")
    make.set_defaults(run=_migrate)
    backup = commands.add_parser("backup", help="write one verified file: database, settings, photos")
    backup.add_argument("folder", type=Path, metavar="DIR")
    backup.set_defaults(run=_backup)
    back = commands.add_parser("restore", help="put a backup back; refuses while programs run")
    back.add_argument("file", type=Path, metavar="FILE")
    back.set_defaults(run=_restore)
    check = commands.add_parser("check", help="integrity, references, schema, photos and row counts")
    check.set_defaults(run=_check)
    retain = commands.add_parser("retention", help="remove what is over its time, as every night does")
    retain.add_argument("--dry-run", action="store_true", help="remove nothing, list what would go")
    retain.set_defaults(run=_retain)
    return parser


def _migrate(paths: SitePaths, _parsed: argparse.Namespace) -> int:
    migrate(paths)
    print(f"{paths.database}: schema {head_revision()}")
    return 0


def _backup(paths: SitePaths, parsed: argparse.Namespace) -> int:
    print(create_backup(paths, parsed.folder))
    return 0


def _restore(paths: SitePaths, parsed: argparse.Namespace) -> int:
    aside = restore(paths, parsed.file)
    migrate(paths)
    print(f"restored {parsed.file}; what it replaced is in {aside}, delete it when all is well")
    return 0


def _check(paths: SitePaths, _parsed: argparse.Namespace) -> int:
    report = check_database(paths)
    print(f"{paths.database}: integrity ok, schema {report.revision}")
    print(f"site {report.site_id} ({report.site_name})")
    for table, count in report.rows.items():
        print(f"{table:20} {count}")
    for photo in report.missing_photos:
        print(f"missing: {photo}; restore a backup or enrol the person again")
    return 1 if report.missing_photos else 0


def _retain(paths: SitePaths, parsed: argparse.Namespace) -> int:
    verify_database(paths)
    parameters, now = SettingsStore(paths).load_parameters().value, datetime.now(UTC)
    engine = reader_engine(paths.database) if parsed.dry_run else writer_engine(paths.database)
    try:
        plan = (due if parsed.dry_run else carry_out)(engine, paths, parameters, now)
    finally:
        engine.dispose()
    for line in plan_lines(plan, parameters):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
