"""Legal holds: whose records of which days nothing may remove until the hold is lifted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, func, not_, or_, select, true
from sqlalchemy.orm import Session

from core.domain.schedule import day_bounds
from core.errors import GspeError
from core.storage import audit
from core.storage.employees import MAX_LENGTH, clean_text, find_employee
from core.storage.models import Employee, LegalHold

MARGIN = timedelta(days=2)
"""What happened is held for so much longer on both sides: a night shift reaches into the day after."""
MOST_IN_FORCE = 200
"""Each is a condition of every deletion, of which SQLite takes some hundreds."""


@dataclass(frozen=True)
class HoldRow:
    id: int
    employee_id: int
    code: str
    name: str
    department: str | None
    first_date: date
    last_date: date
    reason: str
    placed_at: datetime
    placed_by: str
    lifted_at: datetime | None
    lifted_by: str | None


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold in force. What happened from start_at to end_at is held with its days."""

    employee_id: int
    first_date: date
    last_date: date
    start_at: datetime
    end_at: datetime


class Holds:
    """Those in force, as conditions for what may be removed."""

    def __init__(self, holds: Iterable[Hold]) -> None:
        self.holds = tuple(holds)

    @property
    def first_at(self) -> datetime | None:
        """From when on anything is held."""
        return min((hold.start_at for hold in self.holds), default=None)

    def is_held(self, employee_id: int | None, at: datetime) -> bool:
        return any(
            hold.employee_id == employee_id and hold.start_at <= at < hold.end_at for hold in self.holds
        )

    def free(
        self, employee_id: SQLColumnExpression[Any], at: SQLColumnExpression[Any]
    ) -> ColumnElement[bool]:
        """Rows about nobody, and those that happened to people in no time that is held."""
        return self._free(
            employee_id,
            [
                and_(employee_id == hold.employee_id, at >= hold.start_at, at < hold.end_at)
                for hold in self.holds
            ],
        )

    def free_days(
        self, employee_id: SQLColumnExpression[Any], day: SQLColumnExpression[Any]
    ) -> ColumnElement[bool]:
        """As `free`, for rows of a day."""
        return self._free(
            employee_id,
            [
                and_(employee_id == hold.employee_id, day.between(hold.first_date, hold.last_date))
                for hold in self.holds
            ],
        )

    def free_of_anybody(
        self, started_at: SQLColumnExpression[Any], ended_at: SQLColumnExpression[Any]
    ) -> ColumnElement[bool]:
        """Rows about no person, without which a held day could not be explained."""
        held = [and_(started_at < hold.end_at, ended_at >= hold.start_at) for hold in self.holds]
        return not_(or_(*held)) if held else true()

    @staticmethod
    def _free(employee_id: SQLColumnExpression[Any], held: list[ColumnElement[bool]]) -> ColumnElement[bool]:
        return or_(employee_id.is_(None), not_(or_(*held))) if held else true()


def holds_in_force(session: Session, zone: ZoneInfo) -> Holds:
    rows = session.scalars(select(LegalHold).where(LegalHold.lifted_at.is_(None)))
    return Holds(
        Hold(
            row.employee_id,
            row.first_date,
            row.last_date,
            day_bounds(row.first_date - MARGIN, zone)[0],
            day_bounds(row.last_date + MARGIN, zone)[1],
        )
        for row in rows
    )


def list_holds(session: Session, departments: tuple[str, ...] = ()) -> list[HoldRow]:
    """Those in force first, then those that were lifted, each with the newest first."""
    query: Select[*tuple[Any, ...]] = (
        select(
            LegalHold.id,
            Employee.id,
            Employee.code,
            Employee.name,
            Employee.department,
            LegalHold.first_date,
            LegalHold.last_date,
            LegalHold.reason,
            LegalHold.placed_at,
            LegalHold.placed_by,
            LegalHold.lifted_at,
            LegalHold.lifted_by,
        )
        .join(Employee, Employee.id == LegalHold.employee_id)
        .order_by(LegalHold.lifted_at.is_not(None), LegalHold.id.desc())
    )
    if departments:
        query = query.where(Employee.department.in_(departments))
    return [HoldRow(*row) for row in session.execute(query)]


def place(session: Session, hold: LegalHold, *, actor: str, now: datetime) -> LegalHold:
    """Holds a person's records of some days, inclusive. `hold` names person, days and reason.

    Raises GspeError, code `hold_invalid`, `holds_too_many` or `employee_unknown`.
    """
    hold.reason = clean_text(hold.reason or "")
    days_fit = None not in (hold.employee_id, hold.first_date, hold.last_date)
    if not days_fit or hold.first_date > hold.last_date or not 0 < len(hold.reason) <= MAX_LENGTH:
        raise GspeError(
            "a hold needs an employee, a last day that is not before the first, and a reason of at most "
            f"{MAX_LENGTH} characters",
            code="hold_invalid",
        )
    find_employee(session, hold.employee_id)
    in_force = session.scalar(select(func.count(LegalHold.id)).where(LegalHold.lifted_at.is_(None))) or 0
    if in_force >= MOST_IN_FORCE:
        raise GspeError(
            f"{in_force} holds are in force, which is the most; lift one first",
            code="holds_too_many",
            count=in_force,
        )
    hold.placed_at, hold.placed_by = now, actor
    session.add(hold)
    session.flush()
    audit.append(session, now, actor, "hold.placed", f"legal_holds:{hold.id}", _params(hold))
    return hold


def lift(session: Session, hold_id: int, *, actor: str, now: datetime) -> LegalHold:
    """From now on retention removes what its time is over. Raises GspeError, code `hold_unknown`."""
    hold = session.get(LegalHold, hold_id)
    if hold is None or hold.lifted_at is not None:
        raise GspeError("this hold was lifted already; reload the page", code="hold_unknown")
    hold.lifted_at, hold.lifted_by = now, actor
    audit.append(session, now, actor, "hold.lifted", f"legal_holds:{hold.id}", _params(hold))
    return hold


def _params(hold: LegalHold) -> dict[str, Any]:
    return {
        "employee_id": hold.employee_id,
        "first_date": hold.first_date.isoformat(),
        "last_date": hold.last_date.isoformat(),
        "reason": hold.reason,
    }
