"""Reset Logs deletes what it counted, and nothing else changes."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.events import AbsenceEnded
from core.domain.states import (
    AlertKind,
    AlertResolution,
    AlertState,
    Channel,
    DeliveryState,
    EventKind,
    PresenceState,
)
from core.errors import GspeError
from core.storage import alerts, audit, holds
from core.storage.models import (
    AlertLog,
    AlertStep,
    Attendance,
    AuditLog,
    Event,
    LegalHold,
    NotificationDelivery,
    NotificationOutbox,
    Presence,
    Visit,
)
from core.storage.reset_logs import (
    ResetCount,
    ResetOrder,
    ResetRequest,
    ResetResult,
    ResetTable,
    TableCount,
    count,
    delete,
)
from core.storage.verify import check_integrity
from tests.seed import Seed, working_day

JAKARTA = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 22, 17, tzinfo=UTC)
"""When the 23rd begins in Jakarta."""
DAY = date(2026, 11, 23)
AYU, BUDI = 1, 2


@pytest.fixture
def seed(tmp_path: Path) -> Iterator[Seed]:
    """Of Ayu, a minute before and at the last three midnights: an event, and an absence told of."""
    seed = Seed(tmp_path, NOW)
    seed.camera(1, "Gate")
    for code, name in (("E1", "Ayu"), ("E2", "Budi")):
        seed.employee(code, name)
    for days in (0, 1, 2):
        for at in (MIDNIGHT - timedelta(days=days, minutes=1), MIDNIGHT - timedelta(days=days)):
            add_event(seed, AYU, at)
            add_alert(seed, AYU, at)
    yield seed
    seed.engine.dispose()


def add_event(seed: Seed, person: int | None, at: datetime) -> int:
    path = seed.picture(f"data/captures/CAM1/{at:%Y%m%dT%H%M%S%f}_{person}.jpg", 1)
    kind = EventKind.SEEN if person else EventKind.UNKNOWN
    return seed.add(
        Event(kind=kind, employee_id=person, camera_id=1, occurred_at=at, picture_path=path, score=0.6)
    )


def add_alert(seed: Seed, person: int | None, at: datetime, picture: str | None = None) -> int:
    """Opened as the worker does, so with its step and its message."""
    kind = AlertKind.ABSENT if person else AlertKind.UNKNOWN_PERSON
    with Session(seed.engine, expire_on_commit=False) as session, session.begin():
        row = AlertLog(kind=kind, employee_id=person, absent_since=at, opened_at=at, picture_path=picture)
        return alerts.open_alert(session, row).id


def deliver(seed: Seed, alert_id: int, *states: DeliveryState) -> int:
    """Addresses the alert's message to as many recipients as there are states."""
    with Session(seed.engine) as session, session.begin():
        message = session.scalars(select(NotificationOutbox).filter_by(alert_id=alert_id)).one()
        message.addressed_at = NOW
        for number, state in enumerate(states):
            told = NotificationDelivery(outbox_id=message.id, channel=Channel.EMAIL, recipient="a")
            told.address, told.language, told.state = f"{number}@b", "en", state
            told.created_at = told.due_at = told.changed_at = NOW
            session.add(told)
        return message.id


def reset(seed: Seed, table: str, **bounds: Any) -> ResetResult:
    request = ResetRequest.parse(table, **bounds)
    return delete(seed.engine, seed.paths, ResetOrder(request, JAKARTA, "admin", NOW))


def counted(seed: Seed, table: str, **bounds: Any) -> ResetCount:
    with Session(seed.engine) as session:
        return count(session, ResetRequest.parse(table, **bounds), JAKARTA)


def rows(seed: Seed, table: type) -> list[Any]:
    with Session(seed.engine) as session:
        return list(session.scalars(select(table)))


