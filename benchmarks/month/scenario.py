"""A site's month in plain words: what was planned, who came, what cameras recorded, who answered for what.

Instants are whole seconds since 1970 (`_s`), clock times are texts such as 08:00, codes are those of the
database. Nothing here is of the system: the truth is computed from this description alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

OBSERVING = "observing"
DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Plan:
    """A shift. weekdays: on which it begins, Monday 0."""

    name: str
    start: str
    end: str
    breaks: tuple[tuple[str, str], ...] = ()
    late_grace_min: int = 0
    early_grace_min: int = 0
    weekdays: str = "0123456"


@dataclass(frozen=True, slots=True)
class Given:
    """A plan for one person or for a department."""

    plan: str
    first: date
    last: date | None = None
    person: str | None = None
    department: str | None = None


@dataclass(frozen=True, slots=True)
class FreeDay:
    day: date
    department: str | None = None


@dataclass(frozen=True, slots=True)
class Away:
    """Leave, from a date to another, inclusive."""

    person: str
    kind: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Excused:
    person: str
    start_s: int
    end_s: int


@dataclass(frozen=True, slots=True)
class Person:
    """Employed from since_s until until_s. faces: from when to when each of his templates was in force."""

    code: str
    department: str | None
    since_s: int
    until_s: int | None = None
    faces: tuple[tuple[int, int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Camera:
    number: int
    location: str
    removed_s: int | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """What a camera did for a while; intervals of one camera do not overlap."""

    camera: int
    state: str
    start_s: int
    end_s: int


@dataclass(frozen=True, slots=True)
class Stay:
    """A visit. cameras: which of them saw him, from when to when."""

    person: str
    start_s: int
    end_s: int
    cameras: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A correction."""

    person: str
    day: date
    first_in_s: int | None = None
    last_out_s: int | None = None
    status: str | None = None
    state: str = "in_force"


@dataclass(frozen=True, slots=True)
class Tie:
    person: str
    camera: int | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """hours: for each weekday, as mon, the spans of work where nobody has a shift."""

    zone: str
    hours: Mapping[str, tuple[tuple[str, str], ...]]
    late_grace_min: int = 0
    early_grace_min: int = 0
    half_day_share: float = 0.5
    min_coverage: float = 0.5
    overtime_from_min: int = 0


@dataclass(frozen=True)
class Month:
    """Days from `first` to `last`, judged at now_s; facts may begin earlier and end later."""

    site: Site
    first: date
    last: date
    now_s: int
    cameras: tuple[Camera, ...]
    watches: tuple[Watch, ...]
    people: tuple[Person, ...]
    stays: tuple[Stay, ...]
    plans: tuple[Plan, ...] = ()
    given: tuple[Given, ...] = ()
    free_days: tuple[FreeDay, ...] = ()
    away: tuple[Away, ...] = ()
    excused: tuple[Excused, ...] = ()
    answers: tuple[Answer, ...] = ()
    ties: tuple[Tie, ...] = ()


def as_of(month: Month, now_s: int) -> Month:
    """What is known of the month at an instant in its midst; plans stay as they are."""
    return replace(
        month,
        now_s=now_s,
        cameras=tuple(replace(one, removed_s=_until(one.removed_s, now_s)) for one in month.cameras),
        watches=tuple(
            replace(one, end_s=min(one.end_s, now_s)) for one in month.watches if one.start_s < now_s
        ),
        people=tuple(_known(one, now_s) for one in month.people if one.since_s <= now_s),
        stays=tuple(_begun(one, now_s) for one in month.stays if one.start_s <= now_s),
        answers=(),
    )


def _until(at_s: int | None, now_s: int) -> int | None:
    return at_s if at_s is not None and at_s <= now_s else None


def _known(person: Person, now_s: int) -> Person:
    faces = tuple((since, _until(until, now_s)) for since, until in person.faces if since <= now_s)
    return replace(person, until_s=_until(person.until_s, now_s), faces=faces)


def _begun(stay: Stay, now_s: int) -> Stay:
    cameras = tuple((one, first, min(last, now_s)) for one, first, last in stay.cameras if first <= now_s)
    return replace(stay, end_s=min(stay.end_s, now_s), cameras=cameras)
