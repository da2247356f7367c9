"""Faces without a name: who they are, never mind them, or away with them."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from core.domain.states import Role, UnknownState
from core.errors import GspeError
from core.storage import unknown_list
from core.storage.unknown_list import Group, Hint
from dashboard import data, unknown_commands
from dashboard.widgets.day_words import DAYS_STYLE
from dashboard.widgets.markup import Markup, joined, line
from dashboard.widgets.page import Page, open_page, show_error
from dashboard.widgets.unknown_decision import choose, is_deciding, show_decision
from dashboard.widgets.unknown_naming import DONE
from dashboard.widgets.words import Words

GROUPS_A_PAGE = 24
FACES_A_CARD = 6


def show() -> None:
    page = open_page(Role.HR, "unknown.title")
    words = page.words
    st.html(DAYS_STYLE)
    if done := st.session_state.pop(DONE, None):
        st.toast(done, icon=":material/check_circle:")
    if page.account.departments:
        st.info(words("unknown.whole_site"), icon=":material/lock:")
        return
    groups = data.ask(unknown_list.open_groups, page.account.departments)
    if is_deciding(groups):
        show_decision(page, groups)
        return
    if st.toggle(words("unknown.show_ignored"), key="ignored", bind="query-params"):
        _ignored(page, data.ask(unknown_list.ignored_groups))
    else:
        _open(page, groups)


def _open(page: Page, groups: Sequence[Group]) -> None:
    words = page.words
    if not groups:
        st.info(words("unknown.none"), icon=":material/face:")
        return
    faces = sum(len(group.faces) for group in groups)
    counts = words("unknown.counts", groups=words.number(len(groups)), faces=words.number(faces))
    st.caption(joined(words("unknown.about"), counts))
    for group in _of_page(groups):
        with _card(group):
            with st.container(width="stretch"):
                _show(group, page)
            st.button(
                words("unknown.open"),
                key=f"decide_{group.key}",
                on_click=choose,
                args=([face.id for face in group.faces],),
                icon=":material/chevron_right:",
            )


def _ignored(page: Page, groups: Sequence[Group]) -> None:
    words = page.words
    if not groups:
        st.info(words("unknown.none_ignored"), icon=":material/visibility:")
    for group in _of_page(groups):
        with _card(group):
            with st.container(width="stretch"):
                _show(group, page)
            if st.button(words("unknown.lift"), key=f"lift_{group.key}", icon=":material/visibility:"):
                _lift(page, group)


def _lift(page: Page, group: Group) -> None:
    try:
        count = unknown_commands.lift_faces([face.id for face in group.faces])
    except GspeError as error:
        show_error(page.words, error)
        return
    st.session_state[DONE] = page.words("unknown.lifted", count=page.words.number(count))
    st.rerun()


def _of_page(groups: Sequence[Group]) -> Sequence[Group]:
    pages = -(-len(groups) // GROUPS_A_PAGE)
    number = st.pagination(pages, key="unknown_page") if pages > 1 else 1
    return groups[(number - 1) * GROUPS_A_PAGE : number * GROUPS_A_PAGE]


def _card(group: Group) -> st.delta_generator.DeltaGenerator:
    return st.container(border=True, horizontal=True, vertical_alignment="center", key=f"unknown_{group.key}")


def _show(group: Group, page: Page) -> None:
    words, markup = page.words, Markup()
    best = [group.best, *(face for face in group.faces if face.id != group.best.id)][:FACES_A_CARD]
    pictures = "".join(
        markup.face(face.picture_path, words("unknown.title"), whole=f"/api/picture/unknown/{face.id}")
        for face in best
    )
    markup.add(
        f'<li class="gspe-shot gspe-alike"><div class="gspe-faces">{pictures}</div><div class="gspe-who">'
        f"<b>{escape(_times(group, words))}</b>{line(_when(group, page))}{line(joined(*group.cameras))}"
        f"{line(_decided(group, page) or hint_sentence(group.hints, words))}</div></li>"
    )
    markup.show("gspe-rows")


def _times(group: Group, words: Words) -> str:
    return words("unknown.times", count=words.number(len(group.faces)))


def _when(group: Group, page: Page) -> str:
    words = page.words
    first, last = words.moment(group.first_seen_at, page.now), words.moment(group.last_seen_at, page.now)
    if first == last:
        return words("unknown.seen_once", first=first)
    return words("unknown.seen", first=first, last=last)


def _decided(group: Group, page: Page) -> str:
    """By whom he is ignored; a group that waits for a name again has been decided on before."""
    face = group.faces[0]
    if face.state != UnknownState.IGNORED or face.decided_at is None:
        return ""
    time = page.words.moment(face.decided_at, page.now)
    return page.words("unknown.ignored_by", name=face.decided_by, time=time)


def hint_sentence(hints: Sequence[Hint], words: Words) -> str:
    if not hints:
        return words("unknown.like_none")
    best = hints[0]
    key = "unknown.like_match" if best.is_match else "unknown.like"
    return words(key, name=f"{best.name} ({best.code})", score=words.number(best.similarity, 3))
