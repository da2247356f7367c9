"""Corrections of days: entered, judged, decided, withdrawn; and months that take none."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.domain.states import CorrectionState, DayStatus
from core.errors import GspeError
from core.settings import Parameters
from core.storage import corrections, judged_days, month_locks
from core.storage.audit import verify
from core.storage.corrections import Deed, Entry
from core.storage.models import (
    AuditLog,
    Correction,
    Employee,
    Holiday,
    JudgedDay,
    MonthLock,
    ShiftAssignment,
    ShiftPlan,
    Visit,
)
from tests.days import DAY, ONE_DAY, SETTINGS, DaysSite, at

ANA, BUDI = 1, 2
SECOND_PERSON = Parameters.parse(SETTINGS | {"corrections_need_approval": True})


@pytest.fixture
def site(tmp_path: Path) -> DaysSite:
    """Ana came at 09:00; Budi was not seen."""
    site = DaysSite(tmp_path)
    site.seed.employee("E1", "Ana", "Hall")
    site.seed.employee("E2", "Budi", "Office")
    site.cover()
    site.see(ANA, "09:00", "17:00")
    site.store()
    return site


def correct(
    site: DaysSite, entry: Entry, employee: int = ANA, day: date = DAY, deed: Deed | None = None
) -> Correction:
    with Session(site.engine, expire_on_commit=False) as session, session.begin():
        return corrections.correct(session, employee, day, entry, deed or by(site))


def decide(
    site: DaysSite, row: Correction, actor: str, approve: bool = True, deed: Deed | None = None
) -> Correction:
    with Session(site.engine, expire_on_commit=False) as session, session.begin():
        deed = deed or by(site, actor, SECOND_PERSON)
        return corrections.decide(session, row.id, deed, approve=approve, note="seen")


def by(site: DaysSite, actor: str = "hr", parameters: Parameters | None = None) -> Deed:
    return Deed(actor, site.now, parameters or site.parameters)


def refusal(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(GspeError) as refused:
        call(*args, **kwargs)
    return refused.value.code


def stored(site: DaysSite, employee: int = ANA, day: date = DAY) -> judged_days.StoredDay:
    with Session(site.engine) as session:
        [row] = judged_days.of_employee(session, employee, day, day)
    return row


def trail(site: DaysSite, action: str) -> list[AuditLog]:
    with Session(site.engine) as session:
        rows = select(AuditLog).where(AuditLog.action == action).order_by(AuditLog.id)
        return list(session.scalars(rows))


def states(site: DaysSite) -> list[str]:
    with Session(site.engine) as session:
        return list(session.scalars(select(Correction.state).order_by(Correction.id)))


def test_a_correction_is_judged_and_stored_at_once(site: DaysSite) -> None:
    assert stored(site).work.late_by == timedelta(hours=1)
    row = correct(site, Entry("badge reader", first_in=time(8), note=" came by the back door "))
    assert (row.before["late_s"], row.after["late_s"]) == (3600, 0)
    assert row.before["first_in_at"] == at("09:00").astimezone(row.created_at.tzinfo).isoformat()
    assert row.note == "came by the back door"
    now = stored(site)
    assert (now.work.status, now.work.first_in_at, now.correction_id) == ("present", at("08:00"), row.id)
    assert (now.work.seen, now.work.not_seen) == (timedelta(hours=8), timedelta(hours=1)), "no sighting"


def test_visits_never_change_and_the_trail_says_all(site: DaysSite) -> None:
    with Session(site.engine) as session:
        before = [(v.arrived_at, v.last_seen_at, v.departed_at) for v in session.scalars(select(Visit))]
    row = correct(site, Entry("forgot", first_in=time(8), last_out=time(16), status="half_day"))
    with Session(site.engine) as session:
        after = [(v.arrived_at, v.last_seen_at, v.departed_at) for v in session.scalars(select(Visit))]
        [noted] = session.scalars(select(AuditLog))
        assert verify(session) is None
    assert before == after
    assert (noted.actor, noted.action, noted.subject) == ("hr", "correction.made", f"corrections:{row.id}")
    assert noted.params["before"]["status"] == "late"
    assert noted.params["after"]["status"] == "half_day"
    assert (noted.params["day"], noted.params["reason"]) == ("2026-11-23", "forgot")


def test_a_later_correction_supersedes_and_withdrawing_leaves_all_to_the_cameras(site: DaysSite) -> None:
    correct(site, Entry("first", first_in=time(8)))
    second = correct(site, Entry("second", status="leave"))
    assert second.before["first_in_at"] == at("08:00").astimezone(second.created_at.tzinfo).isoformat()
    assert stored(site).work.first_in_at == at("09:00"), "the first one counts no more"
    correct(site, Entry("mistake", withdraws=True))
    assert states(site) == ["superseded", "superseded", "in_force"]
    assert (stored(site).work.status, stored(site).work.first_in_at) == ("late", at("09:00"))
    assert stored(site).correction_id is None
    assert site.judged()[0].correction_id is None
    assert site.store() == 0, "a later round finds it as it is"
    assert refusal(correct, site, Entry("again", withdraws=True)) == "correction_empty"


def test_a_second_person_decides_where_the_settings_say_so(site: DaysSite) -> None:
    row = correct(site, Entry("badge", first_in=time(8)), deed=by(site, "sari", SECOND_PERSON))
    assert (row.state, row.after["late_s"]) == ("pending", 0)
    assert stored(site).work.late_by == timedelta(hours=1), "nothing holds yet"
    assert refusal(decide, site, row, "sari") == "correction_own"
    approved = decide(site, row, "hr")
    assert (approved.state, approved.decided_by, approved.decision_note) == ("in_force", "hr", "seen")
    assert stored(site).work.late_by == timedelta(0)
    assert refusal(decide, site, row, "hr") == "correction_decided"

    rejected = correct(site, Entry("again", status="absent"), deed=by(site, "sari", SECOND_PERSON))
    decide(site, rejected, "hr", approve=False)
    assert states(site) == ["in_force", "rejected"]
    assert stored(site).correction_id == row.id


def test_a_later_proposal_takes_the_place_of_one_that_waits(site: DaysSite) -> None:
    deed = by(site, "sari", SECOND_PERSON)
    first = correct(site, Entry("one", status="absent"), deed=deed)
    correct(site, Entry("two", status="present"), deed=deed)
    assert states(site) == [CorrectionState.SUPERSEDED, CorrectionState.PENDING]
    assert refusal(decide, site, first, "hr") == "correction_decided"
    correct(site, Entry("three", status="late"))
    assert states(site) == ["superseded", "superseded", "in_force"], "also by one that needs nobody"
    noted = [(row.actor, row.subject, row.params["author"]) for row in trail(site, "correction.superseded")]
    assert noted == [("sari", "corrections:1", "sari"), ("hr", "corrections:2", "sari")]


NEXT_DAY = at("30:00")
"""The day is over and judged to its end."""


def over(actor: str = "hr", parameters: Parameters = SECOND_PERSON) -> Deed:
    return Deed(actor, NEXT_DAY, parameters)


def test_a_day_that_other_rules_would_change_is_judged_again_before_it_is_corrected(site: DaysSite) -> None:
    site.store(now=NEXT_DAY)
    waiting = correct(site, Entry("badge", first_in=time(8)), deed=over("sari"))
    holiday = site.seed.add(Holiday(day=DAY, name="Guru"))
    entry, at_once = Entry("badge", note="back door"), over("hr", site.parameters)
    assert refusal(correct, site, entry, deed=at_once) == "correction_rules_changed"
    assert refusal(correct, site, entry, deed=over()) == "correction_rules_changed"
    assert refusal(decide, site, waiting, "hr", deed=over()) == "correction_rules_changed"
    assert (states(site), stored(site).work.status) == (["pending"], "late")

    with Session(site.engine) as session, session.begin():
        session.delete(session.get(Holiday, holiday))
    assert decide(site, waiting, "hr", deed=over()).before["late_s"] == 3600
    site.seed.add(Holiday(day=DAY, name="Guru"))
    withdrawal = Entry("mistake", withdraws=True)
    assert refusal(correct, site, withdrawal, deed=at_once) == "correction_rules_changed"
    assert stored(site).work.late_by == timedelta(0)


def test_what_waits_may_be_rejected_whatever_the_rules_make_of_the_day(site: DaysSite) -> None:
    site.store(now=NEXT_DAY)
    waiting = correct(site, Entry("badge", first_in=time(8)), deed=over("sari"))
    site.seed.add(Holiday(day=DAY, name="Guru"))
    decide(site, waiting, "hr", approve=False, deed=over())
    assert (states(site), stored(site).work.status) == (["rejected"], "late")


def test_a_day_that_goes_on_is_corrected_by_the_rules_that_hold_now(site: DaysSite) -> None:
    site.seed.add(Holiday(day=DAY, name="Guru"))
    row = correct(site, Entry("badge", first_in=time(8)))
    assert (row.before["status"], row.before["late_s"]) == ("holiday", 0)


def test_a_correction_of_a_stored_day_begins_with_the_row_that_counts(site: DaysSite) -> None:
    site.store(now=NEXT_DAY)
    row = correct(site, Entry("badge", first_in=time(8)), deed=over("hr", site.parameters))
    second = correct(site, Entry("no", first_in=time(9, 30)), deed=over("hr", site.parameters))
    assert second.before == row.after
    assert (stored(site).work.late_by, stored(site).work.is_final) == (timedelta(minutes=90), True)


def test_approving_tells_what_changes_then(site: DaysSite) -> None:
    """Between the proposal and its approval the day went on."""
    proposed = correct(site, Entry("badge", first_in=time(8)), deed=by(site, "sari", SECOND_PERSON))
    site.see(ANA, "08:30", "08:50")
    approved = decide(site, proposed, "hr")
    assert (proposed.before["late_s"], approved.before["late_s"], approved.after["late_s"]) == (3600, 1800, 0)
    [noted] = trail(site, "correction.approved")
    assert (noted.params["before"], noted.params["after"]) == (approved.before, approved.after)
    assert noted.params["note"] == "seen"


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (Entry("why"), "correction_empty"),
        (Entry("why", withdraws=True), "correction_empty"),
        (Entry("why", status="late", withdraws=True), "correction_empty"),
        (Entry(" ", status="late"), "reason_missing"),
        (Entry("x" * 201, status="late"), "reason_missing"),
        (Entry("why", status="late", note="x" * 201), "reason_missing"),
        (Entry("why", status="not_observed"), "correction_status"),
        (Entry("why", status="pending"), "correction_status"),
        (Entry("why", status="ill"), "correction_status"),
        (Entry("why", first_in=time(17, 1)), "correction_order"),
        (Entry("why", last_out=time(8, 59)), "correction_order"),
        (Entry("why", first_in=time(12), last_out=time(11)), "correction_order"),
        (Entry("why", last_out=time(23, 30)), "correction_future"),
    ],
)
def test_what_is_refused_leaves_nothing(site: DaysSite, entry: Entry, code: str) -> None:
    assert refusal(correct, site, entry) == code
    assert states(site) == []
    with Session(site.engine) as session:
        assert session.scalars(select(AuditLog)).all() == []


def test_days_to_come_and_before_employment_take_none(site: DaysSite) -> None:
    entry = Entry("why", status="leave")
    assert refusal(correct, site, entry, day=DAY + ONE_DAY) == "correction_future"
    assert refusal(correct, site, entry, day=DAY - 60 * ONE_DAY) == "correction_no_day"
    assert refusal(correct, site, entry, employee=99) == "employee_unknown"


def test_after_midnight_belongs_to_the_night_shift(site: DaysSite) -> None:
    plan = ShiftPlan(name="Night", start="22:00", end="06:00", breaks=[], weekdays=list(range(7)))
    shift = site.seed.add(plan)
    site.seed.add(ShiftAssignment(shift_id=shift, employee_id=BUDI, first_date=DAY - 7 * ONE_DAY))
    deed = Deed("hr", at("36:00"), site.parameters)
    row = correct(site, Entry("badge", first_in=time(21, 55), last_out=time(6, 10)), BUDI, deed=deed)
    assert (row.first_in_at, row.last_out_at) == (at("21:55"), at("30:10"))
    assert stored(site, BUDI).work.status == DayStatus.PRESENT
    site.seed.add(ShiftAssignment(shift_id=shift, employee_id=ANA, first_date=DAY, last_date=DAY))
    tomorrow = Deed("hr", at("72:00"), site.parameters)
    entry = Entry("badge", first_in=time(6, 30))
    assert refusal(correct, site, entry, ANA, DAY + ONE_DAY, tomorrow) == "correction_outside"


def test_a_locked_month_takes_no_correction_and_no_decision(site: DaysSite) -> None:
    waiting = correct(site, Entry("badge", status="leave"), deed=by(site, "sari", SECOND_PERSON))
    site.seed.add(MonthLock(month=DAY.replace(day=1), locked_at=site.now, locked_by="hr"))
    assert refusal(correct, site, Entry("why", status="leave")) == "month_locked"
    assert refusal(decide, site, waiting, "hr") == "month_locked"
    assert refusal(decide, site, replace_id(waiting), "hr") == "correction_unknown"
    assert states(site) == ["pending"]


def replace_id(row: Correction) -> Correction:
    return Correction(id=row.id + 100)


DECEMBER = at("08:00", date(2026, 12, 1))


def lock(site: DaysSite, month: date = DAY, now: datetime = DECEMBER) -> None:
    with Session(site.engine) as session, session.begin():
        month_locks.lock(session, month, site.parameters, actor="hr", now=now)


def unlock(site: DaysSite, reason: str) -> None:
    with Session(site.engine) as session, session.begin():
        month_locks.unlock(session, DAY, reason, actor="admin", now=DECEMBER)


def test_a_month_is_locked_when_it_is_over_judged_and_decided(site: DaysSite) -> None:
    assert refusal(lock, site, DAY, at("23:59", date(2026, 11, 30))) == "month_not_over"
    assert refusal(lock, site) == "month_not_judged"
    site.store(date(2026, 10, 20), date(2026, 11, 30), DECEMBER)
    waiting = correct(site, Entry("badge", status="leave"), deed=by(site, "sari", SECOND_PERSON))
    assert refusal(lock, site) == "month_has_pending"
    decide(site, waiting, "hr", approve=False)
    lock(site)
    assert refusal(lock, site) == "month_locked"
    with Session(site.engine) as session:
        assert [row.month for row in month_locks.locks(session)] == [date(2026, 11, 1)]
        for first, last, locked in ((31, 40, 1), (32, 32, 1), (61, 61, 1), (20, 31, 0), (62, 70, 0)):
            days = (date(2026, 9, 30) + n * ONE_DAY for n in (first, last))
            assert len(month_locks.locked_between(session, *days)) == locked


def test_a_month_in_which_a_day_still_goes_on_stays_open(site: DaysSite) -> None:
    site.store(date(2026, 10, 20), date(2026, 11, 30), at("23:00", date(2026, 11, 30)))
    assert refusal(lock, site) == "month_not_judged"


def test_a_month_with_a_department_that_was_never_judged_stays_open(site: DaysSite) -> None:
    site.store(date(2026, 10, 20), date(2026, 11, 30), DECEMBER)
    of_office = delete(JudgedDay).where(JudgedDay.employee_id == BUDI)
    with Session(site.engine) as session, session.begin():
        session.execute(of_office)
    assert refusal(lock, site) == "month_not_judged"
    site.store(date(2026, 10, 20), date(2026, 11, 29), DECEMBER)
    assert refusal(lock, site) == "month_not_judged", "not the last day"
    site.store(date(2026, 11, 30), date(2026, 11, 30), DECEMBER)
    lock(site)


def test_a_month_needs_no_days_of_people_who_were_not_employed(site: DaysSite) -> None:
    """One left on the 10th, one came on the 20th, one is new in December."""
    for code, name, created_at, left_at in (
        ("E3", "Cici", at("08:00", date(2026, 11, 20)), None),
        ("E4", "Doni", at("08:00", date(2026, 10, 1)), at("12:00", date(2026, 11, 10))),
        ("E5", "Edo", at("07:00", date(2026, 12, 1)), None),
    ):
        employee = site.seed.employee(code, name, "Hall")
        with Session(site.engine) as session, session.begin():
            row = session.get_one(Employee, employee)
            row.created_at, row.deactivated_at = created_at, left_at
    site.store(date(2026, 11, 1), date(2026, 11, 30), DECEMBER)
    lock(site)


def test_unlocking_needs_a_reason_and_leaves_a_trail(site: DaysSite) -> None:
    assert refusal(unlock, site, "why") == "month_not_locked"
    site.store(date(2026, 10, 20), date(2026, 11, 30), DECEMBER)
    lock(site)
    assert refusal(unlock, site, " ") == "reason_missing"
    unlock(site, "payroll found a mistake")
    with Session(site.engine) as session:
        assert month_locks.locks(session) == []
        locked, unlocked = session.scalars(select(AuditLog).order_by(AuditLog.id))
    assert (locked.action, locked.subject) == ("month.locked", "month_locks:2026-11")
    assert (unlocked.action, unlocked.params["reason"]) == ("month.unlocked", "payroll found a mistake")
    assert unlocked.params["locked_by"] == "hr"


def test_a_site_without_employees_can_lock_a_month(tmp_path: Path) -> None:
    lock(DaysSite(tmp_path))
