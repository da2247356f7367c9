"""What must hold after every kill, as pure functions over rows; each returns what is wrong.

Times are texts as the database stores them and compare as such.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from operator import attrgetter, itemgetter

from benchmarks.chaos.rows import TABLES, Key, Row, Rows, Table

WHEN_SEEN = {
    "visits": ("arrived_at", "last_seen_at", "departed_at"),
    "visit_cameras": ("first_seen_at", "last_seen_at"),
    "evidence": ("captured_at",),
    "events": ("occurred_at",),
    "attendances": ("first_in_at", "last_out_at"),
}
"""The columns that say when somebody was seen."""
Day = tuple[int, str]
"""An employee's id and an attendance date."""


@dataclass(frozen=True, order=True)
class Violation:
    """rule: which promise was broken. row: by what. detail: how."""

    rule: str
    row: str
    detail: str


@dataclass(frozen=True)
class Outage:
    """From a kill to the start of the next worker; `open_visits` maps id to the last journalled sighting."""

    killed_at: str
    restarted_at: str
    open_visits: Mapping[int, str] = field(default_factory=dict)


def named(table: str, key: Key) -> str:
    return f"{table} {'/'.join(map(str, key))}"


def lost_rows(journalled: Rows, now: Rows) -> list[Violation]:
    """Every journalled row is there."""
    return [
        Violation("lost_row", named(name, key), f"{row} was journalled and is gone")
        for name, rows in journalled.items()
        for key, row in rows.items()
        if key not in now[name]
    ]


def forbidden_changes(table: Table, before: Row, after: Row) -> list[Violation]:
    """Between two versions of one row only what may change has changed, and in its direction."""
    wrong = [name for name in table.fixed if before[name] != after[name]]
    wrong += [name for name in table.forward if before[name] > after[name]]
    wrong += [name for name in table.once if before[name] is not None and before[name] != after[name]]
    if table.name == "evidence":
        wrong += _rewritten(before, after)
    where = named(table.name, table.key_of(after))
    return [
        Violation("rewritten", where, f"{name}: {before[name]!r} became {after[name]!r}") for name in wrong
    ]


def _rewritten(before: Row, after: Row) -> list[str]:
    """A picture is replaced as a whole by one of a later face, and an arrival's not at all."""
    if before["kind"] == "departure" and before["captured_at"] < after["captured_at"]:
        return []
    return [name for name in TABLES["evidence"].free if before[name] != after[name]]


def day_of(attendance: Row) -> Day:
    return attendance["employee_id"], attendance["attendance_date"]


def moved_first_in(first_journalled: Mapping[Day, str], now: Rows) -> list[Violation]:
    """A person's first_in_at of a day stays what was journalled first, whatever becomes of the row."""
    days = {day_of(row): row["first_in_at"] for row in now["attendances"].values()}
    return [
        Violation("first_in_moved", f"employee {day[0]} on {day[1]}", f"{at} became {days.get(day)}")
        for day, at in first_journalled.items()
        if days.get(day) != at
    ]


def overlapping_visits(visits: Iterable[Row]) -> list[Violation]:
    """A visit of a person begins no earlier than the one before it ended; only the last one may be open."""
    ordered = sorted(visits, key=itemgetter("employee_id", "arrived_at", "id"))
    return [
        Violation(
            "overlapping_visits", named("visits", (later["id"],)), f"visit {earlier['id']} still went on"
        )
        for _, own in groupby(ordered, key=itemgetter("employee_id"))
        for earlier, later in pairwise(own)
        if earlier["departed_at"] is None or earlier["departed_at"] > later["arrived_at"]
    ]


def departures_not_seen(visits: Mapping[Key, Row], outages: Iterable[Outage]) -> list[Violation]:
    """A visit departs when it was last seen.

    One that was open at a kill departs no later than its last journalled sighting, unless the next worker
    saw the person again.
    """
    found = [
        Violation(
            "departed_unseen", named("visits", key), f"departed {row['departed_at']}, {row['last_seen_at']}"
        )
        for key, row in visits.items()
        if row["departed_at"] not in (None, row["last_seen_at"])
    ]
    for outage in outages:
        for visit_id, seen_at in outage.open_visits.items():
            visit = visits.get((visit_id,))
            if visit is not None and seen_at < visit["last_seen_at"] < outage.restarted_at:
                detail = f"last seen {visit['last_seen_at']}, journalled {seen_at} when killed"
                found.append(Violation("departed_unseen", named("visits", (visit_id,)), detail))
    return found


