"""What reports and the muster list read answers from indexes, for one department or all."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from core.domain.muster import Belief, MusterReason
from core.domain.states import CorrectionState, PresenceState
from core.errors import GspeError
from core.reports.figures import presence_by_hour
from core.reports.periods import Period
from core.storage import report_rows
from core.storage.engine import reader_engine
from core.storage.models import Camera, Correction, Employee, Presence, Visit
from core.storage.muster import muster
from tests.seed import Seed, working_day

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = NOW.date()
PAGES = {
    "people": report_rows.people,
    "person": lambda s, d: report_rows.person_by_code(s, "E03", d),
    "corrections": lambda s, d: report_rows.corrections_in_force(s, TODAY, TODAY, d),
    "shots": lambda s, _: report_rows.visit_shots(s, 1, NOW - timedelta(days=31), NOW),
    "visits": lambda s, d: report_rows.visit_spans(s, NOW - timedelta(days=31), NOW, d),
    "muster": lambda s, d: muster(s, NOW, d),
}


@pytest.fixture
def seed(tmp_path: Path) -> Iterator[Seed]:
    seed = working_day(tmp_path, NOW)
    yield seed
    seed.engine.dispose()


@pytest.fixture
def session(seed: Seed) -> Iterator[Session]:
    engine = reader_engine(seed.paths.database)
    with Session(engine) as opened:
        yield opened
    engine.dispose()


@pytest.mark.parametrize("departments", [(), ("Gudang", "Kantor")])
@pytest.mark.parametrize("name", PAGES)
def test_no_table_that_grows_is_scanned(name: str, departments: tuple[str, ...], session: Session) -> None:
    plans: list[str] = []

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        plan = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plans.extend(row[-1] for row in plan.fetchall())

    event.listen(session.get_bind(), "before_cursor_execute", explain)
    PAGES[name](session, departments)
    assert plans
    scanned = {re.sub(r"_\d+$", "", plan.split()[1]) for plan in plans if plan.startswith("SCAN ")}
    assert scanned <= {"worker_status", "cameras"}


def test_a_correction_counts_while_it_is_in_force(seed: Seed, session: Session) -> None:
    for state in CorrectionState:
        seed.add(
            Correction(
                employee_id=3,
                day=TODAY,
                note="by hand",
                reason=str(state),
                author="sari",
                created_at=NOW,
                before={},
                after={},
                state=state,
            )
        )
    [found] = report_rows.corrections_in_force(session, TODAY, TODAY, ("Gudang",))
    assert (found.code, found.reason, found.day) == ("E03", "in_force", TODAY)
    assert not report_rows.corrections_in_force(session, TODAY, TODAY, ("Kantor",))
    assert not report_rows.corrections_in_force(session, date(2026, 1, 1), date(2026, 1, 31))


@pytest.mark.parametrize(
    ("columns", "count"),
    [
        ({}, 0),
        ({"note": "x"}, 1),
        ({"status": "leave"}, 1),
        ({"first_in_at": NOW}, 1),
        ({"last_out_at": NOW}, 1),
    ],
)
def test_one_that_says_nothing_counts_not(
    seed: Seed, session: Session, columns: dict[str, Any], count: int
) -> None:
    facts = {"employee_id": 3, "day": TODAY, "reason": "why", "author": "sari", "created_at": NOW}
    seed.add(Correction(**facts, **columns, before={}, after={}, state=CorrectionState.IN_FORCE))
    assert len(report_rows.corrections_in_force(session, TODAY, TODAY)) == count


def test_a_night_that_began_the_day_before_is_among_the_visits(tmp_path: Path) -> None:
    seed = Seed(tmp_path / "night", NOW)
    seed.camera(1, "Gate")
    ana = seed.employee("E1", "Ana")
    first, hour = datetime(2026, 11, 1, tzinfo=UTC), timedelta(hours=1)
    for begin, end in ((-12, -1), (-2, 6), (8, 9), (23, 30), (24, 25)):
        seed.visit(ana, first + begin * hour, first + end * hour)
    with Session(seed.engine) as opened:
        visits = report_rows.visit_spans(opened, first, first + 24 * hour)
    assert sorted(visits) == [
        (ana, first - 2 * hour, first + 6 * hour),
        (ana, first + 8 * hour, first + 9 * hour),
        (ana, first + 23 * hour, first + 30 * hour),
    ]
    hours = presence_by_hour(visits, Period(first.date(), first.date()), first.date(), ZoneInfo("UTC"))
    assert [hour for hour in range(24) if hours.loc[6, hour]] == [*range(7), 8, 9, 23]


def test_somebody_of_another_department_is_nobody(session: Session) -> None:
    assert report_rows.person_by_code(session, "E03", ("Gudang",)).name == "Citra Dewi"
    with pytest.raises(GspeError) as refused:
        report_rows.person_by_code(session, "E03", ("Kantor",))
    assert refused.value.code == "report_person_unknown"


def test_the_list_says_who_is_inside_where_and_since_when(seed: Seed, session: Session) -> None:
    found = muster(session, NOW)
    inside = found.believed(Belief.INSIDE)
    assert [row.name for row in inside] == ["Citra Dewi", "Dedi Kurniawan", "Ayu Lestari", "Budi Santoso"]
    assert {row.place for row in inside} == {"Pintu masuk"}
    [maybe] = found.believed(Belief.MAYBE_INSIDE)
    assert (maybe.name, maybe.reason) == ("Gita Maharani", MusterReason.UNOBSERVED)
    assert found.known_at == NOW
    assert [row.name for row in muster(session, NOW, ("Kantor",)).rows] == ["Gita Maharani"]


def test_days_without_a_worker_take_nobody_off_the_list(seed: Seed, session: Session) -> None:
    with Session(seed.engine) as writing, writing.begin():
        writing.query(Visit).filter_by(employee_id=5).update({"closed_by": "unobserved"})
    before = muster(session, NOW)
    after = muster(session, NOW + timedelta(days=3))
    assert before.rows == after.rows
    assert after.known_at == NOW


def test_who_was_deactivated_inside_stays_for_a_day(seed: Seed, session: Session) -> None:
    with Session(seed.engine) as writing, writing.begin():
        ayu = writing.get_one(Employee, 1)
        ayu.active, ayu.deactivated_at = False, NOW
        visit = writing.query(Visit).filter_by(employee_id=1, departed_at=None).one()
        visit.departed_at, visit.closed_by = visit.last_seen_at, "deactivated"
        writing.get_one(Presence, 1).state = PresenceState.OFF
    rows = {row.name: row.reason for row in muster(session, NOW).rows}
    assert rows["Ayu Lestari"] is MusterReason.DEACTIVATED
    seed.worker(age_s=-2 * 86_400)
    with Session(seed.engine) as writing, writing.begin():
        writing.query(Camera).update({"last_frame_at": NOW + timedelta(days=2)})
    session.rollback()
    assert "Ayu Lestari" not in {row.name for row in muster(session, NOW + timedelta(days=2)).rows}


def test_without_a_worker_ever_nothing_is_known(tmp_path: Path) -> None:
    seed = Seed(tmp_path / "empty", NOW)
    with Session(seed.engine) as opened:
        found = muster(opened, NOW)
    assert (found.rows, found.known_at) == ([], None)
