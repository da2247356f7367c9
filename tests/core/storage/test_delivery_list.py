"""The questions of the notifier and of its page answer from indexes, also after a year."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from core.domain.states import AlertKind, AlertState, Channel, DeliveryState
from core.storage import deliveries, delivery_list, outbox, site_state
from core.storage.delivery_list import DeliveryFilter
from core.storage.engine import reader_engine
from core.storage.models import AlertLog, NotificationDelivery, NotificationOutbox
from tests.core.storage.scans import scanned_tables
from tests.seed import Seed, working_day

A_YEAR = 40_000
QUICK_S = 0.2


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Seed:
    """Three recipients of a hundred alerts a day."""
    seed = working_day(tmp_path_factory.mktemp("site"))
    began = seed.now - timedelta(days=365)
    alerts, messages, sent = [], [], []
    for number in range(1, A_YEAR + 1):
        at = began + timedelta(days=365 * number / A_YEAR)
        subject = {"kind": AlertKind.ABSENT, "employee_id": number % 8 + 1, "state": AlertState.RESOLVED}
        alerts.append({"id": number + 1000, "opened_at": at, **subject})
        marks = {"params": {"since": at.isoformat()}, "created_at": at, "addressed_at": at}
        messages.append({"id": number, "alert_id": number + 1000, "kind": "absent", "level": 1, **marks})
        facts = {"recipient": "Sari", "language": "id", "state": DeliveryState.ACCEPTED, "attempts": 1}
        times = {"created_at": at, "due_at": at, "changed_at": at}
        row = {"outbox_id": number, "channel": Channel.WHATSAPP, **facts, **times}
        sent += [{**row, "address": f"+62{which}"} for which in range(3)]
    with seed.engine.begin() as connection:
        connection.execute(insert(AlertLog), alerts)
        connection.execute(insert(NotificationOutbox), messages)
        connection.execute(insert(NotificationDelivery), sent)
    return seed


@pytest.fixture
def session(year: Seed) -> Iterator[Session]:
    engine = reader_engine(year.paths.database)
    with Session(engine) as opened:
        yield opened
    engine.dispose()


def of_day(seed: Seed) -> DeliveryFilter:
    return DeliveryFilter.of_day(seed.now.date() - timedelta(days=30), ZoneInfo("UTC"))


QUESTIONS: dict[str, Callable[[Session, Seed], Any]] = {
    "of a day": lambda session, seed: delivery_list.deliveries_between(session, of_day(seed)),
    "of a department": lambda session, seed: delivery_list.deliveries_between(
        session, of_day(seed), ["Gudang", "Kantor"]
    ),
    "counts": lambda session, seed: delivery_list.delivery_counts(session, of_day(seed)),
    "counts of a department": lambda session, seed: delivery_list.delivery_counts(
        session, of_day(seed), ["Gudang"]
    ),
    "of a message": lambda session, seed: delivery_list.deliveries_of(session, 7),
    "taken up": lambda session, seed: delivery_list.is_addressed(session, 7),
    "to address": lambda session, seed: outbox.has_unaddressed(session),
    "queued": lambda session, seed: deliveries.queued(session),
    "obsolete": lambda session, seed: deliveries.has_obsolete(session, seed.now),
    "sent lately": lambda session, seed: deliveries.recently_sent(session, seed.now),
    "the site": lambda session, seed: site_state.read_site(session, seed.now),
    "past alerts": lambda session, seed: site_state.past_alerts(session, AlertKind.ABSENT, None),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_scans_a_table_that_grows(question: str, year: Seed, session: Session) -> None:
    scanned = scanned_tables(session, lambda: QUESTIONS[question](session, year))
    if question != "past alerts":  # read backwards by key, until enough are found
        assert not scanned


def test_a_day_has_its_rows_and_counts(year: Seed, session: Session) -> None:
    counts = delivery_list.delivery_counts(session, of_day(year))
    rows = delivery_list.deliveries_between(session, of_day(year))
    assert len(rows) == delivery_list.MOST_ROWS < counts["accepted"] < 400
    assert [row.id for row in rows] == sorted((row.id for row in rows), reverse=True)
    gudang = delivery_list.deliveries_between(session, of_day(year), ["Gudang"])
    assert 0 < len(gudang) == delivery_list.delivery_counts(session, of_day(year), ["Gudang"])["accepted"]
