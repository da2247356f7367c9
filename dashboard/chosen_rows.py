"""What the pages Attendance and Audit list, by their filters, and the links behind which it is a file.

The files have routes of their own (`dashboard.api.files`): Streamlit forgets what a page made for a click as
soon as any two pages have refreshed, and a slow browser then gets nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from core.domain.states import DayStatus
from core.storage.audit_list import AuditFilter
from core.storage.day_lines import DayLine

ATTENDANCE, AUDIT = "/files/attendance", "/files/audit"
"""Below /api."""
NOT_EXPECTED = (DayStatus.DAY_OFF, DayStatus.HOLIDAY)
"""Who has one of these and was not seen is listed only when asked for."""


@dataclass(frozen=True)
class DayFilter:
    search: str
    department: str | None
    statuses: Collection[str]
    """Empty: everybody who was expected or seen."""

    def takes(self, row: DayLine) -> bool:
        wanted = self.search.casefold().strip()
        found = wanted in row.name.casefold() or wanted in row.code.casefold()
        return found and self.department in {None, row.department} and self._takes_status(row)

    def _takes_status(self, row: DayLine) -> bool:
        if self.statuses:
            return row.status in self.statuses
        return row.status not in NOT_EXPECTED or row.first_in_at is not None


def attendance_file(day: date, chosen: DayFilter) -> str:
    """The address of the file with the day's rows that the filter takes."""
    of_day = {"day": day.isoformat(), "search": chosen.search, **_given(department=chosen.department)}
    return _address(ATTENDANCE, {**of_day, "status": list(chosen.statuses)})


def audit_file(chosen: AuditFilter) -> str:
    """The address of the file with the rows of the trail that the filter leaves."""
    query = {"start": chosen.start_at.isoformat(), "end": chosen.end_at.isoformat()}
    limits = _given(actor=chosen.actor, action=chosen.action)
    return _address(AUDIT, {**query, **limits, "subject": chosen.subject})


def _given(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


def _address(path: str, query: Mapping[str, str | list[str]]) -> str:
    return f"/api{path}?{urlencode(query, doseq=True)}"
