"""Judged days as rows: written only where they differ, read as they were judged."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.day_changes import in_whole_seconds
from core.domain.states import CorrectionState, CoverageState, DayStatus, LeaveKind
from core.domain.summary import total
from core.storage import day_sums, judged_days
from core.storage.models import Correction, Holiday, JudgedDay, Leave, MonthLock
from tests.days import DAY, ONE_DAY, DaysSite, at


@pytest.fixture
def site(tmp_path: Path) -> DaysSite:
    """Ana works, Budi is absent, Citra is on leave; a gap in the coverage and a fraction of a second."""
    site = DaysSite(tmp_path)
    ana = site.seed.employee("E1", "Ana", "Hall")
    site.seed.employee("E2", "Budi", "Office")
    citra = site.seed.employee("E3", "Citra", "Office")
    site.seed.add(Leave(employee_id=citra, kind=LeaveKind.SICK, first_date=DAY, last_date=DAY))
    site.cover("00:00", "10:00")
    site.cover("10:00", "10:30", state=CoverageState.WORKER_STOPPED)
    site.cover("10:30", "24:00")
    site.seed.visit(ana, at("08:30") + timedelta(seconds=0.4), at("10:00"))
    site.see(ana, "10:40", "18:00")
    return site


def stored(site: DaysSite) -> list[judged_days.StoredDay]:
    with Session(site.engine) as session:
        return judged_days.of_day(session, DAY)


def test_what_is_read_is_what_was_judged(site: DaysSite) -> None:
    site.store()
    for judged, row in zip(site.judged(), stored(site), strict=True):
        assert row.work == replace(in_whole_seconds(judged.work), timeline=())
        assert (row.code, row.name, row.department) == (judged.code, judged.name, judged.department)
    ana, budi, citra = stored(site)
    assert (ana.work.status, budi.work.status) == (DayStatus.LATE, DayStatus.ABSENT)
    assert ana.work.reasons[0].params["by"] == timedelta(minutes=30)
    assert citra.work.reasons[0].params == {"kind": LeaveKind.SICK}
    assert (ana.shift_name, ana.start_at) == ("", at("08:00"))
    assert budi.work.coverage == pytest.approx(8.5 / 9)


def test_storing_again_writes_nothing(site: DaysSite) -> None:
    assert site.store() == 3
    before = stored(site)
    assert site.store(now=site.now + timedelta(minutes=1)) == 0
    assert stored(site) == before, "not even when it was judged"


def test_only_days_that_are_over_are_final(site: DaysSite) -> None:
    site.store()
    assert not any(row.work.is_final for row in stored(site))
    assert site.store(now=at("24:00")) == 0, "the last facts of the day are committed a moment later"
    assert site.store(now=at("24:01")) == 3
    assert all(row.work.is_final for row in stored(site))


def test_a_visit_that_goes_on_keeps_its_day_open(site: DaysSite) -> None:
    budi = 2
    site.seed.visit(budi, at("23:30"), at("24:30"), open_=True)
    site.store(now=at("24:30"))
    assert [row.work.is_final for row in stored(site)] == [True, False, True]


def test_another_rule_changes_no_final_day_by_itself(site: DaysSite) -> None:
    site.store(now=at("25:00"))
    site.seed.add(Holiday(day=DAY, name="Idul Fitri"))
    assert site.store(now=at("26:00")) == 0
    with Session(site.engine) as session, session.begin():
        days = site.judged(now=at("26:00"))
        assert judged_days.store(session, days, at("26:00"), also_final=True) == 2, "leave goes before"
    assert [row.work.status for row in stored(site)] == ["holiday", "holiday", "leave"]


def test_a_locked_month_is_never_written(site: DaysSite) -> None:
    site.seed.add(MonthLock(month=DAY.replace(day=1), locked_at=site.now, locked_by="hr"))
    assert site.store() == 0
    with Session(site.engine) as session, session.begin():
        assert judged_days.store(session, site.judged(), site.now, also_final=True) == 0
    assert stored(site) == []


def test_a_day_judged_before_its_correction_is_left_to_the_correction(site: DaysSite) -> None:
    days = site.judged()
    correction = site.seed.add(
        Correction(
            employee_id=2,
            day=DAY,
            status=DayStatus.PRESENT,
            reason="badge",
            author="hr",
            created_at=site.now,
            before={},
            after={},
            state=CorrectionState.IN_FORCE,
        )
    )
    with Session(site.engine) as session, session.begin():
        assert judged_days.store(session, days, site.now) == 2
    assert site.store() == 1
    [_, budi, _] = stored(site)
    assert (budi.work.status, budi.correction_id) == (DayStatus.PRESENT, correction)
    assert budi.work.reasons[0].code == "corrected"


def test_departments_limit_what_is_read(site: DaysSite) -> None:
    site.store()
    with Session(site.engine) as session:
        assert [row.code for row in judged_days.of_day(session, DAY, ["Office"])] == ["E2", "E3"]
        sums = day_sums.of_people(session, DAY, DAY, ["Hall"])
        assert [one.code for one in sums] == ["E1"]


def test_sums_by_sql_are_those_of_the_domain(site: DaysSite) -> None:
    monday = DAY - 7 * ONE_DAY
    for day in range(5):
        site.cover(day=monday + day * ONE_DAY)
        site.see(1, "07:50", f"{16 + day}:30", day=monday + day * ONE_DAY)
    site.store(monday, DAY)
    with Session(site.engine) as session:
        for sums in day_sums.of_people(session, monday, DAY):
            days = judged_days.of_employee(session, sums.employee_id, monday, DAY)
            assert sums.totals == total(day.work for day in days)
        ana = day_sums.of_people(session, monday, DAY)[0]
    assert ana.totals.days == {DayStatus.PRESENT: 5, DayStatus.LATE: 1, DayStatus.DAY_OFF: 2}
    assert ana.totals.late_times == 1


def test_a_row_names_the_department_of_its_day(site: DaysSite) -> None:
    site.store()
    with Session(site.engine) as session, session.begin():
        assert session.scalars(select(JudgedDay.department)).all() == ["Hall", "Office", "Office"]
