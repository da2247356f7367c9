"""When people are expected: shifts and who has them, holidays, leave and excused hours."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import streamlit as st

from core.domain.shifts import Shift
from core.domain.states import LeaveKind, Role
from core.errors import GspeError
from core.storage import queries, working_time, working_time_list
from core.storage.models import Base, ExcusedAbsence, Holiday, Leave, ShiftAssignment
from core.storage.working_time_list import AssignmentRow, ExcuseRow, HolidayRow, LeaveRow
from dashboard import commands, data
from dashboard.widgets.confirm import ask_first
from dashboard.widgets.page import Page, open_page, show_error
from dashboard.widgets.pauses import show_pauses
from dashboard.widgets.recompute import Entry, note_touched, show_recompute, show_touched
from dashboard.widgets.shift_form import WEEKDAYS, clock, shift_form
from dashboard.widgets.tabs import show_tabs
from dashboard.widgets.ties import show_ties
from dashboard.widgets.words import Words

ListedRow = AssignmentRow | HolidayRow | LeaveRow | ExcuseRow

LISTED_BACK = timedelta(days=31)
"""Entries that ended longer ago are not listed; days before are judged by them all the same."""
DONE = "working_time_done"


def show() -> None:
    page = open_page(Role.HR, "working_time.title")
    words = page.words
    if done := st.session_state.pop(DONE, None):
        st.toast(done, icon=":material/check_circle:")
    st.caption(words("working_time.about"))
    names = {tab: words(f"working_time.tab.{tab}") for tab in TABS}
    show_touched(page, names["recompute"])
    show_tabs("working_time_tab", names, {tab: partial(show_tab, page) for tab, show_tab in TABS.items()})


def _shifts_tab(page: Page) -> None:
    _shifts(page)
    _assignments(page)


def _leave_tab(page: Page) -> None:
    _leave(page)
    _excuses(page)


def _shifts(page: Page) -> None:
    words = page.words
    st.subheader(words("working_time.shifts"), anchor=False)
    found = data.ask(working_time.shifts)
    if not found:
        st.info(words("working_time.no_shift"), icon=":material/schedule:")
    for shift in found:
        question = words("working_time.retire_sure", name=shift.name)
        if _row(_shift_sentence(shift, words), f"shift_{shift.id}", words("working_time.retire"), question):
            _do(page, partial(commands.retire_shift, shift.id))
    with st.expander(words("working_time.add_shift"), icon=":material/add:"):
        plan = shift_form(words)
        if plan is not None:
            _do(page, partial(commands.add_working_time, plan))


def _assignments(page: Page) -> None:
    words = page.words
    st.subheader(words("working_time.assignments"), anchor=False)
    rows = data.ask(working_time_list.assignments, _since(page), page.account.departments)
    if not rows:
        st.info(words("working_time.no_assignment"), icon=":material/groups:")
    for row in rows:
        whose = row.name or words("working_time.of_department", department=row.department)
        _removable(
            page,
            ShiftAssignment,
            row,
            f"{whose}: {row.shift}, {_dates(row.first_date, row.last_date, words)}",
        )
    shifts = {shift.id: shift.name for shift in data.ask(working_time.shifts)}
    if not shifts:
        return
    label = words("working_time.assign")
    with st.expander(label, icon=":material/add:"), st.form("assign", border=False):
        shift_id = st.selectbox(
            words("working_time.shift"), shifts, format_func=shifts.__getitem__, key="assign_shift"
        )
        employee_id = _choose_employee(page, "assign_employee")
        department = _choose_department(page, "assign_department", words("working_time.or_department"))
        with st.container(horizontal=True):
            first = _date(page, "working_time.first_date", "assign_first")
            last = st.date_input(
                words("working_time.last_date_open"), None, key="assign_last", format="YYYY-MM-DD", width=200
            )
        if st.form_submit_button(words("units.save"), type="primary", key="save_assign"):
            added = ShiftAssignment(
                shift_id=shift_id,
                employee_id=employee_id,
                department=department,
                first_date=first,
                last_date=last,
            )
            _do(page, partial(commands.add_working_time, added), added)


def _holidays(page: Page) -> None:
    words = page.words
    rows = data.ask(working_time_list.holidays, _since(page), page.account.departments)
    if not rows:
        st.info(words("working_time.no_holiday"), icon=":material/celebration:")
    for row in rows:
        whose = row.department or words("working_time.everybody")
        _removable(page, Holiday, row, f"{words.date(row.day)}: {row.name} ({whose})")
    with (
        st.expander(words("working_time.add_holiday"), icon=":material/add:"),
        st.form("add_holiday", border=False),
    ):
        day = _date(page, "working_time.day", "holiday_day")
        name = st.text_input(words("working_time.name"), key="holiday_name")
        department = _choose_department(page, "holiday_department", words("working_time.only_department"))
        if st.form_submit_button(words("units.save"), type="primary", key="save_holiday"):
            added = Holiday(day=day, name=name or "", department=department)
            _do(page, partial(commands.add_working_time, added), added)


def _leave(page: Page) -> None:
    words = page.words
    st.subheader(words("working_time.leave"), anchor=False)
    rows = data.ask(working_time_list.leaves, _since(page), page.account.departments)
    if not rows:
        st.info(words("working_time.no_leave"), icon=":material/beach_access:")
    for row in rows:
        kind = words(f"reports.leave.{row.kind}")
        told = f"{row.name}: {kind}, {_dates(row.first_date, row.last_date, words)}"
        _removable(page, Leave, row, f"{told} · {row.note}" if row.note else told)
    with (
        st.expander(words("working_time.add_leave"), icon=":material/add:"),
        st.form("add_leave", border=False),
    ):
        employee_id = _choose_employee(page, "leave_employee")
        chosen = st.selectbox(
            words("working_time.kind"),
            list(LeaveKind),
            format_func=lambda one: words(f"reports.leave.{one}"),
            key="leave_kind",
        )
        with st.container(horizontal=True):
            first = _date(page, "working_time.first_date", "leave_first")
            last = _date(page, "working_time.last_date", "leave_last")
        note = st.text_input(words("working_time.note"), key="leave_note")
        if st.form_submit_button(words("units.save"), type="primary", key="save_leave"):
            added = Leave(
                employee_id=employee_id, kind=chosen, first_date=first, last_date=last, note=note or ""
            )
            _do(page, partial(commands.add_working_time, added), added)


def _excuses(page: Page) -> None:
    words = page.words
    st.subheader(words("working_time.excused"), anchor=False)
    since = datetime.combine(_since(page), time(), words.zone).astimezone(UTC)
    for row in data.ask(working_time_list.excuses, since, page.account.departments):
        span = words(
            "working_time.from_to",
            first=words.moment(row.started_at, page.now),
            last=words.moment(row.ended_at, page.now),
        )
        _removable(page, ExcusedAbsence, row, f"{row.name}: {span} · {row.reason}")
    with (
        st.expander(words("working_time.add_excuse"), icon=":material/add:"),
        st.form("add_excuse", border=False),
    ):
        employee_id = _choose_employee(page, "excuse_employee")
        with st.container(horizontal=True):
            day = _date(page, "working_time.day", "excuse_day")
            start = st.time_input(
                words("working_time.start"), time(8), step=300, key="excuse_start", width=140
            )
            end = st.time_input(words("working_time.end"), time(10), step=300, key="excuse_end", width=140)
        reason = st.text_input(words("working_time.reason"), key="excuse_reason")
        if st.form_submit_button(words("units.save"), type="primary", key="save_excuse"):
            added = ExcusedAbsence(
                employee_id=employee_id,
                started_at=datetime.combine(day, start, words.zone),
                ended_at=datetime.combine(day if start <= end else day + timedelta(days=1), end, words.zone),
                reason=reason or "",
            )
            _do(page, partial(commands.add_working_time, added), added)


def _shift_sentence(shift: Shift, words: Words) -> str:
    days = ", ".join(words(f"calendar.weekday.{WEEKDAYS[day]}") for day in sorted(shift.weekdays))
    told = f"{shift.name}: {clock(shift.start)}-{clock(shift.end)}, {days}"
    breaks = ", ".join(f"{clock(pause.start)}-{clock(pause.end)}" for pause in shift.breaks)
    grace = words("working_time.graces", late=shift.late_grace_min, early=shift.early_grace_min)
    return (
        f"{told} · {words('working_time.breaks', breaks=breaks)} · {grace}" if breaks else f"{told} · {grace}"
    )


def _removable(page: Page, kind: type[Base], row: ListedRow, sentence: str) -> None:
    words = page.words
    key = f"{kind.__tablename__}_{row.id}"
    if _row(sentence, key, words("working_time.remove"), words("working_time.remove_sure")):
        _do(page, partial(commands.remove_working_time, kind, row.id), row)


def _row(sentence: str, key: str, action: str, question: str) -> bool:
    """Whether the entry's action was asked for and confirmed."""
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.text(sentence, width="stretch")
        return ask_first(key, action, question)


