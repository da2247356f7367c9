"""What the domain learned of people who are missed, or unknown, as alerts."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.domain.events import AbsenceAlerted, AbsenceEnded, ArrivalMissed, ArrivalSettled, UnknownPersonSeen
from core.domain.states import AlertKind, AlertResolution, AlertState
from core.storage.alerts import open_alert, resolve, tell
from core.storage.models import AlertLog
from core.storage.presence_row import presence_of


def record_alert(
    session: Session, event: AbsenceAlerted | AbsenceEnded | ArrivalMissed | ArrivalSettled
) -> None:
    match event:
        case AbsenceAlerted():
            _open_absence(session, event)
        case AbsenceEnded():
            _end_absence(session, event)
        case ArrivalMissed():
            _open_missed_arrival(session, event)
        case ArrivalSettled():
            which = (AlertLog.kind == AlertKind.NOT_ARRIVED) & (AlertLog.attendance_date == event.day)
            which &= AlertLog.employee_id == event.employee_id
            resolve(session, which, event.resolution, event.ended_at)


def open_unknown(session: Session, event: UnknownPersonSeen) -> None:
    alert = AlertLog(kind=AlertKind.UNKNOWN_PERSON, camera_id=event.camera_id, opened_at=event.seen_at)
    alert.picture_path = event.picture_path
    open_alert(session, alert)


def end_unknown(session: Session, before: datetime, now: datetime) -> None:
    """Ends alerts of unknown people from before `before`, the beginning of the day."""
    which = (AlertLog.kind == AlertKind.UNKNOWN_PERSON) & (AlertLog.opened_at < before)
    resolve(session, which, AlertResolution.DAY_ENDED, now)


def last_unknown(session: Session, since: datetime) -> dict[int, datetime]:
    """When each camera last raised an alert of an unknown person, of those since then."""
    rows = session.execute(
        select(AlertLog.camera_id, func.max(AlertLog.opened_at))
        .where(AlertLog.kind == AlertKind.UNKNOWN_PERSON, AlertLog.opened_at >= since)
        .group_by(AlertLog.camera_id)
    )
    return {camera_id: at for camera_id, at in rows if camera_id is not None}


def _open_absence(session: Session, event: AbsenceAlerted) -> None:
    open_alert(
        session,
        AlertLog(
            kind=AlertKind.ABSENT,
            employee_id=event.employee_id,
            camera_id=event.camera_id,
            absent_since=event.absent_since,
            opened_at=event.opened_at,
        ),
    )
    presence = presence_of(session, event.employee_id, event.absent_since)
    presence.alerted_absence_at, presence.last_alert_opened_at = event.absent_since, event.opened_at


def _end_absence(session: Session, event: AbsenceEnded) -> None:
    """Ends the alert; a return is told, unless somebody had excused the absence."""
    which = (AlertLog.kind == AlertKind.ABSENT) & (AlertLog.absent_since == event.absent_since)
    which &= AlertLog.employee_id == event.employee_id
    excused = session.scalar(select(AlertLog.id).where(which, AlertLog.state == AlertState.EXCUSED))
    ended = resolve(session, which, event.resolution, event.ended_at)
    if ended and excused is None and event.resolution is AlertResolution.RETURNED:
        tell(session, ended[0], event.ended_at, end=AlertKind.CAME_BACK)


def _open_missed_arrival(session: Session, event: ArrivalMissed) -> None:
    alert = AlertLog(kind=AlertKind.NOT_ARRIVED, employee_id=event.employee_id)
    alert.attendance_date, alert.absent_since = event.day, event.expected_at
    alert.opened_at = event.opened_at
    open_alert(session, alert)
    presence_of(session, event.employee_id, event.opened_at).not_arrived_date = event.day
