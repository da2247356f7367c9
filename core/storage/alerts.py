"""Alerts as rows: opened with what is to be told of them, led through their life, each step with who and
when.

Nothing here commits; the outbox row is in the transaction of the alert.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.domain.alerts import UNSETTLED, state_after
from core.domain.states import AlertAction, AlertKind, AlertResolution, AlertState, ChangeKind
from core.errors import GspeError
from core.storage import changes
from core.storage.models import AlertLog, AlertStep, Camera, Employee, NotificationOutbox

SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody does with an alert. until: the end of a snooze. note: why, as for an excuse."""

    action: AlertAction
    actor: str
    at: datetime
    until: datetime | None = None
    note: str = ""


def open_alert(session: Session, alert: AlertLog) -> AlertLog:
    """Adds an alert, its first step and the message about it."""
    alert.state = AlertState.OPEN
    session.add(alert)
    session.flush()
    _note(session, alert, Deed(AlertAction.OPENED, SYSTEM, alert.opened_at))
    changes.note_alert(session, ChangeKind.ALERT_LOG_CREATED, alert, alert.opened_at)
    tell(session, alert, alert.opened_at)
    return alert


def tell(
    session: Session, alert: AlertLog, at: datetime, *, level: int = 1, end: AlertKind | None = None
) -> NotificationOutbox:
    """A message about the alert to the recipients of a level. end: as what its end is told."""
    row = NotificationOutbox(alert_id=alert.id, kind=end or alert.kind, level=level, created_at=at)
    row.params = _params(session, alert) | {"at": at.isoformat()}
    session.add(row)
    return row


def resolve(
    session: Session, which: ColumnElement[bool], resolution: AlertResolution, at: datetime
) -> Sequence[AlertLog]:
    """Ends those of the unsettled alerts that meet the condition, because what they told of ended."""
    found = session.scalars(
        select(AlertLog).where(which, AlertLog.state.in_(sorted(UNSETTLED))).order_by(AlertLog.id)
    ).all()
    for alert in found:
        _end(alert, resolution, at)
        _note(session, alert, Deed(AlertAction.RESOLVED, SYSTEM, at))
        changes.note_alert(session, ChangeKind.ALERT_LOG_CHANGED, alert, at)
    session.flush()
    return found


def take_step(session: Session, alert_id: int, deed: Deed) -> AlertLog:
    """Leads an alert on.

    Raises GspeError, code `alert_unknown`, or `alert_moved_on` when somebody else was faster.
    """
    alert = session.get(AlertLog, alert_id)
    if alert is None:
        raise GspeError("this alert is gone; reload the page", code="alert_unknown")
    try:
        state = state_after(AlertKind(alert.kind), AlertState(alert.state), deed.action)
    except ValueError as error:
        raise GspeError(
            f"this alert is {alert.state} meanwhile; reload the page", code="alert_moved_on"
        ) from error
    if deed.action is AlertAction.RESOLVED:
        _end(alert, AlertResolution.BY_HAND, deed.at)
    alert.state = state
    alert.snoozed_until = deed.until if deed.action is AlertAction.SNOOZED else None
    if deed.action is AlertAction.ESCALATED:
        alert.escalated_at = deed.at
    _note(session, alert, deed)
    changes.note_alert(session, ChangeKind.ALERT_LOG_CHANGED, alert, deed.at)
    session.flush()
    return alert


def _end(alert: AlertLog, resolution: AlertResolution, at: datetime) -> None:
    since = alert.absent_since or alert.opened_at
    alert.state, alert.resolution, alert.resolved_at = AlertState.RESOLVED, resolution, at
    alert.snoozed_until = None
    alert.duration_s = (at - since).total_seconds() if at >= since else None  # the clock was set back


def _note(session: Session, alert: AlertLog, deed: Deed) -> None:
    step = AlertStep(alert_id=alert.id, action=deed.action, at=deed.at, actor=deed.actor)
    step.until, step.note = deed.until, deed.note
    session.add(step)


def _params(session: Session, alert: AlertLog) -> dict[str, Any]:
    """What a message says, for who has no database at hand."""
    employee = session.get(Employee, alert.employee_id) if alert.employee_id is not None else None
    camera = session.get(Camera, alert.camera_id) if alert.camera_id is not None else None
    params: dict[str, Any] = {
        "name": employee.name if employee else None,
        "code": employee.code if employee else None,
        "department": employee.department if employee else None,
        "camera": camera.name if camera else None,
        "location": (camera.location or None) if camera else None,
        "cause": alert.cause,
        "day": alert.attendance_date.isoformat() if alert.attendance_date else None,
        "since": (alert.absent_since or alert.opened_at).isoformat(),
    }
    return {name: value for name, value in params.items() if value is not None}
