"""Judging stored days again: told first, then written; locked months left out."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.attendance import main
from core.domain.day_changes import FigureChange
from core.domain.states import DayStatus
from core.errors import GspeError
from core.storage import judged_days, recompute
from core.storage.models import (
    Attendance,
    AuditLog,
    Holiday,
    JudgedDay,
    MonthLock,
    ShiftAssignment,
    ShiftPlan,
)
from core.storage.projection import rebuild
from core.storage.recompute import Range
from core.storage.rulebook import attendance_rules
from core.storage.work_days import Only
from tests.days import ONE_DAY, DaysSite, at

DAY = date(2025, 11, 24)
"""A Monday, over by any clock: the command reads the computer's."""
LAST_MONTH = date(2025, 10, 31)
"""A Friday."""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DaysSite:
    """Ana came on two days, of this month and of the last; everything is judged and final."""
    site = DaysSite(tmp_path, at("23:00", DAY))
    monkeypatch.setenv("GSPE_HOME", str(tmp_path))
    ana = site.seed.employee("E1", "Ana", "Hall")
    site.seed.employee("E2", "Budi", "Office")
    for day in (LAST_MONTH, DAY):
        site.cover(day=day)
        site.see(ana, "08:30", "17:00", day)
    site.store(LAST_MONTH, DAY, site.now + 2 * ONE_DAY)
    return site


def span(site: DaysSite, first: date = LAST_MONTH, last: date = DAY, only: Only | None = None) -> Range:
    return Range(first, last, site.parameters, site.now + 3 * ONE_DAY, only or Only())


def previewed(site: DaysSite, days: Range) -> recompute.Preview:
    with Session(site.engine) as session:
        return recompute.preview(session, days)


def test_without_another_rule_nothing_changes(site: DaysSite) -> None:
    found = previewed(site, span(site))
    assert (found.changes, found.locked, found.judged) == ([], [], 50)


def test_the_preview_tells_who_what_from_to_and_by_which_rule(site: DaysSite) -> None:
    site.seed.add(Holiday(day=DAY, name="Guru", department="Hall"))
    [change] = previewed(site, span(site)).changes
    assert (change.name, change.day, change.reasons[-1].code) == ("Ana", DAY, "holiday")
    assert change.figures[0] == FigureChange("status", DayStatus.LATE, DayStatus.HOLIDAY)
    told = {one.figure: (one.before, one.after) for one in change.figures}
    assert told["overtime"] == (timedelta(0), timedelta(hours=8, minutes=30))
    with Session(site.engine) as session:
        assert judged_days.of_employee(session, 1, DAY, DAY)[0].work.status == DayStatus.LATE, "only told"


def test_only_these_departments_are_looked_at(site: DaysSite) -> None:
    site.seed.add(Holiday(day=DAY, name="Guru"))
    found = previewed(site, span(site, only=Only(departments=("Office",))))
    assert [change.name for change in found.changes] == ["Budi"]


def test_a_missing_row_is_told_as_new(site: DaysSite) -> None:
    with Session(site.engine) as session, session.begin():
        session.query(JudgedDay).filter_by(employee_id=2, day=DAY).delete()
    [change] = previewed(site, span(site)).changes
    assert (change.figures[0].before, change.figures[0].after) == (None, DayStatus.ABSENT)


def test_days_in_the_wrong_order_are_refused(site: DaysSite) -> None:
    with pytest.raises(GspeError) as refused:
        previewed(site, span(site, DAY, LAST_MONTH))
    assert refused.value.code == "recompute_order"


def run(*arguments: str) -> int:
    return main(["recompute", LAST_MONTH.isoformat(), DAY.isoformat(), *arguments])


def test_the_command_tells_and_then_writes(site: DaysSite, capsys: pytest.CaptureFixture[str]) -> None:
    site.seed.add(Holiday(day=DAY, name="Guru", department="Hall"))
    assert run() == 0
    told = capsys.readouterr().out
    assert "2025-11-24 E1 Ana: status late -> holiday" in told
    assert told.endswith("1 of 50 days would change\n")
    assert run("--apply") == 0
    assert capsys.readouterr().out == "1 of 50 days changed\n"
    assert previewed(site, span(site)).changes == []
    assert run("--apply") == 0
    assert capsys.readouterr().out == "0 of 50 days changed\n"
    with Session(site.engine) as session:
        rows = session.scalars(select(AuditLog).order_by(AuditLog.id)).all()
    assert [row.action for row in rows] == ["days.rewritten", "days.recomputed", "days.recomputed"]
    assert rows[1].actor == "system:recompute"
    assert rows[1].params == {"judged": 50, "changed": 1, "last": "2025-11-24", "locked": []}


def test_locked_months_are_left_out_and_named(site: DaysSite, capsys: pytest.CaptureFixture[str]) -> None:
    for day in (LAST_MONTH, DAY):
        site.seed.add(Holiday(day=day, name="Guru"))
    site.seed.add(MonthLock(month=date(2025, 10, 1), locked_at=site.now, locked_by="hr"))
    assert run() == 0
    assert "2025-10 is locked and was left out\n2 of 48 days would change" in capsys.readouterr().out
    assert run("--apply") == 0
    assert "2025-10 is locked and was left out\n2 of 48 days changed" in capsys.readouterr().out
    with Session(site.engine) as session:
        rows = judged_days.between(session, LAST_MONTH, LAST_MONTH)
    assert [row.work.status for row in rows] == [DayStatus.LATE, DayStatus.ABSENT]


def test_a_night_shift_that_was_entered_late_moves_the_visits_to_its_day(site: DaysSite) -> None:
    with Session(site.engine) as session, session.begin():
        rebuild(session, LAST_MONTH, DAY, attendance_rules(site.parameters))
    night = ShiftPlan(name="Night", start="20:00", end="08:00", weekdays=list(range(7)), breaks=[])
    night.late_grace_min = night.early_grace_min = 0
    site.seed.add(night)
    site.seed.add(ShiftAssignment(shift_id=1, employee_id=1, first_date=DAY - ONE_DAY))
    assert run("--apply") == 0
    with Session(site.engine) as session:
        rows = session.scalars(select(Attendance).order_by(Attendance.attendance_date)).all()
        assert [row.attendance_date for row in rows] == [LAST_MONTH, DAY - ONE_DAY]
        stored = judged_days.of_employee(session, 1, DAY - ONE_DAY, DAY)
    assert [day.work.first_in_at for day in stored] == [at("08:30", DAY), None]


def test_it_says_what_it_cannot_do(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["recompute", DAY.isoformat(), LAST_MONTH.isoformat()])
    assert "must not lie before" in capsys.readouterr().err
