"""Sums of judged days, person by person, counted by the database."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.domain.states import DayStatus
from core.domain.summary import Totals
from core.storage.models import Employee, JudgedDay


@dataclass(frozen=True, slots=True)
class PersonSums:
    employee_id: int
    code: str
    name: str
    department: str | None
    totals: Totals


def of_people(
    session: Session, first: date, last: date, departments: Collection[str] = ()
) -> list[PersonSums]:
    """What `core.domain.summary.total` makes of everybody's stored days, in order of name."""
    query = (
        select(
            *(Employee.id, Employee.code, Employee.name, Employee.department),
            *(_count(JudgedDay.status == status) for status in DayStatus),
            *(_sum(JudgedDay.working_s), _sum(JudgedDay.present_s)),
            *(_count(JudgedDay.late_s > 0), _sum(JudgedDay.late_s)),
            *(_count(JudgedDay.left_early_s > 0), _sum(JudgedDay.left_early_s)),
            *(_sum(JudgedDay.overtime_s), _sum(JudgedDay.not_seen_s), _sum(JudgedDay.not_observable_s)),
        )
        .join(Employee, Employee.id == JudgedDay.employee_id)
        .where(JudgedDay.day.between(first, last))
        .group_by(Employee.id)
        .order_by(Employee.name, Employee.id)
    )
    if departments:
        query = query.where(Employee.department.in_(sorted(departments)))
    return [PersonSums(*row[:4], _totals(row[4:])) for row in session.execute(query)]


def _totals(row: Any) -> Totals:
    counts = {status: count for status, count in zip(DayStatus, row, strict=False) if count}
    working, present, late_times, late, early_times, early, overtime, missing, dark = row[len(DayStatus) :]
    return Totals(
        days=counts,
        working=timedelta(seconds=working),
        present=timedelta(seconds=present),
        late_times=late_times,
        late_by=timedelta(seconds=late),
        left_early_times=early_times,
        left_early_by=timedelta(seconds=early),
        overtime=timedelta(seconds=overtime),
        missing=timedelta(seconds=missing),
        not_observable=timedelta(seconds=dark),
        coverage=(working - dark) / working if working else None,
    )


def _count(which: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((which, 1), else_=0))


def _sum(column: InstrumentedAttribute[int]) -> ColumnElement[int]:
    return func.sum(column)
