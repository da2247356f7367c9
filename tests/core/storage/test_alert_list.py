"""What wants attention, what goes on, and what was opened when; for whose eyes."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from core.domain.alerts import wants_attention
from core.domain.states import AlertAction, AlertKind, AlertState
from core.storage import alert_list, alerts
from core.storage.alert_list import Sight
from core.storage.alerts import Deed
from core.storage.engine import reader_engine
from core.storage.models import AlertLog, AlertStep, NotificationOutbox
from tests.core.storage.scans import scanned_tables
from tests.seed import Seed, working_day

EVERYBODY = Sight()
GUDANG = Sight(("Gudang",), whole_site=False)
GUDANG_AND_SITE = Sight(("Gudang",), whole_site=True)
CITRA, EKA = 3, 5


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Seed]:
    """Somebody of Gudang and somebody of Kantor are missed, a camera is down; seven absences are over."""
    seed = working_day(tmp_path)
    open_alert(seed, AlertKind.ABSENT, employee_id=CITRA, absent_since=seed.now - timedelta(minutes=3))
    open_alert(seed, AlertKind.CAMERA_DOWN, camera_id=2, cause="refused")
    yield seed
    seed.engine.dispose()


@pytest.fixture
def session(day: Seed) -> Iterator[Session]:
    engine = reader_engine(day.paths.database)
    with Session(engine) as opened:
        yield opened
    engine.dispose()


def open_alert(seed: Seed, kind: AlertKind, **columns: Any) -> int:
    with Session(seed.engine) as session, session.begin():
        row = AlertLog(**({"kind": kind, "opened_at": seed.now - timedelta(minutes=1)} | columns))
        return alerts.open_alert(session, row).id


def take(
    seed: Seed, alert_id: int, action: AlertAction, until: datetime | None = None, note: str = ""
) -> None:
    with Session(seed.engine) as session, session.begin():
        alerts.take_step(session, alert_id, Deed(action, "budi", seed.now, until, note))


def told(rows: list[alert_list.AlertRow]) -> list[str]:
    return [row.name or row.camera_name or "" for row in rows]


def test_what_wants_attention_by_whose_eyes(day: Seed, session: Session) -> None:
    for sight, names in (
        (EVERYBODY, ["Eka Putri", "Citra Dewi", "Gudang"]),
        (GUDANG, ["Citra Dewi"]),
        (GUDANG_AND_SITE, ["Citra Dewi", "Gudang"]),
        (Sight(("Produksi",), whole_site=False), []),
    ):
        assert told(alert_list.wanting(session, sight, day.now)) == names
        assert alert_list.attention_count(session, sight, day.now) == len(names)


@pytest.mark.parametrize("state", list(AlertState))
@pytest.mark.parametrize("minutes", [None, -1, 0, 1])
def test_the_query_agrees_with_the_rule(day: Seed, state: AlertState, minutes: int | None) -> None:
    until = None if minutes is None else day.now + timedelta(minutes=minutes)
    with Session(day.engine) as session, session.begin():
        session.query(AlertStep).delete()
        session.query(NotificationOutbox).delete()
        session.query(AlertLog).delete()
        row = AlertLog(kind=AlertKind.CAMERA_DOWN, state=state, opened_at=day.now, snoozed_until=until)
        session.add(row)
        session.flush()
        wanted = wants_attention(state, until, day.now)
        assert alert_list.attention_count(session, EVERYBODY, day.now) == wanted
        going_on = alert_list.going_on(session, EVERYBODY, day.now)
        listed = alert_list.wanting(session, EVERYBODY, day.now) + going_on
        lost = state is AlertState.SNOOZED and until is None
        assert len(listed) == (state is not AlertState.RESOLVED and not lost)


def test_what_is_dealt_with_goes_on_until_its_snooze_is_over(day: Seed, session: Session) -> None:
    eka, citra, camera = alert_list.wanting(session, EVERYBODY, day.now)
    take(day, eka.id, AlertAction.ACKNOWLEDGED)
    take(day, citra.id, AlertAction.EXCUSED, note="Dokter")
    take(day, camera.id, AlertAction.SNOOZED, day.now + timedelta(minutes=15))
    session.rollback()  # what it has read so far is from before
    assert told(alert_list.wanting(session, EVERYBODY, day.now)) == []
    assert told(alert_list.going_on(session, EVERYBODY, day.now)) == ["Eka Putri", "Citra Dewi", "Gudang"]
    later = day.now + timedelta(minutes=15)
    assert told(alert_list.wanting(session, EVERYBODY, later)) == ["Gudang"]
    assert told(alert_list.going_on(session, EVERYBODY, later)) == ["Eka Putri", "Citra Dewi"]
    assert told(alert_list.going_on(session, GUDANG, later)) == ["Citra Dewi"]


def test_every_step_is_listed_with_who_and_when(day: Seed, session: Session) -> None:
    _, citra, camera = alert_list.wanting(session, EVERYBODY, day.now)
    until = day.now + timedelta(hours=1)
    take(day, citra.id, AlertAction.SNOOZED, until)
    take(day, citra.id, AlertAction.EXCUSED, note="Dokter")
    session.rollback()  # what it has read so far is from before
    steps = alert_list.steps(session, (citra.id, camera.id))
    assert [(step.action, step.actor, step.until, step.note) for step in steps[citra.id]] == [
        ("opened", "system", None, ""),
        ("snoozed", "budi", until, ""),
        ("excused", "budi", None, "Dokter"),
    ]
    assert len(steps[camera.id]) == 1
    assert alert_list.steps(session, ()) == {}


def test_a_day_is_filtered_by_kind_and_state(day: Seed, session: Session) -> None:
    def listed(*filters: tuple[str, ...]) -> int:
        start = day.now - timedelta(days=1)
        return len(alert_list.opened_between(session, start, day.now, EVERYBODY, *filters))

    assert listed() == 10
    assert listed(("camera_down",)) == 1
    assert listed(("absent",), ("resolved",)) == 7
    assert listed((), ("open",)) == 3
    assert listed(("worker_fault",)) == 0


def test_one_alert_for_eyes_that_may_see_it(day: Seed, session: Session) -> None:
    camera = alert_list.wanting(session, EVERYBODY, day.now)[-1]
    assert camera.cause == "refused"
    assert camera.location == "Lorong B"
    assert alert_list.alert(session, camera.id, EVERYBODY) == camera
    assert alert_list.alert(session, camera.id, GUDANG_AND_SITE) == camera
    assert alert_list.alert(session, camera.id, GUDANG) is None
    assert alert_list.alert(session, 999, EVERYBODY) is None


@pytest.mark.parametrize("sight", [EVERYBODY, GUDANG, GUDANG_AND_SITE])
def test_no_query_scans_a_table_that_grows(day: Seed, session: Session, sight: Sight) -> None:
    now, start = day.now, day.now - timedelta(days=1)
    for ask in (
        lambda: alert_list.wanting(session, sight, now),
        lambda: alert_list.going_on(session, sight, now),
        lambda: alert_list.attention_count(session, sight, now),
        lambda: alert_list.opened_between(session, start, now, sight),
        lambda: alert_list.opened_between(session, start, now, sight, ("absent",), ("open",)),
        lambda: alert_list.alert(session, 1, sight),
        lambda: alert_list.steps(session, (1, 2)),
    ):
        assert scanned_tables(session, ask) == set()
