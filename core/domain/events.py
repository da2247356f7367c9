"""What the domain learns: frozen facts that storage turns into rows."""

from dataclasses import dataclass
from datetime import date, datetime

from core.domain.states import AlertResolution, PresenceState, VisitClosedBy


@dataclass(frozen=True, slots=True)
class Sighting:
    """A named, verified track showed an employee at `seen_at`; its first face was at `first_seen_at`."""

    employee_id: int
    camera_id: int
    first_seen_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class VisitOpened:
    employee_id: int
    camera_id: int
    arrived_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class VisitExtended:
    """Sightings since the last flush, all by one camera."""

    employee_id: int
    camera_id: int
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class VisitClosed:
    """departed_at is the last sighting, whatever the clock says now."""

    employee_id: int
    departed_at: datetime
    closed_by: VisitClosedBy


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    employee_id: int
    state: PresenceState
    since: datetime


@dataclass(frozen=True, slots=True)
class AbsenceAlerted:
    """absent_since is the last sighting: it identifies the absence."""

    employee_id: int
    camera_id: int
    absent_since: datetime
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class AbsenceEnded:
    employee_id: int
    absent_since: datetime
    ended_at: datetime
    resolution: AlertResolution


@dataclass(frozen=True, slots=True)
class ArrivalMissed:
    """Nobody saw him on this attendance day, although he was expected for longer than the grace."""

    employee_id: int
    day: date
    expected_at: datetime
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class ArrivalSettled:
    """He came after all, or nobody expects him any more."""

    employee_id: int
    day: date
    ended_at: datetime
    resolution: AlertResolution


@dataclass(frozen=True, slots=True)
class UnknownPersonSeen:
    """Somebody whom nobody enrolled, worth an alert. picture_path: relative to the home folder."""

    camera_id: int
    seen_at: datetime
    picture_path: str | None


PresenceEvent = (
    VisitOpened
    | VisitExtended
    | VisitClosed
    | PresenceChanged
    | AbsenceAlerted
    | AbsenceEnded
    | ArrivalMissed
    | ArrivalSettled
)