@pytest.mark.parametrize(
    ("bounds", "events"),
    [
        ({}, 6),
        ({"from_date": DAY, "to_date": DAY}, 1),
        ({"from_date": "2026-11-23"}, 1),
        ({"to_date": date(2026, 11, 22)}, 5),
        ({"from_date": date(2026, 11, 21), "to_date": date(2026, 11, 22)}, 4),
        ({"from_date": date(2026, 11, 24)}, 0),
        ({"to_date": date(2026, 11, 19)}, 0),
    ],
)
@pytest.mark.parametrize("table", ["events", "alert_logs", "both"])
def test_site_days_are_inclusive_and_the_other_table_counts_0(
    seed: Seed, table: str, bounds: dict[str, Any], events: int
) -> None:
    shown = counted(seed, table, **bounds)
    assert shown.events.rows == (0 if table == "alert_logs" else events)
    assert shown.alert_logs.rows == (0 if table == "events" else events)
    result = reset(seed, table, **bounds)
    assert (result.deleted_events, result.deleted_alert_logs) == (shown.events.rows, shown.alert_logs.rows)
    assert result.is_as_counted
    assert len(rows(seed, Event)) == 6 - shown.events.rows
    assert len(rows(seed, AlertLog)) == len(rows(seed, AlertStep)) == 6 - shown.alert_logs.rows
    check_integrity(seed.paths.database)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (("people",), "reset_table_unknown"),
        (("",), "reset_table_unknown"),
        (("both", DAY, DAY - timedelta(days=1)), "reset_dates_disordered"),
        (("both", "2026-11-23", "2026-11-22"), "reset_dates_disordered"),
        (("both", "23.11.2026"), "reset_date_invalid"),
        (("both", None, "today"), "reset_date_invalid"),
    ],
)
def test_what_cannot_be_meant_is_refused(request_: tuple[Any, ...], code: str) -> None:
    with pytest.raises(GspeError) as refused:
        ResetRequest.parse(*request_)
    assert refused.value.code == code


def test_pictures_go_with_their_events_but_not_what_an_alert_shows(seed: Seed) -> None:
    add_event(seed, None, MIDNIGHT)
    shown = f"data/captures/CAM1/{MIDNIGHT:%Y%m%dT%H%M%S%f}_None.jpg"
    add_alert(seed, None, MIDNIGHT, shown)
    reset(seed, "events")
    assert [file.name for file in seed.paths.captures.rglob("*.jpg")] == [Path(shown).name]
    reset(seed, "alert_logs")
    assert not list(seed.paths.captures.rglob("*.jpg"))


def test_unsent_messages_are_cancelled_and_sent_ones_stay_listed(seed: Seed) -> None:
    alert_ids = [row.id for row in rows(seed, AlertLog)]
    unaddressed = alert_ids[0]
    waiting = deliver(seed, alert_ids[1], DeliveryState.QUEUED, DeliveryState.ACCEPTED)
    sending = deliver(seed, alert_ids[2], DeliveryState.SENDING)
    sent = deliver(seed, alert_ids[3], DeliveryState.DELIVERED, DeliveryState.FAILED)
    reset(seed, "alert_logs")
    messages = {row.id: row for row in rows(seed, NotificationOutbox)}
    assert len(messages) == 6
    assert all(row.alert_id is None for row in messages.values())
    cancelled = {number for number, row in messages.items() if row.cancelled_at == NOW}
    assert cancelled == messages.keys() - {sent}
    assert {waiting, sending} < cancelled
    assert unaddressed not in [row.alert_id for row in messages.values()]
    states = [(row.outbox_id, row.state) for row in rows(seed, NotificationDelivery)]
    assert states == [
        (waiting, "cancelled"),
        (waiting, "accepted"),
        (sending, "cancelled"),
        (sent, "delivered"),
        (sent, "failed"),
    ]


def test_nothing_but_the_logs_changes(tmp_path: Path) -> None:
    seed = working_day(tmp_path)
    with Session(seed.engine) as session, session.begin():
        session.get_one(Presence, 5).alerted_absence_at = seed.now
    tables = (Presence, Visit, Attendance)
    before = {table: [asdict_row(row) for row in rows(seed, table)] for table in tables}
    result = reset(seed, "both")
    assert result.deleted_alert_logs == 8
    assert {table: [asdict_row(row) for row in rows(seed, table)] for table in tables} == before
    assert rows(seed, AlertLog) == []
    seed.engine.dispose()


def asdict_row(row: Any) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}


def test_the_end_of_an_absence_whose_alert_was_deleted_changes_nothing(seed: Seed) -> None:
    seed.presence(AYU, PresenceState.OFF, MIDNIGHT, alerted_absence_at=MIDNIGHT)
    reset(seed, "alert_logs")
    ended = AbsenceEnded(AYU, MIDNIGHT, NOW, AlertResolution.RETURNED)
    with Session(seed.engine) as session, session.begin():
        which = (AlertLog.employee_id == ended.employee_id) & (AlertLog.absent_since == ended.absent_since)
        assert alerts.resolve(session, which, ended.resolution, ended.ended_at) == []
    assert rows(seed, Presence)[0].alerted_absence_at == MIDNIGHT, "so it does not alert again"


