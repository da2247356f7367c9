"""Cameras to which people are tied: these cover them, whatever saw them lately."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.errors import GspeError
from core.storage import audit
from core.storage.employees import find_employee
from core.storage.models import Camera, CameraTie, Employee


@dataclass(frozen=True, slots=True)
class TieRow:
    """One employee with the cameras and the locations that he is tied to, each in order."""

    employee_id: int
    code: str
    name: str
    cameras: tuple[int, ...]
    locations: tuple[str, ...]


def ties_of_everybody(session: Session) -> Mapping[int, frozenset[int]]:
    """The cameras of each employee who is tied to any, removed ones among them.

    A location stands for its cameras; one that has none leaves him without a camera, so that nobody can say
    that he was absent.
    """
    at_location: dict[str, set[int]] = {}
    for camera_id, location in session.execute(select(Camera.id, Camera.location)):
        at_location.setdefault(location, set()).add(camera_id)
    found: dict[int, set[int]] = {}
    for tie in session.scalars(select(CameraTie)):
        cameras = at_location.get(tie.location or "", set()) if tie.camera_id is None else {tie.camera_id}
        found.setdefault(tie.employee_id, set()).update(cameras)
    return {employee_id: frozenset(cameras) for employee_id, cameras in found.items()}


def ties(session: Session, departments: Collection[str] = ()) -> list[TieRow]:
    """Everybody who is tied, in order of name. departments: only people of these; empty: all."""
    query = select(CameraTie, Employee.code, Employee.name).join(
        Employee, Employee.id == CameraTie.employee_id
    )
    if departments:
        query = query.where(Employee.department.in_(sorted(departments)))
    people: dict[int, tuple[str, str, list[CameraTie]]] = {}
    for tie, code, name in session.execute(query.order_by(Employee.name, Employee.id, CameraTie.id)):
        people.setdefault(tie.employee_id, (code, name, []))[2].append(tie)
    return [
        TieRow(
            employee_id,
            code,
            name,
            tuple(sorted(tie.camera_id for tie in own if tie.camera_id is not None)),
            tuple(sorted(tie.location for tie in own if tie.location is not None)),
        )
        for employee_id, (code, name, own) in people.items()
    ]


def set_ties(
    session: Session,
    employee_id: int,
    cameras: Collection[int],
    locations: Collection[str],
    *,
    actor: str,
    now: datetime,
) -> None:
    """Ties an employee to these and nothing else; to none: the cameras that saw him lately cover him again.

    Raises GspeError, code `employee_unknown` or `tie_unknown` for a camera or location that is not there.
    """
    find_employee(session, employee_id)
    known = select(Camera.id, Camera.location).where(Camera.removed_at.is_(None))
    there = session.execute(known).all()
    unknown = set(cameras) - {row.id for row in there}, set(locations) - {row.location for row in there}
    if any(unknown) or "" in locations:
        raise GspeError("this camera or location is gone; reload the page", code="tie_unknown")
    session.execute(delete(CameraTie).where(CameraTie.employee_id == employee_id))
    session.add_all(CameraTie(employee_id=employee_id, camera_id=camera) for camera in sorted(cameras))
    session.add_all(CameraTie(employee_id=employee_id, location=place) for place in sorted(locations))
    params = {"cameras": sorted(cameras), "locations": sorted(locations)}
    audit.append(session, now, actor, "cameras.tied", f"employees:{employee_id}", params)
