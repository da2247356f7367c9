"""A month as a grid of days, each coloured by its status, with how much of it was observed."""

from datetime import date
from html import escape

import streamlit as st

from core.domain.schedule import ONE_DAY, WEEKDAYS
from core.i18n import whole_percent
from core.storage import judged_days
from core.storage.judged_days import StoredDay
from core.storage.month_locks import last_day_of, month_of
from dashboard import data
from dashboard.widgets.day_words import coverage, month_name, person_day_url, status_word
from dashboard.widgets.page import Page
from dashboard.widgets.words import Words

MONTH = "month"
LETTERS = 3
"""Of a weekday's name above its column."""


def show_calendar(page: Page, employee_id: int) -> None:
    """The month of the address, this month without; the reader turns the pages."""
    words, today = page.words, page.now.astimezone(page.words.zone).date()
    month = _month(today)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(words("person.calendar", month=month_name(month, words)), anchor=False)
        _turn(words("person.month_previous"), month - ONE_DAY, ":material/chevron_left:", "previous")
        if month < month_of(today):
            _turn(
                words("person.month_next"), last_day_of(month) + ONE_DAY, ":material/chevron_right:", "next"
            )
    rows = data.ask(judged_days.of_employee, employee_id, month, last_day_of(month))
    if not rows:
        st.caption(words("person.calendar_empty"))
    judged = {row.work.day: row for row in rows}
    blanks = "<li></li>" * month.weekday()
    days = [month + n * ONE_DAY for n in range((last_day_of(month) - month).days + 1)]
    cells = "".join(_cell(day, judged.get(day), employee_id, today, words) for day in days)
    st.html(f'<ul class="gspe-calendar">{_heads(words)}{blanks}{cells}</ul>')


def _month(today: date) -> date:
    """Never one to come; what is no month is this one."""
    try:
        asked = date.fromisoformat(f"{st.query_params.get(MONTH, '')}-01")
    except ValueError:
        return month_of(today)
    return min(asked, month_of(today))


def _turn(label: str, day: date, icon: str, key: str) -> None:
    st.button(label, on_click=_go_to, args=(day,), key=f"month_{key}", icon=icon)


def _go_to(day: date) -> None:
    st.query_params[MONTH] = f"{day:%Y-%m}"


def _heads(words: Words) -> str:
    names = (words(f"calendar.weekday.{day}")[:LETTERS] for day in WEEKDAYS)
    return "".join(f'<li class="gspe-head" aria-hidden="true">{escape(name)}</li>' for name in names)


def _cell(day: date, row: StoredDay | None, employee_id: int, today: date, words: Words) -> str:
    mark = " gspe-today" if day == today else ""
    if row is None:
        told = escape(words("person.cell_none", date=words.date(day)), quote=True)
        return f'<li class="gspe-blank{mark}"><span title="{told}">{day.day}</span></li>'
    work, status = row.work, str(row.work.status)
    told = words(
        "person.cell", date=words.date(day), status=status_word(status, words), coverage=coverage(work, words)
    )
    label, url = escape(told.rstrip(", "), quote=True), escape(person_day_url(employee_id, day), quote=True)
    share = "" if work.coverage is None else f"<i>{whole_percent(work.coverage)}&nbsp;%</i>"
    return (
        f'<li class="gspe-day-{escape(status)}{mark}"><a href="{url}" target="_self" title="{label}" '
        f'aria-label="{label}"><b>{day.day}</b>{share}</a></li>'
    )
