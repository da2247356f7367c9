"""Deciding on one group of unknown faces: which of them, and what becomes of them.

Cameras go on meanwhile: a decision is about the faces that were drawn, not about those that came since.
"""

from collections.abc import Sequence

import streamlit as st

from core.errors import GspeError
from core.storage.unknown_list import Group, UnknownRow
from dashboard import unknown_commands
from dashboard.widgets.confirm import ask_first
from dashboard.widgets.in_address import number_told, put
from dashboard.widgets.markup import Markup
from dashboard.widgets.page import Page, show_error
from dashboard.widgets.unknown_naming import CHOSEN, IN_ADDRESS, finish, leave, show_naming
from dashboard.widgets.words import Words

NAME, IGNORE, DISCARD = "name", "ignore", "discard"


def choose(face_ids: Sequence[int]) -> None:
    """These faces, as they were drawn, are to be decided on."""
    st.session_state[CHOSEN] = tuple(face_ids)
    put(IN_ADDRESS, str(min(face_ids)))


def is_deciding(groups: Sequence[Group]) -> bool:
    """Whether a group is open; a link opens the one with the face that it names, as the group is now."""
    if IN_ADDRESS not in st.query_params:
        leave()
        return False
    if CHOSEN not in st.session_state:
        wanted = number_told(IN_ADDRESS)
        named = (group for group in groups if wanted in {face.id for face in group.faces})
        st.session_state[CHOSEN] = tuple(face.id for group in named for face in group.faces)
    return True


def show_decision(page: Page, groups: Sequence[Group]) -> None:
    """groups: as they are now."""
    words, drawn = page.words, st.session_state[CHOSEN]
    st.button(words("unknown.back"), on_click=leave, icon=":material/arrow_back:", key="back")
    alike = [group for group in groups if any(face.id in drawn for face in group.faces)]
    everything = [face for group in alike for face in group.faces]
    left = tuple(face for face in everything if face.id in drawn)
    if not left:
        st.info(words("unknown.gone"), icon=":material/check:")
    elif len(left) < len(drawn):
        _offer_the_rest(left, words)
    else:
        joined = [face.id for face in everything if face.id not in drawn]
        _decide(page, Group(left, alike[0].hints), joined)


def _offer_the_rest(left: Sequence[UnknownRow], words: Words) -> None:
    """Nothing is done in this run, whatever was pressed: it was meant for other faces."""
    st.warning(words("unknown.some_gone"), icon=":material/warning:")
    choose([face.id for face in left])
    st.button(words("unknown.see_rest"), icon=":material/refresh:", key="see_rest")


def _decide(page: Page, group: Group, joined: Sequence[int]) -> None:
    words = page.words
    faces = _choose_faces(page, group)
    if joined:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info(words("unknown.joined", count=words.number(len(joined))), icon=":material/group_add:")
            everybody = [*(face.id for face in group.faces), *joined]
            st.button(words("unknown.show_joined"), on_click=choose, args=(everybody,), key="show_joined")
    action = st.segmented_control(
        words("unknown.action"),
        [NAME, IGNORE, DISCARD],
        default=NAME,
        required=True,
        format_func=lambda code: words(f"unknown.action.{code}"),
        key=f"action_{group.key}",
    )
    if action == NAME:
        show_naming(page, group, faces, len(joined))
    elif action == IGNORE:
        _ignore(page, group, faces, len(joined))
    else:
        _discard(page, faces, len(joined))


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


def _ignore(page: Page, group: Group, faces: list[UnknownRow], joined: int) -> None:
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
        finish(words("unknown.ignored", count=words.number(count)), joined, words)


def _discard(page: Page, faces: list[UnknownRow], joined: int) -> None:
    words, count = page.words, page.words.number(len(faces))
    st.markdown(words("unknown.discard_about"))
    question = words("unknown.discard_sure", count=count)
    if ask_first("discard", words("unknown.discard"), question, icon=":material/delete:"):
        try:
            unknown_commands.discard_faces([face.id for face in faces])
        except GspeError as error:
            show_error(words, error)
            return
        finish(words("unknown.discarded", count=count), joined, words)
