"""The site's name, as reports, the sign-in page and messages say it."""

import streamlit as st

from core.errors import GspeError
from core.storage import queries, site_setup
from dashboard import data, setup_commands
from dashboard.widgets.page import Page, show_error


def enter_site_name(page: Page, key: str) -> str:
    """What stands in the field."""
    site = data.ask(queries.site)
    st.session_state.setdefault(key, site.site_name if site else "")
    written = st.text_input(page.words("setup.site_name"), key=key, max_chars=site_setup.LONGEST_NAME)
    return written or ""


def show_site_name(page: Page) -> None:
    """With a button of its own: it is no parameter but the installation's name, and counts at once."""
    with st.form("site_name", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        name = enter_site_name(page, "settings_site_name")
        wanted = st.form_submit_button(page.words("setup.rename"), icon=":material/edit:")
    st.caption(page.words("setup.site_name_help"))
    if wanted:
        try:
            setup_commands.rename_site(name)
        except GspeError as error:
            show_error(page.words, error)
            return
        st.toast(page.words("setup.renamed"), icon=":material/check_circle:")
