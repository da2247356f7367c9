"""What streams tell, in the transaction of its fact."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from core.domain.events import PresenceChanged, VisitClosed, VisitOpened
from core.domain.schedule import WorkingHours
from core.domain.shifts import SiteHours
from core.domain.states import (
    AlertAction,
    AlertKind,
    AlertResolution,
    CameraStatus,
    PresenceState,
    VisitClosedBy,
)
from core.storage import changes
from core.storage.alerts import Deed, open_alert, resolve, take_step
from core.storage.employees import create_employee
from core.storage.facts import FactBatch, record
from core.storage.models import AlertLog, Change
from core.storage.projection import AttendanceRules
from core.storage.take_up import close_future_visits
from worker.status_rows import mark_removed

RULES = AttendanceRules(SiteHours(WorkingHours.always(), ZoneInfo("UTC")), 30.0)


def camera(now: datetime, **columns: Any) -> dict[str, Any]:
    row = {"id": 1, "name": "Gate", "enabled": True, "status": CameraStatus.ONLINE, "status_since": now}
    return row | {"updated_at": now} | columns


@pytest.fixture
def ayu(session: Session, now: datetime) -> int:
    """Of a site whose camera 1 is told already."""
    record(session, FactBatch(cameras=[camera(now)]), RULES)
    person = create_employee(session, {"code": "E01", "name": "Ayu"}, actor="test", now=now)
    session.query(Change).delete()
    return person.id


def told(session: Session) -> list[tuple[str, dict[str, Any]]]:
    session.flush()
    return [(row.kind, row.params) for row in changes.after(session, 0, 100)]


def test_a_day_of_somebody(session: Session, now: datetime, ayu: int) -> None:
    later = now + timedelta(minutes=5)
    arrived = [VisitOpened(ayu, 1, now, now), PresenceChanged(ayu, PresenceState.AVAILABLE, now)]
    record(session, FactBatch(presence=list(arrived)), RULES)
    gone = [VisitClosed(ayu, later, VisitClosedBy.TIMEOUT), PresenceChanged(ayu, PresenceState.OFF, later)]
    record(session, FactBatch(presence=list(gone)), RULES)
    assert told(session) == [
        ("arrived", {"visit_id": 1}),
        ("presence_changed", {"state": "available"}),
        ("departed", {"visit_id": 1, "closed_by": "timeout"}),
        ("presence_changed", {"state": "off"}),
    ]
    rows = changes.after(session, 0, 100)
    assert {row.employee_id for row in rows} == {ayu}
    assert [row.at.astimezone(UTC) for row in rows] == [now, now, later, later]
    assert [row.camera_id for row in rows] == [1, None, 1, None]


def test_a_visit_that_a_restart_ends_is_told(session: Session, now: datetime, ayu: int) -> None:
    record(session, FactBatch(presence=[VisitOpened(ayu, 1, now, now)]), RULES)
    close_future_visits(session, now - timedelta(hours=1))
    assert [kind for kind, _ in told(session)] == ["arrived", "departed", "presence_changed"]


def test_a_camera_is_told_when_its_state_is_another_one(session: Session, now: datetime, ayu: int) -> None:
    for columns in (
        {"last_frame_at": now},
        {"status": CameraStatus.UNREACHABLE, "cause": "refused"},
        {"status": CameraStatus.UNREACHABLE, "cause": "refused", "drops": 3},
    ):
        record(session, FactBatch(cameras=[camera(now, **columns)]), RULES)
    mark_removed(session, [], now)
    mark_removed(session, [], now)
    assert told(session) == [
        ("camera_changed", {"enabled": True, "status": "unreachable", "cause": "refused"}),
        ("camera_changed", {"enabled": False, "status": "disabled", "cause": "refused"}),
    ]


def test_an_alert_and_each_step_of_it(session: Session, now: datetime, ayu: int) -> None:
    alerts = [open_alert(session, AlertLog(kind=AlertKind.ABSENT, opened_at=now, employee_id=ayu))]
    alerts.append(open_alert(session, AlertLog(kind=AlertKind.CAMERA_DOWN, opened_at=now, camera_id=1)))
    take_step(session, alerts[0].id, Deed(AlertAction.ACKNOWLEDGED, "sari", now))
    resolve(session, AlertLog.id == alerts[1].id, AlertResolution.BACK, now)
    assert told(session) == [
        ("alert_log_created", {"alert_kind": "absent", "state": "open"}),
        ("alert_log_created", {"alert_kind": "camera_down", "state": "open"}),
        ("alert_log_changed", {"alert_kind": "absent", "state": "acknowledged"}),
        ("alert_log_changed", {"alert_kind": "camera_down", "state": "resolved", "resolution": "back"}),
    ]
    about = [(row.alert_id, row.employee_id, row.camera_id) for row in changes.after(session, 0, 9)]
    assert about == [(1, ayu, None), (2, None, 1), (1, ayu, None), (2, None, 1)]


def test_what_is_rolled_back_was_never_told(session: Session, now: datetime, ayu: int) -> None:
    session.commit()
    record(session, FactBatch(presence=[VisitOpened(ayu, 1, now, now)]), RULES)
    session.rollback()
    assert told(session) == []


def test_the_newest_change_outlives_its_time(session: Session, now: datetime) -> None:
    for day in range(5):
        at = now + timedelta(days=day)
        changes.note(session, "arrived", at, changes.About(employee_id=1), {})  # type: ignore[arg-type]
    session.flush()
    assert changes.prune(session, now + timedelta(days=2)) == 2
    assert changes.bounds(session) == (3, 5)
    assert changes.prune(session, now + timedelta(days=99)) == 2
    assert changes.bounds(session) == (5, 5)
    assert [row.id for row in changes.after(session, 3, 10)] == [5]


def test_without_any(session: Session) -> None:
    assert changes.bounds(session) == (0, 0)
