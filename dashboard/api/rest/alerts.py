"""Alerts: listed, and led on as from the page Alerts."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Security
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from core.domain.states import AlertKind, AlertResolution, AlertState, Role, Scope
from core.errors import AccessDenied
from core.storage import alert_list
from core.storage.alert_list import AlertRow
from core.storage.employees import MAX_LENGTH
from dashboard import alert_commands
from dashboard.alert_commands import Excuse
from dashboard.api.rest.access import Access, Caller
from dashboard.api.rest.listing import HEADERS, Paged
from dashboard.api.rest.problems import Refused, responses
from dashboard.api.rest.values import LARGEST_ID, Id, Moment
from dashboard.attention import sight_of
from dashboard.database import reader
from dashboard.writes import write

router = APIRouter(tags=["alerts"])

Reading = Annotated[Caller, Security(Access(Role.SUPERVISOR, Scope.READ_ALERTS, Scope.WRITE_ALERTS))]
Writing = Annotated[Caller, Security(Access(Role.SUPERVISOR, Scope.WRITE_ALERTS))]


class Step(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    action: str
    at: datetime
    actor: str
    until: datetime | None
    note: str


class AlertOut(BaseModel):
    """employee_id null: about a camera, a program or a person whom nobody enrolled."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    kind: AlertKind
    state: AlertState
    employee_id: int | None
    name: str | None
    department: str | None
    camera_name: str | None
    cause: str | None
    since: datetime
    opened_at: datetime
    snoozed_until: datetime | None
    resolved_at: datetime | None
    resolution: AlertResolution | None


class AlertWithSteps(AlertOut):
    steps: list[Step]


class Snooze(BaseModel):
    """Either of both; at most seven days."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"minutes": 30}})

    until: Moment | None = None
    minutes: int | None = Field(default=None, ge=1, le=7 * 24 * 60)


class ExcuseIn(BaseModel):
    """absent_until also enters the hours until then as excused, which is for HR accounts."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "Ke bank"}})

    reason: str = Field(min_length=1, max_length=MAX_LENGTH)
    absent_until: Moment | None = None


class Note(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: str = Field(default="", max_length=MAX_LENGTH)


@router.get(
    "/alerts",
    summary="List alerts",
    response_model=list[AlertOut],
    responses={200: {"headers": HEADERS}},
)
def list_alerts(
    page: Paged,
    caller: Reading,
    state: Annotated[list[AlertState] | None, Query(description="Only in these states")] = None,
    kind: Annotated[list[AlertKind] | None, Query(description="Only of these kinds")] = None,
    employee_id: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
) -> object:
    """The newest first."""
    wanted = alert_list.Wanted(state or (), kind or (), employee_id, page.after() or None)
    with Session(reader()) as session:
        rows = alert_list.newest(session, sight_of(caller), wanted, page.limit + 1)
    return page.cut(rows, lambda row: row.id)


@router.get(
    "/alerts/{alert_id}",
    summary="One alert and what was done about it",
    response_model=AlertWithSteps,
    responses=responses(404),
)
def get_alert(alert_id: Id, caller: Reading) -> object:
    with Session(reader()) as session:
        return _seen(session, caller, alert_id)


@router.post(
    "/alerts/{alert_id}/acknowledge",
    summary="Say that somebody sees to it",
    response_model=AlertWithSteps,
    responses=responses(404, 409),
)
def acknowledge(alert_id: Id, caller: Writing) -> object:
    """409 `alert_moved_on` when somebody else was faster."""
    return _do(caller, alert_id, lambda s, now: alert_commands.acknowledge_one(s, caller, alert_id, now))


@router.post(
    "/alerts/{alert_id}/snooze",
    summary="Ask for nobody's attention for a while",
    response_model=AlertWithSteps,
    responses=responses(404, 409),
)
def snooze(alert_id: Id, body: Snooze, caller: Writing) -> object:
    if (body.until is None) == (body.minutes is None):
        raise Refused("alert_snooze_invalid")

    def deed(session: Session, now: datetime) -> object:
        until = body.until or now + timedelta(minutes=body.minutes or 0)
        return alert_commands.snooze_one(session, caller, alert_id, until, now)

    return _do(caller, alert_id, deed)


@router.post(
    "/alerts/{alert_id}/excuse",
    summary="Say that the employee may be away",
    response_model=AlertWithSteps,
    responses=responses(404, 409),
)
def excuse(alert_id: Id, body: ExcuseIn, caller: Writing) -> object:
    if body.absent_until is not None and not caller.may(Role.HR):
        raise AccessDenied("excused hours are for HR", code="role_too_low", role=str(Role.HR))
    given = Excuse(body.reason, body.absent_until)
    return _do(caller, alert_id, lambda s, now: alert_commands.excuse_one(s, caller, alert_id, given, now))


@router.post(
    "/alerts/{alert_id}/resolve",
    summary="End an alert by hand",
    response_model=AlertWithSteps,
    responses=responses(404, 409),
)
def resolve(alert_id: Id, caller: Writing, body: Note | None = None) -> object:
    note = body.note if body is not None else ""
    return _do(caller, alert_id, lambda s, now: alert_commands.resolve_one(s, caller, alert_id, note, now))


def _do(caller: Caller, alert_id: int, deed: Callable[[Session, datetime], object]) -> AlertWithSteps:
    def work(session: Session, now: datetime) -> AlertWithSteps:
        _seen(session, caller, alert_id)
        deed(session, now)
        return _seen(session, caller, alert_id)

    return write(work)


def _seen(session: Session, caller: Caller, alert_id: int) -> AlertWithSteps:
    """An alert that is not for these eyes is as unknown as none."""
    row: AlertRow | None = alert_list.alert(session, alert_id, sight_of(caller))
    if row is None:
        raise Refused("alert_unknown")
    steps: list[Any] = list(alert_list.steps(session, [alert_id])[alert_id])
    fields = AlertOut.model_validate(row).model_dump()
    return AlertWithSteps(**fields, steps=[Step.model_validate(step) for step in steps])
