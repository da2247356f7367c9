"""Shifts, holidays, leave and excused hours: what is refused, what is audited, how days change."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.domain.schedule import WorkingHours
from core.domain.shifts import SiteHours
from core.domain.states import DayStatus, LeaveKind
from core.domain.workday import DayRules
from core.errors import GspeError
from core.storage import audit
from core.storage.models import (
    AuditLog,
    CameraCoverage,
    ExcusedAbsence,
    Holiday,
    Leave,
    ShiftAssignment,
    ShiftPlan,
)
from core.storage.work_days import Rulebook, work_days
from core.storage.working_time import add, read_calendar, remove, retire_shift, shifts
from tests.seed import Seed

ZONE = ZoneInfo("Asia/Jakarta")
DAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=ZONE)
HOURS = WorkingHours.parse({"mon": [("08:00", "17:00")]})
NIGHT = {"name": "Night", "start": "22:00", "end": "06:00", "weekdays": [0, 1, 2, 3, 4]}
DONE = {"actor": "hr", "now": NOON}


@pytest.fixture
def seed(tmp_path: Path) -> Seed:
    seed = Seed(tmp_path, datetime(2026, 11, 24, 12, tzinfo=ZONE).astimezone(UTC))
    seed.camera(1, "Gate")
    start = datetime(2026, 11, 1, tzinfo=ZONE)
    seed.add(CameraCoverage(camera_id=1, state="observing", started_at=start, ended_at=seed.now))
    seed.employee("E1", "Ana", "Hall")
    return seed


@pytest.fixture
def session(seed: Seed):
    with Session(seed.engine) as session:
        yield session


def judged(session: Session, now: datetime):
    calendar = read_calendar(session, DAY, DAY, SiteHours(HOURS, ZONE))
    [day] = work_days(session, DAY, DAY, Rulebook(calendar, DayRules()), now)
    return day.work


def assigned(session: Session, fields=NIGHT, **whose) -> ShiftAssignment:
    shift = add(session, ShiftPlan(**fields), **DONE)
    row = ShiftAssignment(shift_id=shift.id, first_date=date(2026, 11, 1), **(whose or {"employee_id": 1}))
    return add(session, row, **DONE)


def hours(start: int, end: int) -> ExcusedAbsence:
    first = datetime(2026, 11, 23, tzinfo=ZONE)
    return ExcusedAbsence(
        employee_id=1,
        started_at=first + timedelta(hours=start),
        ended_at=first + timedelta(hours=end),
        reason="Dentist",
    )


def actions(session: Session) -> list[str]:
    return list(session.scalars(select(AuditLog.action).order_by(AuditLog.id)))


def test_who_has_a_shift_is_judged_by_it(session, seed):
    assert judged(session, seed.now).working == timedelta(hours=9)
    assigned(session)
    day = judged(session, seed.now)
    assert (day.working, day.status) == (timedelta(hours=8), DayStatus.ABSENT)


def test_a_department_s_shift_is_that_of_its_people(session, seed):
    assigned(session, {**NIGHT, "breaks": [["01:00", "02:00"]]}, department="Hall")
    assert judged(session, seed.now).working == timedelta(hours=7)


@pytest.mark.parametrize(
    ("row", "status"),
    [
        (lambda: Holiday(day=DAY, name="Natal"), DayStatus.HOLIDAY),
        (lambda: Holiday(day=DAY, name="Stocktaking", department="Hall"), DayStatus.HOLIDAY),
        (lambda: Holiday(day=DAY, name="Stocktaking", department="Office"), DayStatus.ABSENT),
        (lambda: Leave(employee_id=1, kind=LeaveKind.SICK, first_date=DAY, last_date=DAY), DayStatus.LEAVE),
        (lambda: hours(8, 17), DayStatus.LEAVE),
        (lambda: hours(8, 16), DayStatus.ABSENT),
    ],
)
def test_a_day_changes_with_an_entry_and_back_without_it(session, seed, row, status):
    entry = add(session, row(), **DONE)
    assert judged(session, seed.now).status == status
    remove(session, type(entry), entry.id, **DONE)
    assert judged(session, seed.now).status == DayStatus.ABSENT
    assert [action.partition(".")[2] for action in actions(session)] == ["added", "removed"]


def test_excused_hours_are_no_working_time(session, seed):
    add(session, hours(8, 10), **DONE)
    add(session, hours(9, 11), **DONE)
    assert judged(session, seed.now).working == timedelta(hours=6)


def test_a_retired_shift_goes_on_where_it_was_given_and_is_given_to_nobody(session, seed):
    row = assigned(session)
    retire_shift(session, row.shift_id, **DONE)
    assert shifts(session) == []
    assert judged(session, seed.now).working == timedelta(hours=8)
    with pytest.raises(GspeError) as refused:
        add(session, ShiftAssignment(shift_id=row.shift_id, first_date=DAY, employee_id=1), **DONE)
    assert refused.value.code == "assignment_invalid"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "  "}, "shift_invalid"),
        ({"start": "8 o'clock"}, "shift_invalid"),
        ({"end": None}, "shift_invalid"),
        ({"weekdays": []}, "shift_invalid"),
        ({"weekdays": [7]}, "shift_invalid"),
        ({"breaks": [["12:00", "13:00"]]}, "shift_invalid"),
        ({"breaks": [["01:00"]]}, "shift_invalid"),
        ({"late_grace_min": -1}, "shift_invalid"),
        ({"early_grace_min": 721}, "shift_invalid"),
    ],
)
def test_a_shift_that_cannot_be_is_refused(session, changes, code):
    with pytest.raises(GspeError) as refused:
        add(session, ShiftPlan(**{**NIGHT, **changes}), **DONE)
    assert refused.value.code == code
    assert actions(session) == []


def test_a_name_names_one_shift(session):
    add(session, ShiftPlan(**NIGHT), **DONE)
    with pytest.raises(GspeError) as refused:
        add(session, ShiftPlan(**{**NIGHT, "name": " Night "}), **DONE)
    assert refused.value.code == "shift_name_taken"
    assert [shift.name for shift in shifts(session)] == ["Night"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (lambda: ShiftAssignment(shift_id=9, first_date=DAY, employee_id=1), "shift_unknown"),
        (lambda: ShiftAssignment(shift_id=1, first_date=DAY, employee_id=9), "employee_unknown"),
        (lambda: ShiftAssignment(shift_id=1, first_date=DAY), "assignment_invalid"),
        (lambda: ShiftAssignment(shift_id=1, first_date=DAY, department=""), "assignment_invalid"),
        (
            lambda: ShiftAssignment(shift_id=1, first_date=DAY, employee_id=1, department="Hall"),
            "assignment_invalid",
        ),
        (
            lambda: ShiftAssignment(
                shift_id=1, first_date=DAY, last_date=DAY - timedelta(days=1), employee_id=1
            ),
            "assignment_invalid",
        ),
        (lambda: Holiday(day=DAY, name=" "), "working_time_invalid"),
        (lambda: Holiday(day=DAY, name="x" * 201), "working_time_invalid"),
        (
            lambda: Leave(employee_id=1, kind="sick", first_date=DAY, last_date=DAY - timedelta(days=1)),
            "working_time_invalid",
        ),
        (lambda: Leave(employee_id=9, kind="sick", first_date=DAY, last_date=DAY), "employee_unknown"),
        (lambda: hours(9, 9), "working_time_invalid"),
        (lambda: ShiftAssignment(shift_id=None, first_date=DAY, employee_id=1), "working_time_incomplete"),
        (lambda: Holiday(day=None, name="Natal"), "working_time_incomplete"),
        (
            lambda: Leave(employee_id=None, kind="sick", first_date=DAY, last_date=DAY),
            "working_time_incomplete",
        ),
        (lambda: ExcusedAbsence(employee_id=1, reason="x"), "working_time_incomplete"),
    ],
)
def test_an_entry_that_cannot_be_is_refused(session, row, code):
    add(session, ShiftPlan(**NIGHT), **DONE)
    with pytest.raises(GspeError) as refused:
        add(session, row(), **DONE)
    assert refused.value.code == code
    assert actions(session) == ["shift.added"]


def test_what_is_gone_cannot_be_removed_and_a_shift_is_retired_instead(session):
    shift = add(session, ShiftPlan(**NIGHT), **DONE)
    for kind, row_id in ((Holiday, 1), (ShiftPlan, shift.id)):
        with pytest.raises(GspeError) as refused:
            remove(session, kind, row_id, **DONE)
        assert refused.value.code == "working_time_unknown"
    with pytest.raises(GspeError, match="no such shift"):
        retire_shift(session, 9, **DONE)


def test_every_change_is_in_the_audit_trail_with_what_it_was(session, seed):
    add(session, hours(8, 10), **DONE)
    session.commit()
    [row] = session.scalars(select(AuditLog))
    assert (row.actor, row.subject) == ("hr", "excused_absences:1")
    assert row.params["reason"] == "Dentist"
    assert row.params["started_at"].startswith("2026-11-23T08:00")
    assert audit.verify(session) is None


def test_the_database_itself_refuses_an_assignment_to_nobody(session):
    add(session, ShiftPlan(**NIGHT), **DONE)
    with pytest.raises(IntegrityError):
        session.execute(text("INSERT INTO shift_assignments (shift_id, first_date) VALUES (1, '2026-11-23')"))
