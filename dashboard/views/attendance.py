"""A day's attendance: everybody's status and figures, first in and last out with pictures, and as CSV."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import streamlit as st

from core.domain.states import DayStatus, Role
from core.exports import attendance_csv
from core.storage import day_rounds, queries
from core.storage.day_lines import DayLine, lines_of_day
from dashboard import commands, data
from dashboard.auth import Account
from dashboard.downloads import Download, offer
from dashboard.widgets.attendance import show_attendance
from dashboard.widgets.day import choose_day
from dashboard.widgets.day_words import all_statuses, status_word
from dashboard.widgets.in_address import kept
from dashboard.widgets.page import Page, open_page

ROWS_A_PAGE = 25
NOT_EXPECTED = (DayStatus.DAY_OFF, DayStatus.HOLIDAY)
"""Who has one of these and was not seen is listed only when asked for."""


@dataclass(frozen=True)
class Filter:
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


def show() -> None:
    page = open_page(Role.SUPERVISOR, "attendance.title")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        day = choose_day(page.words("attendance.day"), "day", page.words.zone, page.now)
        rows = data.ask(lines_of_day, day, page.account.departments)
        chosen = _choose(page, rows)
    found = [row for row in rows if chosen.takes(row)]
    _download(page, day, chosen, len(found))
    _say_how_old(page, day, rows)
    if not rows:
        _say_nobody(page, day)
    elif not found:
        st.info(page.words("attendance.nobody_found"), icon=":material/search_off:")
    pages = -(-len(found) // ROWS_A_PAGE)
    number = st.pagination(pages, key="attendance_page") if pages > 1 else 1
    show_attendance(found[(number - 1) * ROWS_A_PAGE : number * ROWS_A_PAGE], page.words, page.now)


def _say_nobody(page: Page, day: date) -> None:
    """A site without people is no day on which nobody came."""
    words = page.words
    if data.ask(queries.employees, active=True, departments=page.account.departments):
        st.info(words("attendance.nobody", date=words.date(day)), icon=":material/event_busy:")
    else:
        st.info(words("attendance.nobody_enrolled"), icon=":material/person_add:")


def _choose(page: Page, rows: Sequence[DayLine]) -> Filter:
    """Within the container of the day."""
    words = page.words
    search = st.text_input(
        words("attendance.search"),
        key="name",
        bind="query-params",
        type="search",
        placeholder=words("units.search"),
        live=True,
        width=220,
    )
    department = st.selectbox(
        words("attendance.department"),
        data.departments(page.account),
        index=None,
        placeholder=words("attendance.all_departments"),
        key="from",
        bind="query-params",
        width=190,
    )
    counts = Counter(row.status for row in rows)
    statuses = st.multiselect(
        words("attendance.status"),
        all_statuses(),
        format_func=lambda status: f"{status_word(status, words)} ({counts[status]})",
        placeholder=words("attendance.expected_or_seen"),
        width=250,
        **kept("status", all_statuses(), several=True),
    )
    return Filter(search or "", department, statuses)


def _say_how_old(page: Page, day: date, rows: Sequence[DayLine]) -> None:
    """Days that go on are as old as the worker's last round."""
    words = page.words
    judged_at = data.ask(day_rounds.as_of, day)
    if any(row.work is None for row in rows):
        st.caption(words("attendance.not_judged_yet"))
    if judged_at is not None and any(row.work is not None and not row.work.is_final for row in rows):
        st.caption(words("attendance.as_of", time=words.moment(judged_at, page.now)))


def _download(page: Page, day: date, chosen: Filter, count: int) -> None:
    """The rows that the filters leave, on all pages: read once they are asked for, which is noted."""
    words = page.words

    def make(account: Account) -> bytes:
        found = commands.attendance_export(account, day, chosen.takes)
        return attendance_csv(found, datetime.now(UTC), words.zone, words.language)

    file = Download(words("attendance.file_name", date=day.isoformat()), "text/csv", make)
    with st.container(horizontal=True, vertical_alignment="center"):
        offer(file, words("attendance.download"), "attendance", disabled=not count)
        st.caption(words("attendance.rows", count=words.number(count), zone=words.zone.key))
