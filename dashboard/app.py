"""The script that Streamlit runs for every visit: who is here, which pages there are for him, which one is
open."""

from collections.abc import Callable, Iterable, Mapping

import streamlit as st
from streamlit.navigation.page import Page as StreamlitPage

from core.errors import AccessDenied
from dashboard import data, shell
from dashboard.auth import Account, current_account
from dashboard.browser_side import tell_browser
from dashboard.pages import HIDDEN_PAGES, PAGES, SECTIONS, PageSpec, pages_of
from dashboard.place import reader_language
from dashboard.views import password, sign_in
from dashboard.widgets.setup_steps import leads_to_setup
from dashboard.widgets.words import Words


def main() -> None:
    account = current_account()
    words = Words(reader_language(account), data.zone())
    if account is None:
        _run_alone(sign_in.show, words, "sign_in.title")
    elif account.must_change_password:
        _run_alone(password.show_forced, words, "sign_in.change_title")
    else:
        _run_for(account, words)


def _run_for(account: Account, words: Words) -> None:
    """While the page is built he may sign out, or his browser may go, and its cookie with it."""
    try:
        _run_pages(account, words)
    except AccessDenied:
        if current_account() == account:
            raise
        st.rerun()


def _run_alone(view: Callable[[], None], words: Words, title_key: str) -> None:
    """One view at every address, so that the reader finds himself there afterwards."""
    title = words(title_key)
    st.set_page_config(page_title=shell.tab_title(title, 0), layout="centered")
    addresses = [st.Page(view, title=title, url_path=spec.url_path) for spec in (*PAGES, *HIDDEN_PAGES)]
    chosen = st.navigation([st.Page(view, title=title, default=True), *addresses], position="hidden")
    shell.show_standing_bars(words)
    tell_browser(words)
    chosen.run()


def _run_pages(account: Account, words: Words) -> None:
    pages = {spec.url_path: _page(spec, words) for spec in pages_of(account)}
    first = next(iter(pages.values()))

    def lead_on() -> None:
        st.switch_page(pages["setup"] if leads_to_setup(account) else first)

    # Streamlit's default page has no address of its own, so the site's root is a page that only leads on.
    root = st.Page(lead_on, title=first.title, default=True, visibility="hidden")
    hidden = [root, *_listed(HIDDEN_PAGES, pages)]
    chosen = st.navigation({"": hidden, **_sections(pages, words)}, expanded=True)
    if chosen == root:
        chosen.run()
    st.set_page_config(layout="wide")
    shell.show_standing_bars(words)
    shell.show_sidebar(account, words, pages)
    shell.show_current(account, words, chosen.title, pages.get("alerts"))
    if any(spec.shows_faces and pages[spec.url_path] == chosen for spec in pages_of(account)):
        shell.note_faces_shown(account, chosen.url_path)
    chosen.run()


def _sections(pages: Mapping[str, StreamlitPage], words: Words) -> dict[str, list[StreamlitPage]]:
    """Those of which this account may open a page."""
    found = {words(f"shell.section.{code}"): _listed(specs, pages) for code, specs in SECTIONS.items()}
    return {title: listed for title, listed in found.items() if listed}


def _listed(specs: Iterable[PageSpec], pages: Mapping[str, StreamlitPage]) -> list[StreamlitPage]:
    return [pages[spec.url_path] for spec in specs if spec.url_path in pages]


def _page(spec: PageSpec, words: Words) -> st.Page:
    return st.Page(
        spec.open,
        title=words(spec.title_key),
        icon=spec.icon,
        url_path=spec.url_path,
        visibility="hidden" if spec in HIDDEN_PAGES else "visible",
    )


main()
