"""Site pauses: begun, in force, lifted, and as spans."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import GspeError
from core.storage import pauses
from core.storage.models import AuditLog
from tests.days import DaysSite, at


@pytest.fixture
def site(tmp_path: Path) -> DaysSite:
    return DaysSite(tmp_path)


def begin(site: DaysSite, start: str, until: str, reason: str = "fire drill") -> int:
    with Session(site.engine) as session, session.begin():
        return pauses.begin(
            session, at(until), reason, stops_recognition=False, actor="sari", now=at(start)
        ).id


def lift(site: DaysSite, pause: int, clock: str) -> None:
    with Session(site.engine) as session, session.begin():
        pauses.lift(session, pause, actor="hr", now=at(clock))


def held(site: DaysSite, clock: str) -> list[int]:
    with Session(site.engine) as session:
        in_force = [row.id for row in pauses.in_force(session, at(clock))]
        assert {row.id for row in pauses.recent(session) if row.holds_at(at(clock))} == set(in_force)
        return in_force


def test_it_holds_from_its_beginning_to_its_end(site: DaysSite) -> None:
    pause = begin(site, "13:00", "14:00")
    assert [held(site, clock) for clock in ("12:59", "13:00", "13:59", "14:00")] == [[], [pause], [pause], []]


def test_one_that_was_lifted_ends_then(site: DaysSite) -> None:
    pause = begin(site, "13:00", "14:00")
    lift(site, pause, "13:20")
    assert [held(site, clock) for clock in ("13:19", "13:20", "13:30")] == [[pause], [], []]
    with pytest.raises(GspeError) as refused:
        lift(site, pause, "13:30")
    assert refused.value.code == "pause_over"


def test_spans_are_united_and_cut_off(site: DaysSite) -> None:
    begin(site, "10:00", "11:00")
    begin(site, "10:30", "12:00")
    lift(site, begin(site, "13:00", "15:00"), "14:00")
    begin(site, "18:00", "19:00")
    with Session(site.engine) as session:
        assert pauses.between(session, at("10:15"), at("18:00")) == (
            (at("10:15"), at("12:00")),
            (at("13:00"), at("14:00")),
        )
        assert pauses.between(session, at("16:00"), at("17:00")) == ()


@pytest.mark.parametrize(
    ("until", "reason"),
    [("13:00", "drill"), ("12:00", "drill"), ("14:00", " "), ("14:00", "x" * 201), ("400:00", "drill")],
)
def test_a_pause_needs_a_reason_and_a_near_end(site: DaysSite, until: str, reason: str) -> None:
    with pytest.raises(GspeError) as refused:
        begin(site, "13:00", until, reason)
    assert refused.value.code == "pause_invalid"


def test_who_paused_and_who_lifted_is_in_the_trail(site: DaysSite) -> None:
    lift(site, begin(site, "13:00", "14:00", "fire  drill"), "13:20")
    with Session(site.engine) as session:
        begun, lifted = session.scalars(select(AuditLog).order_by(AuditLog.id))
        [row] = pauses.recent(session)
    assert (begun.actor, begun.action, begun.params["reason"]) == ("sari", "pause.begun", "fire drill")
    assert (lifted.actor, lifted.action) == ("hr", "pause.lifted")
    assert (row.lifted_by, row.until_at - row.started_at) == ("hr", timedelta(hours=1))
