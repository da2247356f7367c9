"""Who is in front of a camera now, as the worker's mirror of the camera says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.storage.models import Camera, Employee


@dataclass(frozen=True)
class TrackedPerson:
    """`name` is null for a face without a name, and for a person `hidden` from this reader."""

    name: str | None
    since: datetime
    hidden: bool = False


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
    people = [_person(track, names) for track in tracks]
    return sorted(people, key=lambda person: (person.name is None, person.name or "", person.since))


def _person(track: dict[str, Any], names: dict[int, str]) -> TrackedPerson:
    employee_id = track["employee_id"]
    name = names.get(employee_id)
    hidden = employee_id is not None and name is None
    return TrackedPerson(name, datetime.fromisoformat(track["since"]), hidden)
