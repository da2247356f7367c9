"""What an administrator does with records: logs, retention, holds and the audit trail.

Each change leaves its audit row.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import TypeVar

from sqlalchemy.orm import Session

from core.domain.states import Role
from core.errors import AccessDenied, GspeError
from core.storage import audit, audit_list, holds, reset_logs, retention
from core.storage.audit_list import AuditFilter, AuditRow
from core.storage.models import LegalHold
from core.storage.reset_logs import ResetCount, ResetOrder, ResetRequest, ResetResult
from core.storage.retry import run_in_order
from dashboard import data
from dashboard.acting import Acting
from dashboard.auth import Account, require
from dashboard.database import reader, site_paths, writer
from dashboard.writes import LOCK_BUDGET_S, refuse_foreign, write

VERIFIED_ROWS = 20_000
"""So many of the newest are checked while somebody waits."""
VERIFY_COMMAND = "python -m core.storage.audit verify"
"""For the whole trail, however long that takes."""
MOST_EXPORTED = 100_000

T = TypeVar("T")


def require_whole_site() -> Account:
    """An administrator who answers for everybody. Raises AccessDenied, code `site_wide_only` among others."""
    account = require(Role.ADMIN)
    refuse_limited(account)
    return account


def refuse_limited(who: Acting) -> None:
    """Raises AccessDenied, code `site_wide_only`, for who is limited to departments."""
    if who.departments:
        raise AccessDenied(
            "this concerns everybody on the site; ask an administrator without limits", code="site_wide_only"
        )


def count_logs(request: ResetRequest) -> ResetCount:
    """What a reset would delete now."""
    require_whole_site()
    return _read(lambda session: reset_logs.count(session, request, data.zone()))


def reset(request: ResetRequest, counted: ResetCount, word: str, wanted: str) -> ResetResult:
    """Deletes what was counted.

    Raises GspeError, code `reset_not_confirmed` for a wrong word, `reset_counted_anew` when more would go.
    """
    account = require_whole_site()
    if word.strip().casefold() != wanted.casefold():
        raise GspeError(f"type {wanted} to confirm", code="reset_not_confirmed", word=wanted)
    return reset_by(account, request, counted)


def reset_by(who: Acting, request: ResetRequest, counted: ResetCount | None = None) -> ResetResult:
    """The reset itself, for the page and the REST API alike; whether he may was asked before.

    counted: what he was shown, if he was.
    """
    refuse_limited(who)
    order = ResetOrder(request, data.zone(), who.username, datetime.now(UTC), counted)
    try:
        return reset_logs.delete(writer(), site_paths(), order, lock_budget_s=LOCK_BUDGET_S)
    finally:
        data.forget()


def what_would_go() -> retention.Plan:
    """The dry run of retention."""
    require_whole_site()
    parameters = data.settings_store().load_parameters().value
    return retention.due(reader(), site_paths(), parameters, datetime.now(UTC))


def place_hold(employee_id: int | None, first: date | None, last: date | None, reason: str) -> None:
    account = require(Role.ADMIN)

    def work(session: Session, now: datetime) -> None:
        if employee_id is not None:
            refuse_foreign(session, account, employee_id)
        hold = LegalHold(employee_id=employee_id, first_date=first, last_date=last, reason=reason)
        holds.place(session, hold, actor=account.username, now=now)

    write(work)


def lift_hold(hold_id: int) -> None:
    account = require(Role.ADMIN)

    def work(session: Session, now: datetime) -> None:
        hold = session.get(LegalHold, hold_id)
        if hold is not None:
            refuse_foreign(session, account, hold.employee_id)
        holds.lift(session, hold_id, actor=account.username, now=now)

    write(work)


def verify_audit() -> audit.Checked:
    """The chain of the newest rows; that it was asked for is noted."""
    account = require_whole_site()
    checked = _read(lambda session: audit.verify_newest(session, VERIFIED_ROWS))
    params = {
        "rows": checked.rows,
        "whole": checked.whole,
        "broken_at": checked.found and checked.found.row_id,
    }
    write(
        lambda session, now: audit.append(
            session, now, account.username, "audit.verified", "audit_log", params
        )
    )
    return checked


def audit_export(who: Acting, chosen: AuditFilter) -> list[AuditRow]:
    """The rows that the filter leaves, newest first, to be taken away, which is noted.

    That he is an administrator was asked before.
    """
    refuse_limited(who)
    found = _read(lambda session: audit_list.rows(session, chosen, 0, MOST_EXPORTED))
    params = {"rows": len(found), "format": "csv"}
    params |= {"from": chosen.start_at.isoformat(), "until": chosen.end_at.isoformat()}
    note = partial(audit.append, action="audit.exported", subject="audit_log", params=params)
    write(lambda session, now: note(session, at=now, actor=who.username))
    return found


def _read(work: Callable[[Session], T]) -> T:
    """Not from the pages' shared answers: this is asked for at this very moment."""
    return run_in_order(reader(), work, budget_s=LOCK_BUDGET_S)
