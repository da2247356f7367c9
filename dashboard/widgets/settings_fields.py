"""One setting on the page: its title and help, the widget that fits it, its default, and what is wrong."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.settings.description import Description, keys_of
from core.settings.time_zone import is_time_zone
from core.storage import queries
from dashboard import data
from dashboard.settings_draft import Draft, draft_of
from dashboard.widgets.page import Page
from dashboard.widgets.settings_lists import edit_columns, edit_names, edit_recipients
from dashboard.widgets.settings_words import choice, facts, problem_words, title, value_words
from dashboard.widgets.week_editor import edit_week
from dashboard.widgets.words import Words

PROVIDERS = [
    "CUDAExecutionProvider",
    "TensorrtExecutionProvider",
    "OpenVINOExecutionProvider",
    "CPUExecutionProvider",
]
WIDE = ("working_hours", "supervisors", "recipients", "columns")
SHARE_STEP, STEP = 0.05, 1.0


@dataclass(frozen=True)
class Field:
    """key: of its widget. label: what a screen reader says, and what stands above."""

    draft: Draft
    one: Description
    key: str
    label: str
    page: Page

    @property
    def value(self) -> Any:
        return self.draft.value(self.one.key)

    def remember(self, value: Any) -> None:
        """What a new widget begins with."""
        st.session_state.setdefault(self.key, value)

    def read(self, entered: Any) -> Any:
        """What an entry says: an empty one is none where there may be none."""
        return None if entered == "" and self.one.nullable else entered

    def keep(self) -> None:
        """At once when it is entered: who goes on quickly sees other fields in the very next run."""
        self.draft.set(self.one.key, self.read(st.session_state[self.key]))


def show_fields(settings: Iterable[Description], page: Page) -> None:
    """Each with its problems, which are known once every field was read."""
    shown = [(one, _show(one, draft_of(one.file), page)) for one in settings]
    for file in dict.fromkeys(one.file for one, _ in shown):
        for problem in draft_of(file).problems():
            for one, place in shown:
                if one.file is file and one.key in keys_of(problem):
                    place.error(problem_words(problem, page.words, file), icon=":material/error:")


def _show(one: Description, draft: Draft, page: Page) -> DeltaGenerator:
    """The place for what is wrong with it."""
    key = f"set_{one.file}_{one.key}_{draft.generations[one.key]}"
    field = Field(draft, one, key, title(one, page.words), page)
    with st.container(key=f"setting_{one.file}_{one.key}"):
        told, entry = (st.container(), st.container()) if one.key in WIDE else st.columns([3, 2])
        with entry:
            draft.set(one.key, _widget(field))
            place = st.container()
            _reset(field)
        with told, st.container(gap=None):
            _tell(field)
    return place


def _tell(field: Field) -> None:
    one, draft, words = field.one, field.draft, field.page.words
    marks = []
    if one.key in draft.changes:
        unsaved = words("settings_page.unsaved")
        marks.append(f":orange-badge[{unsaved}]")
    if field.value != one.default:
        other = words("settings_page.not_default")
        marks.append(f":blue-badge[{other}]")
    st.markdown(" ".join([f"**{field.label}**", *marks]))
    st.caption(f"{words(f'settings.{one.name}.help')}  \n{facts(one, words)} · `{one.key}`")


def _reset(field: Field) -> None:
    one, words = field.one, field.page.words
    if field.value != one.default:
        st.button(
            words("settings_page.reset"),
            key=f"{field.key}_reset",
            icon=":material/restart_alt:",
            type="tertiary",
            help=words("settings_page.reset_to", value=value_words(one, one.default, words)),
            on_click=field.draft.put,
            args=(one.key, one.default),
        )


def _widget(field: Field) -> Any:
    widget = BY_KEY.get(field.one.key) or BY_KIND[field.one.kind]
    return widget(field)


def _switch(field: Field) -> bool:
    field.remember(field.value)
    return st.toggle(field.page.words("settings_page.on"), key=field.key, on_change=field.keep)


def _number(field: Field) -> Any:
    field.remember(field.value)
    one, words = field.one, field.page.words
    whole = one.kind == "whole"
    step: Any = 1 if whole else SHARE_STEP if (one.maximum or 0) <= 1 else STEP
    return st.number_input(
        field.label,
        value=None,
        step=step,
        format="%d" if whole else "%g",
        key=field.key,
        on_change=field.keep,
        label_visibility="collapsed",
        placeholder=value_words(one, None, words),
    )


def _choice(field: Field) -> str:
    field.remember(field.value)
    return st.selectbox(
        field.label,
        field.one.choices,
        format_func=lambda value: choice(field.one, value, field.page.words),
        key=field.key,
        on_change=field.keep,
        label_visibility="collapsed",
    )


def _text(field: Field) -> str | None:
    field.remember(field.value or "")
    nothing = value_words(field.one, None, field.page.words)
    written = st.text_input(
        field.label,
        key=field.key,
        on_change=field.keep,
        label_visibility="collapsed",
        placeholder=nothing,
    )
    read: str | None = field.read(written)
    return read


def _names(field: Field) -> list[str]:
    departments = data.ask(queries.departments)
    return edit_names(field.label, field.key, list(field.value), departments, field.page.words)


def _providers(field: Field) -> list[str]:
    return edit_names(field.label, field.key, list(field.value), PROVIDERS, field.page.words)


def _zone(field: Field) -> str:
    return choose_zone(field.key, str(field.value), field.label, field.page.words, field.page.now)


def choose_zone(key: str, zone: str, label: str, words: Words, now: datetime) -> str:
    """A list of every zone, searched by typing, and what time it is in the chosen one."""
    st.session_state.setdefault(key, zone)
    chosen = st.selectbox(label, _zones(), key=key, label_visibility="collapsed")
    time = Words(words.language, ZoneInfo(chosen)).time(now)
    st.caption(words("settings_page.now_there", time=time))
    return chosen


@cache
def _zones() -> list[str]:
    return sorted(name for name in available_timezones() if is_time_zone(name))


def _week(field: Field) -> Any:
    def put(week: dict[str, Any]) -> None:
        field.draft.put(field.one.key, week)

    return edit_week(field.key, field.value, field.page.words, put)


def _languages(field: Field) -> dict[str, str]:
    entered = {}
    for language, code in field.value.items():
        key = f"{field.key}_{language}"
        st.session_state.setdefault(key, code)
        entered[language] = st.text_input(f"{field.label}: {language}", key=key) or ""
    return entered


def _secret(field: Field) -> str | None:
    """Never shown again; an empty field keeps what is stored."""
    words, stored = field.page.words, field.draft.base[field.one.key]
    host = urlsplit(field.value or "").netloc
    hint = words("settings_page.secret_kept", host=host) if host else value_words(field.one, None, words)
    typed = st.text_input(
        field.label,
        key=field.key,
        type="password",
        label_visibility="collapsed",
        placeholder=hint,
        autocomplete="off",
    )
    removed = bool(stored) and st.checkbox(words("settings_page.secret_remove"), key=f"{field.key}_remove")
    if removed:
        return None
    return typed or field.value or stored


BY_KIND: dict[str, Callable[[Field], Any]] = {
    "switch": _switch,
    "whole": _number,
    "number": _number,
    "choice": _choice,
    "text": _text,
    "list": _names,
}
BY_KEY: dict[str, Callable[[Field], Any]] = {
    "time_zone": _zone,
    "working_hours": _week,
    "providers": _providers,
    "template_languages": _languages,
    "supervisors": lambda field: edit_recipients(field.draft, field.one.key, "phone", field.page.words),
    "recipients": lambda field: edit_recipients(field.draft, field.one.key, "address", field.page.words),
    "columns": lambda field: edit_columns(field.draft, field.one.key, field.page.words),
    "url": _secret,
}