def invented(now: Rows, outages: Sequence[Outage]) -> list[Violation]:
    """Nobody was seen while no worker ran."""
    return [
        Violation("invented", named(name, key), f"{column} {row[column]} lies in an outage")
        for name, columns in WHEN_SEEN.items()
        for key, row in now[name].items()
        for column in columns
        if row[column] is not None and _lies_in_one(row[column], outages)
    ]


def _lies_in_one(at: str, outages: Sequence[Outage]) -> bool:
    """The outages are in order of time and do not overlap."""
    index = bisect_left(outages, at, key=attrgetter("killed_at")) - 1
    return index >= 0 and at < outages[index].restarted_at


def presence_disagrees(presence: Iterable[Row], visits: Iterable[Row]) -> list[Violation]:
    """Somebody is present exactly while a visit of his is open, and was last seen when it says."""
    newest = {row["employee_id"]: row for row in sorted(visits, key=itemgetter("arrived_at", "id"))}
    found = []
    for person in presence:
        visit = newest.get(person["employee_id"])
        is_open = visit is not None and visit["departed_at"] is None
        states = ("available", "unobserved") if is_open else ("off", "unobserved")
        expected = (visit["id"] if is_open and visit else None, visit["last_seen_at"] if visit else None)
        if person["state"] not in states or (person["visit_id"], person["last_seen_at"]) != expected:
            found.append(
                Violation("presence", f"employee {person['employee_id']}", f"{person}, visit {visit}")
            )
    return found


def alerts_disagree(alerts: Mapping[Key, Row]) -> list[Violation]:
    """An alert is resolved when it has an end, and a person has one open alert at most."""
    found = [
        Violation("alert", named("alert_logs", key), f"{row['state']}, resolved at {row['resolved_at']}")
        for key, row in alerts.items()
        if (row["state"] == "resolved") != (row["resolved_at"] is not None)
    ]
    unresolved = sorted(r["employee_id"] for r in alerts.values() if r["state"] != "resolved")
    twice = {one for one, other in pairwise(unresolved) if one == other}
    return found + [Violation("alert", f"employee {one}", "two alerts are open") for one in sorted(twice)]


def overlapping_coverage(coverage: Iterable[Row]) -> list[Violation]:
    """At no time is one camera in two states."""
    ordered = sorted(coverage, key=itemgetter("camera_id", "started_at", "ended_at", "id"))
    return [
        Violation(
            "overlapping_coverage",
            named("camera_coverage", (later["id"],)),
            f"{earlier['state']} until {earlier['ended_at']}, {later['state']} from {later['started_at']}",
        )
        for _, own in groupby(ordered, key=itemgetter("camera_id"))
        for earlier, later in pairwise(own)
        if earlier["ended_at"] > later["started_at"]
    ]


def outages_uncovered(coverage: Iterable[Row], outages: Iterable[Outage]) -> list[Violation]:
    """For every camera that was covered before, the whole outage is a recorded gap."""
    rows = sorted(coverage, key=itemgetter("camera_id", "started_at", "ended_at"))
    found = []
    for camera_id, group in groupby(rows, key=itemgetter("camera_id")):
        own = list(group)
        for outage in outages:
            if own[0]["started_at"] < outage.killed_at and not _is_gap(own, outage):
                detail = f"not a gap from {outage.killed_at} to {outage.restarted_at}"
                found.append(Violation("outage_uncovered", f"camera {camera_id}", detail))
    return found


def _is_gap(coverage: Iterable[Row], outage: Outage) -> bool:
    """Whether intervals in which the camera did not observe cover the outage; they are in order of start."""
    reached = outage.killed_at
    for row in coverage:
        if row["ended_at"] <= outage.killed_at or row["started_at"] >= outage.restarted_at:
            continue
        if row["state"] == "observing" or row["started_at"] > reached:
            return False
        reached = max(reached, row["ended_at"])
    return reached >= outage.restarted_at


def rebuilt_otherwise(before: Mapping[Key, Row], after: Mapping[Key, Row]) -> list[Violation]:
    """Attendance projected again from visits is what was there."""
    return [
        Violation("rebuild_differs", named("attendances", key), f"{before.get(key)} became {after.get(key)}")
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    ]


def check_rows(now: Rows, presence: Iterable[Row], outages: Sequence[Outage]) -> list[Violation]:
    """Everything that the rows of one moment must fulfil; the outages are in order of time."""
    visits, coverage = now["visits"], now["camera_coverage"].values()
    return [
        *overlapping_visits(visits.values()),
        *departures_not_seen(visits, outages),
        *invented(now, outages),
        *presence_disagrees(presence, visits.values()),
        *alerts_disagree(now["alert_logs"]),
        *overlapping_coverage(coverage),
        *outages_uncovered(coverage, outages),
    ]
