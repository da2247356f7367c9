"""One write of the dashboard: a transaction, and the refusals that every command shares."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from core.errors import AccessDenied, GspeError
from core.storage import employees
from core.storage.retry import run_in_order
from dashboard import data
from dashboard.acting import Acting
from dashboard.database import writer

LOCK_BUDGET_S = 5.0
"""A person waits for the page: a locked database is said sooner than the worker would."""

T = TypeVar("T")


def refuse_department(who: Acting, department: str | None) -> None:
    if who.departments and department not in who.departments:
        raise AccessDenied("this department is not yours; choose one of yours", code="department_not_yours")


def refuse_foreign(session: Session, who: Acting, employee_id: int) -> None:
    refuse_department(who, employees.find_employee(session, employee_id).department)


def write(work: Callable[[Session, datetime], T]) -> T:
    """One transaction; what pages show afterwards is read anew."""
    now = datetime.now(UTC)
    try:
        return run_in_order(writer(), lambda session: work(session, now), budget_s=LOCK_BUDGET_S)
    finally:
        data.forget()


def rehearse(work: Callable[[Session, datetime], T]) -> T:
    """As `write`, of work that takes back what it wrote: a preview."""
    now = datetime.now(UTC)
    return run_in_order(writer(), lambda session: work(session, now), budget_s=LOCK_BUDGET_S)


def write_or(work: Callable[[Session, datetime], T], undo: Callable[[], None]) -> T:
    """As `write`; a refusal takes back what was stored beside the database."""
    try:
        return write(work)
    except GspeError:
        undo()
        raise
