""" "This is wrong": whose a visit really was, what that changes, and writing it."""

import streamlit as st

from core.errors import GspeError
from core.storage import queries
from core.storage.person_visits import KnownVisit
from core.storage.reassignments import Effect, Meanwhile
from core.storage.rows import EmployeeRow
from dashboard import data, visit_commands
from dashboard.widgets.confirm import ask_first
from dashboard.widgets.page import Page, show_error
from dashboard.widgets.repaired_days import show_repaired

CHOSEN, PREVIEW, DONE, MIXED_UP = "wrong_visit", "wrong_preview", "wrong_done", "wrong_mixed_up"
MAX_CHARS = 200
NOBODY = 0


def show_wrong(page: Page, visit: KnownVisit, owner_id: int | None) -> None:
    """The button, and once it was pressed the form below it. owner_id: whose the visit is now."""
    words = page.words
    if visit.is_open:
        st.caption(words("person.wrong_open"))
        return
    if not visit_commands.may_reassign(page.account, visit.arrived_at, page.now):
        st.caption(words("errors.visit_needs_hr"))
        return
    is_open = st.session_state.get(CHOSEN) == visit.visit_id
    st.button(
        words("person.wrong"),
        key=f"wrong_{visit.visit_id}",
        on_click=_choose,
        args=(None if is_open else visit.visit_id,),
        icon=":material/report:",
    )
    if is_open:
        with st.container(border=True):
            _form(page, visit, owner_id)


def _choose(visit_id: int | None) -> None:
    st.session_state[CHOSEN] = visit_id
    st.session_state.pop(PREVIEW, None)


def _form(page: Page, visit: KnownVisit, owner_id: int | None) -> None:
    words = page.words
    st.caption(words("person.wrong_help"))
    people = {row.id: row for row in _people(page, owner_id)}
    options = [*people, *([NOBODY] if owner_id is not None else [])]
    who = st.selectbox(
        words("person.who"),
        options,
        index=None,
        format_func=lambda one: _name(people, one, page),
        placeholder=words("unknown.employee_choose"),
        key=f"who_{visit.visit_id}",
        width=420,
    )
    reason = st.text_input(words("person.reason"), key=f"why_{visit.visit_id}", max_chars=MAX_CHARS)
    look = st.button(
        words("person.preview"), disabled=who is None, key="preview_visit", icon=":material/preview:"
    )
    if look and who is not None:
        _look(page, visit, who)
    told = st.session_state.get(PREVIEW)
    if who is not None and told is not None and told[:2] == (visit.visit_id, who):
        _show(page, told[2], _name(people, who, page))
        if ask_first("reassign", words("person.apply"), words("person.apply_sure"), icon=":material/check:"):
            _apply(page, visit, who, reason or "", _name(people, who, page))


def _people(page: Page, owner_id: int | None) -> list[EmployeeRow]:
    found = [
        row
        for active in (True, False)
        for row in data.ask(queries.employees, active=active, departments=page.account.departments)
    ]
    return [row for row in found if row.id != owner_id]


def _name(people: dict[int, EmployeeRow], who: int, page: Page) -> str:
    return f"{people[who].name} ({people[who].code})" if who in people else page.words("person.nobody")


def _look(page: Page, visit: KnownVisit, who: int) -> None:
    st.session_state.pop(PREVIEW, None)
    try:
        with st.spinner(page.words("person.judging")):
            effect = visit_commands.preview_visit(visit.visit_id, who or None)
    except GspeError as error:
        show_error(page.words, error)
        return
    st.session_state[PREVIEW] = (visit.visit_id, who, effect)


def _show(page: Page, effect: Effect, name: str) -> None:
    words, changed = page.words, effect.repair.changed
    for own in effect.meanwhile:
        st.warning(_meanwhile(own, name, page), icon=":material/groups:")
    key = "person.counts" if changed else "person.no_change"
    st.markdown(words(key, count=words.number(len(changed))))
    show_repaired(changed, words)


def _meanwhile(own: Meanwhile, name: str, page: Page) -> str:
    words, since = page.words, page.words.time(own.since)
    if own.until is None:
        return words("person.meanwhile_open", name=name, since=since, start=since, camera=own.camera_name)
    return words(
        "person.meanwhile", name=name, start=since, end=words.time(own.until), camera=own.camera_name
    )


def _apply(page: Page, visit: KnownVisit, who: int, reason: str, name: str) -> None:
    try:
        with st.spinner(page.words("person.judging")):
            visit_commands.reassign_visit(visit.visit_id, who or None, reason)
    except GspeError as error:
        show_error(page.words, error)
        return
    _choose(None)
    st.session_state[DONE] = page.words("person.applied", name=name)
    st.session_state[MIXED_UP] = True
    st.rerun()
