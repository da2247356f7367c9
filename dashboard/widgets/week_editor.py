"""The working week: one line a day, in hours as people write them."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from core.domain.schedule import WEEKDAYS, WorkingHours
from core.domain.week_text import Spans, read_spans, written_spans
from core.settings import WorkingWeek
from dashboard.widgets.words import Words

Week = Mapping[str, Any]
"""By day, pairs of HH:MM, as in the JSON file."""


def edit_week(
    key: str, week: Week, words: Words, put: Callable[[dict[str, Spans]], None]
) -> dict[str, Spans]:
    """What stands in the seven fields. put: what a button calls with another whole week."""
    entered = {}
    with st.container(horizontal=True, key=f"{key}_week"):
        for day in WEEKDAYS:
            entered[day] = _day(f"{key}_{day}", day, week[day], words)
    with st.container(horizontal=True):
        for code, preset in _presets(entered).items():
            label = words(f"settings_page.week.{code}")
            st.button(label, key=f"{key}_{code}", on_click=put, args=(preset,), type="tertiary")
    return entered


def _day(key: str, day: str, spans: Spans, words: Words) -> Spans:
    st.session_state.setdefault(key, written_spans(spans))
    with st.container(width=190):
        written = st.text_input(
            words(f"calendar.weekday.{day}"), key=key, placeholder=words("settings_page.week.free")
        )
        read = read_spans(written or "")
        try:
            hours = WorkingHours.parse({day: [(start, end) for start, end in read]})
        except ValueError:
            wrong = words("settings_page.week.wrong")
            st.caption(f":red[{wrong}]")
        else:
            st.caption(_length(hours, words))
    return read


def _length(hours: WorkingHours, words: Words) -> str:
    minutes = 0
    for spans in hours.week:
        for span in spans:
            start, end = (60 * at.hour + at.minute for at in span)
            minutes += end - start if end > start else end - start + 24 * 60
    return words.duration(60 * minutes) if minutes else words("settings_page.week.free")


def _presets(entered: dict[str, Spans]) -> dict[str, dict[str, Spans]]:
    weekdays = dict.fromkeys(WEEKDAYS[:5], entered[WEEKDAYS[0]])
    return {
        "like_monday": {**entered, **weekdays},
        "office": WorkingWeek.office().as_json(),
        "always": WorkingWeek.always().as_json(),
    }
