"""python -m worker enrol --code CODE --name NAME [--basis BASIS] PHOTO…

One JSON line a photo on standard output: {"photo", "outcome", "quality", …}. The outcome is `accepted`, or
why not, as `no_face` or `looks_like:E07`. The exit status is 0 when at least one photo was accepted.
"""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.domain.states import PhotoOutcome
from core.errors import GspeError
from core.logs import configure_logging
from core.paths import SitePaths
from core.storage import employees
from core.storage.asking import EnrolAnswer
from core.storage.engine import writer_engine
from core.storage.migrate import migrate
from core.storage.retry import run_in_order
from core.storage.verify import verify_database
from worker.photo_taker import photo_taker

ACTOR = "system:cli"
SOURCE = "cli"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--code", required=True, help="the employee's code; a new one adds the person")
    parser.add_argument("--name", help="name of a new person; a known person's stays as it is")
    parser.add_argument("--department", help="department of a new person")
    parser.add_argument(
        "--basis",
        choices=employees.BASES,
        help="record why his face may be processed; not_stated for somebody of whom nothing is recorded yet",
    )
    parser.add_argument(
        "--allow-look-alike", action="store_true", help="take photos that resemble somebody else, as of twins"
    )
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO")


def main(arguments: argparse.Namespace) -> int:
    configure_logging("enrol", stream=sys.stderr)
    paths = SitePaths.from_environment().create()
    if not paths.database.exists():
        migrate(paths)
    verify_database(paths)
    engine = writer_engine(paths.database)
    try:
        employee_id = run_in_order(engine, lambda session: _person(session, arguments))
        return _enrol_all(paths, engine, employee_id, arguments)
    finally:
        engine.dispose()


def _enrol_all(paths: SitePaths, engine: Engine, employee_id: int, arguments: argparse.Namespace) -> int:
    accepted = 0
    with photo_taker(paths, engine, SOURCE, ACTOR) as take:
        for photo in arguments.photos:
            content = _content(photo)
            if content is None:
                line: dict[str, Any] = {"outcome": PhotoOutcome.NOT_AN_IMAGE, "error": "cannot be read"}
            else:
                answer = take(employee_id, content, photo.name, allow_look_alike=arguments.allow_look_alike)
                accepted += answer.accepted
                line = _line(answer)
            sys.stdout.write(json.dumps({"photo": str(photo), **line}, ensure_ascii=False) + "\n")
            sys.stdout.flush()
    return 0 if accepted else 1


def _person(session: Session, arguments: argparse.Namespace) -> int:
    """The id of the employee, who is added when his code is new. A basis is recorded when one is given
    or none was recorded before.

    Raises GspeError for a new person without a name, and for one who is deactivated.
    """
    now = datetime.now(UTC)
    employee = employees.employee_by_code(session, arguments.code)
    if employee is None:
        if not arguments.name:
            raise GspeError(
                f"there is no employee {arguments.code}: give --name to add him", code="employee_unknown"
            )
        fields = {"code": arguments.code, "name": arguments.name, "department": arguments.department}
        employee = employees.create_employee(session, fields, actor=ACTOR, now=now)
    elif not employee.active:
        raise GspeError(
            f"{employee.code} ({employee.name}) is deactivated: activate him first", code="employee_inactive"
        )
    basis = arguments.basis or (None if employees.has_consent(session, employee.id) else employees.NOT_STATED)
    if basis:
        employees.record_consent(
            session, employee.id, basis, employees.CONSENT_TEXT_VERSION, actor=ACTOR, now=now
        )
    return employee.id


def _content(photo: Path) -> bytes | None:
    try:
        return photo.read_bytes()
    except OSError:
        return None


def _line(answer: EnrolAnswer) -> dict[str, Any]:
    outcome = f"{answer.outcome}:{answer.looks_like}" if answer.looks_like else str(answer.outcome)
    line: dict[str, Any] = {"outcome": outcome, "quality": answer.quality}
    if answer.looks_like:
        line["looks_like"] = answer.looks_like
    return line
