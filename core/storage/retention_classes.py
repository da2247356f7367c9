"""What each class of retention is, and which of its rows and files are over their time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, not_, select, true
from sqlalchemy.orm import Session

from core.domain.schedule import attendance_day, day_bounds
from core.domain.states import AlertState, EventKind, UnknownState
from core.paths import SitePaths
from core.settings import Parameters
from core.storage.bundles import Bundle, Column, Ids, Part
from core.storage.holds import MARGIN, Holds, holds_in_force
from core.storage.models import (
    AlertLog,
    AlertStep,
    Attendance,
    Base,
    CameraCoverage,
    Correction,
    Event,
    Evidence,
    JudgedDay,
    NotificationDelivery,
    NotificationOutbox,
    Reassignment,
    UnknownFace,
    Visit,
    VisitCamera,
)
from core.storage.sweeps import stale_live_frames, surplus_event_pictures


class RetentionClass(StrEnum):
    """In the order in which they are removed."""

    LIVE_FRAMES = "live_frames"
    EVENT_PICTURES = "event_pictures"
    EVENTS = "events"
    UNKNOWN_FACES = "unknown_faces"
    UNNAMED = "unnamed"
    CAPTURES = "captures"
    ATTENDANCE = "attendance"
    AUDIT = "audit"


SETTINGS: Mapping[RetentionClass, str] = {
    RetentionClass.LIVE_FRAMES: "live_frames_retention_hours",
    RetentionClass.EVENT_PICTURES: "event_pictures_kept",
    RetentionClass.EVENTS: "events_retention_days",
    RetentionClass.UNKNOWN_FACES: "unknown_pictures_retention_days",
    RetentionClass.UNNAMED: "unknown_faces_retention_days",
    RetentionClass.CAPTURES: "attendance_captures_retention_days",
    RetentionClass.ATTENDANCE: "attendance_retention_days",
    RetentionClass.AUDIT: "audit_retention_days",
}
"""The parameter that says how long."""

ALERT_PARTS = (
    Part(
        NotificationDelivery,
        lambda alerts: NotificationDelivery.outbox_id.in_(_messages_about(alerts)),
    ),
    Part(NotificationOutbox, NotificationOutbox.alert_id.in_),
    Part(AlertStep, AlertStep.alert_id.in_),
)
"""An alert's messages and steps go before it."""


@dataclass(frozen=True)
class Limits:
    """Until when each class is over its time, now, and what is held all the same."""

    parameters: Parameters
    now: datetime
    holds: Holds

    @property
    def zone(self) -> ZoneInfo:
        return self.parameters.zone

    @property
    def today(self) -> date:
        return attendance_day(self.now, self.zone)

    @property
    def captures_date(self) -> date:
        return self.today - timedelta(days=self.parameters.attendance_captures_retention_days)

    @property
    def attendance_date(self) -> date:
        return self.today - timedelta(days=self.parameters.attendance_retention_days)

    @property
    def audit_at(self) -> datetime:
        """The trail goes as one piece from its beginning, so it stays from the first held moment on."""
        over = self.start(self.today - timedelta(days=self.parameters.audit_retention_days))
        first_held_at = self.holds.first_at
        return over if first_held_at is None else min(over, first_held_at)

    def start(self, day: date) -> datetime:
        return day_bounds(day, self.zone)[0]


def limits_of(session: Session, parameters: Parameters, now: datetime) -> Limits:
    return Limits(parameters, now, holds_in_force(session, parameters.zone))


def files_over_their_time(
    session: Session, paths: SitePaths, limits: Limits
) -> dict[RetentionClass, list[Path]]:
    """Of the classes that are files alone."""
    parameters = limits.parameters
    return {
        RetentionClass.LIVE_FRAMES: stale_live_frames(
            paths, limits.now, parameters.live_frames_retention_hours
        ),
        RetentionClass.EVENT_PICTURES: surplus_event_pictures(
            session, paths, parameters.event_pictures_kept, limits.holds
        ),
    }


def rows_over_their_time(limits: Limits) -> dict[RetentionClass, list[Bundle]]:
    """In the order in which they can be removed: what points to a row goes before it."""
    return {
        RetentionClass.EVENTS: [_events(limits)],
        RetentionClass.UNKNOWN_FACES: _unknown_faces(limits),
        RetentionClass.UNNAMED: [_unnamed(limits)],
        RetentionClass.CAPTURES: [_captures(limits)],
        RetentionClass.ATTENDANCE: [
            _days(Attendance, Attendance.employee_id, Attendance.attendance_date, limits),
            _days(JudgedDay, JudgedDay.employee_id, JudgedDay.day, limits),
            _days(Correction, Correction.employee_id, Correction.day, limits),
            _visits(limits),
            _coverage(limits),
            _alerts(limits),
            _messages(limits),
        ],
    }


def _events(limits: Limits) -> Bundle:
    """Today counts as the first of the days kept. A picture that an alert shows is the alert's."""
    due = Event.occurred_at < _events_at(limits)
    free = limits.holds.free(Event.employee_id, Event.occurred_at)
    shown = select(AlertLog.picture_path).where(AlertLog.picture_path.is_not(None))
    own = case((Event.picture_path.in_(shown), None), else_=Event.picture_path)
    return Bundle(Event, Event.occurred_at, and_(due, free), own)


