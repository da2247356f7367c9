"""What a deed changes of people's days: first in, last out, time present and status, before and after."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from core.domain.workday import WorkDay
from core.storage.day_repair import RepairedDay
from dashboard.widgets.day_words import DAYS_STYLE, figure, person_day_url
from dashboard.widgets.markup import joined, line
from dashboard.widgets.words import Words

FIGURES = ("first_in_at", "last_out_at", "present", "status")
LISTED = 60


def show_repaired(days: Sequence[RepairedDay], words: Words) -> None:
    st.html(DAYS_STYLE)
    shown = "".join(_row(day, words) for day in days[:LISTED])
    if shown:
        st.html(f'<ul class="gspe-rows">{shown}</ul>')
    if len(days) > LISTED:
        st.caption(words("recompute.more", count=words.number(len(days) - LISTED)))


def _row(day: RepairedDay, words: Words) -> str:
    url = escape(person_day_url(day.employee_id, day.day), quote=True)
    who = (
        f'<div class="gspe-who"><b><a href="{url}" target="_blank">{escape(day.name)}</a></b>'
        f"{line(joined(words.date(day.day), day.department, day.code))}</div>"
    )
    return f'<li class="gspe-row">{who}<div class="gspe-verdict">{_table(day, words)}</div></li>'


def _table(day: RepairedDay, words: Words) -> str:
    heads = "".join(
        f"<th>{escape(words(f'person.column.{name}'))}</th>" for name in ("figure", "before", "after")
    )
    lines = "".join(_line(name, day, words) for name in FIGURES)
    return f'<table class="gspe-change"><tr>{heads}</tr>{lines}</table>'


def _line(name: str, day: RepairedDay, words: Words) -> str:
    before, after = (_value(name, work, words) for work in (day.before, day.after))
    style = ' class="gspe-changed"' if before != after else ""
    cells = (words(f"days.figure.{name}"), before, after)
    return f"<tr{style}>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def _value(name: str, work: WorkDay | None, words: Words) -> str:
    return words("person.no_day") if work is None else figure(name, getattr(work, name), work.day, words)
