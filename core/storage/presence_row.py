"""The row that says where an employee stands now."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.states import PresenceState
from core.storage.models import Presence, Visit


def presence_of(session: Session, employee_id: int, since: datetime) -> Presence:
    presence = session.get(Presence, employee_id)
    if presence is None:
        presence = Presence(employee_id=employee_id, state=PresenceState.OFF, since=since)
        session.add(presence)
    return presence


def follow_visits(session: Session, employee_id: int) -> None:
    """Somebody added, took or moved visits: when an employee who is away was seen last is told by them.

    Of who is here, and of his clocks, the worker knows more. An absence that was alerted stays alerted.
    """
    visits = select(Visit.last_seen_at, Visit.last_camera_id).where(Visit.employee_id == employee_id)
    newest = session.execute(visits.order_by(Visit.last_seen_at.desc()).limit(1)).first()
    seen_at, camera_id = newest if newest is not None else (None, None)
    presence = session.get(Presence, employee_id)
    if presence is None and seen_at is not None:
        presence = presence_of(session, employee_id, seen_at)
    if presence is None or presence.state != PresenceState.OFF or presence.last_seen_at == seen_at:
        return
    if seen_at is not None and presence.since == presence.last_seen_at:
        presence.since = seen_at
    if presence.alerted_absence_at is not None and presence.alerted_absence_at == presence.last_seen_at:
        presence.alerted_absence_at = seen_at
    presence.last_seen_at, presence.last_camera_id = seen_at, camera_id
