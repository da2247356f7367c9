"""Lists of the settings: who is told by which channel, and the columns of the payroll file."""

from collections.abc import Mapping
from typing import Any, get_args

import streamlit as st

from core.i18n import languages
from core.settings.payroll import PayrollCode
from core.storage import queries
from dashboard import data
from dashboard.settings_draft import Draft
from dashboard.widgets.words import Words

NEW_RECIPIENT: Mapping[str, Any] = {"name": "", "departments": [], "language": "id", "level": 1}
LEVELS = (1, 2)


def edit_recipients(draft: Draft, key: str, address: str, words: Words) -> list[dict[str, Any]]:
    """address: the name of the part that says where to, `phone` or `address`."""
    listed: list[dict[str, Any]] = draft.value(key)
    if not listed:
        st.caption(words("settings_page.list.nobody"))
    entered = []
    for place, one in enumerate(listed):
        with st.container(border=True):
            entered.append(_recipient(_row_key(draft, key, place), one, address, words))
            _remove(draft, key, place, words)
    added = {**NEW_RECIPIENT, address: ""}
    _add(draft, key, added, words("settings_page.list.add_person"))
    return entered


def edit_columns(draft: Draft, key: str, words: Words) -> list[dict[str, str]]:
    listed: list[dict[str, str]] = draft.value(key)
    codes = list(get_args(PayrollCode))
    entered = []
    for place, one in enumerate(listed):
        row = _row_key(draft, key, place)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            code = _select(words("settings_page.list.figure"), codes, one["code"], f"{row}_code", words)
            st.session_state.setdefault(f"{row}_header", one["header"])
            header = st.text_input(
                words("settings_page.list.header"), key=f"{row}_header", max_chars=80, width=220
            )
            entered.append({"code": code, "header": header or ""})
            _up(draft, key, place, words)
            _remove(draft, key, place, words)
    _add(draft, key, {"code": codes[0], "header": ""}, words("settings_page.list.add_column"))
    return entered


def edit_names(label: str, key: str, names: list[str], offered: list[str], words: Words) -> list[str]:
    """Names in their order; others than those offered may be typed."""
    st.session_state.setdefault(key, names)
    return st.multiselect(
        label,
        sorted({*offered, *names}),
        key=key,
        accept_new_options=True,
        placeholder=words("settings_page.list.choose"),
    )


def _recipient(row: str, one: Mapping[str, Any], address: str, words: Words) -> dict[str, Any]:
    left, right = st.columns(2)
    for part in ("name", address):
        st.session_state.setdefault(f"{row}_{part}", one[part])
    st.session_state.setdefault(f"{row}_level", one["level"])
    st.session_state.setdefault(f"{row}_language", one["language"])
    with left:
        name = st.text_input(words("settings_page.list.name"), key=f"{row}_name", max_chars=80)
        language = st.selectbox(
            words("settings_page.list.language"),
            list(languages()),
            format_func=languages().__getitem__,
            key=f"{row}_language",
        )
    with right:
        whom = st.text_input(words(f"settings_page.list.{address}"), key=f"{row}_{address}")
        level = st.selectbox(
            words("settings_page.list.level"),
            LEVELS,
            format_func=lambda level: words(f"settings_page.list.level_{level}"),
            key=f"{row}_level",
        )
    label = words("settings_page.list.departments")
    known = data.ask(queries.departments)
    departments = edit_names(label, f"{row}_departments", list(one["departments"]), known, words)
    told = {"name": name or "", address: whom or "", "departments": departments}
    return {**told, "language": language, "level": level}


def _select(label: str, codes: list[str], code: str, key: str, words: Words) -> str:
    st.session_state.setdefault(key, code)
    return st.selectbox(
        label, codes, format_func=lambda one: words(f"settings_page.figure.{one}"), key=key, width=240
    )


def _row_key(draft: Draft, key: str, place: int) -> str:
    return f"set_{draft.file}_{key}_{draft.generations[key]}_{place}"


def _remove(draft: Draft, key: str, place: int, words: Words) -> None:
    st.button(
        words("settings_page.list.remove"),
        key=f"{_row_key(draft, key, place)}_remove",
        icon=":material/delete:",
        on_click=_without,
        args=(draft, key, place),
    )


def _up(draft: Draft, key: str, place: int, words: Words) -> None:
    st.button(
        words("settings_page.list.up"),
        key=f"{_row_key(draft, key, place)}_up",
        icon=":material/arrow_upward:",
        disabled=place == 0,
        on_click=_exchange,
        args=(draft, key, place),
    )


def _add(draft: Draft, key: str, added: Mapping[str, Any], label: str) -> None:
    st.button(
        label,
        key=f"set_{draft.file}_{key}_add",
        icon=":material/add:",
        on_click=lambda: draft.put(key, [*draft.value(key), dict(added)]),
    )


def _without(draft: Draft, key: str, place: int) -> None:
    listed = draft.value(key)
    draft.put(key, [*listed[:place], *listed[place + 1 :]])


def _exchange(draft: Draft, key: str, place: int) -> None:
    listed = list(draft.value(key))
    listed[place - 1], listed[place] = listed[place], listed[place - 1]
    draft.put(key, listed)
