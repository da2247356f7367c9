"""What was recorded of some days: visits, coverage, which cameras covered whom, and corrections.

All of it is read at once for everybody who is judged; judging itself asks the database for nothing more.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from core.domain.schedule import ONE_DAY, day_bounds
from core.domain.spans import Span, Spans, clip, difference, intersection, union
from core.domain.states import CorrectionState, CoverageState, DayStatus
from core.domain.workday import DayCorrection
from core.storage.enrolments import known_times
from core.storage.models import Camera, CameraCoverage, Correction, Visit, VisitCamera
from core.storage.ties import ties_of_everybody

COVERING_DAYS = timedelta(days=14)
"""A camera that saw somebody covers him for so long."""
LONGEST_VISIT = timedelta(days=2)
"""Nobody stays longer without a pause; it bounds what has to be read of the past."""
GROUPED = timedelta(days=7)
"""Sightings by one camera are told apart by when they were, as exactly as half of `COVERING_DAYS` needs."""

IN_FORCE = and_(
    Correction.state == CorrectionState.IN_FORCE,
    or_(
        Correction.first_in_at.is_not(None),
        Correction.last_out_at.is_not(None),
        Correction.status.is_not(None),
        Correction.note != "",
    ),
)
"""The corrections that say anything; one that takes another back leaves the day to the cameras again."""

Sighted = tuple[int, datetime, datetime]
"""A camera, and from when to when it saw somebody."""


class DayRecord:
    """The record of the days from `first` to `last`; `people`: only of these, None: of everybody."""

    def __init__(
        self,
        session: Session,
        first: date,
        last: date,
        zone: ZoneInfo,
        people: Collection[int] | None = None,
    ) -> None:
        self.zone = zone
        start, end = day_bounds(first - ONE_DAY, zone)[0], day_bounds(last + ONE_DAY, zone)[1]
        self.visits, self.open_until = _visits(session, start, end, people)
        self.corrections = _corrections(session, first, last, people)
        self._observing, self._used, dark = _coverage(session, start, end)
        self._blind = _blind(session, start, end, people, dark)
        self._sightings = _sightings(session, start - COVERING_DAYS, end, people)
        self._ties = ties_of_everybody(session)
        self._known_times = known_times(session, people)
        removed = select(Camera.id, Camera.removed_at).where(Camera.removed_at.is_not(None))
        self._removed_at = {camera: at for camera, at in session.execute(removed) if at is not None}
        self._known: dict[tuple[frozenset[int], Span], Spans] = {}

    def correction(self, employee_id: int, day: date) -> tuple[int | None, DayCorrection]:
        """The one in force with its id; an empty one without."""
        return self.corrections.get((employee_id, day), (None, DayCorrection()))

    def observable(self, employee_id: int, bounds: Span) -> Spans:
        """When all cameras that cover him were observing and could know him."""
        return intersection(self._observed(employee_id, bounds), self._known_times.get(employee_id, ()))

    def _observed(self, employee_id: int, bounds: Span) -> Spans:
        """When all cameras that cover him were observing; at no time when none covers him."""
        cameras = self._covering(employee_id, bounds)
        if (cameras, bounds) not in self._known:
            self._known[cameras, bounds] = self._all_observing(cameras, bounds)
        return self._known[cameras, bounds]

    def blind(self, employee_id: int) -> Spans:
        """When he was in a visit and no camera that saw him around that moment was observing."""
        return self._blind.get(employee_id, ())

    def _covering(self, employee_id: int, bounds: Span) -> frozenset[int]:
        """The cameras he is tied to; else those that saw him within the fortnight up to the day's end; else
        every one in use that day."""
        cameras = self._ties.get(employee_id)
        if cameras is None:
            cameras = self._saw(employee_id, bounds) or self._in_use(bounds)
        return frozenset(camera for camera in cameras if not self._was_removed(camera, bounds[0]))

    def _saw(self, employee_id: int, bounds: Span) -> frozenset[int]:
        since = bounds[1] - COVERING_DAYS
        return frozenset(
            camera
            for camera, first_seen_at, last_seen_at in self._sightings.get(employee_id, ())
            if first_seen_at < bounds[1] and last_seen_at >= since
        )

    def _in_use(self, bounds: Span) -> frozenset[int]:
        return frozenset(camera for camera, spans in self._used.items() if clip(spans, *bounds))

    def _was_removed(self, camera: int, at: datetime) -> bool:
        removed_at = self._removed_at.get(camera)
        return removed_at is not None and removed_at <= at

    def _all_observing(self, cameras: Collection[int], bounds: Span) -> Spans:
        """As long as any of them is there; one that is removed leaves it to the others."""
        ends = {camera: min(self._removed_at.get(camera, bounds[1]), bounds[1]) for camera in cameras}
        together: Spans = ((bounds[0], max(ends.values(), default=bounds[0])),)
        for camera, end in ends.items():
            own = clip(self._observing.get(camera, ()), bounds[0], end)
            together = intersection(together, union(own, ((end, bounds[1]),)))
        return together


def _visits(
    session: Session, start: datetime, end: datetime, people: Collection[int] | None
) -> tuple[Mapping[int, list[Span]], Mapping[int, datetime]]:
    """Everybody's visits in order, and how far the one that is still open has come."""
    found: dict[int, list[Span]] = {}
    open_until: dict[int, datetime] = {}
    rows = session.execute(
        select(Visit.employee_id, Visit.arrived_at, Visit.last_seen_at, Visit.departed_at)
        .where(Visit.arrived_at >= start, Visit.arrived_at < end, *_only(Visit.employee_id, people))
        .order_by(Visit.arrived_at)
    )
    for employee_id, arrived_at, last_seen_at, departed_at in rows:
        if employee_id is None:
            continue
        found.setdefault(employee_id, []).append((arrived_at, last_seen_at))
        if departed_at is None:
            open_until[employee_id] = last_seen_at
    return found, open_until


