"""Reset Logs: choose, see what would go, confirm by typing a word, and read what went."""

from datetime import date

import streamlit as st

from core.errors import GspeError
from core.storage.reset_logs import ResetCount, ResetRequest, ResetResult, ResetTable
from dashboard import record_commands
from dashboard.widgets.page import Page, show_error
from dashboard.widgets.words import Words

COUNTED = "reset_counted"
RESULT = "reset_result"
REFUSED = "reset_refused"
"""Why the count was made anew."""


def show_reset(page: Page) -> None:
    words = page.words
    st.caption(words("records.reset_about"))
    if result := st.session_state.pop(RESULT, None):
        _show_result(result, words)
    with st.form("count_logs", border=True):
        table = st.radio(
            words("records.table"),
            list(ResetTable),
            format_func=lambda table: words(f"records.table.{table}"),
            key="reset_table",
            horizontal=True,
        )
        with st.container(horizontal=True):
            first = st.date_input(
                words("records.from_date"), None, key="reset_from", format="YYYY-MM-DD", width=240
            )
            last = st.date_input(
                words("records.to_date"), None, key="reset_to", format="YYYY-MM-DD", width=240
            )
        if st.form_submit_button(words("records.count"), key="count_logs", icon=":material/preview:"):
            _count(str(table), first, last, page)
    if refused := st.session_state.pop(REFUSED, None):
        show_error(words, refused)
        st.session_state["reset_word"] = ""
    if chosen := st.session_state.get(COUNTED):
        request, counted = chosen
        _confirm(request, counted, page)


def _count(table: str, first: date | None, last: date | None, page: Page) -> None:
    st.session_state.pop(COUNTED, None)
    try:
        request = ResetRequest.parse(table, first, last)
        st.session_state[COUNTED] = (request, record_commands.count_logs(request))
    except GspeError as error:
        show_error(page.words, error)


def _confirm(request: ResetRequest, counted: ResetCount, page: Page) -> None:
    words = page.words
    if counted.events.held or counted.alert_logs.held:
        st.info(_held_sentence(counted, words), icon=":material/gavel:")
    if not counted.events.rows and not counted.alert_logs.rows:
        said = words("records.nothing_to_delete", what=_range_sentence(request, words))
        st.info(said, icon=":material/check_circle:")
        return
    st.warning(
        words(
            "records.counted",
            what=_range_sentence(request, words),
            events=words.number(counted.events.rows),
            alerts=words.number(counted.alert_logs.rows),
        ),
        icon=":material/delete_forever:",
    )
    wanted = words("records.word")
    with st.form("reset_logs", border=False):
        word = st.text_input(words("records.type_word", word=wanted), key="reset_word")
        if st.form_submit_button(words("records.delete"), type="primary", key="reset_sure"):
            try:
                _reset(request, counted, word or "", wanted)
            except GspeError as error:
                show_error(words, error)
                return
            st.rerun()


def _reset(request: ResetRequest, counted: ResetCount, word: str, wanted: str) -> None:
    """Leaves the result for the next run of the page, or the new count and why it must be confirmed."""
    try:
        st.session_state[RESULT] = record_commands.reset(request, counted, word, wanted)
    except GspeError as error:
        if error.code != "reset_counted_anew":
            raise
        st.session_state[COUNTED] = (request, record_commands.count_logs(request))
        st.session_state[REFUSED] = error
    else:
        st.session_state.pop(COUNTED, None)


def _show_result(result: ResetResult, words: Words) -> None:
    counts = {
        "events": words.number(result.deleted_events),
        "alerts": words.number(result.deleted_alert_logs),
    }
    st.success(words("records.deleted", **counts), icon=":material/check_circle:")
    if not result.is_as_counted:
        counts = {
            "events": words.number(result.counted.events.rows),
            "alerts": words.number(result.counted.alert_logs.rows),
        }
        st.warning(words("records.deleted_otherwise", **counts), icon=":material/info:")
    if result.counted.events.held or result.counted.alert_logs.held:
        st.info(_held_sentence(result.counted, words), icon=":material/gavel:")


def _held_sentence(counted: ResetCount, words: Words) -> str:
    return words(
        "records.held",
        events=words.number(counted.events.held),
        alerts=words.number(counted.alert_logs.held),
    )


def _range_sentence(request: ResetRequest, words: Words) -> str:
    first = words.date(request.from_date) if request.from_date else ""
    last = words.date(request.to_date) if request.to_date else ""
    if first and last:
        return words("records.range.between", first=first, last=last)
    if first:
        return words("records.range.from", first=first)
    return words("records.range.to", last=last) if last else words("records.range.all")
