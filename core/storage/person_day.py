"""Everything about one person's day: judged live with its timeline, as stored, visits and corrections."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from core.domain.day_changes import changes, in_whole_seconds
from core.domain.workday import WorkDay
from core.settings import Parameters
from core.storage import alert_list, correction_list, judged_days
from core.storage.alert_list import AlertRow
from core.storage.correction_list import CorrectionRow
from core.storage.day_shots import VisitRow, visits_of
from core.storage.judged_days import StoredDay
from core.storage.month_locks import locked_months, month_of
from core.storage.rulebook import read_rulebook
from core.storage.work_days import PersonDay, timeline_of


@dataclass(frozen=True, slots=True)
class WholeDay:
    """live: by the rules that hold now. stored: as it counts, None until the worker has judged it."""

    live: PersonDay
    stored: StoredDay | None
    visits: list[VisitRow]
    corrections: list[CorrectionRow]
    alerts: list[AlertRow]
    is_locked: bool

    @property
    def work(self) -> WorkDay:
        """What counts: the row of a day that is over or locked, else what is known now; no timeline."""
        if self.stored is not None and (self.stored.work.is_final or self.is_locked):
            return self.stored.work
        return in_whole_seconds(self.live.work)

    @property
    def differs(self) -> bool:
        """Whether another rule would make another day of it than the one that counts."""
        return bool(changes(self.work, in_whole_seconds(self.live.work)))


def whole_day(
    session: Session, employee_id: int, day: date, parameters: Parameters, now: datetime
) -> WholeDay | None:
    """None where he was not employed, or the day has not begun."""
    book = read_rulebook(session, day, day, parameters)
    live = timeline_of(session, employee_id, day, book, now)
    if live is None:
        return None
    stored = judged_days.of_employee(session, employee_id, day, day)
    bounds = book.calendar.roster.day_bounds(employee_id, live.department, day)
    return WholeDay(
        live,
        stored[0] if stored else None,
        visits_of(session, employee_id, live.department, day, book),
        correction_list.of_day(session, employee_id, day),
        alert_list.of_employee(session, employee_id, *bounds),
        month_of(day) in locked_months(session),
    )
