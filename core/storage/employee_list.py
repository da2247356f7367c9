"""A list of people in JSON, as HR systems export it: read whole, checked whole, taken whole or not at all.

A list, or {"employees": [...]}, of objects. A key that is absent leaves what is stored, null clears it.
"""

import difflib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import strict_json
from core.errors import GspeError
from core.storage.biometrics import revoke_template
from core.storage.employees import (
    clean_fields,
    create_employee,
    deactivate_employee,
    employee_by_code,
    reactivate_employee,
    update_employee,
)
from core.storage.models import Employee, FaceTemplate

KEYS = {
    "code": ("code", "employee_code", "nik"),
    "name": ("name", "nama"),
    "department": ("department", "departemen"),
    "position": ("position", "jabatan"),
    "phone": ("phone", "telepon"),
    "active": ("active",),
    "photos": ("photos",),
}
NUMBERS_TOO = ("code", "phone")
"""Exports write these without quotes when they are all digits."""

_FIELD_OF = {alias: field for field, aliases in KEYS.items() for alias in aliases}


class ListRefused(GspeError):
    """Nothing was taken. `problems` has one sentence for each bad row, or one for the file."""

    code = "employee_list_refused"

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class ListedPerson:
    """One row. `fields` holds what the row names, cleaned; `active` is None when absent.

    photos: paths of existing files; None when absent, and `clears_photos` when the row says null.
    """

    row: int
    fields: dict[str, Any]
    active: bool | None = None
    photos: tuple[Path, ...] | None = None
    clears_photos: bool = False

    @property
    def code(self) -> str:
        return str(self.fields["code"])


@dataclass(frozen=True)
class ListedPhoto:
    employee_id: int
    code: str
    file: Path


@dataclass(frozen=True)
class ImportSummary:
    """How many people each change touched, and the photos that are still to be enrolled.

    ended: photos of templates that ended, which the caller removes after the commit.
    """

    created: int
    updated: int
    unchanged: int
    deactivated: int
    photos: tuple[ListedPhoto, ...] = ()
    ended: tuple[str, ...] = ()


def read_list(content: bytes, folder: Path) -> list[ListedPerson]:
    """The rows of a file that lies in `folder`, from which photo paths are relative. Raises ListRefused."""
    people: list[ListedPerson] = []
    problems: list[tuple[int, str]] = []
    for number, row in enumerate(_rows(content), 1):
        try:
            people.append(_read_row(number, row, folder))
        except GspeError as error:
            problems.append((number, f"row {number}{_label(row)}: {error}"))
    problems += _duplicates(people)
    if problems:
        raise ListRefused([sentence for _, sentence in sorted(problems)])
    return people


def take_list(
    session: Session, people: list[ListedPerson], *, deactivate_missing: bool, actor: str, now: datetime
) -> ImportSummary:
    """Writes the list in the caller's transaction, which must be rolled back when this raises ListRefused.

    deactivate_missing: active people whose code the list does not have are deactivated.
    """
    if deactivate_missing and not people:
        raise ListRefused(["the list is empty, so --deactivate-missing would deactivate everybody"])
    outcomes: list[str] = []
    problems: list[str] = []
    photos: list[ListedPhoto] = []
    ended: list[str] = []
    for person in people:
        try:
            outcome, employee, gone = _take_row(session, person, actor, now)
        except GspeError as error:
            problems.append(f"row {person.row} ({person.code}): {error}")
            continue
        outcomes.append(outcome)
        ended += gone
        photos += [ListedPhoto(employee.id, employee.code, file) for file in person.photos or ()]
    if problems:
        raise ListRefused(problems)
    missing = _deactivate_missing(session, people, actor, now) if deactivate_missing else 0
    counts = {outcome: outcomes.count(outcome) for outcome in ("created", "updated", "unchanged")}
    return ImportSummary(**counts, deactivated=missing, photos=tuple(photos), ended=tuple(ended))


def _rows(content: bytes) -> list[Any]:
    try:
        document = strict_json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ListRefused([f"the file is not UTF-8 JSON ({error}); export it again"]) from error
    rows = document.get("employees") if isinstance(document, dict) else document
    if not isinstance(rows, list):
        raise ListRefused(['the file must be a list of people, or {"employees": [...]}'])
    return rows


