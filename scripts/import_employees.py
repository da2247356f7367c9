#!/usr/bin/env python3
"""Takes a list of people from a JSON file: scripts/import_employees.py data-karyawan.json

A UTF-8 list, or {"employees": [...]}, of objects with the keys code|employee_code|nik, name|nama,
department|departemen, position|jabatan, phone|telepon, active (true or false) and photos (paths relative to
the file, enrolled too). An absent key leaves what is stored, null clears it. All rows are taken or none.

Exit status: 0 done; 1 the people were taken but not every photo; 2 nothing was changed.
"""

import argparse
import importlib.util
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))
if importlib.util.find_spec("sqlalchemy") is None:  # called without the environment that scripts/run makes
    environment = REPOSITORY / ".venv" / "bin" / "python"
    if not environment.exists():
        sys.exit("the packages are not installed; run scripts/run once")
    os.execv(environment, [str(environment), __file__, *sys.argv[1:]])

from sqlalchemy import Engine  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402

from core.domain.states import PhotoOutcome  # noqa: E402
from core.errors import GspeError  # noqa: E402
from core.paths import SitePaths  # noqa: E402
from core.storage.biometrics import remove_picture  # noqa: E402
from core.storage.employee_list import ImportSummary, ListedPerson, read_list, take_list  # noqa: E402
from core.storage.employees import BASES, CONSENT_TEXT_VERSION, NOT_STATED, has_consent, record_consent  # noqa: E402
from core.storage.engine import writer_engine  # noqa: E402
from core.storage.retry import run_in_order  # noqa: E402
from core.storage.verify import verify_database  # noqa: E402

ACTOR = "system:import"
SOURCE = "import"
ENROLLED = {PhotoOutcome.ACCEPTED, PhotoOutcome.ALREADY_ENROLLED}


def main(argv: list[str] | None = None) -> int:
    parsed = _parser().parse_args(argv)
    paths = SitePaths.from_environment()
    try:
        verify_database(paths)
        people = read_list(parsed.file.read_bytes(), parsed.file.parent)
    except OSError as error:
        print(f"{parsed.file} cannot be read: {error.strerror}", file=sys.stderr)
        return 2
    except GspeError as error:
        print(error, file=sys.stderr)
        return 2
    engine = writer_engine(paths.database)
    try:
        return _import(paths, engine, people, parsed)
    finally:
        engine.dispose()


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
    parser.add_argument(
        "--basis",
        choices=BASES,
        default=NOT_STATED,
        help="why the faces of people with photos may be processed, recorded where nothing is yet",
    )
    return parser


def _import(paths: SitePaths, engine: Engine, people: list[ListedPerson], parsed: argparse.Namespace) -> int:
    try:
        summary = run_in_order(engine, lambda session: _take(session, people, parsed))
    except GspeError as error:
        print(error, file=sys.stderr)
        return 2
    print(_sentence(summary, dry_run=parsed.dry_run))
    if parsed.dry_run:
        return 0
    for photo in summary.ended:
        remove_picture(paths, photo)
    if not summary.photos:
        return 0
    try:
        return _enrol(paths, engine, summary)
    except GspeError as error:
        print(f"the people were taken, but not every photo: {error}", file=sys.stderr)
        return 1


def _take(session: Session, people: list[ListedPerson], parsed: argparse.Namespace) -> ImportSummary:
    """Everything in a savepoint, which a dry run undoes."""
    now = datetime.now(UTC)
    savepoint = session.begin_nested()
    summary = take_list(session, people, deactivate_missing=parsed.deactivate_missing, actor=ACTOR, now=now)
    for employee_id in sorted({photo.employee_id for photo in summary.photos}):
        if not has_consent(session, employee_id):
            record_consent(session, employee_id, parsed.basis, CONSENT_TEXT_VERSION, actor=ACTOR, now=now)
    if parsed.dry_run:
        savepoint.rollback()
    else:
        savepoint.commit()
    return summary


def _enrol(paths: SitePaths, engine: Engine, summary: ImportSummary) -> int:
    """A line a photo. A photo that is enrolled already is as good as an accepted one."""
    from worker.photo_taker import photo_taker  # noqa: PLC0415  loads the models' libraries

    refused = 0
    with photo_taker(paths, engine, SOURCE, ACTOR) as take:
        for photo in summary.photos:
            try:
                content = photo.file.read_bytes()
            except OSError as error:
                outcome = f"cannot be read: {error.strerror}"
                refused += 1
            else:
                answer = take(photo.employee_id, content, photo.file.name)
                refused += answer.outcome not in ENROLLED
                outcome = (
                    f"{answer.outcome}:{answer.looks_like}" if answer.looks_like else str(answer.outcome)
                )
            print(f"{photo.code} {photo.file}: {outcome}", flush=True)
    return int(refused > 0)


def _sentence(summary: ImportSummary, *, dry_run: bool) -> str:
    return (
        f"{'would be: ' if dry_run else ''}{summary.created} created, {summary.updated} updated, "
        f"{summary.unchanged} unchanged, {summary.deactivated} deactivated"
    )


if __name__ == "__main__":
    sys.exit(main())
