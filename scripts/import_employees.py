"""Takes a list of people from a JSON file: scripts/import_employees.py data-karyawan.json

A UTF-8 list, or {"employees": [...]}, of objects with the keys code|employee_code|nik, name|nama,
department|departemen, position|jabatan, phone|telepon, active (true or false) and photos (paths relative to
the file, enrolled too). An absent key leaves what is stored, null clears it. All rows are taken or none.

Exit status: 0 done; 1 the people were taken but some photos were refused; 2 nothing was changed.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

from sqlalchemy.orm import Session  # noqa: E402

from core.errors import GspeError  # noqa: E402
from core.paths import SitePaths  # noqa: E402
from core.storage.employee_list import ImportSummary, ListedPerson, read_list, take_list  # noqa: E402
from core.storage.engine import writer_engine  # noqa: E402
from core.storage.retry import run_in_order  # noqa: E402
from core.storage.verify import verify_database  # noqa: E402

ACTOR = "system:import"


def main(argv: list[str] | None = None) -> int:
    parsed = _parser().parse_args(argv)
    paths = SitePaths.from_environment()
    try:
        verify_database(paths)
        people = read_list(parsed.file.read_bytes(), parsed.file.parent)
        summary = _take(paths, people, parsed)
    except OSError as error:
        print(f"{parsed.file} cannot be read: {error.strerror}", file=sys.stderr)
        return 2
    except GspeError as error:
        print(error, file=sys.stderr)
        return 2
    print(_sentence(summary, dry_run=parsed.dry_run))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, metavar="FILE.json")
    parser.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")
    parser.add_argument(
        "--deactivate-missing",
        action="store_true",
        help="deactivate active people whom the file does not list",
    )
    return parser


def _take(paths: SitePaths, people: list[ListedPerson], parsed: argparse.Namespace) -> ImportSummary:
    """One transaction; a dry run does everything in a savepoint and undoes it."""

    def work(session: Session) -> ImportSummary:
        savepoint = session.begin_nested()
        summary = take_list(
            session,
            people,
            deactivate_missing=parsed.deactivate_missing,
            actor=ACTOR,
            now=datetime.now(UTC),
        )
        savepoint.rollback() if parsed.dry_run else savepoint.commit()
        return summary

    engine = writer_engine(paths.database)
    try:
        return run_in_order(engine, work)
    finally:
        engine.dispose()


def _sentence(summary: ImportSummary, *, dry_run: bool) -> str:
    photos = sum(len(files) for files in summary.photos.values())
    return (
        f"{'would be: ' if dry_run else ''}{summary.created} created, {summary.updated} updated, "
        f"{summary.unchanged} unchanged, {summary.deactivated} deactivated, {photos} photos to enrol"
    )


if __name__ == "__main__":
    sys.exit(main())
