"""python -m core.reports KIND … --out FILE: people's days, payroll or the muster list as a file.

What the file is follows from how its name ends: .xlsx, .csv or .pdf.
"""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from core.errors import GspeError, StorageError
from core.i18n import LANGUAGES
from core.paths import SitePaths
from core.reports.files import Desk, Ending, ReportFile, muster_file, payroll_file, report_file
from core.reports.periods import Period, month_of
from core.reports.report import LIMITS, ReportKind, Scope
from core.reports.trail import COMMAND, note_export
from core.settings_store import SettingsStore
from core.storage.engine import reader_engine, writer_engine
from core.storage.files import write_atomically
from core.storage.report_rows import people, person_by_code
from core.storage.retry import run_in_order
from core.storage.verify import verify_database

LOCK_BUDGET_S = 10.0


def main(argv: list[str] | None = None, now: datetime | None = None) -> int:
    """Exit status 0 when the file was written, 2 when it could not be. `now` stands for the clock."""
    arguments = _parser().parse_args(argv)
    try:
        written = write(arguments, SitePaths.from_environment(), now or datetime.now(UTC))
    except (GspeError, OSError) as error:
        sys.stderr.write(f"reports: {error}\n")
        return 2
    sys.stdout.write(f"{arguments.out}: {written} people\n")
    return 0


def write(arguments: argparse.Namespace, paths: SitePaths, now: datetime) -> int:
    """How many people the file has. That it leaves the system is in the audit trail before it does."""
    verify_database(paths)
    desk = Desk(paths, SettingsStore(paths).load_parameters().value, arguments.language, now)
    make: Callable[[Session, argparse.Namespace, Desk], ReportFile] = arguments.make
    engine = reader_engine(paths.database)
    try:
        with Session(engine) as session:
            made = make(session, arguments, desk)
    finally:
        engine.dispose()
    try:
        _note(paths, now, made)
    except StorageError as error:
        if arguments.command != "muster":
            raise
        sys.stderr.write(f"reports: the muster list is not in the audit trail: {error}\n")
    write_atomically(arguments.out, made.content)
    return made.people


def _note(paths: SitePaths, now: datetime, made: ReportFile) -> None:
    engine = writer_engine(paths.database)
    try:
        run_in_order(
            engine,
            lambda session: note_export(session, now, COMMAND, made.subject, made.params),
            budget_s=LOCK_BUDGET_S,
        )
    finally:
        engine.dispose()


def _report(kind: ReportKind, session: Session, arguments: argparse.Namespace, desk: Desk) -> ReportFile:
    person = person_by_code(session, arguments.code) if kind is ReportKind.PERSON else None
    departments = _departments(session, arguments)
    scope = Scope(kind, _period(arguments), departments, person, arguments.limits)
    return report_file(session, scope, _ending(arguments.out), desk)


def _payroll(session: Session, arguments: argparse.Namespace, desk: Desk) -> ReportFile:
    if _ending(arguments.out) is not Ending.CSV:
        raise GspeError("a payroll file ends in .csv", code="report_ending", endings=".csv")
    scope = Scope(
        ReportKind.MONTH, month_of(arguments.month), _departments(session, arguments), None, "plain"
    )
    settings = SettingsStore(desk.paths).load_payroll().value
    return payroll_file(session, scope, settings, desk)


def _muster(session: Session, arguments: argparse.Namespace, desk: Desk) -> ReportFile:
    return muster_file(session, _departments(session, arguments), _ending(arguments.out), desk)


def _period(arguments: argparse.Namespace) -> Period:
    if "month" in arguments:
        return month_of(arguments.month)
    if "day" in arguments:
        return Period(arguments.day, arguments.day)
    return Period(arguments.first, arguments.last)


def _departments(session: Session, arguments: argparse.Namespace) -> tuple[str, ...]:
    """Raises GspeError, code `report_department_unknown`."""
    wanted = [arguments.name] if "name" in arguments else getattr(arguments, "department", [])
    known = sorted({person.department for person in people(session) if person.department})
    for name in wanted:
        if name not in known:
            raise GspeError(
                f"nobody works in a department {name}; there are: {', '.join(known) or 'none'}",
                code="report_department_unknown",
                department=name,
            )
    return tuple(wanted)


def _ending(out: Path) -> Ending:
    try:
        return Ending(out.suffix.lower().removeprefix("."))
    except ValueError:
        raise GspeError(
            f"{out.name} does not end in .xlsx, .csv or .pdf; name the file so",
            code="report_ending",
            endings=".xlsx, .csv, .pdf",
        ) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core.reports", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    day = commands.add_parser("day", help="everybody's day: .xlsx or .csv")
    day.add_argument("day", type=date.fromisoformat, metavar="YYYY-MM-DD")
    month = commands.add_parser(
        "month", help="every day of a month and its sums, person by person: .xlsx, .csv"
    )
    month.add_argument("month", type=_month, metavar="YYYY-MM")
    person = commands.add_parser("person", help="one person's days: .pdf with pictures, .xlsx or .csv")
    person.add_argument("code", metavar="CODE")
    department = commands.add_parser("department", help="sums of a department and of its people: .xlsx, .csv")
    department.add_argument("name", metavar="NAME")
    payroll = commands.add_parser(
        "payroll", help="a month for payroll, with the columns of the settings: .csv"
    )
    payroll.add_argument("month", type=_month, metavar="YYYY-MM")
    muster = commands.add_parser("muster", help="who is believed inside now, to print: .pdf or .csv")
    for command in (person, department):
        command.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="DATE")
        command.add_argument("--to", dest="last", type=date.fromisoformat, required=True, metavar="DATE")
    for command in (day, month, payroll, muster):
        command.add_argument(
            "--department", action="append", default=[], help="only this one; may be repeated"
        )
    for kind, command in zip(ReportKind, (day, month, person, department), strict=True):
        command.add_argument(
            "--limits", choices=sorted(LIMITS), help="hours beyond which it warns; as set: hour_limits"
        )
        command.set_defaults(make=partial(_report, kind))
    payroll.set_defaults(make=_payroll)
    muster.set_defaults(make=_muster)
    for command in (day, month, person, department, payroll, muster):
        command.add_argument("--out", type=Path, required=True, metavar="FILE")
        command.add_argument("--language", choices=LANGUAGES, default="en")
    return parser


def _month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")


if __name__ == "__main__":
    sys.exit(main())
