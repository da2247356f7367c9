"""Who is here now: counts, and a card or a line of a table for everybody."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from core.domain.states import PresenceState, Role
from core.storage import alert_list, queries
from core.storage.rows import PresenceRow
from dashboard import data
from dashboard.attention import sight_of, this_moment
from dashboard.auth import Account
from dashboard.pages import may_open
from dashboard.refreshing import refreshing
from dashboard.widgets.board import (
    CARDS,
    GROUPS,
    ORDERS,
    TABLE,
    VIEWS,
    Chosen,
    arranged,
    place_of,
)
from dashboard.widgets.in_address import kept
from dashboard.widgets.page import open_page
from dashboard.widgets.people import Board, show_counts, show_people
from dashboard.widgets.words import Words

REFRESH_S = 2.0
A_PAGE = {CARDS: 48, TABLE: 100}
VIEW_ICONS = {CARDS: ":material/grid_view:", TABLE: ":material/table_rows:"}
PERSON_PAGE = "person"
FILTERS = ("q", "department", "location", "state")


def show() -> None:
    page = open_page(Role.VIEWER, "presence.title")
    _board(page.account, page.words, _choose(page.account, page.words))


def _choose(account: Account, words: Words) -> Chosen:
    """The filters stand outside the refreshing part, and in the address: nothing typed is lost."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="gspe-board-filters"):
        search = st.text_input(
            words("presence.search"),
            key="q",
            bind="query-params",
            type="search",
            placeholder=words("presence.search"),
            live=True,
            label_visibility="collapsed",
            width=260,
        )
        states = [str(state) for state in PresenceState]
        state = st.pills(
            words("presence.show_only"),
            states,
            format_func=lambda code: words(f"presence.count.{code}"),
            label_visibility="collapsed",
            **kept("state", states),
        )
        department, location, group, order = _arrange(account, words)
        view = st.segmented_control(
            words("board.view"),
            VIEWS,
            format_func=lambda code: f"{VIEW_ICONS[code]} {words(f'board.view.{code}')}",
            required=True,
            label_visibility="collapsed",
            **kept("view", VIEWS, default=CARDS),
        )
    return Chosen(search or "", department, location, state, group, order, view)


def _arrange(account: Account, words: Words) -> tuple[str | None, str | None, str, str]:
    """Department, location, group and order: what is chosen once and then left alone."""
    departments, locations = data.departments(account), _locations(account)
    narrowed = sum(bool(st.query_params.get(key)) for key in ("department", "location"))
    label = (
        words("board.arrange_narrowed", count=words.number(narrowed)) if narrowed else words("board.arrange")
    )
    with st.popover(label, icon=":material/tune:", key="board_arrange"):
        department = st.selectbox(
            words("presence.department"),
            departments,
            index=None,
            placeholder=words("presence.all_departments"),
            **kept("department", departments),
        )
        location = st.selectbox(
            words("board.location"),
            locations,
            index=None,
            placeholder=words("board.all_locations"),
            **kept("location", locations),
        )
        group = st.selectbox(
            words("board.group"),
            list(GROUPS),
            format_func=lambda code: words(f"board.group.{code}"),
            **kept("group", GROUPS, default="department"),
        )
        order = st.selectbox(
            words("board.order"),
            list(ORDERS),
            format_func=lambda code: words(f"board.order.{code}"),
            **kept("order", ORDERS, default="name"),
        )
    return department, location, group, order


def _locations(account: Account) -> list[str]:
    rows = data.ask(queries.presence, account.departments)
    return sorted({place for row in rows if (place := place_of(row))})


@refreshing(REFRESH_S)
def _board(account: Account, words: Words, chosen: Chosen) -> None:
    now = datetime.now(UTC)
    rows = data.ask(queries.presence, account.departments)
    unknown_since = data.known_until(data.ask(queries.worker), data.ask(queries.cameras), now)
    of_any_state = replace(chosen, state=None)
    show_counts([row for row in rows if of_any_state.shows(row)], len(rows), words, unknown_since is not None)
    if unknown_since is not None:  # nobody's state is known: none can be chosen
        chosen = of_any_state
    page = f"/{PERSON_PAGE}?employee=" if may_open(account, PERSON_PAGE) else None
    _people(rows, chosen, Board(words, now, unknown_since, _wanted(account), page), account)


def _wanted(account: Account) -> dict[int, str]:
    """Whom an alert is about that wants attention, for those who may see alerts."""
    if not account.may(Role.SUPERVISOR):
        return {}
    rows = data.ask(alert_list.wanting, sight_of(account), this_moment())
    return {row.employee_id: row.kind for row in rows if row.employee_id is not None}


def _people(rows: Sequence[PresenceRow], chosen: Chosen, board: Board, account: Account) -> None:
    words, found = board.words, arranged(rows, chosen)
    if not rows:
        who = Role.HR if account.may(Role.HR) else Role.VIEWER
        st.info(words(f"board.nobody_enrolled.{who}"), icon=":material/person_add:")
    elif not found:
        st.info(words("presence.nobody_found"), icon=":material/search_off:")
        if st.button(
            words("board.clear"), key="board_clear", on_click=_clear, icon=":material/filter_alt_off:"
        ):
            st.rerun()
    size = A_PAGE[chosen.view]
    pages = -(-len(found) // size)
    number = st.pagination(pages, key="presence_page") if pages > 1 else 1
    show_people(found[(number - 1) * size : number * size], found, chosen, board)
    if any(row.score is not None for row in found):
        st.caption(words("board.likeness_help"))


def _clear() -> None:
    for key in FILTERS:
        st.session_state[key] = "" if key == "q" else None
        st.query_params.pop(key, None)
