"""A report before anybody writes it down: judged days, what exceeds the hours allowed, corrections."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby

import pandas as pd
from sqlalchemy.orm import Session

from core.domain.summary import INDONESIA, PLAIN, Exceeded, HourLimits, exceeded
from core.reports.days import days_of, frame_of
from core.reports.frame import coverage_of
from core.reports.periods import Period
from core.settings import Parameters
from core.storage.report_rows import CorrectionRow, Person, corrections_in_force
from core.storage.work_days import PersonDay

LIMITS = {"plain": PLAIN, "indonesia": INDONESIA}


class ReportKind(StrEnum):
    DAY = "day"
    MONTH = "month"
    PERSON = "person"
    DEPARTMENT = "department"


@dataclass(frozen=True)
class Scope:
    """What is asked for. departments: only people of these; empty: all. person: only he.

    limits: the code of the hours beyond which it warns; None: those of the settings.
    """

    kind: ReportKind
    period: Period
    departments: tuple[str, ...] = ()
    person: Person | None = None
    limits: str | None = None

    @property
    def employee_ids(self) -> tuple[int, ...]:
        return () if self.person is None else (self.person.id,)

    @property
    def subject(self) -> str:
        """As the audit trail names it."""
        return f"reports:{self.kind}" if self.person is None else f"employees:{self.person.id}"


@dataclass(frozen=True)
class Warned:
    """What a person exceeded."""

    person: PersonDay
    what: Exceeded


@dataclass(frozen=True)
class Report:
    """days: a `day_frame`, those of the period that have begun, in order of name and day."""

    scope: Scope
    days: pd.DataFrame
    warnings: list[Warned]
    corrections: list[CorrectionRow]

    @property
    def people(self) -> int:
        return int(self.days["employee_id"].nunique())

    @property
    def coverage(self) -> float:
        """Of all the working time together; not a number where there is none."""
        return coverage_of(self.days)


def read_report(session: Session, scope: Scope, parameters: Parameters, now: datetime) -> Report:
    """Limits of a week are judged on whole ones: those that begin in the period, to their end.

    A day's report keeps to that day.
    """
    period = scope.period
    limits = LIMITS[scope.limits or parameters.hour_limits]
    if scope.kind is ReportKind.DAY:
        limits = limits.of_a_day
    read = period if limits == limits.of_a_day else period.to_sunday()
    whose = (scope.departments, scope.employee_ids)
    frame = frame_of(session, period, parameters, now, *whose)
    judged = [] if limits == PLAIN else days_of(session, read, parameters, now, *whose)
    corrections = corrections_in_force(
        session, period.first, period.last, scope.departments, scope.employee_ids
    )
    return Report(scope, frame, _warnings(judged, period, limits), corrections)


def _warnings(judged: list[PersonDay], period: Period, limits: HourLimits) -> list[Warned]:
    """Of everybody who has a day in the period."""
    found = []
    for _, group in groupby(judged, key=lambda day: day.employee_id):
        days = list(group)
        if days[0].work.day <= period.last:
            beyond = exceeded((day.work for day in days), limits, period.first, period.last)
            found += [Warned(days[0], one) for one in beyond]
    return found
