"""Who is in front of a camera now, as the worker's mirror of the camera says."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.storage.models import Camera, Employee


@dataclass(frozen=True)
class TrackedPerson:
    """`name` is null for a face without a name, or of a person whom the reader may not see."""

    name: str | None
    since: datetime


def tracked_people(
    session: Session, camera_id: int, departments: tuple[str, ...] = ()
) -> list[TrackedPerson]:
    """Named people in order of name, then the others, the longest here first."""
    tracks = session.scalar(select(Camera.tracks).where(Camera.id == camera_id)) or []
    ids = {track["employee_id"] for track in tracks if track["employee_id"] is not None}
    query = select(Employee.id, Employee.name).where(Employee.id.in_(ids))
    if departments:
        query = query.where(Employee.department.in_(departments))
    names = {row.id: row.name for row in session.execute(query)}
    people = [
        TrackedPerson(names.get(track["employee_id"]), datetime.fromisoformat(track["since"]))
        for track in tracks
    ]
    return sorted(people, key=lambda person: (person.name is None, person.name or "", person.since))
