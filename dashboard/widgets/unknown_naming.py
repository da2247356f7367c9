"""Naming unknown faces: whose they are, what that changes, and whether a picture becomes a template."""

import streamlit as st

from core.errors import GspeError
from core.storage import queries
from core.storage.naming import Named
from core.storage.rows import EmployeeRow
from core.storage.unknown_list import Group, UnknownRow
from dashboard import data, unknown_commands
from dashboard.unknown_commands import Naming
from dashboard.widgets.confirm import ask_first
from dashboard.widgets.consent import choose_basis
from dashboard.widgets.employee_form import department_field
from dashboard.widgets.in_address import put
from dashboard.widgets.page import Page, show_error
from dashboard.widgets.repaired_days import show_repaired
from dashboard.widgets.words import Words

CHOSEN, IN_ADDRESS = "unknown_chosen", "face"
"""The faces that are decided on, as they were drawn; in the address one of them."""
DONE, PREVIEW = "unknown_done", "unknown_preview"
EXISTING, NEW = "existing", "new"
UNDECIDED = ""
"""Of a basis that is needed and not chosen yet."""


def leave() -> None:
    """Back to the list."""
    put(IN_ADDRESS, None)
    for key in (CHOSEN, PREVIEW):
        st.session_state.pop(key, None)


def finish(told: str, joined: int, words: Words) -> None:
    """Back to the list with what was done; joined: faces like these that came since and were not meant."""
    leave()
    later = words("unknown.joined_wait", count=words.number(joined)) if joined else ""
    st.session_state[DONE] = f"{told} {later}".strip()
    st.rerun()


def show_naming(page: Page, group: Group, faces: list[UnknownRow], joined: int) -> None:
    """joined: as `finish` has it."""
    words = page.words
    who = st.radio(
        words("unknown.who"),
        [EXISTING, NEW],
        format_func=lambda code: words(f"unknown.who.{code}"),
        horizontal=True,
        key=f"who_{group.key}",
    )
    employee = _existing(page, group) if who == EXISTING else None
    fields = _new(page, group) if who == NEW else {}
    template_of, basis = _template(page, group, faces, employee)
    wanted = Naming(
        tuple(face.id for face in faces), employee.id if employee else None, fields, template_of, basis
    )
    known = employee is not None or all(fields.get(name) for name in ("code", "name"))
    ready = bool(faces) and known and basis != UNDECIDED
    if st.button(
        words("unknown.preview"), disabled=not ready, key="preview_naming", icon=":material/preview:"
    ):
        _look(page, wanted)
    told = st.session_state.get(PREVIEW)
    if ready and told is not None and told[0] == wanted:
        _show(page, wanted, told[1], employee.name if employee else fields["name"], joined)


def _existing(page: Page, group: Group) -> EmployeeRow | None:
    """Those who are most like him stand first."""
    words = page.words
    rows = data.ask(queries.employees, active=True, departments=page.account.departments)
    likely = [hint.employee_id for hint in group.hints]
    ordered = sorted(rows, key=lambda row: likely.index(row.id) if row.id in likely else len(likely))
    return st.selectbox(
        words("unknown.employee"),
        ordered,
        index=None,
        format_func=lambda row: f"{row.name} ({row.code})",
        placeholder=words("unknown.employee_choose"),
        key=f"employee_{group.key}",
        width=420,
    )


def _new(page: Page, group: Group) -> dict[str, str]:
    words, grid, fields = page.words, st.grid(2, min_column_width=200), {}
    for name in ("code", "name"):
        with grid.cell():
            label = words(f"employees.field.{name}")
            fields[name] = (st.text_input(label, key=f"new_{name}_{group.key}", max_chars=200) or "").strip()
    return {**fields, "department": department_field(page, grid, f"new_department_{group.key}")}


def _template(
    page: Page, group: Group, faces: list[UnknownRow], employee: EmployeeRow | None
) -> tuple[int | None, str | None]:
    """The face whose picture is to be a template, and the basis where none is recorded yet."""
    words = page.words
    pictured = [face for face in faces if face.picture_path is not None]
    if not pictured or not st.toggle(
        words("unknown.template"), help=words("unknown.template_help"), key=f"template_{group.key}"
    ):
        return None, None
    best = sorted(pictured, key=lambda face: -face.sharpness)
    face = best[0]
    if len(best) > 1:
        face = st.selectbox(
            words("unknown.template_face"),
            best,
            format_func=lambda one: words(
                "unknown.template_one",
                time=words.moment(one.last_seen_at, page.now),
                camera=one.camera_name,
                px=words.number(one.face_px),
            ),
            key=f"template_face_{group.key}",
            width=420,
        )
    if employee is not None and data.ask(queries.consent, employee.id) is not None:
        return face.id, None
    return face.id, choose_basis(words("unknown.basis"), f"basis_{group.key}", words) or UNDECIDED


def _look(page: Page, wanted: Naming) -> None:
    st.session_state.pop(PREVIEW, None)
    try:
        with st.spinner(page.words("unknown.judging")):
            found = unknown_commands.preview_naming(wanted)
    except GspeError as error:
        show_error(page.words, error)
        return
    st.session_state[PREVIEW] = (wanted, found)


def _show(page: Page, wanted: Naming, found: Named, name: str, joined: int) -> None:
    words = page.words
    adds = "unknown.adds" if found.visits else "unknown.adds_none"
    st.markdown(words(adds, visits=words.number(found.visits)))
    changed = found.repair.changed
    key = "unknown.counts_days" if changed else "unknown.no_change"
    st.markdown(words(key, count=words.number(len(changed))))
    show_repaired(changed, words)
    count = words.number(len(wanted.face_ids))
    label = words("unknown.apply", count=count)
    if ask_first("name_faces", label, words("unknown.apply_sure"), icon=":material/badge:"):
        try:
            with st.spinner(words("unknown.judging")):
                unknown_commands.name_faces(wanted)
        except GspeError as error:
            show_error(words, error)
            return
        finish(words("unknown.named", count=count, name=name), joined, words)
