"""Every write to the list of people, shared by the dashboard, the API and the importer.

Each change carries its audit row in the same transaction, and moves `updated_at`; what changes nothing writes
nothing. Only deactivation ends somebody's recognition, and it keeps his attendance.
"""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import GspeError
from core.masking import masked_phone
from core.storage import audit
from core.storage.models import Consent, Employee, InactiveTime

REQUIRED = ("code", "name")
OPTIONAL = ("department", "position", "phone")
EDITABLE = (*REQUIRED, *OPTIONAL)
NOT_STATED = "not_stated"
"""For people who are imported or enrolled by a command that names no basis; a page always asks."""
BASES = ("consent", "contract", "legal_obligation", "legitimate_interest", NOT_STATED)
"""On which a face may be processed; the last one says that whoever enrolled it gave none."""
CONSENT_TEXT_VERSION = "1"
"""Of the catalogue's sentences for the bases; it changes when they change their meaning."""
MAX_LENGTH = 200
"""Characters of any one field."""


def create_employee(session: Session, fields: Mapping[str, Any], *, actor: str, now: datetime) -> Employee:
    """Adds an active person. `fields` has `code` and `name`, and may have the optional ones.

    Raises GspeError with code `employee_field_invalid` or `employee_code_taken`.
    """
    clean = clean_fields({**dict.fromkeys(REQUIRED), **fields})
    _refuse_taken(session, clean["code"])
    employee = Employee(**clean, active=True, created_at=now, updated_at=now)
    session.add(employee)
    session.flush()
    audit.append(session, now, actor, "employee.created", _subject(employee.id), _noted(clean))
    return employee


def update_employee(
    session: Session, employee_id: int, changes: Mapping[str, Any], *, actor: str, now: datetime
) -> Employee:
    """Sets the fields that `changes` names and leaves the others; None or "" clears an optional one.

    Raises GspeError with code `employee_unknown`, `employee_field_invalid` or `employee_code_taken`.
    """
    employee = find_employee(session, employee_id)
    clean = clean_fields(changes)
    before = {name: getattr(employee, name) for name in clean if getattr(employee, name) != clean[name]}
    if not before:
        return employee
    if "code" in before:
        _refuse_taken(session, clean["code"])
    after = {name: clean[name] for name in before}
    for name, value in after.items():
        setattr(employee, name, value)
    employee.updated_at = now
    params = {"before": _noted(before), "after": _noted(after)}
    audit.append(session, now, actor, "employee.updated", _subject(employee_id), params)
    return employee


def deactivate_employee(session: Session, employee_id: int, *, actor: str, now: datetime) -> Employee:
    """Ends recognition: the worker drops his templates at its next look at `gallery_revision`."""
    return _set_active(session, employee_id, active=False, actor=actor, now=now)


def reactivate_employee(session: Session, employee_id: int, *, actor: str, now: datetime) -> Employee:
    return _set_active(session, employee_id, active=True, actor=actor, now=now)


def record_consent(
    session: Session, employee_id: int, basis: str, text_version: str, *, actor: str, now: datetime
) -> Consent:
    """Notes on which basis a person's face is processed; needed before his first template."""
    find_employee(session, employee_id)
    if not basis.strip() or not text_version.strip():
        raise GspeError("a consent needs a basis and a text version; name both", code="consent_invalid")
    consent = Consent(
        employee_id=employee_id,
        basis=basis.strip(),
        text_version=text_version.strip(),
        recorded_at=now,
        recorded_by=actor,
    )
    session.add(consent)
    params = {"basis": consent.basis, "text_version": consent.text_version}
    audit.append(session, now, actor, "consent.recorded", _subject(employee_id), params)
    return consent


def has_consent(session: Session, employee_id: int) -> bool:
    valid = select(Consent.id).where(Consent.employee_id == employee_id, Consent.withdrawn_at.is_(None))
    return session.scalar(valid.limit(1)) is not None


def find_employee(session: Session, employee_id: int) -> Employee:
    """Raises GspeError with code `employee_unknown`."""
    employee = session.get(Employee, employee_id)
    if employee is None:
        raise GspeError(
            f"there is no employee with id {employee_id}; reload the list",
            code="employee_unknown",
            employee_id=employee_id,
        )
    return employee


def employee_by_code(session: Session, code: str) -> Employee | None:
    return session.scalar(select(Employee).where(Employee.code == clean_text(code)))


def clean_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The same fields, trimmed and in Unicode's composed form; empty optional ones are None.

    Raises GspeError (code `employee_field_invalid`, parameter `field`) for an unknown field, a value that is
    no text, one that is too long, and an empty code or name.
    """
    clean: dict[str, Any] = {}
    for name, value in fields.items():
        if name not in EDITABLE:
            raise _invalid(name, f"is no field of an employee; use {', '.join(EDITABLE)}")
        if value is not None and not isinstance(value, str):
            raise _invalid(name, "must be text")
        clean[name] = clean_text(value or "") or None
        if clean[name] is None and name in REQUIRED:
            raise _invalid(name, "must not be empty")
        if len(clean[name] or "") > MAX_LENGTH:
            raise _invalid(name, f"is longer than {MAX_LENGTH} characters; shorten it")
    return clean


def clean_text(value: str) -> str:
    """Runs of white space, control characters and halves of surrogate pairs become one space."""
    visible = "".join(" " if unicodedata.category(char) in {"Cc", "Cs"} else char for char in value)
    return " ".join(unicodedata.normalize("NFC", visible).split())


def _noted(fields: Mapping[str, Any]) -> dict[str, Any]:
    """As the trail keeps them: that a phone number changed, not which it is."""
    return {
        name: masked_phone(value) if name == "phone" and value else value for name, value in fields.items()
    }


def _set_active(session: Session, employee_id: int, *, active: bool, actor: str, now: datetime) -> Employee:
    employee = find_employee(session, employee_id)
    if employee.active == active:
        return employee
    if active and employee.deactivated_at is not None:
        away = (employee.deactivated_at, max(now, employee.deactivated_at))
        session.add(InactiveTime(employee_id=employee_id, started_at=away[0], ended_at=away[1]))
    employee.active = active
    employee.deactivated_at = None if active else now
    employee.updated_at = now
    action = "employee.reactivated" if active else "employee.deactivated"
    audit.append(session, now, actor, action, _subject(employee_id), {"code": employee.code})
    return employee


def _refuse_taken(session: Session, code: str) -> None:
    holder = employee_by_code(session, code)
    if holder is not None:
        state = "" if holder.active else ", who is inactive"
        raise GspeError(
            f"the code {code} belongs to {holder.name}{state}; use another code or edit that person",
            code="employee_code_taken",
            employee_code=code,
            employee_id=holder.id,
            name=holder.name,
        )


def _invalid(field: str, why: str) -> GspeError:
    return GspeError(f"{field} {why}", code="employee_field_invalid", field=field)


def _subject(employee_id: int) -> str:
    return f"employees:{employee_id}"
