"""Attendance days with their figures, as the page Attendance lists them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query, Security
from pydantic import BaseModel
from sqlalchemy.orm import Session

from core.domain.schedule import attendance_day
from core.domain.states import DayStatus, Role, Scope
from core.domain.workday import WorkDay
from core.storage.day_lines import DayLine, lines_of_day
from dashboard import data
from dashboard.api.rest.access import Access, Caller
from dashboard.api.rest.listing import HEADERS, Paged
from dashboard.api.rest.problems import Refused
from dashboard.api.rest.values import LARGEST_ID, Day
from dashboard.database import reader

router = APIRouter(tags=["attendance"])

LONGEST_DAYS = 31

Reading = Annotated[Caller, Security(Access(Role.SUPERVISOR, Scope.READ_ATTENDANCE))]
EmployeeId = Annotated[int, Query(ge=1, le=LARGEST_ID)]


class Figures(BaseModel):
    """Seconds. coverage: the share of the working time that was seen or observable, null without any."""

    working_s: int
    present_s: int
    seen_s: int
    not_seen_s: int
    not_observable_s: int
    late_s: int
    left_early_s: int
    overtime_s: int
    coverage: float | None


class AttendanceDay(BaseModel):
    """status and figures are null until the worker has judged the day; provisional: it may still change."""

    employee_id: int
    code: str
    name: str
    department: str | None
    date: date
    status: DayStatus | None
    first_in_at: datetime | None
    last_out_at: datetime | None
    visits: int
    provisional: bool
    corrected: bool
    figures: Figures | None
    rules: list[str]


@router.get(
    "/attendance",
    summary="Attendance days with figures",
    response_model=list[AttendanceDay],
    responses={200: {"headers": HEADERS}},
)
def attendance(
    page: Paged,
    caller: Reading,
    from_date: Annotated[Day | None, Query(description="The first site day; by default today")] = None,
    to_date: Annotated[Day | None, Query(description="The last one, inclusive; by default the first")] = None,
    employee_id: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
) -> object:
    """Everybody who was judged or seen on these days, at most 31, in order of day and employee.

    `rules` are codes of the rules that decided; docs/attendance-rules.md says what each means.
    """
    first = from_date or to_date or attendance_day(datetime.now(UTC), data.zone())
    days = _days(first, to_date or first)
    begin = _after(page.cursor)
    with Session(reader()) as session:
        found = _lines(session, caller, days, employee_id)
        lines = list(islice((line for line in found if (line.day, line.employee_id) > begin), page.limit + 1))
    shown = page.cut(lines, lambda line: f"{line.day}.{line.employee_id}")
    now = datetime.now(UTC)
    return [_day(line, now) for line in shown]


def _days(first: date, last: date) -> list[date]:
    count = (last - first).days + 1
    if not 0 < count <= LONGEST_DAYS:
        raise Refused("days_refused", longest=LONGEST_DAYS)
    return [first + timedelta(days=number) for number in range(count)]


def _after(cursor: str | None) -> tuple[date, int]:
    if cursor is None:
        return date.min, 0
    day, _, number = cursor.partition(".")
    try:
        return date.fromisoformat(day), int(number)
    except ValueError as error:
        raise Refused("cursor_unknown") from error


def _lines(session: Session, caller: Caller, days: list[date], employee_id: int | None) -> Iterator[DayLine]:
    for day in days:
        lines = lines_of_day(session, day, caller.departments)
        for line in sorted(lines, key=lambda line: line.employee_id):
            if employee_id in (None, line.employee_id):
                yield line


def _day(line: DayLine, now: datetime) -> AttendanceDay:
    of_line = ("employee_id", "code", "name", "department", "status", "first_in_at", "last_out_at")
    return AttendanceDay(
        **{name: getattr(line, name) for name in of_line},
        date=line.day,
        visits=line.visit_count,
        provisional=line.judged is None or not line.judged.work.is_final,
        corrected=line.judged is not None and line.judged.correction_id is not None,
        figures=_figures(line.work) if line.work is not None else None,
        rules=[reason.code for reason in line.work.reasons] if line.work is not None else [],
    )


def _figures(work: WorkDay) -> Figures:
    lengths = {
        "working_s": work.working,
        "present_s": work.present,
        "seen_s": work.seen,
        "not_seen_s": work.not_seen,
        "not_observable_s": work.not_observable,
        "late_s": work.late_by,
        "left_early_s": work.left_early_by,
        "overtime_s": work.overtime,
    }
    seconds = {name: int(length.total_seconds()) for name, length in lengths.items()}
    return Figures(**seconds, coverage=work.coverage)
