"""By what the days of a site are judged: its settings and its calendar together."""

from datetime import date

from sqlalchemy.orm import Session

from core.domain.shifts import SiteHours
from core.domain.workday import DayRules
from core.settings import Parameters
from core.storage.work_days import Rulebook
from core.storage.working_time import read_calendar


def read_rulebook(session: Session, first: date, last: date, parameters: Parameters) -> Rulebook:
    """For the days from `first` to `last`, inclusive."""
    return Rulebook(read_calendar(session, first, last, site_hours(parameters)), day_rules(parameters))


def site_hours(parameters: Parameters) -> SiteHours:
    return SiteHours(
        parameters.schedule, parameters.zone, parameters.late_grace_min, parameters.early_grace_min
    )


def day_rules(parameters: Parameters) -> DayRules:
    return DayRules(parameters.half_day_share, parameters.min_coverage, parameters.overtime_from_min)
