"""Days judged from rows as the worker writes them: who, which visits, which cameras."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from core.domain.calendar import Calendar
from core.domain.schedule import WorkingHours
from core.domain.shifts import Assignment, Roster, Shift, SiteHours
from core.domain.states import CoverageState, DayStatus
from core.domain.workday import DayRules
from core.storage.employees import deactivate_employee, reactivate_employee
from core.storage.models import Camera, CameraCoverage, Employee, VisitCamera
from core.storage.work_days import PersonDay, Rulebook, work_days
from tests.seed import Seed

ZONE = ZoneInfo("Asia/Jakarta")
DAY = date(2026, 11, 23)
HOURS = WorkingHours.parse({day: [("08:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")})
NINE_HOURS = timedelta(hours=9)


def at(clock: str, day: date = DAY) -> datetime:
    hour, minute = clock.split(":")
    return datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(
        hours=int(hour), minutes=int(minute)
    )


@pytest.fixture
def seed(tmp_path: Path) -> Seed:
    seed = Seed(tmp_path, at("23:00").astimezone(UTC))
    seed.camera(1, "Gate")
    seed.camera(2, "Hall")
    return seed


def cover(
    seed: Seed, camera: int, start: str, end: str, state=CoverageState.OBSERVING, day: date = DAY
) -> None:
    seed.add(CameraCoverage(camera_id=camera, state=state, started_at=at(start, day), ended_at=at(end, day)))


def see(seed: Seed, employee: int, start: str, end: str, camera: int = 1, day: date = DAY) -> None:
    visit = seed.visit(employee, at(start, day), at(end, day), camera_id=camera)
    seed.add(
        VisitCamera(visit_id=visit, camera_id=camera, first_seen_at=at(start, day), last_seen_at=at(end, day))
    )


def days(
    seed: Seed, first: date = DAY, last: date = DAY, *assignments: Assignment, now=None, departments=()
) -> list[PersonDay]:
    book = Rulebook(Calendar(Roster(assignments, SiteHours(HOURS, ZONE))), DayRules())
    with Session(seed.engine) as session:
        return work_days(session, first, last, book, now or seed.now, departments)


def test_a_day_is_judged_from_visits_and_coverage(seed):
    ana = seed.employee("E1", "Ana", "Hall")
    cover(seed, 1, "00:00", "10:00")
    cover(seed, 1, "10:00", "10:30", CoverageState.WORKER_STOPPED)
    cover(seed, 1, "10:30", "23:00")
    see(seed, ana, "08:00", "10:00")
    see(seed, ana, "10:30", "17:00")
    [day] = days(seed)
    assert (day.code, day.name, day.department) == ("E1", "Ana", "Hall")
    assert day.work.status == DayStatus.PRESENT
    assert day.work.not_observable == timedelta(minutes=30)
    assert (day.work.first_in_at, day.work.last_out_at) == (at("08:00"), at("17:00"))


@pytest.mark.parametrize(
    ("camera_two", "status", "dark"),
    [
        ([("00:00", "23:00", CoverageState.OBSERVING)], DayStatus.ABSENT, 0),
        ([("00:00", "23:00", CoverageState.UNREACHABLE)], DayStatus.NOT_OBSERVED, 9),
        ([("00:00", "23:00", CoverageState.DISABLED)], DayStatus.ABSENT, 0),
        ([], DayStatus.ABSENT, 0),
    ],
    ids=["both observe", "one is down", "one is switched off", "one has never been in use"],
)
def test_without_a_history_every_camera_in_use_covers_him(seed, camera_two, status, dark):
    seed.employee("E1", "Ana")
    cover(seed, 1, "00:00", "23:00")
    for start, end, state in camera_two:
        cover(seed, 2, start, end, state)
    [day] = days(seed)
    assert (day.work.status, day.work.not_observable) == (status, timedelta(hours=dark))


@pytest.mark.parametrize(
    ("seen_on", "dark"),
    [(DAY - timedelta(days=3), 0), (DAY - timedelta(days=13), 0), (DAY - timedelta(days=14), 9)],
)
def test_the_cameras_that_saw_him_within_a_fortnight_cover_him(seed, seen_on, dark):
    """Camera 2 is down; whom only camera 1 knows is not concerned."""
    ana = seed.employee("E1", "Ana")
    see(seed, ana, "09:00", "10:00", camera=1, day=seen_on)
    cover(seed, 1, "00:00", "23:00")
    cover(seed, 2, "00:00", "23:00", CoverageState.UNREACHABLE)
    [day] = days(seed)
    assert day.work.not_observable == timedelta(hours=dark)


def test_a_camera_that_knew_him_and_is_switched_off_leaves_the_day_unobserved(seed):
    ana = seed.employee("E1", "Ana")
    see(seed, ana, "09:00", "10:00", camera=2, day=DAY - timedelta(days=1))
    cover(seed, 1, "00:00", "23:00")
    cover(seed, 2, "00:00", "23:00", CoverageState.DISABLED)
    [day] = days(seed)
    assert day.work.status == DayStatus.NOT_OBSERVED


def test_a_camera_covers_nobody_once_it_is_removed(seed):
    ana = seed.employee("E1", "Ana")
    see(seed, ana, "09:00", "10:00", camera=1, day=DAY - timedelta(days=1))
    see(seed, ana, "09:00", "10:00", camera=2, day=DAY - timedelta(days=1))
    cover(seed, 1, "00:00", "23:00")
    cover(seed, 2, "00:00", "11:00")
    with Session(seed.engine) as session, session.begin():
        session.execute(update(Camera).where(Camera.id == 2).values(removed_at=at("12:00")))
    [day] = days(seed)
    assert day.work.not_observable == timedelta(hours=1), (
        "from 11:00 to 12:00 it was there and did not observe"
    )
    [next_day] = days(
        seed, DAY + timedelta(days=1), DAY + timedelta(days=1), now=at("23:00", DAY + timedelta(days=1))
    )
    assert next_day.work.not_observable == NINE_HOURS, "camera 1 recorded nothing then"


def test_nobody_is_missed_once_the_last_of_his_cameras_is_removed(seed):
    ana = seed.employee("E1", "Ana")
    see(seed, ana, "09:00", "10:00", camera=1, day=DAY - timedelta(days=1))
    see(seed, ana, "08:00", "12:00", camera=2)
    cover(seed, 1, "00:00", "10:00")
    cover(seed, 2, "00:00", "14:00")
    with Session(seed.engine) as session, session.begin():
        session.execute(update(Camera).where(Camera.id == 1).values(removed_at=at("10:00")))
        session.execute(update(Camera).where(Camera.id == 2).values(removed_at=at("14:00")))
    [day] = days(seed)
    assert (day.work.missing, day.work.not_observable) == (timedelta(hours=2), timedelta(hours=3))


@pytest.mark.parametrize(
    ("faces", "dark"),
    [
        ([], 9),
        ([("09:00", None)], 1),
        ([("09:00", "12:00")], 6),
        ([("09:00", "12:00"), ("11:00", None)], 1),
        ([("06:00", "07:00"), ("15:00", None)], 7),
    ],
    ids=["never", "from 9", "from 9 to 12", "with a second face before the first is revoked", "anew from 15"],
)
def test_cameras_cover_whom_they_could_know(seed, faces, dark):
    ana = seed.employee("E1", "Ana", enrolled=False)
    for number, (since, until) in enumerate(faces):
        revoked_at = None if until is None else at(until)
        seed.template(ana, number, created_at=at(since), revoked_at=revoked_at)
    cover(seed, 1, "00:00", "23:00")
    [day] = days(seed)
    assert day.work.not_observable == timedelta(hours=dark)
    assert day.work.missing == NINE_HOURS - timedelta(hours=dark)


def test_nobody_left_early_because_he_was_deactivated(seed):
    ana = seed.employee("E1", "Ana")
    cover(seed, 1, "00:00", "23:00")
    see(seed, ana, "08:00", "15:00")
    with Session(seed.engine) as session, session.begin():
        gone = {"active": False, "deactivated_at": at("15:00")}
        session.execute(update(Employee).where(Employee.id == ana).values(**gone))
    [day] = days(seed)
    assert (day.work.status, day.work.left_early_by) == (DayStatus.PRESENT, timedelta())
    assert day.work.not_observable == timedelta(hours=2)


def test_a_night_shift_is_one_day(seed):
    ana = seed.employee("E1", "Ana")
    night = Assignment(1, Shift(1, "Night", at("22:00").time(), at("06:00").time()), DAY, employee_id=ana)
    cover(seed, 1, "00:00", "48:00", day=DAY - timedelta(days=1))
    cover(seed, 1, "24:00", "34:00")
    see(seed, ana, "21:55", "25:00")
    see(seed, ana, "25:30", "30:05")
    [day] = days(seed, DAY, DAY, night, now=at("40:00"))
    assert (day.work.first_in_at, day.work.last_out_at) == (at("21:55"), at("30:05"))
    assert day.work.missing == timedelta(minutes=30)
    assert day.work.is_final


def test_only_days_of_employment_that_have_begun_are_judged(seed):
    early, late = seed.employee("E1", "Ana"), seed.employee("E2", "Budi")
    with Session(seed.engine) as session, session.begin():
        gone = {"active": False, "deactivated_at": at("12:00", date(2026, 11, 19))}
        session.execute(update(Employee).where(Employee.id == early).values(**gone))
        session.execute(
            update(Employee).where(Employee.id == late).values(created_at=at("09:00", date(2026, 11, 20)))
        )
    found = days(seed, date(2026, 11, 18), date(2026, 11, 30))
    assert [(day.code, day.work.day.day) for day in found] == [
        ("E1", 18),
        ("E1", 19),
        *(("E2", number) for number in range(20, 24)),
    ]


def test_a_day_on_which_somebody_was_seen_is_told_whatever_his_rows_say(seed):
    ana = seed.employee("E1", "Ana")
    cover(seed, 1, "00:00", "23:00")
    see(seed, ana, "08:00", "17:00")
    with Session(seed.engine) as session, session.begin():
        session.execute(
            update(Employee).where(Employee.id == ana).values(created_at=at("09:00") + timedelta(days=1))
        )
    [alone] = days(seed)
    [day, _] = days(seed, DAY, DAY + timedelta(days=1), now=at("09:00") + timedelta(days=1))
    assert day.work.status == DayStatus.PRESENT
    assert replace(day.work, is_final=False) == alone.work, "judged alone or with others"


def test_a_department_s_days_are_its_people_s(seed):
    seed.employee("E1", "Ana", "Hall")
    seed.employee("E2", "Budi", "Office")
    seed.employee("E3", "Citra")
    assert [day.code for day in days(seed, departments=("Office",))] == ["E2"]


@pytest.mark.parametrize(
    ("seen_by", "dark", "minutes"),
    [
        ({1: ("08:00", "17:00")}, {1: ("10:00", "10:10")}, 10),
        ({1: ("08:00", "17:00")}, {2: ("10:00", "10:10")}, 0),
        ({1: ("08:00", "17:00"), 2: ("08:00", "08:01")}, {2: ("10:00", "10:10")}, 0),
        ({1: ("08:00", "08:01"), 2: ("08:00", "17:00")}, {2: ("10:00", "10:10")}, 10),
        ({1: ("08:00", "17:00"), 2: ("08:00", "17:00")}, {2: ("10:00", "10:10")}, 0),
        ({1: ("08:00", "12:00"), 2: ("12:10", "17:00")}, {1: ("12:00", "12:10")}, 10),
        ({1: ("08:00", "12:00"), 2: ("12:01", "17:00")}, {}, 0),
        ({1: ("08:00", "17:00"), 2: ("08:00", "17:00")}, {1: ("10:00", "10:10"), 2: ("10:05", "10:20")}, 5),
    ],
)
def test_a_visit_that_went_on_unseen_is_seen_only_where_a_camera_vouches_for_it(seed, seen_by, dark, minutes):
    ana = seed.employee("E1", "Ana", "Hall")
    for camera in (1, 2):
        start, end = dark.get(camera, ("23:00", "23:00"))
        cover(seed, camera, "00:00", start)
        cover(seed, camera, start, end, CoverageState.NO_FRAMES)
        cover(seed, camera, end, "24:00")
    visit = seed.visit(ana, at("08:00"), at("17:00"), camera_id=1)
    for camera, (first, last) in seen_by.items():
        times = {"first_seen_at": at(first), "last_seen_at": at(last)}
        seed.add(VisitCamera(visit_id=visit, camera_id=camera, **times))
    [day] = days(seed)
    assert day.work.not_observable == timedelta(minutes=minutes)
    assert day.work.seen == NINE_HOURS - timedelta(minutes=minutes)
    assert (day.work.status, day.work.overtime) == (DayStatus.PRESENT, timedelta())
    assert day.work.present == NINE_HOURS, "first in and last out are the visit's"


def test_who_stays_over_two_shifts_is_there_in_both(seed):
    guard = Shift(1, "guard", time(8), time(8))
    ana = seed.employee("E1", "Ana", "Hall")
    cover(seed, 1, "00:00", "80:00")
    see(seed, ana, "07:50", "56:05")
    own = Assignment(1, guard, DAY, employee_id=ana)
    first, second = days(seed, DAY, DAY + timedelta(days=1), own, now=at("60:00"))
    for day in (first.work, second.work):
        assert (day.status, day.seen, day.not_seen) == (DayStatus.PRESENT, timedelta(hours=24), timedelta())
    assert (first.work.last_out_at, second.work.first_in_at) == (at("32:00"), at("32:00"))


def test_who_was_not_active_for_a_while_was_not_absent_then(seed):
    ana = seed.employee("E1", "Ana", "Hall")
    cover(seed, 1, "00:00", "24:00", day=DAY - timedelta(days=7))
    cover(seed, 1, "00:00", "24:00")
    with Session(seed.engine) as session, session.begin():
        deactivate_employee(session, ana, actor="sari", now=at("12:00", DAY - timedelta(days=7)))
    with Session(seed.engine) as session, session.begin():
        reactivate_employee(session, ana, actor="sari", now=at("12:00"))
    judged = days(seed, DAY - timedelta(days=7), DAY)
    assert [day.work.day for day in judged] == [DAY - timedelta(days=7), DAY], "the days between are not his"
    assert [day.work.not_observable for day in judged] == [timedelta(hours=5), timedelta(hours=4)]
