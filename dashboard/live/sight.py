"""What of an overlay an account may see: names of its departments; for admins, whom a face resembles."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.states import Role
from core.live_frame import Overlay, OverlayBox
from core.storage.models import Employee
from dashboard.auth import Account

REDACTED = "other_department"
"""Reason on a box whose person belongs to a department that the viewer may not see."""


@dataclass(frozen=True)
class Sight:
    """`people`: the employees whom he may see, None: all."""

    people: frozenset[int] | None
    candidates: bool

    def sees(self, employee_id: int) -> bool:
        return self.people is None or employee_id in self.people


NOTHING = Sight(frozenset(), candidates=False)


def sight_of(session: Session, account: Account) -> Sight:
    people = None
    if account.departments:
        query = select(Employee.id).where(Employee.department.in_(account.departments))
        people = frozenset(session.scalars(query))
    return Sight(people, account.may(Role.ADMIN))


def redacted(overlay: Overlay | None, sight: Sight) -> Overlay | None:
    """A copy that holds nothing else than he may see; the overlay itself is shared by all viewers."""
    if overlay is None:
        return None
    redacted_overlay = overlay.copy()
    redacted_overlay["boxes"] = [_redacted_box(box, sight) for box in overlay["boxes"]]
    return redacted_overlay


def _redacted_box(box: OverlayBox, sight: Sight) -> OverlayBox:
    candidate = box.get("candidate_id")
    if candidate is not None and not (sight.candidates and sight.sees(candidate)):
        box = _without_candidate(box)
    if box["employee_id"] is None or sight.sees(box["employee_id"]):
        return box
    return {**box, "employee_id": None, "name": None, "reason": REDACTED, "score": None}


def _without_candidate(box: OverlayBox) -> OverlayBox:
    bare = box.copy()
    bare.pop("candidate_id", None)
    bare.pop("candidate", None)
    bare.pop("margin", None)
    return bare
