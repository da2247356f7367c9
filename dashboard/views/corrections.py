"""Corrections of days: those that wait for a second person, all of them, and the months that are closed."""

from collections.abc import Callable
from datetime import date
from functools import partial

import streamlit as st
from sqlalchemy.orm import Session

from core.domain.schedule import ONE_DAY
from core.domain.states import Role
from core.errors import GspeError
from core.settings import Parameters
from core.storage import correction_list, month_locks
from core.storage.correction_list import CorrectionRow
from core.storage.month_locks import LockRow, month_of
from core.storage.person_day import whole_day
from dashboard import data, day_commands
from dashboard.database import reader
from dashboard.widgets.attendance import Moment
from dashboard.widgets.confirm import ask_first
from dashboard.widgets.corrections import show_corrections
from dashboard.widgets.day_words import DAYS_STYLE, month_name
from dashboard.widgets.in_address import kept_tabs
from dashboard.widgets.markup import Markup
from dashboard.widgets.page import Page, open_page, show_error, site_parameters

DONE = "corrections_done"
DECIDED = {"approve": "approved", "reject": "rejected"}
MONTHS_BACK = 13
"""So many months can be chosen to be locked."""


def show() -> None:
    page = open_page(Role.SUPERVISOR, "corrections.title")
    words = page.words
    st.html(DAYS_STYLE)
    if done := st.session_state.pop(DONE, None):
        st.toast(done, icon=":material/check_circle:")
    st.caption(words("corrections.about"))
    names = ["waiting", "history", "months"] if page.account.may(Role.HR) else ["waiting", "history"]
    tabs = kept_tabs("corrections_tab", {name: words(f"corrections.tab.{name}") for name in names})
    with tabs["waiting"]:
        _waiting(page)
    with tabs["history"]:
        show_corrections(data.ask(correction_list.newest, page.account.departments), page, names=True)
    if "months" in tabs:
        with tabs["months"]:
            _months(page)


def _waiting(page: Page) -> None:
    rows = data.ask(correction_list.waiting, page.account.departments)
    if not rows:
        st.info(page.words("corrections.none_waiting"), icon=":material/task_alt:")
        return
    parameters = site_parameters(page)
    for row in rows:
        with st.container(border=True):
            show_corrections([row], page, names=True)
            _evidence(page, row, parameters)
            _decide(page, row)


def _evidence(page: Page, row: CorrectionRow, parameters: Parameters) -> None:
    """The pictures of first in and last out, beside what somebody says instead."""
    with Session(reader()) as session:
        found = whole_day(session, row.employee_id, row.day, parameters, page.now)
    if found is None or not found.visits:
        st.caption(page.words("corrections.no_evidence"))
        return
    words, markup = page.words, Markup()
    first, last = found.visits[0], found.visits[-1]
    shown = Moment(words("attendance.first_in"), first.arrived_at, first.arrival).html(
        markup, row.name, words
    )
    shown += Moment(words("attendance.last_out"), last.last_seen_at, last.departure).html(
        markup, row.name, words
    )
    markup.add(f'<li class="gspe-row">{shown}</li>')
    markup.show("gspe-rows")


def _decide(page: Page, row: CorrectionRow) -> None:
    words = page.words
    if row.author == page.account.username:
        st.caption(words("corrections.own"))
        return
    note = st.text_input(words("corrections.decision_note"), key=f"note_{row.id}", max_chars=200)
    with st.container(horizontal=True):
        for verb, icon in (("approve", ":material/check:"), ("reject", ":material/close:")):
            if st.button(words(f"corrections.{verb}"), key=f"{verb}_{row.id}", icon=icon):
                is_approved = verb == "approve"
                decide = partial(day_commands.decide_correction, row.id, approve=is_approved, note=note or "")
                _do(page, decide, words(f"corrections.{DECIDED[verb]}"))


def _months(page: Page) -> None:
    words = page.words
    st.caption(words("corrections.about_locks"))
    locked = data.ask(month_locks.locks)
    if not locked:
        st.info(words("corrections.no_lock"), icon=":material/lock_open:")
    for lock in locked:
        _lock_row(page, lock)
    if page.account.departments:
        st.caption(words("corrections.locks_of_all"))
        return
    open_months = [month for month in _past_months(page) if month not in {lock.month for lock in locked}]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        month = st.selectbox(
            words("corrections.month"),
            open_months,
            format_func=lambda one: month_name(one, words),
            key="month_to_lock",
            width=240,
        )
        if month is not None:
            question = words("corrections.lock_sure", month=month_name(month, words))
            if ask_first("lock_month", words("corrections.lock"), question, icon=":material/lock:"):
                _do(page, partial(day_commands.lock_month, month), words("corrections.locked"))


def _lock_row(page: Page, lock: LockRow) -> None:
    words = page.words
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        name, when = month_name(lock.month, words), words.moment(lock.locked_at, page.now)
        st.text(words("corrections.locked_by", month=name, name=lock.locked_by, time=when))
        if not page.account.may(Role.ADMIN) or page.account.departments:
            return
        with st.popover(words("corrections.unlock"), icon=":material/lock_open:"):
            st.markdown(words("corrections.unlock_sure", month=name))
            reason = st.text_input(words("corrections.reason"), key=f"unlock_why_{lock.month}", max_chars=200)
            if st.button(words("corrections.unlock"), key=f"unlock_{lock.month}", type="primary"):
                command = partial(day_commands.unlock_month, lock.month, reason or "")
                _do(page, command, words("corrections.unlocked"))


def _past_months(page: Page) -> list[date]:
    """Those that are over, the latest first."""
    months = [month_of(month_of(page.now.astimezone(page.words.zone).date()) - ONE_DAY)]
    while len(months) < MONTHS_BACK:
        months.append(month_of(months[-1] - ONE_DAY))
    return months


def _do(page: Page, command: Callable[[], None], done: str) -> None:
    try:
        command()
    except GspeError as error:
        show_error(page.words, error)
        return
    st.session_state[DONE] = done
    st.rerun()
