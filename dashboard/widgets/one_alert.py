"""One alert with all that can be done about it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import streamlit as st

from core.domain.alerts import allowed
from core.domain.schedule import attendance_day, day_bounds
from core.domain.states import AlertAction, AlertKind, AlertState, Role
from core.errors import GspeError
from core.storage import alert_list
from core.storage.alert_list import AlertRow
from dashboard import alert_commands, data
from dashboard.attention import expected_until
from dashboard.widgets.alerts import alert_card, step_sentence
from dashboard.widgets.in_address import put
from dashboard.widgets.markup import Markup
from dashboard.widgets.page import Page, show_error
from dashboard.widgets.words import Words

CHOSEN = "alert"
"""In the address: which one is open."""
DONE = "alert_done"
SNOOZES_MIN = {"15_min": 15, "1_h": 60, "4_h": 240}
SHIFT_END, DAY_END = "shift_end", "day_end"


def show_one(row: AlertRow, page: Page) -> None:
    words = page.words
    st.button(words("alerts.back"), on_click=_close, icon=":material/arrow_back:", key="alerts_back")
    markup = Markup()
    markup.add(alert_card(markup, row, words, page.now))
    markup.show("gspe-rows")
    for step in data.ask(alert_list.steps, (row.id,))[row.id]:
        st.text(step_sentence(step, words, page.now))
    actions = allowed(AlertKind(row.kind), AlertState(row.state))
    if AlertAction.ACKNOWLEDGED in actions:
        label = words("alerts.acknowledge")
        if st.button(label, type="primary", key="acknowledge", icon=":material/check:"):
            _do(page, partial(acknowledge_one, row.id), "alerts.done.acknowledged")
    if AlertAction.SNOOZED in actions:
        _snooze(row, page)
    if AlertAction.EXCUSED in actions:
        _excuse(row, page)
    if AlertAction.RESOLVED in actions:
        _resolve(row, page)


def _close() -> None:
    put(CHOSEN, None)


def _snooze(row: AlertRow, page: Page) -> None:
    words = page.words
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            words("alerts.snooze_for"),
            [*SNOOZES_MIN, SHIFT_END, DAY_END],
            format_func=lambda span: words(f"alerts.snooze.{span}"),
            key="snooze_for",
            width=220,
        )
        if st.button(words("alerts.snooze"), key="snooze", icon=":material/snooze:"):
            until = snooze_end(str(chosen), row, words)
            _do(page, partial(alert_commands.snooze, row.id, until), "alerts.done.snoozed")


def snooze_end(span: str, row: AlertRow, words: Words) -> datetime:
    """When it wakes: the end of a shift that is over already is the end of the day."""
    now = datetime.now(UTC)
    if span in SNOOZES_MIN:
        return now + timedelta(minutes=SNOOZES_MIN[span])
    shift_end = expected_until(row) if span == SHIFT_END else now
    return shift_end if shift_end > now else day_bounds(attendance_day(now, words.zone), words.zone)[1]


def _excuse(row: AlertRow, page: Page) -> None:
    words = page.words
    with st.form("excuse", border=True):
        st.markdown(words("alerts.excuse_about"))
        reason = st.text_input(words("alerts.reason"), key="excuse_reason", max_chars=200)
        until = _excused_until(row, page) if page.account.may(Role.HR) else None
        if st.form_submit_button(words("alerts.excuse"), key="excuse", icon=":material/how_to_reg:"):
            command = partial(alert_commands.excuse, row.id, reason or "", until)
            _do(page, command, "alerts.done.excused")


def _excused_until(row: AlertRow, page: Page) -> datetime | None:
    """Until when the hours are entered, too; None when they are not."""
    words = page.words
    end = expected_until(row).astimezone(words.zone)
    since = words.moment(row.since, page.now)
    wanted = st.checkbox(words("alerts.excuse_hours", since=since), key="excuse_hours")
    with st.container(horizontal=True):
        day = st.date_input(
            words("alerts.excuse_until_day"), end.date(), format="YYYY-MM-DD", key="excuse_day", width=200
        )
        clock = st.time_input(
            words("alerts.excuse_until"), end.time(), step=300, key="excuse_clock", width=200
        )
    return datetime.combine(day, clock, words.zone).astimezone(UTC) if wanted and clock else None


def _resolve(row: AlertRow, page: Page) -> None:
    words = page.words
    with st.form("resolve", border=True):
        st.markdown(words("alerts.resolve_about"))
        note = st.text_input(words("alerts.note"), key="resolve_note", max_chars=200)
        if st.form_submit_button(words("alerts.resolve"), key="resolve", icon=":material/task_alt:"):
            _do(page, partial(alert_commands.resolve, row.id, note or ""), "alerts.done.resolved")


def acknowledge_one(alert_id: int) -> None:
    """Raises GspeError, code `alert_moved_on`."""
    if alert_commands.acknowledge([alert_id]).moved_on:
        raise GspeError("somebody else was faster; reload the page", code="alert_moved_on")


def _do(page: Page, command: Callable[[], None], done_key: str) -> None:
    """Back to the list with what was done, or what went wrong, with all that was typed."""
    try:
        command()
    except GspeError as error:
        show_error(page.words, error)
        return
    st.session_state[DONE] = page.words(done_key)
    _close()
    st.rerun()
