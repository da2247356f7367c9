"""What the presence board shows and how it is arranged: filter, order and groups."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from core.domain.states import PresenceState
from core.storage.rows import PresenceRow
from dashboard.data import NEVER

CARDS, TABLE = "cards", "table"
VIEWS = (CARDS, TABLE)
NO_GROUPS = "none"
STATE_ORDER = [PresenceState.AVAILABLE, PresenceState.UNOBSERVED, PresenceState.OFF]


def place_of(row: PresenceRow) -> str | None:
    """Where he was last seen: the camera's location, its name where none is entered."""
    return row.location or row.camera_name


def places_of(row: PresenceRow) -> tuple[str | None, ...]:
    """Camera and location, once where they are the same."""
    same = (row.location or "").casefold() == (row.camera_name or "").casefold()
    return (row.camera_name,) if same else (row.camera_name, row.location)


GROUPS: Mapping[str, Callable[[PresenceRow], str | None]] = {
    "department": lambda row: row.department,
    "location": place_of,
    NO_GROUPS: lambda _row: None,
}
ORDERS: Mapping[str, Callable[[PresenceRow], Any]] = {
    "name": lambda row: row.name.casefold(),
    "state": lambda row: (STATE_ORDER.index(PresenceState(count_as(row))), row.name.casefold()),
    "since": lambda row: -_seconds(row.since),
    "seen": lambda row: -_seconds(row.last_seen_at),
}


@dataclass(frozen=True)
class Chosen:
    """What the reader wants to see and how; empty means everything."""

    search: str = ""
    department: str | None = None
    location: str | None = None
    state: str | None = None
    group: str = NO_GROUPS
    order: str = "name"
    view: str = CARDS

    def shows(self, row: PresenceRow) -> bool:
        wanted = self.search.casefold().strip()
        found = not wanted or wanted in row.name.casefold() or wanted in row.code.casefold()
        here = self.department is None or row.department == self.department
        there = self.location is None or place_of(row) == self.location
        return found and here and there and (self.state is None or count_as(row) == self.state)


def count_as(row: PresenceRow) -> str:
    """Which of the three counts a person adds to; somebody never seen is off."""
    return row.state or PresenceState.OFF


def arranged(rows: Sequence[PresenceRow], chosen: Chosen) -> list[PresenceRow]:
    """Those that the reader wants, group by group; whoever is in none comes last."""
    found = [row for row in rows if chosen.shows(row)]
    group, order = GROUPS[chosen.group], ORDERS[chosen.order]
    return sorted(found, key=lambda row: (*_group_order(group(row)), order(row)))


def grouped(rows: Sequence[PresenceRow], chosen: Chosen) -> list[tuple[str | None, list[PresenceRow]]]:
    """Rows that are arranged already, as groups."""
    return [(name, list(group)) for name, group in groupby(rows, key=GROUPS[chosen.group])]


def _group_order(name: str | None) -> tuple[bool, str]:
    return name is None, (name or "").casefold()


def _seconds(at: datetime | None) -> float:
    return (at - NEVER).total_seconds() if at else 0.0
