"""One day of the site's calendar, kept in the address."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import streamlit as st


def choose_day(label: str, key: str, zone: ZoneInfo, now: datetime) -> date:
    """Today in the site's zone unless the address or the reader says otherwise; never a day to come."""
    today = now.astimezone(zone).date()
    chosen = st.date_input(
        label,
        today,
        max_value=today,
        key=key,
        bind="query-params",
        format="YYYY-MM-DD",
        width=200,
    )
    return chosen if isinstance(chosen, date) else today
