"""Who is believed inside, for a roll call: from the last facts, also when nothing observes any more.

Only somebody who was seen to leave is outside: his visit ended because cameras observed and did not see him.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.domain.states import PresenceState, VisitClosedBy

MAYBE_FOR = timedelta(hours=24)
"""So long after his last sighting somebody whose visit ended unobserved may still be inside."""


class Belief(StrEnum):
    INSIDE = "inside"
    MAYBE_INSIDE = "maybe_inside"


class MusterReason(StrEnum):
    """Why somebody is on the list; the catalogue has `muster.reason.<code>`."""

    PRESENT = "present"
    """His visit is open."""
    VISIT_UNOBSERVED = "visit_unobserved"
    """His visit is open, but his cameras do not observe."""
    NOT_SEEN_LEAVING = "not_seen_leaving"
    """His visit ended only because nothing observed him."""
    DEACTIVATED = "deactivated"
    """He was taken from the list of employees while he was inside."""
    CLOCK = "clock"
    """His visit ended because the clock was set back."""
    UNOBSERVED = "unobserved"
    """His cameras do not observe: he may have come in unseen."""


_UNSEEN_END = {
    VisitClosedBy.UNOBSERVED: MusterReason.NOT_SEEN_LEAVING,
    VisitClosedBy.DEACTIVATED: MusterReason.DEACTIVATED,
    VisitClosedBy.CLOCK: MusterReason.CLOCK,
}


@dataclass(frozen=True, slots=True)
class LastVisit:
    """closed_by: None while it is open."""

    last_seen_at: datetime
    closed_by: VisitClosedBy | None


def belief(
    visit: LastVisit | None, state: PresenceState | None, known_at: datetime
) -> tuple[Belief, MusterReason] | None:
    """What the last visit and state of a person say; None: he is not inside.

    known_at: when the facts were last written. Time that passed since takes nobody off the list.
    """
    is_unobserved = state is PresenceState.UNOBSERVED
    if visit is not None and visit.closed_by is None:
        return Belief.INSIDE, MusterReason.VISIT_UNOBSERVED if is_unobserved else MusterReason.PRESENT
    if visit is not None and visit.closed_by in _UNSEEN_END and known_at - visit.last_seen_at <= MAYBE_FOR:
        return Belief.MAYBE_INSIDE, _UNSEEN_END[visit.closed_by]
    return (Belief.MAYBE_INSIDE, MusterReason.UNOBSERVED) if is_unobserved else None
