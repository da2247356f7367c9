"""A day's attendance: everybody's status and figures, first in and last out with pictures, and as CSV."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

import streamlit as st

from core.domain.states import Role
from core.storage import day_rounds
from core.storage.day_lines import DayLine, lines_of_day
from dashboard import data
from dashboard.chosen_rows import DayFilter, attendance_file
from dashboard.widgets.attendance import show_attendance
from dashboard.widgets.day import choose_day
from dashboard.widgets.day_words import all_statuses, status_word
from dashboard.widgets.in_address import kept
from dashboard.widgets.page import Page, open_page

ROWS_A_PAGE = 25


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
        st.info(page.words("attendance.nobody", date=page.words.date(day)), icon=":material/event_busy:")
    elif not found:
        st.info(page.words("attendance.nobody_found"), icon=":material/search_off:")
    pages = -(-len(found) // ROWS_A_PAGE)
    number = st.pagination(pages, key="attendance_page") if pages > 1 else 1
    show_attendance(found[(number - 1) * ROWS_A_PAGE : number * ROWS_A_PAGE], page.words, page.now)


def _choose(page: Page, rows: Sequence[DayLine]) -> DayFilter:
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
    return DayFilter(search or "", department, statuses)


def _say_how_old(page: Page, day: date, rows: Sequence[DayLine]) -> None:
    """Days that go on are as old as the worker's last round."""
    words = page.words
    judged_at = data.ask(day_rounds.as_of, day)
    if any(row.work is None for row in rows):
        st.caption(words("attendance.not_judged_yet"))
    if judged_at is not None and any(row.work is not None and not row.work.is_final for row in rows):
        st.caption(words("attendance.as_of", time=words.moment(judged_at, page.now)))


def _download(page: Page, day: date, chosen: DayFilter, count: int) -> None:
    """The rows that the filters leave, on all pages: read, and noted, once they are asked for."""
    words = page.words
    with st.container(horizontal=True, vertical_alignment="center"):
        st.link_button(
            words("attendance.download"),
            attendance_file(day, chosen),
            icon=":material/download:",
            disabled=not count,
        )
        st.caption(words("attendance.rows", count=words.number(count), zone=words.zone.key))
