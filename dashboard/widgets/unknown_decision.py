"""Deciding on one group of unknown faces: which of them, and what becomes of them."""

import streamlit as st

from core.errors import GspeError
from core.storage.unknown_list import Group, UnknownRow
from dashboard import unknown_commands
from dashboard.widgets.confirm import ask_first
from dashboard.widgets.markup import Markup
from dashboard.widgets.page import Page, show_error
from dashboard.widgets.unknown_naming import DONE, leave, show_naming

NAME, IGNORE, DISCARD = "name", "ignore", "discard"


def show_decision(page: Page, group: Group | None) -> None:
    """None: somebody decided meanwhile."""
    words = page.words
    st.button(words("unknown.back"), on_click=leave, icon=":material/arrow_back:", key="back")
    if group is None:
        st.info(words("unknown.gone"), icon=":material/check:")
        return
    faces = _choose_faces(page, group)
    action = st.segmented_control(
        words("unknown.action"),
        [NAME, IGNORE, DISCARD],
        default=NAME,
        required=True,
        format_func=lambda code: words(f"unknown.action.{code}"),
        key=f"action_{group.key}",
    )
    if action == NAME:
        show_naming(page, group, faces)
    elif action == IGNORE:
        _ignore(page, group, faces)
    else:
        _discard(page, faces)


def _choose_faces(page: Page, group: Group) -> list[UnknownRow]:
    """Those that stay ticked."""
    words = page.words
    st.caption(words("unknown.choose"))
    grid, chosen = st.grid(min_column_width=150), []
    for face in group.faces:
        with grid.cell(), st.container(border=True):
            markup = Markup()
            when = words.moment(face.last_seen_at, page.now)
            told = words("unknown.face", time=when, camera=face.camera_name)
            picture = markup.face(face.picture_path, told, whole=f"/api/picture/unknown/{face.id}")
            markup.add(f'<li class="gspe-shot gspe-large">{picture}</li>')
            markup.show("gspe-rows")
            if st.checkbox(told, value=True, key=f"take_{face.id}"):
                chosen.append(face)
    counts = {"count": words.number(len(chosen)), "all": words.number(len(group.faces))}
    st.caption(words("unknown.chosen", **counts))
    return chosen


def _ignore(page: Page, group: Group, faces: list[UnknownRow]) -> None:
    words = page.words
    st.markdown(words("unknown.ignore_about"))
    for hint in group.hints[:1]:
        if hint.is_match:
            st.warning(words("unknown.ignore_match", name=hint.name), icon=":material/warning:")
    if ask_first(
        "ignore", words("unknown.ignore"), words("unknown.ignore_sure"), icon=":material/visibility_off:"
    ):
        try:
            count = unknown_commands.ignore_faces([face.id for face in faces])
        except GspeError as error:
            show_error(words, error)
            return
        _done(words("unknown.ignored", count=words.number(count)))


def _discard(page: Page, faces: list[UnknownRow]) -> None:
    words, count = page.words, page.words.number(len(faces))
    st.markdown(words("unknown.discard_about"))
    question = words("unknown.discard_sure", count=count)
    if ask_first("discard", words("unknown.discard"), question, icon=":material/delete:"):
        try:
            unknown_commands.discard_faces([face.id for face in faces])
        except GspeError as error:
            show_error(words, error)
            return
        _done(words("unknown.discarded", count=count))


def _done(told: str) -> None:
    leave()
    st.session_state[DONE] = told
    st.rerun()
