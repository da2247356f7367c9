"""A year of a large site, written in bulk: people, visits, sightings, pictures, coverage and judged days."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from core.domain.states import AlertKind, AlertState, CorrectionState, CoverageState, DayStatus, EvidenceKind
from core.paths import SitePaths
from core.storage.migrate import migrate

ONE_DAY = timedelta(days=1)
CAMERAS = 12
DEPARTMENTS = 10
OUTAGES_A_DAY = 5
"""Of every camera."""
VISITS = (("08:00", "12:00"), ("12:40", "15:00"), ("15:20", "17:05"))
STATUSES = (DayStatus.PRESENT, DayStatus.LATE, DayStatus.PRESENT, DayStatus.HALF_DAY, DayStatus.ABSENT)
ABSENT = STATUSES.index(DayStatus.ABSENT)


@dataclass(frozen=True)
class Year:
    """`days` site days (UTC) that end with `last`, of so many people."""

    people: int
    days: int
    last: date

    @property
    def first(self) -> date:
        return self.last - (self.days - 1) * ONE_DAY

    def dates(self) -> Iterator[date]:
        return (self.first + n * ONE_DAY for n in range(self.days))

    def working(self) -> list[date]:
        return [day for day in self.dates() if day.weekday() < 5]


def write_year(paths: SitePaths, year: Year) -> None:
    """Into a new database below `paths`."""
    paths.create()
    migrate(paths)
    with closing(sqlite3.connect(paths.database)) as target:
        target.execute("PRAGMA synchronous=OFF")
        target.execute("PRAGMA foreign_keys=OFF")
        with target:
            for statement, rows in _tables(year):
                _insert(target, statement, rows)


def _insert(target: sqlite3.Connection, table_and_columns: str, rows: Iterable[tuple[object, ...]]) -> None:
    count = table_and_columns.count(",") + 1
    marks = ", ".join("?" * count)
    target.executemany(f"INSERT INTO {table_and_columns} VALUES ({marks})", rows)


def _tables(year: Year) -> Iterator[tuple[str, Iterable[tuple[object, ...]]]]:
    begun = _at(year.first - ONE_DAY, "00:00")
    yield (
        "cameras (id, name, location, enabled, status, status_since, drops, reconnects, refused_faces, "
        "tracks, updated_at)",
        (
            (n, f"Camera {n}", f"Place {n % 4}", 1, "online", begun, 0, 0, "{}", "[]", begun)
            for n in range(1, CAMERAS + 1)
        ),
    )
    yield (
        "employees (id, code, name, department, active, created_at, updated_at)",
        (
            (
                n,
                f"E{n:04}",
                f"Person {n * 7919 % 10_007:05}",
                f"Department {n % DEPARTMENTS}",
                1,
                begun,
                begun,
            )
            for n in range(1, year.people + 1)
        ),
    )
    yield "presence (employee_id, state, since, last_seen_at, last_camera_id)", _presence(year)
    yield (
        "visits (id, employee_id, camera_id, last_camera_id, arrived_at, last_seen_at, departed_at, "
        "closed_by)",
        _visits(year),
    )
    yield "visit_cameras (visit_id, camera_id, first_seen_at, last_seen_at)", _sightings(year)
    yield (
        "evidence (visit_id, camera_id, kind, captured_at, path, sha256, score, sharpness, pack_id)",
        _pictures(year),
    )
    yield (
        "attendances (employee_id, attendance_date, first_in_at, last_out_at, last_out_final_at, "
        "visit_count)",
        _attendances(year),
    )
    yield "camera_coverage (camera_id, state, started_at, ended_at)", _coverage(year)
    yield (
        "work_days (employee_id, day, department, shift_name, start_at, end_at, status, is_final, "
        "first_in_at, last_out_at, working_s, present_s, seen_s, not_seen_s, not_observable_s, late_s, "
        "left_early_s, overtime_s, reasons, judged_at)",
        _judged(year),
    )
    yield (
        "maintenance_runs (kind, site_date, started_at, finished_at, result)",
        (
            ("work_days", day.isoformat(), begun, begun, json.dumps({"complete": True}))
            for day in year.dates()
        ),
    )
    yield (
        "corrections (employee_id, day, status, note, reason, author, created_at, before, after, state, "
        "decision_note)",
        _corrections(year),
    )
    yield "alert_logs (kind, state, employee_id, absent_since, opened_at, resolved_at)", _alerts(year)


def _came(year: Year) -> Iterator[tuple[int, int, date]]:
    """The number of the first visit, who, and the day, of everybody who came on it."""
    visit = 1
    for day in year.working():
        for person in range(1, year.people + 1):
            if _kind(person, day) != ABSENT:
                yield visit, person, day
                visit += len(VISITS)


def _kind(person: int, day: date) -> int:
    return (person * 31 + day.toordinal() * 17) % 23 % len(STATUSES)


def _camera(person: int) -> int:
    return person % CAMERAS + 1


def _presence(year: Year) -> Iterator[tuple[object, ...]]:
    since = _at(year.last, "17:05")
    for person in range(1, year.people + 1):
        yield person, "off", since, since, _camera(person)


def _visits(year: Year) -> Iterator[tuple[object, ...]]:
    for visit, person, day in _came(year):
        for n, (start, end) in enumerate(VISITS):
            camera, left = _camera(person), _at(day, end)
            yield visit + n, person, camera, camera, _at(day, start), left, left, "timeout"


def _sightings(year: Year) -> Iterator[tuple[object, ...]]:
    for visit, person, day in _came(year):
        for n, (start, end) in enumerate(VISITS):
            for camera in {_camera(person), _camera(person + 1)}:
                yield visit + n, camera, _at(day, start), _at(day, end)


def _pictures(year: Year) -> Iterator[tuple[object, ...]]:
    for visit, person, day in _came(year):
        for n, kind, clock in (
            (0, EvidenceKind.ARRIVAL, VISITS[0][0]),
            (len(VISITS) - 1, EvidenceKind.DEPARTURE, VISITS[-1][1]),
        ):
            path = f"data/evidence/{visit + n}/{kind}.jpg"
            yield visit + n, _camera(person), str(kind), _at(day, clock), path, "0" * 64, 0.7, 150.0, "open"


def _attendances(year: Year) -> Iterator[tuple[object, ...]]:
    for _visit, person, day in _came(year):
        first, last = _at(day, VISITS[0][0]), _at(day, VISITS[-1][1])
        yield person, day.isoformat(), first, last, last, len(VISITS)


def _coverage(year: Year) -> Iterator[tuple[object, ...]]:
    step = ONE_DAY / OUTAGES_A_DAY
    for day in year.dates():
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        for camera in range(1, CAMERAS + 1):
            for n in range(OUTAGES_A_DAY):
                edge = start + n * step
                dark = edge + step - timedelta(seconds=40 + camera)
                yield camera, str(CoverageState.OBSERVING), _stored(edge), _stored(dark)
                yield camera, str(CoverageState.UNREACHABLE), _stored(dark), _stored(edge + step)


def _judged(year: Year) -> Iterator[tuple[object, ...]]:
    reasons = json.dumps([{"code": "in_time", "params": {}}])
    for day in year.dates():
        start, end = _at(day, "08:00"), _at(day, "17:00")
        works = day.weekday() < 5
        for person in range(1, year.people + 1):
            kind = _kind(person, day)
            status = STATUSES[kind] if works else DayStatus.DAY_OFF
            came = works and kind != ABSENT
            seen, working = (29_000 if came else 0), (32_400 if works else 0)
            times = (_at(day, VISITS[0][0]), _at(day, VISITS[-1][1])) if came else (None, None)
            shift = ("", start, end) if works else (None, None, None)
            figures = (working, seen, seen, max(0, working - seen - 400), 400 if works else 0, 0, 0, 300)
            department = f"Department {person % DEPARTMENTS}"
            yield (
                person,
                day.isoformat(),
                department,
                *shift,
                str(status),
                1,
                *times,
                *figures,
                reasons,
                end,
            )


def _corrections(year: Year) -> Iterator[tuple[object, ...]]:
    for n, day in enumerate(year.working()):
        for person in range(1, year.people + 1, 100):
            state = CorrectionState.PENDING if n > len(year.working()) - 3 else CorrectionState.IN_FORCE
            made = _at(day, "18:00")
            yield person, day.isoformat(), "present", "", "badge", "hr", made, "{}", "{}", str(state), ""


def _alerts(year: Year) -> Iterator[tuple[object, ...]]:
    for day in year.working():
        for person in range(1, year.people + 1, 20):
            is_open = day == year.last
            state = AlertState.OPEN if is_open else AlertState.RESOLVED
            opened = _at(day, "12:20")
            resolved = None if is_open else _at(day, "12:40")
            yield str(AlertKind.ABSENT), str(state), person, _at(day, "12:00"), opened, resolved


def _at(day: date, clock: str) -> str:
    return f"{day.isoformat()} {clock}:00.000000"


def _stored(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")
