"""python -m core.attendance rebuild --from DATE --to DATE: projects attendance again from visits.

python -m core.attendance recompute DATE DATE [--apply]: judges days again by the rules that hold now and says
what that changes; nothing is written without --apply.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial

from sqlalchemy.orm import Session

from core.errors import GspeError
from core.paths import SitePaths
from core.settings import Parameters
from core.settings_store import SettingsStore
from core.storage import recompute
from core.storage.capture_links import CaptureLinks, Links, links_of
from core.storage.engine import reader_engine, writer_engine
from core.storage.projection import DayKey, days_with_rows, rebuild
from core.storage.retry import run_in_order
from core.storage.rulebook import attendance_rules, site_hours
from core.storage.verify import verify_database

ACTOR = "system:recompute"
PAUSE_S = 0.12
"""Between two days: a worker that waits for the lock looks for it every 0.1 s at the latest."""


def main(argv: list[str] | None = None) -> int:
    """Exit status 0 when the days were projected, 2 when they could not be."""
    parser = argparse.ArgumentParser(prog="python -m core.attendance", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("rebuild", help="write the attendance rows of some days again, from visits")
    command.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
    command.add_argument("--to", dest="last", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
    again = commands.add_parser("recompute", help="judge some days again by the rules that hold now")
    again.add_argument("first", type=date.fromisoformat, metavar="FROM")
    again.add_argument("last", type=date.fromisoformat, metavar="TO")
    again.add_argument("--apply", action="store_true", help="write what changes instead of only telling it")
    arguments = parser.parse_args(argv)
    if arguments.last < arguments.first:
        parser.error("the last day must not lie before the first")
    run = recompute_site if arguments.command == "recompute" else _rebuild_command
    try:
        for line in run(arguments, SitePaths.from_environment()):
            sys.stdout.write(f"{line}\n")
    except GspeError as error:
        sys.stderr.write(f"attendance: {error}\n")
        return 2
    return 0


def recompute_site(arguments: argparse.Namespace, paths: SitePaths) -> Iterator[str]:
    """The lines to print. Raises GspeError."""
    verify_database(paths)
    parameters = SettingsStore(paths).load_parameters().value
    days = recompute.Range(arguments.first, arguments.last, parameters, datetime.now(UTC))
    reader, writer = reader_engine(paths.database), writer_engine(paths.database)
    try:
        with Session(reader) as session:
            if arguments.apply:
                done = recompute.apply(session, partial(run_in_order, writer), days, ACTOR)
                locked, changed, judged = done.locked, done.changed, done.judged
            else:
                found = recompute.preview(session, days)
                locked, changed, judged = found.locked, len(found.changes), found.judged
                yield from (_change_line(change) for change in found.changes)
    finally:
        reader.dispose()
        writer.dispose()
    yield from (f"{month:%Y-%m} is locked and was left out" for month in locked)
    yield f"{changed} of {judged} days {'changed' if arguments.apply else 'would change'}"


def _change_line(change: recompute.DayChange) -> str:
    figures = ", ".join(f"{one.figure} {one.before} -> {one.after}" for one in change.figures)
    rules = ", ".join(reason.code for reason in change.reasons)
    return f"{change.day} {change.code} {change.name}: {figures} ({rules})"


def _rebuild_command(arguments: argparse.Namespace, paths: SitePaths) -> Iterator[str]:
    days = rebuild_site(paths, arguments.first, arguments.last)
    yield f"{len(days)} attendance days from {arguments.first} to {arguments.last} written"


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
