"""python -m core.reports month YYYY-MM --out FILE.xlsx: a month of everybody, as a workbook."""

import argparse
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from core.domain.schedule import ONE_DAY
from core.domain.summary import INDONESIA, PLAIN
from core.errors import GspeError
from core.i18n import LANGUAGES
from core.paths import SitePaths
from core.reports.month import month_bounds, month_of
from core.reports.workbook import month_workbook
from core.settings_store import SettingsStore
from core.storage.engine import reader_engine
from core.storage.files import write_atomically
from core.storage.rulebook import read_rulebook
from core.storage.verify import verify_database

LIMITS = {"plain": PLAIN, "indonesia": INDONESIA}


def main(argv: list[str] | None = None) -> int:
    """Exit status 0 when the file was written, 2 when it could not be."""
    arguments = _parser().parse_args(argv)
    try:
        rows = write(arguments, SitePaths.from_environment(), datetime.now(UTC))
    except (GspeError, OSError) as error:
        sys.stderr.write(f"reports: {error}\n")
        return 2
    sys.stdout.write(f"{arguments.out}: {rows} people\n")
    return 0


def write(arguments: argparse.Namespace, paths: SitePaths, now: datetime) -> int:
    """How many people the month has."""
    verify_database(paths)
    parameters = SettingsStore(paths).load_parameters().value
    engine = reader_engine(paths.database)
    try:
        with Session(engine) as session:
            first, last = month_bounds(arguments.month)  # and the week in which it ends
            people = month_of(
                session,
                arguments.month,
                read_rulebook(session, first, last + 6 * ONE_DAY, parameters),
                LIMITS[arguments.limits],
                now,
                arguments.department,
            )
    finally:
        engine.dispose()
    write_atomically(arguments.out, month_workbook(people, parameters.zone, arguments.language))
    return len(people)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core.reports", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    month = commands.add_parser("month", help="every day of a month and its sums, person by person")
    month.add_argument("month", type=_month, metavar="YYYY-MM")
    month.add_argument("--out", type=Path, required=True, metavar="FILE.xlsx")
    month.add_argument("--department", action="append", default=[], help="only this one; may be repeated")
    month.add_argument("--language", choices=LANGUAGES, default="en")
    month.add_argument(
        "--limits", choices=sorted(LIMITS), default="plain", help="hours beyond which it warns"
    )
    return parser


def _month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")


if __name__ == "__main__":
    sys.exit(main())
