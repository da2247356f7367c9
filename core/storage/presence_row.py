"""The row that says where an employee stands now."""

from datetime import datetime

from sqlalchemy.orm import Session

from core.domain.states import PresenceState
from core.storage.models import Presence


def presence_of(session: Session, employee_id: int, since: datetime) -> Presence:
    presence = session.get(Presence, employee_id)
    if presence is None:
        presence = Presence(employee_id=employee_id, state=PresenceState.OFF, since=since)
        session.add(presence)
    return presence
