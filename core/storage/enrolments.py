"""When cameras could know people: while a face of theirs is enrolled, and until they are deactivated."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.spans import Spans, difference, union
from core.storage.models import Employee, FaceTemplate, InactiveTime

FAR = datetime.max.replace(tzinfo=UTC)


def known_times(session: Session, people: Collection[int] | None = None) -> Mapping[int, Spans]:
    """When each of these people, None: everybody, could be recognised; never who has no template."""
    query = select(  # from people to their templates, which their index finds
        Employee.id, Employee.deactivated_at, FaceTemplate.created_at, FaceTemplate.revoked_at
    ).outerjoin(FaceTemplate, FaceTemplate.employee_id == Employee.id)
    if people is not None:
        query = query.where(Employee.id.in_(sorted(people)))
    found: dict[int, Spans] = {}
    for employee_id, deactivated_at, created_at, revoked_at in session.execute(query):
        end = min(revoked_at or FAR, deactivated_at or FAR)
        own = ((created_at or FAR, end),)
        found[employee_id] = union(found.get(employee_id, ()), own)
    for employee_id, away in _inactive_times(session, people).items():
        found[employee_id] = difference(found.get(employee_id, ()), away)
    return found


def _inactive_times(session: Session, people: Collection[int] | None) -> Mapping[int, Spans]:
    query = select(InactiveTime)
    if people is not None:
        query = query.where(InactiveTime.employee_id.in_(sorted(people)))
    found: dict[int, Spans] = {}
    for time in session.scalars(query):
        own = ((time.started_at, time.ended_at),)
        found[time.employee_id] = union(found.get(time.employee_id, ()), own)
    return found
