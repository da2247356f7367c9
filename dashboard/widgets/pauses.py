"""Site pauses: those in force and past ones, and the form to begin one."""

from datetime import datetime, time, timedelta
from functools import partial

import streamlit as st

from core.storage import pauses
from core.storage.pauses import PauseRow
from dashboard import data, day_commands
from dashboard.widgets.confirm import ask_first
from dashboard.widgets.markup import joined
from dashboard.widgets.page import Do, Page

FIRST_OFFER = timedelta(hours=1)
STEP_S = 300


def show_pauses(page: Page, do: Do) -> None:
    words = page.words
    st.caption(words("pauses.about"))
    rows = data.ask(pauses.recent)
    for row in rows:
        if row.holds_at(page.now):
            _holding(page, row, do)
    if page.account.departments:
        st.caption(words("pauses.of_all"))
    else:
        _form(page, do)
    past = [row for row in rows if not row.holds_at(page.now)]
    if past:
        st.subheader(words("pauses.past"), anchor=False)
    for row in past:
        st.text(_sentence(page, row))


def _holding(page: Page, row: PauseRow, do: Do) -> None:
    words = page.words
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.text(_sentence(page, row))
        if not page.account.departments:
            lift, question = words("pauses.lift"), words("pauses.lift_sure")
            if ask_first(f"lift_{row.id}", lift, question, icon=":material/play_arrow:"):
                do(partial(day_commands.lift_pause, row.id))


def _form(page: Page, do: Do) -> None:
    words = page.words
    offer = (page.now + FIRST_OFFER).astimezone(words.zone)
    with st.expander(words("pauses.begin"), icon=":material/pause:"), st.form("pause", border=False):
        with st.container(horizontal=True):
            day = st.date_input(
                words("pauses.until_day"), offer.date(), key="pause_day", format="YYYY-MM-DD", width=200
            )
            clock = st.time_input(
                words("pauses.until_time"), time(offer.hour), step=STEP_S, key="pause_time", width=140
            )
        reason = st.text_input(words("working_time.reason"), key="pause_reason", max_chars=200)
        stops = st.toggle(
            words("pauses.stops_recognition"), key="pause_stops", help=words("pauses.stops_help")
        )
        if st.form_submit_button(words("pauses.begin"), type="primary", key="save_pause"):
            until = datetime.combine(day, clock, words.zone)
            do(partial(day_commands.begin_pause, until, reason or "", stops_recognition=stops))


def _sentence(page: Page, row: PauseRow) -> str:
    words, now = page.words, page.now
    told = words(
        "pauses.row",
        start=words.moment(row.started_at, now),
        end=words.moment(row.until_at, now),
        name=row.paused_by,
        reason=row.reason,
    )
    stopped = words("pauses.without_recognition") if row.stops_recognition else ""
    if row.lifted_at is None:
        return joined(told, stopped)
    lifted = words("pauses.lifted", name=row.lifted_by, time=words.moment(row.lifted_at, now))
    return joined(told, stopped, lifted)