def _coverage(
    session: Session, start: datetime, end: datetime
) -> tuple[Mapping[int, Spans], Mapping[int, Spans], Mapping[int, Spans]]:
    """When each camera was observing, when it was switched on, and when it is known to have seen nothing."""
    observing: dict[int, list[Span]] = {}
    used: dict[int, list[Span]] = {}
    dark: dict[int, list[Span]] = {}
    for camera, state, started_at, ended_at in session.execute(_coverage_query(start, end)):
        if state == CoverageState.OBSERVING:
            observing.setdefault(camera, []).append((started_at, ended_at))
        else:
            dark.setdefault(camera, []).append((started_at, ended_at))
        if state != CoverageState.DISABLED:
            used.setdefault(camera, []).append((started_at, ended_at))
    return _joined(observing), _joined(used), _joined(dark)


def _joined(spans_of: Mapping[int, list[Span]]) -> Mapping[int, Spans]:
    return {camera: union(spans) for camera, spans in spans_of.items()}


def _coverage_query(start: datetime, end: datetime) -> Select[*tuple[Any, ...]]:
    """Of each camera what began within the time, and before it the last of each interval that reaches in.

    Intervals of a camera follow each other, so that none older than its last one before the time reaches in;
    a day more is read for a clock that was set back.
    """
    row, earlier = CameraCoverage, aliased(CameraCoverage)
    last_before = (
        select(func.max(earlier.started_at))
        .where(earlier.camera_id == Camera.id, earlier.started_at <= start - ONE_DAY)
        .correlate(Camera)
        .scalar_subquery()
    )
    return (
        select(row.camera_id, row.state, row.started_at, row.ended_at)
        .select_from(Camera)
        .join(row, row.camera_id == Camera.id)
        .where(row.started_at >= func.coalesce(last_before, literal(start - ONE_DAY)))
        .where(row.started_at < end, row.ended_at >= start)
    )


def _blind(
    session: Session,
    start: datetime,
    end: datetime,
    people: Collection[int] | None,
    dark: Mapping[int, Spans],
) -> Mapping[int, Spans]:
    """When each employee was in a visit that no camera can vouch for.

    A camera vouches for a visit between its first and its last sighting in it, while it observes; where none
    does, a visit goes on as long as all of its cameras observe, because a short absence ends none.
    """
    if not dark:
        return {}
    one = aliased(VisitCamera)
    torn = select(one).where(one.visit_id == Visit.id, one.camera_id.in_(sorted(dark))).exists()
    rows = session.execute(
        select(Visit, VisitCamera)
        .join(VisitCamera, VisitCamera.visit_id == Visit.id)
        .where(Visit.arrived_at >= start, Visit.arrived_at < end, *_only(Visit.employee_id, people))
        .where(torn)
        .order_by(Visit.arrived_at, Visit.id)
    )
    found: dict[int, list[Span]] = {}
    for visit, seen_by in groupby(rows, key=lambda row: row.Visit):
        cameras = [row.VisitCamera for row in seen_by]
        unsure = union(*(dark.get(one.camera_id, ()) for one in cameras))
        vouched = union(
            *(
                difference(((one.first_seen_at, one.last_seen_at),), dark.get(one.camera_id, ()))
                for one in cameras
            )
        )
        blind = clip(difference(unsure, vouched), visit.arrived_at, visit.last_seen_at)
        found.setdefault(visit.employee_id, []).extend(blind)
    return _joined(found)


def _sightings(
    session: Session, start: datetime, end: datetime, people: Collection[int] | None
) -> Mapping[int, list[Sighted]]:
    """Which camera saw each employee, from when to when: one row a camera and week.

    A week's first and last sighting decide as its single ones would: no fortnight ends and begins within it.
    """
    weeks = [start + n * GROUPED for n in range(1, int((end - start) / GROUPED) + 1)]
    week = case(*((VisitCamera.last_seen_at < cut, n) for n, cut in enumerate(weeks)), else_=len(weeks))
    rows = session.execute(
        select(
            Visit.employee_id,
            VisitCamera.camera_id,
            func.min(VisitCamera.first_seen_at),
            func.max(VisitCamera.last_seen_at),
        )
        .join(VisitCamera, VisitCamera.visit_id == Visit.id)
        .where(Visit.arrived_at >= start - LONGEST_VISIT, Visit.arrived_at < end)
        .where(VisitCamera.last_seen_at >= start, VisitCamera.first_seen_at < end)
        .where(*_only(Visit.employee_id, people))
        .group_by(Visit.employee_id, VisitCamera.camera_id, week)
    )
    found: dict[int, list[Sighted]] = {}
    for employee_id, camera, first_seen_at, last_seen_at in rows:
        if employee_id is not None:
            found.setdefault(employee_id, []).append((camera, first_seen_at, last_seen_at))
    return found


def _corrections(
    session: Session, first: date, last: date, people: Collection[int] | None
) -> Mapping[tuple[int, date], tuple[int, DayCorrection]]:
    rows = session.scalars(
        select(Correction)
        .where(Correction.day.between(first, last), IN_FORCE, *_only(Correction.employee_id, people))
        .order_by(Correction.id)
    )
    return {(row.employee_id, row.day): (row.id, to_correction(row)) for row in rows}


def to_correction(row: Correction) -> DayCorrection:
    """What the judge takes from a correction."""
    status = DayStatus(row.status) if row.status is not None else None
    return DayCorrection(row.first_in_at, row.last_out_at, status)


def _only(column: Any, people: Collection[int] | None) -> tuple[ColumnElement[bool], ...]:
    return () if people is None else (column.in_(sorted(people)),)
