"""The photos by which somebody is recognised: picture, where it came from, how good it is; each can go."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from core.domain.photo_grades import grades_of
from core.errors import GspeError
from core.storage.rows import EmployeeRow, TemplateRow
from dashboard import enrolment_commands
from dashboard.widgets.confirm import ask_first
from dashboard.widgets.markup import Markup, joined, line
from dashboard.widgets.page import show_error
from dashboard.widgets.words import Words

ENOUGH = 3
"""So many templates recognise a person better than fewer do: docs/accuracy.md."""


def show_templates(rows: Sequence[TemplateRow], employee: EmployeeRow, words: Words) -> None:
    st.markdown(words("employees.templates", count=words.number(len(rows))))
    if not rows:
        st.caption(words("employees.no_templates"))
    elif len(rows) < ENOUGH:
        st.caption(words("coach.few_templates", count=words.number(ENOUGH)))
    grid = st.grid(min_column_width=260)
    for row in rows:
        with grid.cell(), st.container(border=True):
            _show_template(row, employee, words)


def _show_template(row: TemplateRow, employee: EmployeeRow, words: Words) -> None:
    markup, whole = Markup(), f"/api/picture/template/{row.id}"
    title = f"{words(f'coach.pose.{row.pose}')} · {words.date(row.created_at)}"
    markup.add(
        f'<li class="gspe-shot">{markup.face(row.photo_path, employee.name, whole=whole)}'
        f'<div class="gspe-who"><b>{escape(title)}</b>'
        f"{line(source_sentence(row, words))}{line(quality_sentence(row.quality, words))}</div></li>"
    )
    markup.show("gspe-rows")
    label, question = words("employees.template_remove"), words("employees.template_remove_sure")
    if ask_first(f"template_{row.id}", label, question, icon=":material/delete:"):
        try:
            enrolment_commands.remove_template(row.id)
        except GspeError as error:
            show_error(words, error)
        else:
            st.rerun()


def source_sentence(row: TemplateRow, words: Words) -> str:
    """Where the photo came from, and which models made the template of it."""
    source = words.first(f"coach.source.{row.source}", "coach.source.other")
    return joined(row.camera_name or source, row.pack_id)


def quality_sentence(quality: Mapping[str, Any], words: Words) -> str:
    """What was measured, each in a word and a number."""
    said = [
        words(f"coach.quality.{name}.{grade}", value=_value(name, quality[name], words))
        for name, grade in grades_of(quality).items()
    ]
    return joined(*said)


def _value(name: str, value: float, words: Words) -> str:
    return words.number(100 * value if name == "brightness" else value)
