"""Corrections as pages list them: those that wait, those of a day, and the newest of all."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.domain.states import CorrectionState
from core.storage.models import Correction, Employee

NEWEST = 200


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """before, after: the day's figures as `corrections.figures` tells them."""

    id: int
    employee_id: int
    code: str
    name: str
    department: str | None
    day: date
    first_in_at: datetime | None
    last_out_at: datetime | None
    status: str | None
    note: str
    reason: str
    author: str
    created_at: datetime
    before: dict[str, Any]
    after: dict[str, Any]
    state: str
    decided_by: str | None
    decided_at: datetime | None
    decision_note: str

    @property
    def withdraws(self) -> bool:
        """Whether it leaves everything to the cameras."""
        return self.first_in_at is None and self.last_out_at is None and self.status is None and not self.note


def waiting(session: Session, departments: Collection[str] = ()) -> list[CorrectionRow]:
    """Those on which a second person has to decide, the oldest first."""
    query = _query(departments).where(Correction.state == CorrectionState.PENDING)
    return _rows(session, query.order_by(Correction.created_at, Correction.id))


def newest(session: Session, departments: Collection[str] = ()) -> list[CorrectionRow]:
    """The latest of all, at most `NEWEST`."""
    return _rows(session, _query(departments).order_by(Correction.id.desc()).limit(NEWEST))


def of_day(session: Session, employee_id: int, day: date) -> list[CorrectionRow]:
    """Every correction of a person's day, the newest first."""
    query = _query(()).where(Correction.employee_id == employee_id, Correction.day == day)
    return _rows(session, query.order_by(Correction.id.desc()))


def _query(departments: Collection[str]) -> Select[*tuple[Any, ...]]:
    query = select(
        *(Correction.id, Correction.employee_id, Employee.code, Employee.name, Employee.department),
        *(Correction.day, Correction.first_in_at, Correction.last_out_at, Correction.status),
        *(Correction.note, Correction.reason, Correction.author, Correction.created_at),
        *(Correction.before, Correction.after, Correction.state),
        *(Correction.decided_by, Correction.decided_at, Correction.decision_note),
    ).join(Employee, Employee.id == Correction.employee_id)
    if departments:
        query = query.where(Employee.department.in_(sorted(departments)))
    return query


def _rows(session: Session, query: Select[*tuple[Any, ...]]) -> list[CorrectionRow]:
    return [CorrectionRow(*row) for row in session.execute(query)]