def test_a_hold_keeps_its_events_and_alerts_and_says_how_many(seed: Seed) -> None:
    add_event(seed, BUDI, MIDNIGHT - timedelta(days=1))
    with Session(seed.engine) as session, session.begin():
        row = LegalHold(employee_id=AYU, first_date=DAY, last_date=DAY, reason="Case 7")
        holds.place(session, row, actor="admin", now=NOW)
    shown = counted(seed, "both")
    # of Ayu, from two days before on
    assert (shown.events.rows, shown.events.held) == (2, 5)
    assert (shown.alert_logs.rows, shown.alert_logs.held) == (1, 5)
    result = reset(seed, "both")
    assert (result.deleted_events, result.deleted_alert_logs) == (2, 1)
    assert {row.employee_id for row in rows(seed, Event)} == {AYU}
    assert len(list(seed.paths.captures.rglob("*.jpg"))) == 5
    assert counted(seed, "both").events == TableCount(0, 5, 6)


def test_what_is_recorded_after_the_counting_stays(seed: Seed) -> None:
    shown = counted(seed, "both")
    new = add_event(seed, AYU, NOW)
    add_alert(seed, AYU, NOW)
    order = ResetOrder(ResetRequest(ResetTable.BOTH), JAKARTA, "a", NOW, shown)
    result = delete(seed.engine, seed.paths, order)
    assert result.is_as_counted
    assert [row.id for row in rows(seed, Event)] == [new]
    assert len(rows(seed, AlertLog)) == 1


def test_what_was_gone_or_held_meanwhile_is_told(seed: Seed) -> None:
    shown = counted(seed, "events")
    with Session(seed.engine) as session, session.begin():
        session.delete(session.get_one(Event, 1))
    order = ResetOrder(ResetRequest(ResetTable.EVENTS), JAKARTA, "a", NOW, shown)
    result = delete(seed.engine, seed.paths, order)
    assert not result.is_as_counted
    assert result.deleted_events == 5


@pytest.mark.parametrize("table", ["events", "alert_logs", "both"])
def test_what_was_shown_as_held_stays_when_the_hold_is_lifted_meanwhile(seed: Seed, table: str) -> None:
    with Session(seed.engine) as session, session.begin():
        row = LegalHold(employee_id=AYU, first_date=DAY, last_date=DAY, reason="Case 7")
        hold_id = holds.place(session, row, actor="admin", now=NOW).id
    shown = counted(seed, table)
    with Session(seed.engine) as session, session.begin():
        holds.lift(session, hold_id, actor="admin", now=NOW)
    order = ResetOrder(ResetRequest.parse(table), JAKARTA, "a", NOW, shown)
    with pytest.raises(GspeError) as refused:
        delete(seed.engine, seed.paths, order)
    assert refused.value.code == "reset_counted_anew"
    assert (len(rows(seed, Event)), len(rows(seed, AlertLog))) == (6, 6)
    assert [row.action for row in rows(seed, AuditLog)][-1] == "hold.lifted"
    assert delete(seed.engine, seed.paths, replace(order, counted=counted(seed, table))).is_as_counted


def test_who_bounds_and_counts_stay_in_the_audit(seed: Seed) -> None:
    reset(seed, "both", from_date="2026-11-22")
    began, ended = rows(seed, AuditLog)[-2:]
    assert (began.action, began.actor, began.subject) == ("logs.reset_began", "admin", "logs:both")
    assert ended.action == "logs.reset"
    assert ended.params == {
        "table": "both",
        "from_date": "2026-11-22",
        "deleted_events": 3,
        "deleted_alert_logs": 3,
        "held_events": 0,
        "held_alert_logs": 0,
    }
    with Session(seed.engine) as session:
        assert audit.verify(session) is None


def test_many_rows_go_while_the_worker_commits(seed: Seed) -> None:
    with Session(seed.engine) as session, session.begin():
        session.add_all(
            Event(kind=EventKind.SEEN, employee_id=BUDI, camera_id=1, occurred_at=NOW) for _ in range(8000)
        )
    purge = threading.Thread(target=reset, args=(seed, "events"))
    purge.start()
    waits = []
    while purge.is_alive():
        began_s = time.monotonic()
        add_event(seed, AYU, NOW)
        waits.append(time.monotonic() - began_s)
    assert len(waits) > 1
    assert max(waits) < 2.0
    assert len(rows(seed, Event)) <= len(waits)


def test_states_are_those_of_open_alerts(seed: Seed) -> None:
    """An open alert is deleted like any other."""
    assert {row.state for row in rows(seed, AlertLog)} == {AlertState.OPEN}
    assert reset(seed, "alert_logs").deleted_alert_logs == 6
