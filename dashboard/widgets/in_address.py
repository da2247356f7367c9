"""Choices that the address keeps by their codes, so that a link means the same in every language.

Streamlit's own `bind="query-params"` writes the labels of options, which are translated.
"""

from collections.abc import Collection
from typing import Any

import streamlit as st


def kept(
    key: str, codes: Collection[str], *, default: str | None = None, several: bool = False
) -> dict[str, Any]:
    """The arguments `key`, `on_change` and `args` of a widget whose options are these codes.

    At first it shows what the address says, else `default`; what is no option (any more) counts as not said.
    """
    if key not in st.session_state:
        told = st.query_params.get_all(key)
        st.session_state[key] = told if several else next(iter(told), default)
    st.session_state[key] = _possible(st.session_state[key], codes, default)
    return {"key": key, "on_change": _tell, "args": (key, default)}


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
