"""By what a site judges days and misses people: its settings and its calendar together."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.expectation import Expectation
from core.domain.schedule import ONE_DAY, attendance_day
from core.domain.shifts import SiteHours
from core.domain.workday import DayRules
from core.settings import Parameters
from core.storage.models import Employee
from core.storage.projection import AttendanceRules
from core.storage.work_days import Rulebook
from core.storage.working_time import read_calendar


def read_rulebook(session: Session, first: date, last: date, parameters: Parameters) -> Rulebook:
    """For the days from `first` to `last`, inclusive."""
    return Rulebook(read_calendar(session, first, last, site_hours(parameters)), day_rules(parameters))


def read_expectation(session: Session, now: datetime, parameters: Parameters) -> Expectation:
    """Who of the active employees is expected when, on the days around now."""
    today = attendance_day(now, parameters.zone)
    calendar = read_calendar(session, today - ONE_DAY, today + ONE_DAY, site_hours(parameters))
    rows = session.execute(select(Employee.id, Employee.department).where(Employee.active))
    return Expectation(calendar, {row.id: row.department for row in rows})


def attendance_rules(parameters: Parameters) -> AttendanceRules:
    return AttendanceRules(site_hours(parameters), parameters.attendance_last_out_delay_sec)


def site_hours(parameters: Parameters) -> SiteHours:
    return SiteHours(
        parameters.schedule, parameters.zone, parameters.late_grace_min, parameters.early_grace_min
    )


def day_rules(parameters: Parameters) -> DayRules:
    return DayRules(parameters.half_day_share, parameters.min_coverage, parameters.overtime_from_min)
