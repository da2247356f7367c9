"""Settings: every parameter and every channel, what a change does, and who changed what when."""

import streamlit as st

from core.domain.states import Role
from core.settings.description import Description
from core.settings.files import SettingsFile
from dashboard.settings_draft import changed_meanwhile, discard_all, draft_of, open_drafts, rebase
from dashboard.widgets.in_address import kept
from dashboard.widgets.page import Page, error_sentence, open_site_page
from dashboard.widgets.settings_fields import show_fields
from dashboard.widgets.settings_history import show_history
from dashboard.widgets.settings_review import DONE, begin_review, show_after_save, show_review
from dashboard.widgets.settings_state import show_state
from dashboard.widgets.settings_words import (
    PAGE_GROUPS,
    describe,
    every_setting,
    group_name,
    title,
    value_words,
)
from dashboard.widgets.setup_steps import setup_link
from dashboard.widgets.site_name import show_site_name
from dashboard.widgets.words import Words

VIEWS = ("edit", "history")
GROUP, SEARCH, VIEW = "settings_group", "settings_search", "settings_view"


def show() -> None:
    page = open_site_page(Role.ADMIN, "settings_page.title")
    words = page.words
    if done := st.session_state.pop(DONE, None):
        st.toast(done, icon=":material/check_circle:")
    st.caption(words("settings_page.about"))
    setup_link(page)
    show_state(words)
    show_after_save(words)
    view = st.segmented_control(
        words("settings_page.view"),
        VIEWS,
        format_func=lambda one: words(f"settings_page.view.{one}"),
        required=True,
        label_visibility="collapsed",
        **kept(VIEW, VIEWS, default=VIEWS[0]),
    )
    if view == "history":
        show_history(page)
    else:
        _edit(page)
    _bar(page)
    show_review(page)


def _edit(page: Page) -> None:
    words = page.words
    sought = st.text_input(
        words("units.search"),
        key=SEARCH,
        bind="query-params",
        placeholder=words("settings_page.search_example"),
        icon=":material/search:",
    )
    if sought:
        _found(sought, page)
        return
    group = st.pills(
        words("settings_page.group"),
        PAGE_GROUPS,
        format_func=lambda one: group_name(one, words),
        required=True,
        label_visibility="collapsed",
        **kept(GROUP, PAGE_GROUPS, default=PAGE_GROUPS[0]),
    )
    if group == "site":
        show_site_name(page)
    chosen = [one for one in every_setting() if one.group == group]
    _say_broken(chosen[0].file, words)
    if words.has(f"settings_page.about.{group}"):
        st.info(words(f"settings_page.about.{group}"), icon=":material/info:")
    show_fields(chosen, page)


def _found(sought: str, page: Page) -> None:
    words = page.words
    found = [one for one in every_setting() if sought.casefold() in _searched(one, words)]
    if not found:
        st.info(words("settings_page.nothing_found"), icon=":material/search_off:")
    for group in dict.fromkeys(one.group for one in found):
        st.subheader(group_name(group, words), anchor=False)
        show_fields([one for one in found if one.group == group], page)


def _searched(one: Description, words: Words) -> str:
    parts = (title(one, words), words(f"settings.{one.name}.help"), one.key, group_name(one.group, words))
    return " ".join(parts).casefold()


def _say_broken(file: SettingsFile, words: Words) -> None:
    draft = draft_of(file)
    if draft.broken is not None:
        st.error(error_sentence(words, draft.broken), icon=":material/error:")
        st.info(words("settings_page.broken"), icon=":material/history:")


def _bar(page: Page) -> None:
    """What is not saved stays in sight, wherever the reader looks."""
    drafts = open_drafts()
    if not drafts:
        return
    words = page.words
    for draft in drafts:
        others = changed_meanwhile(draft)
        if others is not None:
            _conflict(draft.file, others, page)
    count = sum(len(draft.changes) for draft in drafts)
    with st.bottom, st.container(horizontal=True, vertical_alignment="center", key="settings_bar"):
        st.markdown(words("settings_page.unsaved_count", count=words.number(count)), width="stretch")
        st.button(words("settings_page.discard"), key="settings_discard", on_click=discard_all)
        st.button(
            words("settings_page.review"),
            key="settings_review",
            type="primary",
            icon=":material/rule:",
            on_click=begin_review,
        )


def _conflict(file: SettingsFile, others: dict[str, tuple[object, object]], page: Page) -> None:
    words, described = page.words, describe(file)
    told = "; ".join(
        words(
            "settings_page.change",
            title=title(described[key], words),
            before=value_words(described[key], before, words),
            after=value_words(described[key], after, words),
        )
        for key, (before, after) in others.items()
    )
    st.warning(words("settings_page.conflict", changes=told), icon=":material/sync_problem:")
    st.button(
        words("settings_page.take_over"),
        key=f"take_over_{file}",
        on_click=lambda: rebase(draft_of(file)),
        icon=":material/merge:",
    )
