"""What the domain learned of people who are missed, as alerts."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.events import AbsenceAlerted, AbsenceEnded, ArrivalMissed, ArrivalSettled
from core.domain.states import AlertKind, AlertResolution, AlertState
from core.storage.alerts import open_alert, resolve
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
        notice = AlertLog(kind=AlertKind.CAME_BACK, employee_id=event.employee_id)
        notice.absent_since, notice.opened_at = event.absent_since, event.ended_at
        notice.duration_s = ended[0].duration_s
        open_alert(session, notice)


def _open_missed_arrival(session: Session, event: ArrivalMissed) -> None:
    alert = AlertLog(kind=AlertKind.NOT_ARRIVED, employee_id=event.employee_id)
    alert.attendance_date, alert.absent_since = event.day, event.expected_at
    alert.opened_at = event.opened_at
    open_alert(session, alert)
    presence_of(session, event.employee_id, event.opened_at).not_arrived_date = event.day
