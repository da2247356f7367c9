"""Changes of the list of people, for the page and the REST API alike; whether he may was asked before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core.errors import GspeError
from core.storage import employees, queries
from core.storage.models import Employee
from dashboard.acting import Acting
from dashboard.writes import refuse_department, refuse_foreign


def save(
    session: Session, who: Acting, employee_id: int | None, fields: Mapping[str, Any], now: datetime
) -> Employee:
    """Adds an employee, or changes the one of that id.

    Raises AccessDenied for a department that is not his, and what `core.storage.employees` raises.
    """
    if "department" in fields or employee_id is None:
        refuse_department(who, fields.get("department") or None)
    if employee_id is not None:
        refuse_foreign(session, who, employee_id)
    try:
        if employee_id is None:
            return employees.create_employee(session, fields, actor=who.username, now=now)
        return employees.update_employee(session, employee_id, fields, actor=who.username, now=now)
    except GspeError as error:
        raise _unnamed(session, who, error) from error


def set_active(session: Session, who: Acting, employee_id: int, active: bool, now: datetime) -> Employee:
    change = employees.reactivate_employee if active else employees.deactivate_employee
    refuse_foreign(session, who, employee_id)
    return change(session, employee_id, actor=who.username, now=now)


def _unnamed(session: Session, who: Acting, error: GspeError) -> GspeError:
    """The refusal without the name of somebody whom he may not see."""
    if error.code != "employee_code_taken" or _sees(session, who, int(error.params["employee_id"])):
        return error
    code = error.params["employee_code"]
    return GspeError(
        f"somebody of another department has the code {code}; use another one",
        code="employee_code_taken_elsewhere",
        employee_code=code,
    )


def _sees(session: Session, who: Acting, employee_id: int) -> bool:
    return queries.employee(session, employee_id, who.departments) is not None
