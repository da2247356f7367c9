"""python -m core.attendance rebuild --from DATE --to DATE: projects attendance again from visits."""

import argparse
import sys
from datetime import date

from sqlalchemy.orm import Session

from core.errors import GspeError
from core.paths import SitePaths
from core.settings import Parameters
from core.settings_store import SettingsStore
from core.storage.capture_links import CaptureLinks, Links, links_of
from core.storage.engine import writer_engine
from core.storage.projection import DayKey, rebuild
from core.storage.retry import run_in_order
from core.storage.verify import verify_database


def main(argv: list[str] | None = None) -> int:
    """Exit status 0 when the days were projected, 2 when they could not be."""
    parser = argparse.ArgumentParser(prog="python -m core.attendance", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("rebuild", help="write the attendance rows of some days again, from visits")
    command.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
    command.add_argument("--to", dest="last", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
    arguments = parser.parse_args(argv)
    if arguments.last < arguments.first:
        parser.error("--to must not lie before --from")
    try:
        days = rebuild_site(SitePaths.from_environment(), arguments.first, arguments.last)
    except GspeError as error:
        sys.stderr.write(f"attendance: {error}\n")
        return 2
    sys.stdout.write(f"{len(days)} attendance days from {arguments.first} to {arguments.last} written\n")
    return 0


def rebuild_site(paths: SitePaths, first: date, last: date) -> list[DayKey]:
    """Projects the days again in one transaction, also while the worker runs. Raises StorageError."""
    verify_database(paths)
    parameters = SettingsStore(paths).load_parameters().value
    engine = writer_engine(paths.database)
    try:
        days, links = run_in_order(engine, lambda session: _rebuild(session, paths, parameters, first, last))
        CaptureLinks().point(links)
        return days
    finally:
        engine.dispose()


def _rebuild(
    session: Session, paths: SitePaths, parameters: Parameters, first: date, last: date
) -> tuple[list[DayKey], Links]:
    days = rebuild(session, first, last, parameters.zone, parameters.attendance_last_out_delay_sec)
    return days, links_of(session, paths, days)


if __name__ == "__main__":
    sys.exit(main())
