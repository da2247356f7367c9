"""How far the first set-up is, for pages that lead there."""

import streamlit as st

from core.domain.states import Role
from core.storage import site_setup
from core.storage.site_setup import SetupStep
from dashboard import commands, data
from dashboard.auth import Account
from dashboard.widgets.page import Page
from dashboard.widgets.page_links import page_link

OF_THE_DEMO = frozenset((SetupStep.CAMERA, SetupStep.EMPLOYEE))


def leads_to_setup(account: Account) -> bool:
    """Whether this account begins there instead of on its first page."""
    return account.may(Role.ADMIN) and not account.departments and data.ask(site_setup.wants_attention)


def _steps_done() -> frozenset[SetupStep]:
    """The demo's camera and people are nobody's own."""
    done = data.ask(site_setup.steps_done)
    return done - OF_THE_DEMO if commands.is_demo() else done


def setup_link(page: Page) -> None:
    """While something is left to do."""
    done = len(_steps_done())
    if done < len(SetupStep):
        label = page.words("setup.link", done=done, steps=len(SetupStep))
        page_link("setup", label, ":material/checklist_rtl:")


def show_progress(page: Page) -> frozenset[SetupStep]:
    """The steps that are done, with a bar that says how many."""
    done = _steps_done()
    said = page.words("setup.progress", done=len(done), steps=len(SetupStep))
    st.progress(len(done) / len(SetupStep), text=said)
    return done
