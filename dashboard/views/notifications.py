"""Notifications: what was told to whom and what became of it; for administrators, the channels and a test."""

from dataclasses import replace
from datetime import UTC, date, datetime

import streamlit as st

from core.domain.states import Channel, DeliveryState, Role
from core.errors import GspeError
from core.settings import InvalidSettings
from core.storage.delivery_list import (
    MOST_ROWS,
    DeliveryFilter,
    deliveries_between,
    deliveries_of,
    delivery_counts,
    is_addressed,
)
from dashboard import data, notification_commands
from dashboard.auth import Account
from dashboard.channels import ChannelSetup, channel_setups
from dashboard.refreshing import refreshing
from dashboard.widgets.day import choose_day
from dashboard.widgets.deliveries import AT_THEIR_END, show_deliveries
from dashboard.widgets.in_address import kept
from dashboard.widgets.page import Page, open_page, show_error
from dashboard.widgets.settings_words import error_words
from dashboard.widgets.words import Words

REFRESH_S = 2.0
TESTED = "notification_test"
ANY = "any"
CHANNELS = [ANY, *map(str, Channel)]
STATES = [str(state) for state in DeliveryState]


def show() -> None:
    page = open_page(Role.SUPERVISOR, "deliveries.title")
    st.caption(page.words("deliveries.about"))
    if page.account.may(Role.ADMIN):
        _channels(page)
        _test_result(page.words)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        day = choose_day(page.words("deliveries.day"), "notifications_day", page.words.zone, page.now)
        channel = st.selectbox(
            page.words("deliveries.channel_filter"),
            CHANNELS,
            format_func=lambda one: page.words(f"deliveries.channel.{one}"),
            width=220,
            **kept("notifications_channel", CHANNELS, default=ANY),
        )
    _list(page.account, page.words, day, () if channel in {ANY, None} else (channel,))


def _channels(page: Page) -> None:
    for setup in channel_setups():
        with st.container(
            border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
        ):
            st.text(_setup_sentence(setup, page.words), width="stretch")
            if setup.enabled and st.button(page.words("deliveries.test"), key=f"test_{setup.channel}"):
                _test(page.words, setup.channel)


def _setup_sentence(setup: ChannelSetup, words: Words) -> str:
    name = words(f"deliveries.channel.{setup.channel}")
    if isinstance(setup.problem, InvalidSettings):
        return words("deliveries.setup.broken", channel=name, problem=error_words(setup.problem, words))
    if not setup.enabled:
        return words("deliveries.setup.off", channel=name)
    on = words(f"deliveries.setup.{setup.channel}", count=setup.recipients)
    parts = [_secret(variable, is_set, words) for variable, is_set in (setup.secrets or {}).items()]
    if setup.optional:
        key = "on" if all(setup.optional.values()) else "off"
        parts.append(words(f"deliveries.setup.reports_{key}", variables=", ".join(setup.optional)))
    return " ".join([on, *parts])


def _secret(variable: str, is_set: bool, words: Words) -> str:
    known = "set" if is_set else "missing"
    return words(f"deliveries.setup.secret_{known}", variable=variable)


def _test(words: Words, channel: Channel) -> None:
    try:
        st.session_state[TESTED] = notification_commands.send_test(channel)
    except GspeError as error:
        show_error(words, error)


def _test_result(words: Words) -> None:
    outbox_id = st.session_state.get(TESTED)
    if outbox_id is not None:
        waits = _waits(outbox_id)
        refreshing(REFRESH_S if waits else None)(_show_test)(outbox_id, words, waits)


def _show_test(outbox_id: int, words: Words, waited: bool) -> None:
    if waited and not _waits(outbox_id):
        st.rerun()
    st.subheader(words("deliveries.test_title"), anchor=False)
    rows = data.ask(deliveries_of, outbox_id)
    if not rows:
        key = "deliveries.test_nobody" if data.ask(is_addressed, outbox_id) else "deliveries.test_waits"
        st.info(words(key), icon=":material/hourglass_empty:")
    show_deliveries(rows, words, datetime.now(UTC))


def _waits(outbox_id: int) -> bool:
    rows = data.ask(deliveries_of, outbox_id)
    unfinished = any(row.state not in AT_THEIR_END for row in rows)
    return unfinished or not data.ask(is_addressed, outbox_id)


@refreshing(REFRESH_S)
def _list(account: Account, words: Words, day: date, channels: tuple[str, ...]) -> None:
    of_day = DeliveryFilter.of_day(day, words.zone, channels)
    counts = data.ask(delivery_counts, of_day, account.departments)
    chosen = st.pills(
        words("deliveries.state_filter"),
        STATES,
        selection_mode="multi",
        format_func=lambda state: words(
            "deliveries.counted", state=words(f"deliveries.state.{state}"), count=counts.get(state, 0)
        ),
        **kept("notifications_states", STATES, several=True),
    )
    wanted = replace(of_day, states=tuple(sorted(chosen)))
    rows = data.ask(deliveries_between, wanted, account.departments)
    if not rows:
        st.info(words("deliveries.none"), icon=":material/mark_email_read:")
        return
    if len(rows) == MOST_ROWS:
        st.caption(words("deliveries.newest_only", count=MOST_ROWS))
    show_deliveries(rows, words, datetime.now(UTC))
