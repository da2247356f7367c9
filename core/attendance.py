"""python -m core.attendance rebuild --from DATE --to DATE: projects attendance again from visits."""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial

from sqlalchemy.orm import Session

from core.errors import GspeError
from core.paths import SitePaths
from core.settings import Parameters
from core.settings_store import SettingsStore
from core.storage.capture_links import CaptureLinks, Links, links_of
from core.storage.engine import writer_engine
from core.storage.projection import DayKey, days_with_rows, rebuild
from core.storage.retry import run_in_order
from core.storage.rulebook import attendance_rules, site_hours
from core.storage.verify import verify_database

PAUSE_S = 0.12
"""Between two days: a worker that waits for the lock looks for it every 0.1 s at the latest."""


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


def rebuild_site(
    paths: SitePaths, first: date, last: date, pause: Callable[[float], None] = time.sleep
) -> list[DayKey]:
    """Projects the days again, one a transaction, also while the worker runs. Raises StorageError.

    A rebuild that ends early leaves whole days only; run again, it writes the rest.
    """
    verify_database(paths)
    parameters = SettingsStore(paths).load_parameters().value
    engine = writer_engine(paths.database)
    links = CaptureLinks()
    keys: list[DayKey] = []
    try:
        for day in run_in_order(
            engine, partial(days_with_rows, first=first, last=last, site=site_hours(parameters))
        ):
            if keys:
                pause(PAUSE_S)
            written, wanted = run_in_order(
                engine, partial(_rebuild, paths=paths, parameters=parameters, day=day)
            )
            links.point(wanted)
            keys += written
    finally:
        engine.dispose()
    return keys


def _rebuild(
    session: Session, paths: SitePaths, parameters: Parameters, day: date
) -> tuple[list[DayKey], Links]:
    keys = rebuild(session, day, day, attendance_rules(parameters))
    return keys, links_of(session, paths, keys)


if __name__ == "__main__":
    sys.exit(main())
