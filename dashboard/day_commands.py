"""The writes about days: corrections, month locks, pauses, camera ties and judging again.

Each checks role and departments again and leaves an audit row in its transaction.
"""

from collections.abc import Callable, Collection
from datetime import date, datetime

from sqlalchemy.orm import Session

from core.domain.states import CorrectionState, Role
from core.errors import GspeError
from core.settings import Parameters
from core.storage import corrections, month_locks, pauses, recompute, ties
from core.storage.corrections import Deed, Entry
from core.storage.work_days import Only
from dashboard import data
from dashboard.auth import Account, require
from dashboard.database import reader
from dashboard.writes import refuse_department, refuse_foreign, write

MOST_DAYS = 92
"""A page waits while days are judged; the command takes any range."""


def parameters() -> Parameters:
    return data.settings_store().load_parameters().value


def correct_day(employee_id: int, day: date, entry: Entry) -> CorrectionState:
    """Whether it holds at once or waits for a second person."""
    account, settings = require(Role.SUPERVISOR), parameters()

    def work(session: Session, now: datetime) -> CorrectionState:
        refuse_foreign(session, account, employee_id)
        deed = Deed(account.username, now, settings)
        return CorrectionState(corrections.correct(session, employee_id, day, entry, deed).state)

    return write(work)


def decide_correction(correction_id: int, *, approve: bool, note: str) -> None:
    account, settings = require(Role.SUPERVISOR), parameters()

    def work(session: Session, now: datetime) -> None:
        refuse_foreign(session, account, corrections.find_correction(session, correction_id).employee_id)
        deed = Deed(account.username, now, settings)
        corrections.decide(session, correction_id, deed, approve=approve, note=note)

    write(work)


def lock_month(month: date) -> None:
    """For everybody, so that who is limited to departments may not."""
    account = require(Role.HR)
    refuse_department(account, None)
    settings = parameters()
    write(lambda session, now: month_locks.lock(session, month, settings, actor=account.username, now=now))


def unlock_month(month: date, reason: str) -> None:
    account = require(Role.ADMIN)
    refuse_department(account, None)
    write(lambda session, now: month_locks.unlock(session, month, reason, actor=account.username, now=now))


def begin_pause(until: datetime, reason: str, *, stops_recognition: bool) -> None:
    """It concerns the whole site: HR or above, and nobody who is limited to departments."""
    account = require(Role.HR)
    refuse_department(account, None)

    def work(session: Session, now: datetime) -> None:
        actor = account.username
        pauses.begin(session, until, reason, stops_recognition=stops_recognition, actor=actor, now=now)

    write(work)


def lift_pause(pause_id: int) -> None:
    account = require(Role.HR)
    refuse_department(account, None)
    write(lambda session, now: pauses.lift(session, pause_id, actor=account.username, now=now))


def set_ties(employee_id: int | None, cameras: Collection[int], locations: Collection[str]) -> None:
    account = require(Role.HR)
    if employee_id is None:
        raise GspeError("choose the employee", code="working_time_incomplete")

    def work(session: Session, now: datetime) -> None:
        refuse_foreign(session, account, employee_id)
        ties.set_ties(session, employee_id, cameras, locations, actor=account.username, now=now)

    write(work)


def preview_days(first: date, last: date, now: datetime) -> recompute.Preview:
    """What judging again would change of the people this account may see."""
    days = _range(require(Role.HR), first, last, now)
    with Session(reader()) as session:
        return recompute.preview(session, days)


def recompute_days(first: date, last: date, now: datetime) -> recompute.Outcome:
    account = require(Role.HR)
    days = _range(account, first, last, now)
    with Session(reader()) as session:
        return recompute.apply(session, _commit, days, account.username)


def _range(account: Account, first: date, last: date, now: datetime) -> recompute.Range:
    if (last - first).days >= MOST_DAYS:
        raise GspeError(
            f"choose at most {MOST_DAYS} days, or use python -m core.attendance recompute",
            code="recompute_too_long",
            days=MOST_DAYS,
        )
    return recompute.Range(first, last, parameters(), now, Only(account.departments))


def _commit(work: Callable[[Session], int]) -> int:
    return write(lambda session, _now: work(session))
