"""Alerts: those open now, and what became of those of a day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from core.domain.states import Role
from core.storage import queries
from dashboard import data
from dashboard.auth import Account
from dashboard.refreshing import refreshing
from dashboard.widgets.alerts import show_alerts, show_open_alerts
from dashboard.widgets.day import choose_day
from dashboard.widgets.page import open_page
from dashboard.widgets.words import Words

REFRESH_S = 2.0


def show() -> None:
    page = open_page(Role.SUPERVISOR, "alerts.title")
    _open_now(page.account, page.words)
    day = choose_day(page.words("alerts.day"), "alerts_day", page.words.zone, page.now)
    _of_day(page.account, page.words, day)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From midnight to midnight in the site's zone; 23 or 25 hours where clocks change."""
    start_at, end_at = (
        datetime.combine(day + timedelta(days=shift), time(), tzinfo=zone).astimezone(UTC) for shift in (0, 1)
    )
    return start_at, end_at


@refreshing(REFRESH_S)
def _open_now(account: Account, words: Words) -> None:
    now = datetime.now(UTC)
    rows = data.ask(queries.open_alerts, account.departments)
    unknown_since = data.known_until(data.ask(queries.worker), data.ask(queries.cameras), now)
    st.subheader(words("alerts.open_title"), anchor=False)
    if unknown_since is not None:
        st.warning(
            words.since("alerts.old_facts", unknown_since, now),
            icon=":material/visibility_off:",
        )
    show_open_alerts(rows, words, now)
    if not rows:
        st.info(words("alerts.none_open"), icon=":material/check_circle:")


@refreshing(REFRESH_S)
def _of_day(account: Account, words: Words, day: date) -> None:
    st.subheader(words("alerts.history_title", date=words.date(day)), anchor=False)
    rows = data.ask(queries.alerts_between, *day_bounds(day, words.zone), account.departments)
    if rows:
        show_alerts(rows, words, datetime.now(UTC))
    else:
        st.caption(words("alerts.none_that_day"))
