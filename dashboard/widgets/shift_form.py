"""The form of a new shift, and presets that fill it."""

from datetime import time

import streamlit as st

from core.domain.presets import PRESETS
from core.errors import SettingsError
from core.storage import working_time
from core.storage.models import ShiftPlan
from dashboard import day_commands
from dashboard.widgets.page import show_error
from dashboard.widgets.words import Words

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DEFAULTS = {"shift_start": time(8), "shift_end": time(17), "late": 10, "early": 0, "shift_days": [*range(5)]}


def shift_form(words: Words) -> ShiftPlan | None:
    """What was entered, in the run in which it is saved."""
    _choose_preset(words)
    for key, value in DEFAULTS.items():
        st.session_state.setdefault(key, value)
    with st.form("add_shift", border=False):
        name = st.text_input(words("working_time.name"), key="shift_name")
        with st.container(horizontal=True):
            start, end = _time("start", "shift_start", words), _time("end", "shift_end", words)
            pause, resume = (
                st.time_input(words(f"working_time.{key}"), None, step=300, key=key, width=140)
                for key in ("break_start", "break_end")
            )
        with st.container(horizontal=True):
            late, early = (
                st.number_input(
                    words(f"working_time.{key}_grace"), 0, working_time.MOST_GRACE_MIN, key=key, width=220
                )
                for key in ("late", "early")
            )
        days = st.pills(
            words("working_time.weekdays"),
            range(len(WEEKDAYS)),
            selection_mode="multi",
            format_func=lambda day: words(f"calendar.weekday.{WEEKDAYS[day]}"),
            key="shift_days",
        )
        if not st.form_submit_button(words("units.save"), type="primary", key="save_shift"):
            return None
    return ShiftPlan(
        name=name or "",
        start=clock(start),
        end=clock(end),
        breaks=[[clock(pause), clock(resume)]] if pause or resume else [],
        late_grace_min=int(late),
        early_grace_min=int(early),
        weekdays=sorted(days),
    )


def clock(at: time | None) -> str:
    """Empty for a time that was not entered, which storage refuses with a sentence."""
    return at.strftime("%H:%M") if at is not None else ""


def _choose_preset(words: Words) -> None:
    st.caption(words("working_time.presets"))
    with st.container(horizontal=True):
        for code in PRESETS:
            name = words(f"working_time.preset.{code}")
            st.button(
                name, key=f"preset_{code}", on_click=_fill, args=(code, name), icon=":material/edit_note:"
            )
    try:
        st.caption(words(f"working_time.limits.{day_commands.parameters().hour_limits}"))
    except SettingsError as error:
        show_error(words, error)


def _fill(code: str, name: str) -> None:
    shift = PRESETS[code]
    pause = shift.breaks[0] if shift.breaks else None
    st.session_state.update(
        shift_name=name,
        shift_start=shift.start,
        shift_end=shift.end,
        break_start=pause.start if pause else None,
        break_end=pause.end if pause else None,
        shift_days=sorted(shift.weekdays),
    )


def _time(name: str, key: str, words: Words) -> time | None:
    return st.time_input(words(f"working_time.{name}"), step=300, key=key, width=140)