def _read_row(number: int, row: Any, folder: Path) -> ListedPerson:
    if not isinstance(row, dict):
        raise _bad("must be an object with a code")
    named = _by_field(row)
    active, photos = named.pop("active", None), named.pop("photos", ())
    if "active" in row and not isinstance(active, bool):
        raise _bad("active must be true or false")
    for field in NUMBERS_TOO:
        if isinstance(named.get(field), int) and not isinstance(named[field], bool):
            named[field] = str(named[field])
    return ListedPerson(
        row=number,
        fields=clean_fields({"code": None, **named}),
        active=active,
        photos=None if "photos" not in row else _photo_files(photos, folder),
        clears_photos="photos" in row and photos is None,
    )


def _by_field(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row's values by our own names; refuses unknown keys and two names of one field."""
    named: dict[str, Any] = {}
    for key, value in row.items():
        field = _FIELD_OF.get(key)
        if field is None:
            near = difflib.get_close_matches(key, _FIELD_OF, n=1)
            raise _bad(f"unknown key {key}; " + (f"did you mean {near[0]}?" if near else "remove it"))
        if field in named:
            raise _bad(f"{field} is given twice, the second time as {key}; keep one")
        named[field] = value
    return named


def _photo_files(photos: Any, folder: Path) -> tuple[Path, ...]:
    if photos is None:
        return ()
    if not isinstance(photos, list) or not all(isinstance(photo, str) for photo in photos):
        raise _bad("photos must be a list of paths relative to the file")
    files = []
    for photo in photos:
        file = folder / photo
        if Path(photo).is_absolute() or not file.is_file():
            raise _bad(f"there is no photo {photo} beside the file; paths are relative to it")
        files.append(file)
    return tuple(files)


def _duplicates(people: list[ListedPerson]) -> list[tuple[int, str]]:
    rows: dict[str, list[int]] = defaultdict(list)
    for person in people:
        rows[person.code].append(person.row)
    return [
        (
            row,
            f"row {row} ({code}): row {', '.join(str(one) for one in same if one != row)} has the same code",
        )
        for code, same in rows.items()
        for row in same
        if len(same) > 1
    ]


def _take_row(
    session: Session, person: ListedPerson, actor: str, now: datetime
) -> tuple[str, Employee, list[str]]:
    """What became of the row, whose it is, and the photos of templates that ended."""
    known = employee_by_code(session, person.code)
    before = known.updated_at if known else None
    employee = known or create_employee(session, person.fields, actor=actor, now=now)
    update_employee(session, employee.id, person.fields, actor=actor, now=now)
    if person.active is not None:
        change = reactivate_employee if person.active else deactivate_employee
        change(session, employee.id, actor=actor, now=now)
    ended = _revoke_all(session, employee.id, actor, now) if person.clears_photos else []
    if known is None:
        return "created", employee, ended
    return "updated" if ended or employee.updated_at != before else "unchanged", employee, ended


def _revoke_all(session: Session, employee_id: int, actor: str, now: datetime) -> list[str]:
    """The photos of his templates, each of which had one."""
    in_force = select(FaceTemplate.id).where(
        FaceTemplate.employee_id == employee_id, FaceTemplate.revoked_at.is_(None)
    )
    return [
        photo
        for template in session.scalars(in_force).all()
        for photo in revoke_template(session, template, actor=actor, now=now)
    ]


def _deactivate_missing(session: Session, people: list[ListedPerson], actor: str, now: datetime) -> int:
    listed = {person.code for person in people}
    missing = [
        row.id
        for row in session.execute(select(Employee.id, Employee.code).where(Employee.active))
        if row.code not in listed
    ]
    for employee_id in missing:
        deactivate_employee(session, employee_id, actor=actor, now=now)
    return len(missing)


def _bad(why: str) -> GspeError:
    return GspeError(why, code="employee_row_invalid")


def _label(row: Any) -> str:
    """The row's code in brackets, as far as one can be read."""
    code = next((row[key] for key in KEYS["code"] if key in row), None) if isinstance(row, dict) else None
    return f" ({code})" if isinstance(code, str | int) and str(code).strip() else ""
