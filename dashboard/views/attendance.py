"""A day's attendance: first in, last out, a picture of each, and the same rows as CSV."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from core.domain.states import Role
from core.exports import attendance_csv
from core.storage import queries
from core.storage.rows import AttendanceRow
from dashboard import commands, data
from dashboard.widgets.attendance import show_attendance
from dashboard.widgets.day import choose_day
from dashboard.widgets.page import Page, open_page

ROWS_A_PAGE = 25


def show() -> None:
    page = open_page(Role.SUPERVISOR, "attendance.title")
    day, search, department = _choose(page)
    rows = data.ask(queries.attendance, day, page.account.departments)
    found = [row for row in rows if _matches(row, search, department)]
    _download(page, day, found)
    if not rows:
        st.info(page.words("attendance.nobody", date=page.words.date(day)), icon=":material/event_busy:")
    elif not found:
        st.info(page.words("attendance.nobody_found"), icon=":material/search_off:")
    pages = -(-len(found) // ROWS_A_PAGE)
    number = st.pagination(pages, key="attendance_page") if pages > 1 else 1
    show_attendance(found[(number - 1) * ROWS_A_PAGE : number * ROWS_A_PAGE], page.words, page.now)


def _choose(page: Page) -> tuple[date, str, str | None]:
    words = page.words
    with st.container(horizontal=True, vertical_alignment="bottom"):
        day = choose_day(words("attendance.day"), "day", words.zone, page.now)
        search = st.text_input(
            words("attendance.search"),
            key="name",
            bind="query-params",
            type="search",
            placeholder=words("units.search"),
            live=True,
            width=260,
        )
        department = st.selectbox(
            words("attendance.department"),
            data.departments(page.account),
            index=None,
            placeholder=words("attendance.all_departments"),
            key="from",
            bind="query-params",
            width=220,
        )
    return day, search or "", department


def _matches(row: AttendanceRow, search: str, department: str | None) -> bool:
    wanted = search.casefold().strip()
    found = wanted in row.name.casefold() or wanted in row.code.casefold()
    return found and (department is None or row.department == department)


def _download(page: Page, day: date, rows: Sequence[AttendanceRow]) -> None:
    """The rows that the filters leave, on all pages; that they leave the system is noted."""
    words = page.words
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            words("attendance.download"),
            attendance_csv(rows, page.now, words.zone, words.language),
            file_name=words("attendance.file_name", date=day.isoformat()),
            mime="text/csv",
            on_click=commands.note_export,
            args=(day, len(rows)),
            icon=":material/download:",
            disabled=not rows,
        )
        st.caption(words("attendance.rows", count=words.number(len(rows)), zone=words.zone.key))
