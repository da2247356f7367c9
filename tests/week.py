"""A site with a week behind it, as pages about days show it: lateness, an outage, a night shift, leave."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from core.domain.schedule import WEEKDAYS, attendance_day
from core.domain.states import CoverageState, LeaveKind, Role
from core.settings import Parameters
from core.storage import corrections, day_rounds
from core.storage.corrections import Deed, Entry
from core.storage.models import ExcusedAbsence, Leave, Presence, ShiftAssignment, ShiftPlan
from core.storage.projection import rebuild
from core.storage.rulebook import attendance_rules
from tests.days import ONE_DAY, SETTINGS, ZONE, DaysSite, at

EVERY_DAY = {"working_hours": {day: [["08:00", "17:00"]] for day in WEEKDAYS}, "hour_limits": "indonesia"}
PEOPLE = (
    ("E01", "Ayu Lestari", "Produksi"),
    ("E02", "Budi Santoso", "Produksi"),
    ("E03", "Citra Dewi", "Gudang"),
    ("E04", "Dedi Kurniawan", "Gudang"),
    ("E05", "Eka Putri", "Kantor"),
    ("E06", "Fajar Nugroho", "Kantor"),
)
AYU, BUDI, CITRA, DEDI, EKA, FAJAR = range(1, 7)


def week_site(home: Path, **settings: object) -> tuple[DaysSite, date]:
    """The site and a day that is over for everybody, also by night: Ayu in time through an outage, Budi late,
    Citra absent, Dedi by night, Eka on leave, Fajar there on the days before only.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    site = DaysSite(home, now, Parameters.parse(SETTINGS | EVERY_DAY | settings))
    day = attendance_day(now, ZONE) - 2 * ONE_DAY
    site.seed.worker(age_s=-3600)
    site.seed.camera(2, "Lobby", location="Ground floor", last_frame_at=now + timedelta(hours=1))
    for number, (code, name, department) in enumerate(PEOPLE, 1):
        site.seed.employee(code, name, department)
        site.seed.template(number)
        site.seed.add(Presence(employee_id=number, state="off", since=now))
    _plan(site, day)
    for back in range(7, -1, -1):
        _day(site, day - back * ONE_DAY, outage=back == 0)
    _judge(site, day)
    for role in Role:
        site.seed.user(role, role)
    return site, day


def _plan(site: DaysSite, day: date) -> None:
    night = ShiftPlan(
        name="Malam", start="22:00", end="06:00", breaks=[["01:00", "01:30"]], weekdays=[*range(7)]
    )
    shift = site.seed.add(night)
    site.seed.add(ShiftAssignment(shift_id=shift, employee_id=DEDI, first_date=day - 30 * ONE_DAY))
    leave = Leave(employee_id=EKA, kind=LeaveKind.SICK, first_date=day - ONE_DAY, last_date=day)
    site.seed.add(leave)
    excused = {"started_at": at("15:00", day), "ended_at": at("16:00", day), "reason": "Bank"}
    site.seed.add(ExcusedAbsence(employee_id=BUDI, **excused))


def _day(site: DaysSite, day: date, *, outage: bool) -> None:
    if outage:
        site.cover("00:00", "10:00", day)
        site.cover("10:00", "10:30", day, state=CoverageState.WORKER_STOPPED)
        site.cover("10:30", "24:00", day)
    else:
        site.cover(day=day)
    for start, end in (("07:52", "10:00"), ("10:30", "12:04"), ("12:41", "17:03")):
        site.see(AYU, start, end, day)
    for start, end in (("08:47", "11:30"), ("12:10", "14:58"), ("16:02", "19:20")):
        site.see(BUDI, start, end, day)
    site.see(DEDI, "21:54", "25:02", day)
    site.see(DEDI, "25:33", "29:40", day)
    if not outage:
        site.see(CITRA, "07:59", "17:10", day)
        site.see(FAJAR, "08:05", "21:45", day)


def _judge(site: DaysSite, day: date) -> None:
    first, today = day - 28 * ONE_DAY, attendance_day(site.now, ZONE)
    site.store(first, today)
    with Session(site.engine) as session, session.begin():
        rebuild(session, first, today, attendance_rules(site.parameters))
        for judged in (day, today):
            day_rounds.note(session, judged, site.now, complete=False)


def correct(site: DaysSite, employee: int, day: date, entry: Entry, actor: str) -> int:
    with Session(site.engine) as session, session.begin():
        deed = Deed(actor, site.now, site.parameters)
        return corrections.correct(session, employee, day, entry, deed).id


def break_settings(site: DaysSite) -> None:
    """As somebody does who edits the file by hand."""
    [path] = site.home.rglob("parameter_config.json")
    path.write_text("{")
