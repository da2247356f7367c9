"""Who is tied to which cameras, and the form to tie somebody."""

from functools import partial

import streamlit as st

from core.storage import queries, ties
from core.storage.ties import TieRow
from dashboard import data, day_commands
from dashboard.widgets.confirm import ask_first
from dashboard.widgets.markup import joined
from dashboard.widgets.page import Do, Page


def show_ties(page: Page, do: Do) -> None:
    words = page.words
    st.caption(words("ties.about"))
    cameras = data.ask(queries.cameras)
    names = {camera.id: camera.name for camera in cameras}
    places = sorted({camera.location for camera in cameras} - {""})
    rows = data.ask(ties.ties, page.account.departments)
    if not rows:
        st.info(words("ties.none"), icon=":material/link:")
    for row in rows:
        with st.container(
            border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
        ):
            st.text(_sentence(page, row, names, places))
            if ask_first(
                f"untie_{row.employee_id}", words("ties.untie"), words("ties.untie_sure", name=row.name)
            ):
                do(partial(day_commands.set_ties, row.employee_id, (), ()))
    _form(page, names, places, do)


def _form(page: Page, names: dict[int, str], places: list[str], do: Do) -> None:
    words = page.words
    people = data.ask(queries.employees, active=True, departments=page.account.departments)
    labels = {row.id: f"{row.name} ({row.code})" for row in people}
    with st.expander(words("ties.tie"), icon=":material/add_link:"), st.form("tie", border=False):
        employee_id = st.selectbox(
            words("working_time.employee"),
            labels,
            index=None,
            format_func=labels.__getitem__,
            placeholder=words("working_time.choose"),
            key="tie_employee",
        )
        cameras = st.multiselect(
            words("ties.cameras"),
            names,
            format_func=names.__getitem__,
            placeholder=words("working_time.choose"),
            key="tie_cameras",
        )
        locations = st.multiselect(
            words("ties.locations"), places, placeholder=words("working_time.choose"), key="tie_locations"
        )
        if st.form_submit_button(words("units.save"), type="primary", key="save_tie"):
            do(partial(day_commands.set_ties, employee_id, tuple(cameras), tuple(locations)))


def _sentence(page: Page, row: TieRow, names: dict[int, str], places: list[str]) -> str:
    """A camera or a location that is gone is named as that: nobody is absent by it."""
    words = page.words
    cameras = [names.get(camera, words("ties.gone", name=camera)) for camera in row.cameras]
    locations = [
        words("ties.location", name=place) if place in places else words("ties.gone", name=place)
        for place in row.locations
    ]
    return f"{row.name} ({row.code}): {joined(*cameras, *locations)}"