def _do(page: Page, command: Callable[[], None], entry: Entry | None = None) -> None:
    """entry: what is added or removed, where that changes how days are judged."""
    try:
        command()
    except GspeError as error:
        show_error(page.words, error)
        return
    if entry is not None:
        note_touched(entry, page)
    st.session_state[DONE] = page.words("working_time.saved")
    st.rerun()


def _choose_employee(page: Page, key: str) -> int | None:
    rows = data.ask(queries.employees, active=True, departments=page.account.departments)
    names = {row.id: f"{row.name} ({row.code})" for row in rows}
    return st.selectbox(
        page.words("working_time.employee"),
        names,
        index=None,
        format_func=names.__getitem__,
        placeholder=page.words("working_time.choose"),
        key=key,
    )


def _choose_department(page: Page, key: str, label: str) -> str | None:
    return st.selectbox(
        label,
        data.departments(page.account),
        index=None,
        placeholder=page.words("working_time.choose"),
        key=key,
    )


def _date(page: Page, label: str, key: str) -> date:
    """Today unless another day is chosen."""
    today = page.now.astimezone(page.words.zone).date()
    chosen = st.date_input(page.words(label), today, key=key, format="YYYY-MM-DD", width=200)
    return chosen if isinstance(chosen, date) else today


def _dates(first: date, last: date | None, words: Words) -> str:
    if last is None:
        return words("working_time.from_on", first=words.date(first))
    return words("working_time.from_to", first=words.date(first), last=words.date(last))


def _since(page: Page) -> date:
    return page.now.astimezone(page.words.zone).date() - LISTED_BACK


TABS: Mapping[str, Callable[[Page], None]] = {
    "shifts": _shifts_tab,
    "holidays": _holidays,
    "leave": _leave_tab,
    "ties": lambda page: show_ties(page, partial(_do, page)),
    "pauses": lambda page: show_pauses(page, partial(_do, page)),
    "recompute": show_recompute,
}
