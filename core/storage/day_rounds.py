"""Which days are to be judged now, and when each was judged last."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.domain.schedule import ONE_DAY, attendance_day
from core.settings import Parameters
from core.storage import judged_days
from core.storage.models import Employee, MaintenanceRun, Visit
from core.storage.month_locks import locked_months, month_of
from core.storage.rulebook import read_rulebook
from core.storage.work_days import Rulebook, employed

KIND = "work_days"
LIVE_DAYS = 3
"""Today and the days before it that may still go on; tomorrow may have begun: shifts cross midnight."""


def going_on(session: Session, today: date, parameters: Parameters, now: datetime) -> dict[date, list[int]]:
    """Whose day is not final yet, day by day, the latest first; those that have not begun are left out."""
    first, last = today - (LIVE_DAYS - 1) * ONE_DAY, today + ONE_DAY
    book = read_rulebook(session, first, last, parameters)
    everybody = session.scalars(select(Employee).order_by(Employee.id)).all()
    found = {
        day: list(_begun(everybody, judged_days.finished(session, day), day, book, now))
        for day in _back(last, first)
    }
    found |= {day: sorted(who) for day, who in judged_days.unfinished(session, first - ONE_DAY).items()}
    locked = locked_months(session)
    return {day: who for day, who in found.items() if who and month_of(day) not in locked}


def missed(session: Session, today: date, parameters: Parameters) -> list[date]:
    """Days that are over for everybody and were never judged to their end, the latest first.

    They reach back to the first fact, or as far as attendance is kept; locked months are left out.
    """
    last = today - LIVE_DAYS * ONE_DAY
    begun = [
        at
        for at in (
            session.scalar(select(func.min(Employee.created_at))),
            session.scalar(select(func.min(Visit.arrived_at))),
        )
        if at is not None
    ]
    if not begun:
        return []
    oldest_kept = today - timedelta(days=parameters.attendance_retention_days)
    first = max(attendance_day(min(begun), parameters.zone), oldest_kept)
    done, locked = completed(session, first, last), locked_months(session)
    return [day for day in _back(last, first) if day not in done and month_of(day) not in locked]


def note(session: Session, day: date, now: datetime, *, complete: bool) -> None:
    """A day was judged for everybody concerned; complete: for good."""
    run = session.scalar(
        select(MaintenanceRun).where(MaintenanceRun.kind == KIND, MaintenanceRun.site_date == day)
    )
    if run is None:
        run = MaintenanceRun(kind=KIND, site_date=day, started_at=now)
        session.add(run)
    run.finished_at, run.result = now, {"complete": complete}


def as_of(session: Session, day: date) -> datetime | None:
    """When the day was last judged; None while it never was."""
    return session.scalar(
        select(MaintenanceRun.finished_at).where(MaintenanceRun.kind == KIND, MaintenanceRun.site_date == day)
    )


def _begun(
    people: Collection[Employee], done: Collection[int], day: date, book: Rulebook, now: datetime
) -> Iterator[int]:
    for person in people:
        if person.id not in done:
            bounds = book.calendar.roster.day_bounds(person.id, person.department, day)
            if bounds[0] <= now and employed(person, bounds):
                yield person.id


def completed(session: Session, first: date, last: date) -> set[date]:
    """The days between two dates, inclusive, that were judged for everybody and for good."""
    rows = session.execute(
        select(MaintenanceRun.site_date, MaintenanceRun.result).where(
            MaintenanceRun.kind == KIND, MaintenanceRun.site_date.between(first, last)
        )
    )
    return {day for day, result in rows if result.get("complete")}


def _back(last: date, first: date) -> Iterator[date]:
    day = last
    while day >= first:
        yield day
        day -= ONE_DAY
