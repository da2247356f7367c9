"""What somebody does with an alert: each step checks role and department and leaves an audit row.

Those named `…_one` are the deeds themselves, for the page and the REST API alike: the role was asked before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.domain.states import AlertAction, Role
from core.errors import AccessDenied, GspeError
from core.storage import audit, working_time
from core.storage.alerts import Deed, take_step
from core.storage.employees import MAX_LENGTH, clean_text
from core.storage.models import AlertLog, ExcusedAbsence
from dashboard.acting import Acting
from dashboard.attention import sight_of
from dashboard.auth import require
from dashboard.writes import refuse_foreign, write

LONGEST_SNOOZE = timedelta(days=7)
MOVED_ON = frozenset({"alert_moved_on", "alert_unknown", "department_not_yours"})
"""Why one of several alerts is passed over: it, or its person, is elsewhere meanwhile."""


@dataclass(frozen=True)
class Acknowledged:
    """Of several alerts at once; others had been dealt with before."""

    done: int
    moved_on: int


@dataclass(frozen=True)
class Excuse:
    """absent_until: until when the hours are entered as excused, from when he was last seen or expected."""

    reason: str
    absent_until: datetime | None = None


def acknowledge(alert_ids: Sequence[int]) -> Acknowledged:
    """Somebody sees to it. One that somebody else has dealt with stays as it is and is counted.

    So is, among several, one whose person is in another department by now; a single one is refused.
    """
    account = require(Role.SUPERVISOR)
    passed_over = MOVED_ON if len(alert_ids) > 1 else MOVED_ON - {"department_not_yours"}

    def work(session: Session, now: datetime) -> Acknowledged:
        moved_on = 0
        for alert_id in alert_ids:
            try:
                acknowledge_one(session, account, alert_id, now)
            except GspeError as error:
                if error.code not in passed_over:
                    raise
                moved_on += 1
        return Acknowledged(len(alert_ids) - moved_on, moved_on)

    return write(work)


def snooze(alert_id: int, until: datetime) -> None:
    """Nobody is asked for attention until then. Raises GspeError, code `alert_snooze_invalid`."""
    account = require(Role.SUPERVISOR)
    write(lambda session, now: snooze_one(session, account, alert_id, until, now))


def excuse(alert_id: int, reason: str, absent_until: datetime | None = None) -> None:
    """The employee may be away. With `absent_until`, which needs HR, the hours until then are entered as
    excused, from when he was last seen or expected.

    Raises GspeError, code `alert_reason_missing` or what `working_time.add` raises.
    """
    account = require(Role.SUPERVISOR if absent_until is None else Role.HR)
    given = Excuse(reason, absent_until)
    write(lambda session, now: excuse_one(session, account, alert_id, given, now))


def resolve(alert_id: int, note: str = "") -> None:
    """Ends an alert by hand, as when the worker cannot see that it is over."""
    account = require(Role.SUPERVISOR)
    write(lambda session, now: resolve_one(session, account, alert_id, note, now))


def acknowledge_one(session: Session, who: Acting, alert_id: int, now: datetime) -> AlertLog:
    return _step(session, who, alert_id, Deed(AlertAction.ACKNOWLEDGED, who.username, now))


def snooze_one(session: Session, who: Acting, alert_id: int, until: datetime, now: datetime) -> AlertLog:
    if not now < until <= now + LONGEST_SNOOZE:
        raise GspeError("choose a time to come, within 7 days", code="alert_snooze_invalid")
    return _step(session, who, alert_id, Deed(AlertAction.SNOOZED, who.username, now, until))


def excuse_one(session: Session, who: Acting, alert_id: int, given: Excuse, now: datetime) -> AlertLog:
    told = _told(given.reason)
    deed = Deed(AlertAction.EXCUSED, who.username, now, note=told)
    alert = _step(session, who, alert_id, deed)
    if given.absent_until is not None:
        hours = ExcusedAbsence(employee_id=alert.employee_id, ended_at=given.absent_until, reason=told)
        hours.started_at = alert.absent_since or alert.opened_at
        working_time.add(session, hours, actor=who.username, now=now)
    return alert


def resolve_one(session: Session, who: Acting, alert_id: int, note: str, now: datetime) -> AlertLog:
    told = clean_text(note)[:MAX_LENGTH]
    return _step(session, who, alert_id, Deed(AlertAction.RESOLVED, who.username, now, note=told))


def _step(session: Session, who: Acting, alert_id: int, deed: Deed) -> AlertLog:
    alert = session.get(AlertLog, alert_id)
    if alert is not None:
        _refuse_unseen(session, who, alert)
    alert = take_step(session, alert_id, deed)
    params: dict[str, Any] = {"kind": alert.kind, "employee_id": alert.employee_id}
    params |= {"until": deed.until.isoformat()} if deed.until else {}
    params |= {"note": deed.note} if deed.note else {}
    audit.append(session, deed.at, deed.actor, f"alert.{deed.action}", f"alert_logs:{alert_id}", params)
    return alert


def _refuse_unseen(session: Session, who: Acting, alert: AlertLog) -> None:
    if alert.employee_id is not None:
        refuse_foreign(session, who, alert.employee_id)
    elif not sight_of(who).whole_site:
        raise AccessDenied("this alert is for others; ask an administrator", code="alert_not_yours")


def _told(reason: str) -> str:
    clean = clean_text(reason)
    if not 0 < len(clean) <= MAX_LENGTH:
        raise GspeError(f"say why, in at most {MAX_LENGTH} characters", code="alert_reason_missing")
    return clean
