"""Months that are closed: their judged days and corrections change no more until somebody unlocks them."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from core.domain.schedule import ONE_DAY, attendance_day, day_bounds
from core.domain.states import CorrectionState
from core.errors import GspeError
from core.settings import Parameters
from core.storage import audit
from core.storage.employees import MAX_LENGTH, clean_text
from core.storage.models import Correction, Employee, JudgedDay, MonthLock
from core.storage.rulebook import read_rulebook
from core.storage.work_days import employed


@dataclass(frozen=True, slots=True)
class LockRow:
    month: date
    locked_at: datetime
    locked_by: str


def month_of(day: date) -> date:
    """The first day of its month, which is how a month is named here."""
    return day.replace(day=1)


def last_day_of(month: date) -> date:
    return month_of(month_of(month) + 31 * ONE_DAY) - ONE_DAY


def locks(session: Session) -> list[LockRow]:
    """The latest month first."""
    rows = session.scalars(select(MonthLock).order_by(MonthLock.month.desc()))
    return [LockRow(row.month, row.locked_at, row.locked_by) for row in rows]


def locked_months(session: Session) -> frozenset[date]:
    return frozenset(session.scalars(select(MonthLock.month)))


def locked_between(session: Session, first: date, last: date) -> list[date]:
    """The locked months that reach into these days, oldest first."""
    return sorted(month for month in locked_months(session) if month_of(first) <= month <= last)


def refuse_locked(session: Session, day: date) -> None:
    """Raises GspeError, code `month_locked`."""
    if month_of(day) in locked_months(session):
        raise GspeError(
            f"the month of {day} is locked; an administrator can unlock it",
            code="month_locked",
            month=f"{day:%Y-%m}",
        )


def lock(session: Session, month: date, parameters: Parameters, *, actor: str, now: datetime) -> None:
    """Closes a month that is over, judged and without corrections that wait.

    Raises GspeError, code `month_not_over`, `month_not_judged`, `month_has_pending` or `month_locked`.
    """
    first, last = month_of(month), last_day_of(month)
    refuse_locked(session, first)
    if attendance_day(now, parameters.zone) <= last:
        raise GspeError("this month is not over; lock it when it is", code="month_not_over")
    if not _is_judged(session, first, last, parameters):
        raise GspeError(
            "some days of this month are not judged to their end; let the worker run, or recompute the month",
            code="month_not_judged",
        )
    waiting = exists().where(Correction.day.between(first, last), Correction.state == CorrectionState.PENDING)
    if session.scalar(select(waiting)):
        raise GspeError("corrections of this month wait; decide them first", code="month_has_pending")
    session.add(MonthLock(month=first, locked_at=now, locked_by=actor))
    audit.append(session, now, actor, "month.locked", f"month_locks:{first:%Y-%m}", {})


def unlock(session: Session, month: date, reason: str, *, actor: str, now: datetime) -> None:
    """Opens a month again. Raises GspeError, code `month_not_locked` or `reason_missing`."""
    row = session.scalar(select(MonthLock).where(MonthLock.month == month_of(month)))
    if row is None:
        raise GspeError("this month is not locked; reload the page", code="month_not_locked")
    why = clean_text(reason)
    if not 0 < len(why) <= MAX_LENGTH:
        raise GspeError("say why, in at most 200 characters", code="reason_missing")
    session.delete(row)
    params = {"reason": why, "locked_by": row.locked_by, "locked_at": row.locked_at.isoformat()}
    audit.append(session, now, actor, "month.unlocked", f"month_locks:{row.month:%Y-%m}", params)


def _is_judged(session: Session, first: date, last: date, parameters: Parameters) -> bool:
    """Whether everybody has rows of all days on which he was employed, and none may change by itself."""
    rows = select(JudgedDay.employee_id, JudgedDay.day, JudgedDay.is_final)
    final: set[tuple[int, date]] = set()
    for employee_id, day, is_final in session.execute(rows.where(JudgedDay.day.between(first, last))):
        if not is_final:
            return False
        final.add((employee_id, day))
    roster = read_rulebook(session, first, last, parameters).calendar.roster
    begins = day_bounds(first - ONE_DAY, parameters.zone)[0]
    stayed = or_(Employee.deactivated_at.is_(None), Employee.deactivated_at >= begins)
    days = [first + n * ONE_DAY for n in range((last - first).days + 1)]
    return not any(
        employed(person, roster.day_bounds(person.id, person.department, day))
        for person in session.scalars(select(Employee).where(stayed))
        for day in days
        if (person.id, day) not in final
    )
