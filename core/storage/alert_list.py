"""What pages show of alerts: what wants attention, what goes on meanwhile, and what was opened when.

Whoever is limited to departments sees the alerts about their people. Those about nobody we know (cameras,
programs, unknown people) are for whoever answers for the whole site.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session

from core.domain.states import AlertState
from core.storage.models import AlertLog, AlertStep, Camera, Employee

SETTLING = (AlertState.ACKNOWLEDGED, AlertState.EXCUSED)


@dataclass(frozen=True)
class Sight:
    """Whose alerts somebody sees: those of his departments, or of everybody without any."""

    departments: tuple[str, ...] = ()
    whole_site: bool = True
    """Also those that are about nobody we know."""


@dataclass(frozen=True)
class AlertRow:
    id: int
    kind: str
    state: str
    employee_id: int | None
    code: str | None
    name: str | None
    department: str | None
    camera_name: str | None
    location: str | None
    absent_since: datetime | None
    opened_at: datetime
    resolved_at: datetime | None
    resolution: str | None
    duration_s: float | None
    attendance_date: date | None
    cause: str | None
    picture_path: str | None
    snoozed_until: datetime | None

    @property
    def since(self) -> datetime:
        """From when on what it tells of goes on."""
        return self.absent_since or self.opened_at


@dataclass(frozen=True)
class Wanted:
    """A choice of alerts; no states, kinds or employee: of every one. before_id: older than that one."""

    states: Collection[str] = ()
    kinds: Collection[str] = ()
    employee_id: int | None = None
    before_id: int | None = None


@dataclass(frozen=True)
class StepRow:
    action: str
    at: datetime
    actor: str
    until: datetime | None
    note: str


def wanting(session: Session, sight: Sight, now: datetime) -> list[AlertRow]:
    """Open ones, and snoozed ones whose time is over; the oldest first."""
    return _rows(session, _query(sight).where(_wants_attention(now)).order_by(*_OLDEST_FIRST))


def going_on(session: Session, sight: Sight, now: datetime) -> list[AlertRow]:
    """Those that somebody has dealt with and that have not ended; the oldest first."""
    snoozed = and_(AlertLog.state == AlertState.SNOOZED, AlertLog.snoozed_until > now)
    dealt_with = or_(AlertLog.state.in_(SETTLING), snoozed)
    return _rows(session, _query(sight).where(dealt_with).order_by(*_OLDEST_FIRST))


def attention_count(session: Session, sight: Sight, now: datetime) -> int:
    """How many `wanting` lists."""
    query = select(func.count()).select_from(AlertLog).where(_wants_attention(now))
    if sight.departments:
        query = query.outerjoin(Employee, Employee.id == AlertLog.employee_id)
    return session.scalar(query.where(_seen_by(sight))) or 0


def opened_between(
    session: Session,
    start_at: datetime,
    end_at: datetime,
    sight: Sight,
    kinds: Collection[str] = (),
    states: Collection[str] = (),
) -> list[AlertRow]:
    """Those opened in [start_at, end_at), the newest first; no kinds or states: of every one."""
    query = _query(sight).where(AlertLog.opened_at >= start_at, AlertLog.opened_at < end_at)
    if kinds:
        query = query.where(AlertLog.kind.in_(sorted(kinds)))
    if states:
        query = query.where(AlertLog.state.in_(sorted(states)))
    return _rows(session, query.order_by(AlertLog.opened_at.desc(), AlertLog.id.desc()))


def newest(session: Session, sight: Sight, wanted: Wanted, limit: int) -> list[AlertRow]:
    """The alerts of a choice, the newest first."""
    query = _query(sight).order_by(AlertLog.id.desc()).limit(limit)
    if wanted.states:
        query = query.where(AlertLog.state.in_(sorted(wanted.states)))
    if wanted.kinds:
        query = query.where(AlertLog.kind.in_(sorted(wanted.kinds)))
    if wanted.employee_id is not None:
        query = query.where(AlertLog.employee_id == wanted.employee_id)
    if wanted.before_id is not None:
        query = query.where(AlertLog.id < wanted.before_id)
    return _rows(session, query)


def of_employee(session: Session, employee_id: int, start: datetime, end: datetime) -> list[AlertRow]:
    """The alerts about one employee that were opened from `start` to before `end`, the earliest first."""
    query = _query(Sight()).where(AlertLog.employee_id == employee_id)
    query = query.where(AlertLog.opened_at >= start, AlertLog.opened_at < end)
    return _rows(session, query.order_by(AlertLog.opened_at, AlertLog.id))


def alert(session: Session, alert_id: int, sight: Sight) -> AlertRow | None:
    """None for one that is gone or not for these eyes."""
    return next(iter(_rows(session, _query(sight).where(AlertLog.id == alert_id))), None)


def steps(session: Session, alert_ids: Sequence[int]) -> dict[int, list[StepRow]]:
    """What happened to each of these alerts, in order."""
    query = (
        select(
            AlertStep.alert_id,
            AlertStep.action,
            AlertStep.at,
            AlertStep.actor,
            AlertStep.until,
            AlertStep.note,
        )
        .where(AlertStep.alert_id.in_(alert_ids))
        .order_by(AlertStep.alert_id, AlertStep.id)
    )
    found: dict[int, list[StepRow]] = {alert_id: [] for alert_id in alert_ids}
    for row in session.execute(query):
        found[row.alert_id].append(StepRow(row.action, row.at, row.actor, row.until, row.note))
    return found


_OLDEST_FIRST = (AlertLog.opened_at, AlertLog.id)


def _wants_attention(now: datetime) -> ColumnElement[bool]:
    """As `core.domain.alerts.wants_attention`."""
    woken = and_(AlertLog.state == AlertState.SNOOZED, AlertLog.snoozed_until <= now)
    return or_(AlertLog.state == AlertState.OPEN, woken)


def _seen_by(sight: Sight) -> ColumnElement[bool]:
    own = Employee.department.in_(sight.departments) if sight.departments else true()
    about_somebody = AlertLog.employee_id.is_not(None)
    return or_(~about_somebody, own) if sight.whole_site else and_(about_somebody, own)


def _query(sight: Sight) -> Select[*tuple[Any, ...]]:
    return (
        select(
            AlertLog.id,
            AlertLog.kind,
            AlertLog.state,
            AlertLog.employee_id,
            Employee.code,
            Employee.name,
            Employee.department,
            Camera.name,
            Camera.location,
            AlertLog.absent_since,
            AlertLog.opened_at,
            AlertLog.resolved_at,
            AlertLog.resolution,
            AlertLog.duration_s,
            AlertLog.attendance_date,
            AlertLog.cause,
            AlertLog.picture_path,
            AlertLog.snoozed_until,
        )
        .outerjoin(Employee, Employee.id == AlertLog.employee_id)
        .outerjoin(Camera, Camera.id == AlertLog.camera_id)
        .where(_seen_by(sight))
    )


def _rows(session: Session, query: Select[*tuple[Any, ...]]) -> list[AlertRow]:
    return [AlertRow(*row) for row in session.execute(query)]
