"""POST /api/admin/reset_logs, with exactly its contract."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from core.domain.states import AlertKind, AlertState, EventKind, Scope
from core.settings import Parameters
from core.settings_store import SettingsStore
from core.storage.models import AlertLog, Attendance, AuditLog, Event, Visit
from dashboard import data
from tests.dashboard.rest.conftest import Site

PATH = "/api/admin/reset_logs"
EAST = "Asia/Jakarta"
"""Seven hours before UTC: site days and UTC days differ."""


@pytest.fixture
def site(site: Site) -> Site:
    """An event and an alert at each site midnight of 1 to 5 November, and a second before it."""
    store = SettingsStore(site.seed.paths)
    kept = store.load_parameters()
    store.save_parameters(Parameters(time_zone=EAST), kept.fingerprint)
    data.forget()
    data._zone_name.clear()
    with Session(site.seed.engine) as session, session.begin():
        session.execute(delete(AlertLog))
        for day in range(1, 6):
            midnight = datetime(2026, 11, day, tzinfo=UTC) - timedelta(hours=7)
            for at in (midnight - timedelta(seconds=1), midnight):
                session.add(Event(kind=EventKind.SEEN, employee_id=1, camera_id=1, occurred_at=at))
                alert = AlertLog(
                    kind=AlertKind.ABSENT, state=AlertState.RESOLVED, employee_id=1, opened_at=at
                )
                session.add(alert)
    return site


@pytest.fixture
def admin(site: Site) -> TestClient:
    return site.account("admin")


def rows(site: Site) -> tuple[int, int]:
    with Session(site.seed.engine) as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (Event, AlertLog)]
    return counts[0] or 0, counts[1] or 0


@pytest.mark.parametrize(
    ("request_", "events", "alerts"),
    [
        ({"table": "both"}, 10, 10),
        ({"table": "events"}, 10, 0),
        ({"table": "alert_logs"}, 0, 10),
        ({"table": "both", "from_date": None, "to_date": None}, 10, 10),
        ({"table": "events", "from_date": "2026-11-03", "to_date": "2026-11-03"}, 2, 0),
        ({"table": "both", "from_date": "2026-11-02", "to_date": "2026-11-03"}, 4, 4),
        ({"table": "both", "from_date": "2026-11-05"}, 1, 1),
        ({"table": "both", "to_date": "2026-10-31"}, 1, 1),
        ({"table": "alert_logs", "to_date": "2026-11-01"}, 0, 3),
        ({"table": "both", "from_date": "0001-01-01", "to_date": "9999-12-31"}, 10, 10),
        ({"table": "both", "from_date": "9999-12-31"}, 0, 0),
        ({"table": "both", "to_date": "0001-01-01"}, 0, 0),
    ],
    ids=str,
)
def test_what_goes(site: Site, admin: TestClient, request_: dict[str, Any], events: int, alerts: int) -> None:
    answer = admin.post(PATH, json=request_)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"ok": True, "deleted_events": events, "deleted_alert_logs": alerts}
    assert rows(site) == (10 - events, 10 - alerts)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"table": "both", "from_date": "2026-11-04", "to_date": "2026-11-03"}, "reset_dates_disordered"),
        ({"table": "visits"}, "request_invalid"),
        ({"table": "Events"}, "request_invalid"),
        ({"table": None}, "request_invalid"),
        ({"table": ["events"]}, "request_invalid"),
        ({}, "request_invalid"),
        ([], "request_invalid"),
        ({"table": "both", "from_date": "yesterday"}, "request_invalid"),
        ({"table": "both", "from_date": "2026-02-30"}, "request_invalid"),
        ({"table": "both", "from_date": "2026-11-03T00:00:00"}, "request_invalid"),
        ({"table": "both", "from_date": ""}, "request_invalid"),
        ({"table": "both", "from_date": 0}, "request_invalid"),
        ({"table": "both", "from": "2026-11-03"}, "request_invalid"),
    ],
    ids=str,
)
def test_what_is_refused_with_400(site: Site, admin: TestClient, request_: Any, code: str) -> None:
    answer = admin.post(PATH, json=request_)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert rows(site) == (10, 10)


def test_the_trail_says_what_the_page_would_leave(site: Site) -> None:
    client = site.token(Scope.RESET_LOGS, name="cron")
    client.post(PATH, json={"table": "both", "from_date": "2026-11-03"})
    with Session(site.seed.engine) as session:
        began, ended = session.scalars(select(AuditLog).order_by(AuditLog.id)).all()[-2:]
        assert session.scalar(select(func.count()).select_from(Visit))
        assert session.scalar(select(func.count()).select_from(Attendance))
    assert (began.actor, began.action, began.subject) == ("token:cron", "logs.reset_began", "logs:both")
    assert (ended.actor, ended.action) == ("token:cron", "logs.reset")
    assert ended.params == {
        "table": "both",
        "from_date": "2026-11-03",
        "deleted_events": 5,
        "deleted_alert_logs": 5,
        "held_events": 0,
        "held_alert_logs": 0,
    }


def test_days_are_dates(site: Site, admin: TestClient) -> None:
    day = date(2026, 11, 5).isoformat()
    again = [admin.post(PATH, json={"table": "events", "from_date": day}).json() for _ in range(2)]
    assert [one["deleted_events"] for one in again] == [1, 0]
