"""Why faces were refused, as bars that also a screen reader reads."""

from collections.abc import Mapping
from html import escape

import streamlit as st

from core.domain.states import FaceRefusal
from dashboard.widgets.charts import percent
from dashboard.widgets.words import Words


def show_refused(refused: Mapping[str, int], total: int, words: Words) -> None:
    """The most frequent reason first; `total` is what the shares are of, at least 1."""
    st.html(refused_markup(refused, total, words))


def refused_markup(refused: Mapping[str, int], total: int, words: Words) -> str:
    rows = sorted(refused.items(), key=lambda item: (-item[1], item[0]))
    return f'<ul class="gspe-bars">{"".join(_bar(code, count, total, words) for code, count in rows)}</ul>'


def _bar(code: str, count: int, total: int, words: Words) -> str:
    share = count / total
    reason = words(f"placement.reason.{FaceRefusal(code)}")
    return (
        f'<li><span>{escape(reason)}</span><i style="--share:{100 * share:.1f}%"></i>'
        f"<b>{escape(words.number(count))} · {escape(percent(share, words))}</b></li>"
    )