def _unknown_faces(limits: Limits) -> list[Bundle]:
    limit = limits.start(limits.today - timedelta(days=limits.parameters.unknown_pictures_retention_days))
    events = and_(
        Event.kind == EventKind.UNKNOWN,
        Event.picture_path.is_not(None),
        Event.occurred_at < limit,
        Event.occurred_at >= _events_at(limits),
    )
    alerts = and_(AlertLog.picture_path.is_not(None), AlertLog.opened_at < limit)
    return [
        Bundle(Event, Event.occurred_at, events, Event.picture_path, "picture_path"),
        Bundle(AlertLog, AlertLog.opened_at, alerts, AlertLog.picture_path, "picture_path"),
    ]


def _unnamed(limits: Limits) -> Bundle:
    """Whole rows, with picture and features. Who is ignored stays, or he would be unknown again.

    Those that somebody named count as facts about that person.
    """
    return Bundle(UnknownFace, UnknownFace.last_seen_at, _unnamed_due(limits), UnknownFace.picture_path)


def _unnamed_due(limits: Limits) -> ColumnElement[bool]:
    """Never kept for longer than the visits that they may have made."""
    parameters = limits.parameters
    days = min(parameters.unknown_faces_retention_days, parameters.attendance_retention_days)
    return and_(
        UnknownFace.last_seen_at < limits.start(limits.today - timedelta(days=days)),
        UnknownFace.state != UnknownState.IGNORED,
        limits.holds.free(UnknownFace.employee_id, UnknownFace.first_seen_at),
    )


def _captures(limits: Limits) -> Bundle:
    due = and_(Evidence.captured_at < limits.start(limits.captures_date), Evidence.path.is_not(None))
    if limits.holds.holds:
        due = and_(due, Evidence.visit_id.in_(select(Visit.id).where(_is_free(limits))))
    return Bundle(Evidence, Evidence.captured_at, due, Evidence.path, "path")


def _days(
    table: type[Base],
    employee_id: Column,
    day: Column,
    limits: Limits,
) -> Bundle:
    free = limits.holds.free_days(employee_id, day)
    return Bundle(table, day, and_(day < limits.attendance_date, free))


def _is_free(limits: Limits) -> ColumnElement[bool]:
    """Neither its person is held nor anybody whose visit it was before somebody said otherwise."""
    holds = limits.holds
    if not holds.holds:
        return true()
    taken = select(Reassignment.id).where(
        Reassignment.visit_id == Visit.id,
        not_(holds.free(Reassignment.from_employee_id, Visit.arrived_at)),
    )
    return and_(holds.free(Visit.employee_id, Visit.arrived_at), ~taken.exists())


def _visits(limits: Limits) -> Bundle:
    named = select(UnknownFace.id).where(UnknownFace.visit_id == Visit.id, not_(_unnamed_due(limits)))
    due = and_(
        Visit.arrived_at < _facts_at(limits),
        Visit.departed_at.is_not(None),
        _is_free(limits),
        ~named.exists(),
    )
    parts = (
        Part(Reassignment, Reassignment.visit_id.in_),
        Part(Evidence, Evidence.visit_id.in_, Evidence.path),
        Part(VisitCamera, VisitCamera.visit_id.in_),
    )
    return Bundle(Visit, Visit.arrived_at, due, parts=parts)


def _coverage(limits: Limits) -> Bundle:
    free = limits.holds.free_of_anybody(CameraCoverage.started_at, CameraCoverage.ended_at)
    due = and_(CameraCoverage.ended_at < _facts_at(limits), free)
    return Bundle(CameraCoverage, CameraCoverage.started_at, due)


def _alerts(limits: Limits) -> Bundle:
    due = and_(
        AlertLog.state == AlertState.RESOLVED,
        AlertLog.opened_at < limits.start(limits.attendance_date),
        limits.holds.free(AlertLog.employee_id, AlertLog.opened_at),
    )
    return Bundle(AlertLog, AlertLog.opened_at, due, AlertLog.picture_path, parts=ALERT_PARTS)


def _messages(limits: Limits) -> Bundle:
    """Those about no alert any more. Whom one named is not known: all of a held time stay."""
    created_at = NotificationOutbox.created_at
    due = and_(
        created_at < limits.start(limits.attendance_date),
        NotificationOutbox.alert_id.is_(None),
        limits.holds.free_of_anybody(created_at, created_at),
    )
    deliveries = Part(NotificationDelivery, NotificationDelivery.outbox_id.in_)
    return Bundle(NotificationOutbox, created_at, due, parts=(deliveries,))


def _messages_about(alerts: Ids) -> Any:
    return select(NotificationOutbox.id).where(NotificationOutbox.alert_id.in_(alerts))


def _events_at(limits: Limits) -> datetime:
    return limits.start(limits.today - timedelta(days=limits.parameters.events_retention_days - 1))


def _facts_at(limits: Limits) -> datetime:
    """Visits and coverage stay a little longer: the first day that is kept may point to them."""
    return limits.start(limits.attendance_date - MARGIN)
