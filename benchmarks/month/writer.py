"""Tells a month to a real database of the system, as the worker and the dashboard would have written it."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from benchmarks.month.scenario import Month, Person, Stay
from core.paths import SitePaths
from core.settings import Parameters
from core.storage.engine import writer_engine
from core.storage.migrate import migrate
from core.storage.models import (
    Base,
    Camera,
    CameraCoverage,
    CameraTie,
    Correction,
    Employee,
    ExcusedAbsence,
    FaceTemplate,
    Holiday,
    Leave,
    ShiftAssignment,
    ShiftPlan,
    Visit,
    VisitCamera,
)

ACTOR = "simulation"


def at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def parameters(month: Month) -> Parameters:
    """The settings of the month's site."""
    site = month.site
    return Parameters.parse(
        {
            "time_zone": site.zone,
            "working_hours": {day: [list(span) for span in spans] for day, spans in site.hours.items()},
            "late_grace_min": site.late_grace_min,
            "early_grace_min": site.early_grace_min,
            "half_day_share": site.half_day_share,
            "min_coverage": site.min_coverage,
            "overtime_from_min": site.overtime_from_min,
        }
    )


def write(month: Month, home: Path) -> Engine:
    """A new database in `home` with the whole month in it."""
    paths = SitePaths(home)
    migrate(paths)
    engine = writer_engine(paths.database)
    with Session(engine) as session, session.begin():
        session.add_all(_cameras(month))
        people = _added(session, ((one.code, _employee(month, one)) for one in month.people))
        plans = _added(session, ((one.name, _plan(one)) for one in month.plans))
        session.add_all(_faces(month, people))
        session.add_all(_calendar(month, people, plans))
        session.flush()
        session.add_all(_corrections(month, people))
        session.add_all(_watches(month))
        for number, stay in enumerate(sorted(month.stays, key=lambda one: one.start_s), 1):
            session.add_all(_visit(month, number, stay, people[stay.person]))
    return engine


def _added(session: Session, rows: Iterable[tuple[str, Any]]) -> dict[str, int]:
    """The id of each by its name."""
    named = dict(rows)
    session.add_all(named.values())
    session.flush()
    return {name: row.id for name, row in named.items()}


def _cameras(month: Month) -> Iterator[Base]:
    for one in month.cameras:
        yield Camera(
            id=one.number,
            name=f"CAM{one.number}",
            location=one.location,
            enabled=one.removed_s is None,
            status="online",
            status_since=at(month.now_s),
            updated_at=at(month.now_s),
            removed_at=None if one.removed_s is None else at(one.removed_s),
        )


def _employee(month: Month, one: Person) -> Employee:
    return Employee(
        code=one.code,
        name=f"Orang {one.code}",
        department=one.department,
        active=one.until_s is None,
        created_at=at(one.since_s),
        updated_at=at(one.until_s or one.since_s),
        deactivated_at=None if one.until_s is None else at(one.until_s),
    )


def _faces(month: Month, people: dict[str, int]) -> Iterator[Base]:
    for person in month.people:
        for number, (since, until) in enumerate(person.faces):
            yield FaceTemplate(
                employee_id=people[person.code],
                pack_id="open",
                pack_sha256="0" * 64,
                dim=1,
                embedding=b"\0\0\x80?",
                source="simulation",
                photo_sha256=sha256(f"{person.code}/{number}".encode()).hexdigest(),
                photo_path=f"data/photos/{person.code}/{number}.jpg",
                quality={},
                created_at=at(since),
                revoked_at=None if until is None else at(until),
            )


def _plan(one: Any) -> ShiftPlan:
    return ShiftPlan(
        name=one.name,
        start=one.start,
        end=one.end,
        breaks=[list(pause) for pause in one.breaks],
        late_grace_min=one.late_grace_min,
        early_grace_min=one.early_grace_min,
        weekdays=[int(day) for day in one.weekdays],
    )


def _calendar(month: Month, people: dict[str, int], plans: dict[str, int]) -> Iterator[Base]:
    for given in month.given:
        yield ShiftAssignment(
            shift_id=plans[given.plan],
            employee_id=None if given.person is None else people[given.person],
            department=given.department,
            first_date=given.first,
            last_date=given.last,
        )
    for free in month.free_days:
        yield Holiday(day=free.day, name="Libur", department=free.department)
    for away in month.away:
        yield Leave(
            employee_id=people[away.person], kind=away.kind, first_date=away.first, last_date=away.last
        )
    for one in month.excused:
        span = {"started_at": at(one.start_s), "ended_at": at(one.end_s)}
        yield ExcusedAbsence(employee_id=people[one.person], reason="izin", **span)
    for tie in month.ties:
        yield CameraTie(employee_id=people[tie.person], camera_id=tie.camera, location=tie.location)


def _corrections(month: Month, people: dict[str, int]) -> Iterator[Base]:
    for one in month.answers:
        yield Correction(
            employee_id=people[one.person],
            day=one.day,
            first_in_at=None if one.first_in_s is None else at(one.first_in_s),
            last_out_at=None if one.last_out_s is None else at(one.last_out_s),
            status=one.status,
            reason="simulasi",
            author=ACTOR,
            created_at=at(month.now_s),
            before={},
            after={},
            state=one.state,
        )


def _watches(month: Month) -> Iterator[Base]:
    for one in month.watches:
        span = {"started_at": at(one.start_s), "ended_at": at(one.end_s)}
        yield CameraCoverage(camera_id=one.camera, state=one.state, **span)


def _visit(month: Month, number: int, stay: Stay, employee_id: int) -> Iterator[Base]:
    """One that lasts to the very moment of the month's now is still open."""
    is_open = stay.end_s == month.now_s
    yield Visit(
        id=number,
        employee_id=employee_id,
        camera_id=stay.cameras[-1][0],
        last_camera_id=stay.cameras[-1][0],
        arrived_at=at(stay.start_s),
        last_seen_at=at(stay.end_s),
        departed_at=None if is_open else at(stay.end_s),
        closed_by=None if is_open else "timeout",
    )
    for camera, first, last in stay.cameras:
        times = {"first_seen_at": at(first), "last_seen_at": at(last)}
        yield VisitCamera(visit_id=number, camera_id=camera, **times)
