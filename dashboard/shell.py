"""What surrounds every page: bell and bars above it, and in the sidebar language and account."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page

from core.domain.states import Role
from core.i18n import languages
from core.storage import alert_list, pauses, queries
from core.supervision import read_causes
from dashboard import data
from dashboard.account_changes import change_language
from dashboard.attention import sight_of, this_moment
from dashboard.auth import Account
from dashboard.bars import Bar, Situation, current_bars, environment, pause_bars, standing_bars
from dashboard.browser_side import tell_browser
from dashboard.database import site_paths
from dashboard.forms import PostForm
from dashboard.gpu import machine
from dashboard.refreshing import refreshing
from dashboard.viewing import note_faces
from dashboard.widgets.bell import news, show_bell
from dashboard.widgets.markup import plain
from dashboard.widgets.words import Words

REFRESH_S = 2.0
NOTED_EVERY_S = 60.0
ASSETS = Path(__file__).with_name("assets")
ICON = str(ASSETS / "mark.svg")
SHOW_BAR = {"error": st.error, "warning": st.warning, "info": st.info}
BAR_ICONS = {"error": ":material/error:", "warning": ":material/warning:", "info": ":material/info:"}


def show_standing_bars(words: Words) -> None:
    """With the style of the page, as the first thing on it."""
    st.html(ASSETS / "shell.css")
    if bars := standing_bars(environment(), words):
        with st.container(key="gspe-standing-bars"):
            _show(bars)


def show_sidebar(account: Account, words: Words, pages: Mapping[str, Page]) -> None:
    """`pages` by url_path; the links lead to those that this account may open."""
    st.logo(ASSETS / "logo.svg", size="large", icon_image=ICON)
    with st.sidebar:
        role = words(f"shell.role.{account.role}")
        st.caption(words("shell.signed_in_as", username=account.username, role=role))
        _choose_language(account, words)
        st.page_link(pages["password"], label=words("shell.change_password"), icon=":material/key:")
        PostForm("/api/session/end", words("shell.sign_out"), "/", quiet=True).show("sign_out")


def tab_title(page_title: str, open_alerts: int) -> str:
    """What the browser's tab says: the alerts first, because tabs are narrow."""
    return f"({open_alerts}) {page_title} · GSPE" if open_alerts else f"{page_title} · GSPE"


def _choose_language(account: Account, words: Words) -> None:
    names = languages()
    chosen = st.segmented_control(
        words("shell.language"),
        list(names),
        format_func=names.__getitem__,
        default=account.language,
        required=True,
        label_visibility="collapsed",
        key=f"language_{account.language}",
        width="stretch",
    )
    if chosen is not None and chosen != account.language:
        change_language(account, chosen)
        st.rerun()


@refreshing(REFRESH_S)
def show_current(account: Account, words: Words, page_title: str, alerts_page: Page | None) -> None:
    """What follows the facts without a rerun of the page: the bell, for those who may open the alerts, the
    tab's title and the bars."""
    now = datetime.now(UTC)
    wanting = data.ask(alert_list.wanting, sight_of(account), this_moment())
    st.set_page_config(page_title=tab_title(page_title, len(wanting)))
    if alerts_page is None:
        tell_browser(words)
    else:
        tell_browser(words, news(wanting, words, now))
        show_bell(wanting, alerts_page, account, words)
    situation = Situation(
        data.ask(queries.worker),
        data.ask(queries.cameras),
        read_causes(site_paths()),
        now,
        machine(site_paths()),
        account.may(Role.ADMIN),
    )
    _show([*pause_bars(data.ask(pauses.recent), words, now), *current_bars(situation, words)])


@refreshing(NOTED_EVERY_S)
def note_faces_shown(account: Account, page: str) -> None:
    """A page that is left open is looked at in each hour that it stays."""
    note_faces(account, page)


def _show(bars: Iterable[Bar]) -> None:
    for bar in bars:
        SHOW_BAR[bar.level](plain(bar.text), icon=BAR_ICONS[bar.level])
