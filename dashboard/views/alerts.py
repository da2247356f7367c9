"""Alerts: what wants attention, what goes on though somebody has seen to it, and what was opened on a day."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import groupby

import streamlit as st

from core.domain.alerts import NOTICES
from core.domain.schedule import day_bounds
from core.domain.states import AlertKind, AlertState, Role
from core.errors import GspeError
from core.storage import alert_list, queries
from core.storage.alert_list import AlertRow, StepRow
from dashboard import alert_commands, data
from dashboard.attention import sight_of, this_moment
from dashboard.auth import Account
from dashboard.refreshing import refreshing
from dashboard.widgets.alerts import alert_card, show_alerts
from dashboard.widgets.confirm import ask_first
from dashboard.widgets.day import choose_day
from dashboard.widgets.in_address import kept, number_told, put
from dashboard.widgets.markup import Markup
from dashboard.widgets.one_alert import CHOSEN, DONE, show_one
from dashboard.widgets.page import open_page, show_error
from dashboard.widgets.words import Words

REFRESH_S = 2.0
GROUPED_FROM = 4
"""So many of a kind are acknowledged with one button, too."""
ROWS_A_GROUP = 20
ROWS_A_PAGE = 50
FAILED = "alert_failed"


def show() -> None:
    page = open_page(Role.SUPERVISOR, "alerts.title")
    chosen = number_told(CHOSEN)
    row = data.ask(alert_list.alert, chosen, sight_of(page.account)) if chosen is not None else None
    if row is not None:
        show_one(row, page)
        return
    _now(page.account, page.words)
    _history(page.account, page.words, page.now)


@refreshing(REFRESH_S)
def _now(account: Account, words: Words) -> None:
    now = datetime.now(UTC)
    if done := st.session_state.pop(DONE, None):
        st.toast(done, icon=":material/check_circle:")
    unknown_since = data.known_until(data.ask(queries.worker), data.ask(queries.cameras), now)
    if unknown_since is not None:
        st.warning(
            words.since("alerts.old_facts", unknown_since, now),
            icon=":material/visibility_off:",
        )
    if error := st.session_state.pop(FAILED, None):
        show_error(words, error)
    rows = data.ask(alert_list.wanting, sight_of(account), this_moment())
    st.subheader(words("alerts.wanting", count=words.number(len(rows))), anchor=False)
    if not rows:
        longest = words("settings.tracking_timeout.title")
        st.info(words("alerts.none_wanting", setting=longest), icon=":material/check_circle:")
    for kind, group in _by_kind(rows):
        _group(kind, group, words, now)
    seen_to = data.ask(alert_list.going_on, sight_of(account), this_moment())
    if seen_to:
        st.subheader(words("alerts.going_on", count=words.number(len(seen_to))), anchor=False)
        _rows(seen_to, words, now, "seen_to")


def _by_kind(rows: Iterable[AlertRow]) -> list[tuple[str, list[AlertRow]]]:
    """In the order of `AlertKind`."""
    order = list(AlertKind)
    ordered = sorted(rows, key=lambda row: (order.index(AlertKind(row.kind)), row.opened_at, row.id))
    return [(kind, list(group)) for kind, group in groupby(ordered, key=lambda row: row.kind)]


def _group(kind: str, rows: Sequence[AlertRow], words: Words, now: datetime) -> None:
    if len(rows) >= GROUPED_FROM:
        count = words.number(len(rows))
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(words(f"alerts.group.{kind}", count=count))
            label = words("alerts.acknowledge_all", count=count)
            if ask_first(f"all_{kind}", label, words("alerts.acknowledge_all_sure", count=count)):
                _acknowledge([row.id for row in rows], words)
                st.rerun()
    _rows(rows, words, now, kind)


def _rows(rows: Sequence[AlertRow], words: Words, now: datetime, key: str) -> None:
    pages = -(-len(rows) // ROWS_A_GROUP)
    number = st.pagination(pages, key=f"alerts_page_{key}") if pages > 1 else 1
    shown = rows[(number - 1) * ROWS_A_GROUP : number * ROWS_A_GROUP]
    steps = data.ask(alert_list.steps, tuple(row.id for row in shown))
    for row in shown:
        _row(row, steps[row.id], words, now)


def _row(row: AlertRow, steps: Sequence[StepRow], words: Words, now: datetime) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"alert_{row.id}"):
        markup = Markup()
        markup.add(alert_card(markup, row, words, now, steps))
        with st.container(width="stretch"):
            markup.show("gspe-rows")
        if row.state in (AlertState.OPEN, AlertState.SNOOZED):
            label = words("alerts.acknowledge")
            st.button(label, key=f"ack_{row.id}", on_click=_acknowledge, args=([row.id], words))
        if st.button(words("alerts.more"), key=f"more_{row.id}", icon=":material/chevron_right:"):
            put(CHOSEN, str(row.id))
            st.rerun()


def _acknowledge(alert_ids: Sequence[int], words: Words) -> None:
    """What went wrong is said above the list; so is that others were faster."""
    try:
        result = alert_commands.acknowledge(alert_ids)
    except GspeError as error:
        st.session_state[FAILED] = error
        return
    if result.moved_on:
        st.session_state[FAILED] = GspeError("", code="alerts_moved_on", count=result.moved_on)
    if result.done:
        st.toast(
            words("alerts.acknowledged", count=words.number(result.done)), icon=":material/check_circle:"
        )


def _history(account: Account, words: Words, now: datetime) -> None:
    st.subheader(words("alerts.history"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        day = choose_day(words("alerts.day"), "alerts_day", words.zone, now)
        every_kind = [str(kind) for kind in AlertKind if kind not in NOTICES]
        kinds = st.multiselect(
            words("alerts.kind"),
            every_kind,
            format_func=lambda kind: words(f"alerts.kind_name.{kind}"),
            placeholder=words("alerts.every_kind"),
            width=300,
            **kept("alerts_kind", every_kind, several=True),
        )
        every_state = [str(state) for state in AlertState]
        states = st.multiselect(
            words("alerts.state"),
            every_state,
            format_func=lambda state: words(f"alerts.state_name.{state}"),
            placeholder=words("alerts.every_state"),
            width=300,
            **kept("alerts_state", every_state, several=True),
        )
    _of_day(account, words, day, tuple(kinds), tuple(states))


@refreshing(REFRESH_S)
def _of_day(
    account: Account, words: Words, day: date, kinds: tuple[str, ...], states: tuple[str, ...]
) -> None:
    start_at, end_at = day_bounds(day, words.zone)
    rows = data.ask(alert_list.opened_between, start_at, end_at, sight_of(account), kinds, states)
    pages = -(-len(rows) // ROWS_A_PAGE)
    number = st.pagination(pages, key="alerts_history_page") if pages > 1 else 1
    shown = rows[(number - 1) * ROWS_A_PAGE : number * ROWS_A_PAGE]
    if not rows:
        st.caption(words("alerts.none_that_day" if not kinds and not states else "alerts.none_such"))
    steps = data.ask(alert_list.steps, tuple(row.id for row in shown))
    show_alerts(shown, words, datetime.now(UTC), steps)
