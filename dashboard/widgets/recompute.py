"""Judging stored days again: a preview of what changes, and the button that writes it."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import streamlit as st

from core.errors import GspeError
from core.storage import judged_days, month_locks
from core.storage.models import Base, ExcusedAbsence, Holiday, Leave, ShiftAssignment
from core.storage.recompute import DayChange, Preview
from core.storage.working_time_list import AssignmentRow, ExcuseRow, HolidayRow, LeaveRow
from dashboard import data, day_commands
from dashboard.widgets.confirm import ask_first
from dashboard.widgets.day_words import figure, month_name, reasons_of
from dashboard.widgets.page import Page, show_error

FIRST, LAST = "recompute_first", "recompute_last"
PREVIEW, DONE, TOUCHED = "recompute_preview", "recompute_done", "recompute_touched"
LISTED = 500
A_WEEK = timedelta(days=7)

Entry = Base | AssignmentRow | HolidayRow | LeaveRow | ExcuseRow


def note_touched(entry: Entry, page: Page) -> None:
    """Remembers which days an entry that was added or removed concerns, as far as they have begun."""
    today = page.now.astimezone(page.words.zone).date()
    match entry:
        case ShiftAssignment() | AssignmentRow() | Leave() | LeaveRow():
            first, last = entry.first_date, entry.last_date or today
        case Holiday() | HolidayRow():
            first = last = entry.day
        case ExcusedAbsence() | ExcuseRow():
            first, last = (at.astimezone(page.words.zone).date() for at in (entry.started_at, entry.ended_at))
        case _:
            return
    if first <= today:
        st.session_state[TOUCHED] = (first, min(last, today))


def show_touched(page: Page, lead_there: str) -> None:
    """After a change: which stored days stay, which months are locked, and the way to judge them again.

    lead_there: the tab with the preview, for the button.
    """
    touched: tuple[date, date] | None = st.session_state.get(TOUCHED)
    if touched is None or not data.ask(judged_days.has_final, *touched):
        return
    words, (first, last) = page.words, touched
    span = words("working_time.from_to", first=words.date(first), last=words.date(last))
    with st.container(border=True):
        st.markdown(words("recompute.stay", span=span))
        _name_locked(data.ask(month_locks.locked_between, first, last), page)
        st.button(
            words("recompute.lead"),
            key="lead_to_recompute",
            on_click=_lead,
            args=(first, last, lead_there),
            icon=":material/rule:",
        )


def show_recompute(page: Page) -> None:
    words = page.words
    st.caption(words("recompute.about"))
    if done := st.session_state.pop(DONE, None):
        st.success(done, icon=":material/check_circle:")
    today = page.now.astimezone(words.zone).date()
    st.session_state.setdefault(FIRST, today - A_WEEK)
    st.session_state.setdefault(LAST, today)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first, last = (
            st.date_input(words(f"working_time.{label}"), key=key, format="YYYY-MM-DD", width=200)
            for label, key in (("first_date", FIRST), ("last_date", LAST))
        )
        wanted = st.button(words("recompute.preview"), key="recompute_look", icon=":material/preview:")
    if wanted:
        _look(page, first, last)
    told = st.session_state.get(PREVIEW)
    if told is not None and told[:2] == (first, last):
        _show_preview(page, first, last, told[2])


def _look(page: Page, first: date, last: date) -> None:
    st.session_state.pop(PREVIEW, None)
    try:
        with st.spinner(page.words("recompute.judging")):
            found = day_commands.preview_days(first, last, page.now)
    except GspeError as error:
        show_error(page.words, error)
        return
    st.session_state[PREVIEW] = (first, last, found)


def _show_preview(page: Page, first: date, last: date, found: Preview) -> None:
    words = page.words
    _name_locked(found.locked, page)
    counts = {"changed": words.number(len(found.changes)), "judged": words.number(found.judged)}
    st.markdown(words("recompute.counts", **counts))
    if not found.changes:
        return
    # Above the table: one that is still being drawn would push the question out of the window.
    sure = ask_first("recompute_apply", words("recompute.apply"), words("recompute.apply_sure", **counts))
    st.dataframe([_line(change, page) for change in found.changes[:LISTED]], hide_index=True)
    if len(found.changes) > LISTED:
        st.caption(words("recompute.more", count=words.number(len(found.changes) - LISTED)))
    if sure:
        _apply(page, first, last)


def _apply(page: Page, first: date, last: date) -> None:
    try:
        with st.spinner(page.words("recompute.judging")):
            outcome = day_commands.recompute_days(first, last, page.now)
    except GspeError as error:
        show_error(page.words, error)
        return
    for key in (PREVIEW, TOUCHED):
        st.session_state.pop(key, None)
    counts = {"changed": page.words.number(outcome.changed), "judged": page.words.number(outcome.judged)}
    st.session_state[DONE] = page.words("recompute.done", **counts)
    st.rerun()


def _line(change: DayChange, page: Page) -> dict[str, str]:
    words = page.words
    figures = [
        words(
            "recompute.figure",
            figure=words(f"days.figure.{one.figure}"),
            before=figure(one.figure, one.before, change.day, words),
            after=figure(one.figure, one.after, change.day, words),
        )
        for one in change.figures
    ]
    return {
        words("days.column.day"): words.date(change.day),
        words("working_time.employee"): f"{change.name} ({change.code})",
        words("recompute.changes"): "; ".join(figures),
        words("reports.column.reasons"): reasons_of(change.reasons, change.day, words),
    }


def _name_locked(months: Sequence[date], page: Page) -> None:
    if months:
        names = _listed(month_name(month, page.words) for month in months)
        st.warning(page.words("recompute.locked", months=names), icon=":material/lock:")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _lead(first: date, last: date, tab: str) -> None:
    st.session_state.update({FIRST: first, LAST: last, "working_time_tab": tab})
    st.session_state.pop(TOUCHED, None)
