"""Who is believed inside now: to read, to print and to tick off, also when cameras or the worker are gone."""

from datetime import UTC, datetime
from functools import partial

import streamlit as st

from core.domain.states import Role
from core.reports.files import MUSTER_ENDINGS, Ending, ReportFile
from core.storage.muster import muster
from dashboard import data, report_commands
from dashboard.auth import Account
from dashboard.refreshing import refreshing
from dashboard.widgets.in_address import kept
from dashboard.widgets.made_file import Offer, offer_files
from dashboard.widgets.muster import show_muster
from dashboard.widgets.page import Page, open_page
from dashboard.widgets.words import Words

REFRESH_S = 5.0
NOT_NOTED = "muster_not_noted"


def show() -> None:
    page = open_page(Role.VIEWER, "muster.title")
    departments = _choose(page)
    with st.container(key="gspe-no-print"):
        _files(page, departments)
    _list(page.account, page.words, departments)


def _choose(page: Page) -> tuple[str, ...]:
    words, departments = page.words, data.departments(page.account)
    chosen = st.selectbox(
        words("muster.department"),
        departments,
        index=None,
        placeholder=words("muster.all_departments"),
        width=240,
        **kept("muster_department", departments),
    )
    return (chosen,) if chosen else ()


def _files(page: Page, departments: tuple[str, ...]) -> None:
    words = page.words
    offers = [
        Offer(
            ending,
            words(f"muster.make.{ending}"),
            ending,
            f"{words('muster.file')}-{page.now.astimezone(words.zone):%Y-%m-%d-%H%M}.{ending}",
            partial(_make, departments, ending),
        )
        for ending in MUSTER_ENDINGS
    ]
    offer_files(offers, f"muster {departments}", words)
    if st.session_state.get(NOT_NOTED):
        st.warning(words("muster.not_noted"), icon=":material/warning:")


def _make(departments: tuple[str, ...], ending: Ending) -> ReportFile:
    made, is_noted = report_commands.make_muster(departments, ending)
    st.session_state[NOT_NOTED] = not is_noted
    return made


@refreshing(REFRESH_S)
def _list(account: Account, words: Words, departments: tuple[str, ...]) -> None:
    now = datetime.now(UTC)
    found = data.ask(muster, now.replace(microsecond=0), departments or account.departments)
    show_muster(found, words, now)
