"""When cameras could know people: while a face of theirs is enrolled, and until they are deactivated."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.spans import Spans, union
from core.storage.models import Employee, FaceTemplate

FAR = datetime.max.replace(tzinfo=UTC)


def known_times(session: Session, people: Collection[int] | None = None) -> Mapping[int, Spans]:
    """When each employee, or each of these, could be recognised; who was never enrolled is not named."""
    found: dict[int, Spans] = {}
    query = select(
        FaceTemplate.employee_id,
        FaceTemplate.created_at,
        FaceTemplate.revoked_at,
        Employee.deactivated_at,
    ).join(Employee, Employee.id == FaceTemplate.employee_id)
    if people is not None:
        query = query.where(FaceTemplate.employee_id.in_(sorted(people)))
    for employee_id, created_at, revoked_at, deactivated_at in session.execute(query):
        own = ((created_at, min(revoked_at or FAR, deactivated_at or FAR)),)
        found[employee_id] = union(found.get(employee_id, ()), own)
    return found
