"""What the watch over the site reads, and its decisions as rows. Nothing here commits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.domain.alerts import UNSETTLED
from core.domain.escalation import StandingAlert, escalates, wakes
from core.domain.site_watch import (
    WATCHED,
    CameraState,
    Decision,
    Ended,
    KnownAlert,
    Opened,
    WorkerState,
)
from core.domain.states import (
    AlertAction,
    AlertKind,
    AlertResolution,
    AlertState,
    CameraStatus,
    WorkerPhase,
)
from core.storage.alerts import SYSTEM, Deed, open_alert, resolve, take_step, tell
from core.storage.models import AlertLog, AlertStep, Camera, SitePause, WorkerStatus

LOOKED_BACK = 20
"""So many past alerts of a kind are looked at to find the latest of one fault."""
SECOND_LEVEL = 2


@dataclass(frozen=True)
class SiteState:
    """What cameras, worker and people wrote, at one moment."""

    worker: WorkerState | None
    cameras: Sequence[CameraState]
    standing: Sequence[KnownAlert]
    waiting: Sequence[StandingAlert]
    """Alerts of every kind that are open or snoozed."""
    paused: bool


def read_site(session: Session, now: datetime) -> SiteState:
    return SiteState(
        _worker(session), _cameras(session), _standing(session), _waiting(session), _paused(session, now)
    )


def past_alerts(session: Session, kind: AlertKind, camera_id: int | None) -> list[KnownAlert]:
    """The latest alerts of a kind, about a camera if one is named, the newest first."""
    query = select(AlertLog).where(AlertLog.kind == kind).order_by(AlertLog.id.desc()).limit(LOOKED_BACK)
    if camera_id is not None:
        query = query.where(AlertLog.camera_id == camera_id)
    return [_known_alert(row) for row in session.scalars(query)]


def carry_out(session: Session, decisions: Iterable[Decision], now: datetime) -> None:
    """Opens and ends alerts; one that somebody ended meanwhile stays as he left it."""
    for decision in decisions:
        if isinstance(decision, Opened):
            open_alert(session, _row(decision, now))
        else:
            _end(session, decision, now)


def wake_and_escalate(session: Session, now: datetime, after: timedelta) -> int:
    """Wakes alerts whose snooze is over, which are then told anew, and escalates what nobody has dealt with.

    after: how long an alert may stand open; zero: nothing escalates. Returns how many steps were taken.
    """
    paused, steps = _paused(session, now), 0
    for alert in _waiting(session):
        if wakes(alert, now, paused=paused):
            row = take_step(session, alert.id, Deed(AlertAction.WOKEN, SYSTEM, now))
            tell(session, row, now)
            steps += 1
        elif escalates(alert, now, after, paused=paused):
            row = take_step(session, alert.id, Deed(AlertAction.ESCALATED, SYSTEM, now))
            tell(session, row, now, level=SECOND_LEVEL)
            steps += 1
    return steps


def _end(session: Session, ended: Ended, now: datetime) -> None:
    resolved = resolve(session, AlertLog.id == ended.alert_id, ended.resolution, now)
    for alert in resolved:
        if ended.notice:
            tell(session, alert, now, end=AlertKind.CAMERA_BACK)


def _row(opened: Opened, now: datetime) -> AlertLog:
    return AlertLog(
        kind=opened.kind,
        cause=opened.cause,
        camera_id=opened.camera_id,
        absent_since=opened.since,
        opened_at=now,
    )


def _worker(session: Session) -> WorkerState | None:
    row = session.scalars(select(WorkerStatus).limit(1)).first()
    if row is None:
        return None
    return WorkerState(
        WorkerPhase(row.phase),
        row.started_at,
        row.heartbeat_at,
        row.settings_error is not None,
        row.provider,
        row.providers_wanted,
    )


def _cameras(session: Session) -> list[CameraState]:
    columns = (
        Camera.id,
        Camera.enabled,
        Camera.status,
        Camera.status_since,
        Camera.cause,
        Camera.last_frame_at,
    )
    query = select(*columns).where(Camera.removed_at.is_(None))
    return [
        CameraState(row[0], row[1], CameraStatus(row[2]), row[3], row[4], row[5])
        for row in session.execute(query)
    ]


def _standing(session: Session) -> list[KnownAlert]:
    query = select(AlertLog).where(AlertLog.state.in_(sorted(UNSETTLED)), AlertLog.kind.in_(sorted(WATCHED)))
    return [_known_alert(row) for row in session.scalars(query)]


def _known_alert(row: AlertLog) -> KnownAlert:
    resolution = AlertResolution(row.resolution) if row.resolution is not None else None
    return KnownAlert(row.id, AlertKind(row.kind), row.opened_at, row.camera_id, row.cause, resolution)


def _waiting(session: Session) -> list[StandingAlert]:
    woken_at = (
        select(func.max(AlertStep.at))
        .where(AlertStep.alert_id == AlertLog.id, AlertStep.action == AlertAction.WOKEN)
        .correlate(AlertLog)
        .scalar_subquery()
    )
    query = select(AlertLog, woken_at).where(AlertLog.state.in_([AlertState.OPEN, AlertState.SNOOZED]))
    return [
        StandingAlert(
            alert.id,
            AlertKind(alert.kind),
            AlertState(alert.state),
            at or alert.opened_at,
            alert.snoozed_until,
            alert.escalated_at,
        )
        for alert, at in session.execute(query)
    ]


def _paused(session: Session, now: datetime) -> bool:
    in_force = select(SitePause.id).where(
        SitePause.until_at > now, SitePause.started_at <= now, SitePause.lifted_at.is_(None)
    )
    return session.scalar(in_force.limit(1)) is not None
