"""Choices that the address keeps by their codes, so that a link means the same in every language.

Streamlit's own `bind="query-params"` writes the labels of options: it is for what is never translated,
such as dates and what somebody types.
"""

from collections.abc import Collection, Mapping
from typing import Any

import streamlit as st
from streamlit.elements.lib.mutable_tab_container import TabContainer

MAX_DIGITS = 9


def kept(
    key: str, codes: Collection[str], *, default: str | None = None, several: bool = False
) -> dict[str, Any]:
    """The arguments `key`, `on_change` and `args` of a widget whose options are these codes.

    At first it shows what the address says, else `default`; what is no option (any more) counts as not said.
    A `selectbox` that may be empty needs `index=None`, too: otherwise nobody can empty it.
    """
    if key not in st.session_state:
        told = st.query_params.get_all(key)
        st.session_state[key] = told if several else next(iter(told), default)
    st.session_state[key] = _possible(st.session_state[key], codes, default)
    return {"key": key, "on_change": _tell, "args": (key, default)}


def kept_tabs(key: str, names: Mapping[str, str]) -> dict[str, TabContainer]:
    """Tabs by their codes, of which these are the names; the address says which is open."""
    labels = list(names.values())
    if st.session_state.get(key) not in labels:
        st.session_state[key] = names.get(st.query_params.get(key, ""), labels[0])
    tabs = st.tabs(labels, key=key, on_change=_tell_tab, args=(key, dict(names)))
    return dict(zip(names, tabs, strict=True))


def put(key: str, code: str | None) -> None:
    """What is open, for pages that show one thing or a list of all; None: the list."""
    if code:
        st.query_params[key] = code
    else:
        st.query_params.pop(key, None)


def number_told(key: str) -> int | None:
    """The number of the row that the address names; None for what can be no row's."""
    told = st.query_params.get(key, "")
    return int(told) if told.isascii() and told.isdecimal() and len(told) <= MAX_DIGITS else None


def _possible(chosen: Any, codes: Collection[str], default: str | None) -> Any:
    if isinstance(chosen, list):
        return [code for code in chosen if code in codes]
    return chosen if chosen in codes else default


def _tell(key: str, default: str | None) -> None:
    """The usual stands in no address."""
    chosen = st.session_state[key]
    if chosen and chosen != default:
        st.query_params[key] = chosen
    else:
        st.query_params.pop(key, None)


def _tell_tab(key: str, names: Mapping[str, str]) -> None:
    code = next(code for code, name in names.items() if name == st.session_state[key])
    put(key, code if code != next(iter(names)) else None)
