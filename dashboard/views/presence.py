"""Who is here now: counts, open alerts, a card for everybody."""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from core.domain.states import PresenceState, Role
from core.storage import alert_list, queries
from core.storage.rows import PresenceRow
from dashboard import data
from dashboard.attention import sight_of, this_moment
from dashboard.auth import Account
from dashboard.refreshing import refreshing
from dashboard.widgets.alerts import show_alerts
from dashboard.widgets.page import open_page
from dashboard.widgets.people import PeopleFilter, show_cards, show_counts
from dashboard.widgets.words import Words

REFRESH_S = 2.0
CARDS_A_PAGE = 48


def show() -> None:
    page = open_page(Role.VIEWER, "presence.title")
    _board(page.account, page.words, _choose(page.account, page.words))


def _choose(account: Account, words: Words) -> PeopleFilter:
    """The filters stand outside the refreshing part, and in the address: nothing typed is lost."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            words("presence.search"),
            key="q",
            bind="query-params",
            type="search",
            placeholder=words("units.search"),
            live=True,
            width=280,
        )
        department = st.selectbox(
            words("presence.department"),
            data.departments(account),
            index=None,
            placeholder=words("presence.all_departments"),
            key="department",
            bind="query-params",
            width=240,
        )
        state = st.pills(
            words("presence.show_only"),
            [str(state) for state in PresenceState],
            format_func=lambda state: words(f"presence.count.{state}"),
            key="state",
            bind="query-params",
        )
    return PeopleFilter(search or "", department, state)


@refreshing(REFRESH_S)
def _board(account: Account, words: Words, chosen: PeopleFilter) -> None:
    now = datetime.now(UTC)
    rows = data.ask(queries.presence, account.departments)
    unknown_since = data.known_until(data.ask(queries.worker), data.ask(queries.cameras), now)
    show_counts(rows, words, stale=unknown_since is not None)
    if account.may(Role.SUPERVISOR):
        show_alerts(data.ask(alert_list.wanting, sight_of(account), this_moment()), words, now)
    if unknown_since is not None:
        chosen = PeopleFilter(chosen.search, chosen.department)  # nobody's state is known: none can be chosen
    _cards(rows, chosen, words, unknown_since, links=account.may(Role.SUPERVISOR))


def _cards(
    rows: Sequence[PresenceRow],
    chosen: PeopleFilter,
    words: Words,
    unknown_since: datetime | None,
    *,
    links: bool,
) -> None:
    now = datetime.now(UTC)
    found = [row for row in rows if chosen(row)]
    if not rows:
        st.info(words("presence.nobody_enrolled"), icon=":material/person_add:")
    elif not found:
        st.info(words("presence.nobody_found"), icon=":material/search_off:")
    pages = -(-len(found) // CARDS_A_PAGE)
    number = st.pagination(pages, key="presence_page") if pages > 1 else 1
    show_cards(
        found[(number - 1) * CARDS_A_PAGE : number * CARDS_A_PAGE], words, now, unknown_since, links=links
    )
