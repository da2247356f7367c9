"""What will change, before it is saved: from what to what, and what follows from it."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from core.errors import GspeError, SettingsConflict
from core.settings import InvalidSettings, Parameters
from core.settings.description import JUDGING_KEYS, MODEL_KEYS
from core.settings.files import SettingsFile
from core.storage.retention_classes import SETTINGS
from core.storage.settings_changes import Difference, Save
from dashboard import settings_commands
from dashboard.settings_draft import Draft, forget, open_drafts
from dashboard.widgets.markup import Markup, line
from dashboard.widgets.page import Page, show_error
from dashboard.widgets.page_links import page_link
from dashboard.widgets.settings_words import (
    describe,
    error_words,
    file_name,
    problem_words,
    title,
    value_words,
)
from dashboard.widgets.words import Words

OPEN, GOES, DONE = "settings_review_open", "settings_goes", "settings_done"
JUDGING = "settings_judging"


def begin_review() -> None:
    st.session_state[OPEN] = True
    st.session_state.pop(GOES, None)


def show_review(page: Page) -> None:
    if not st.session_state.get(OPEN) or not open_drafts():
        return
    dialog = st.dialog(page.words("settings_page.what_changes"), width="medium", on_dismiss=_close)
    dialog(_review)(page)


def show_differences(changes: Difference, file: SettingsFile, words: Words) -> None:
    """By key, its title with the value before and after."""
    described, markup = describe(file), Markup()
    for key, (before, after) in changes.items():
        one = described.get(key)
        if one is None:  # of an earlier release
            markup.add(f'<li class="gspe-row">{line(key)}</li>')
            continue
        said = words(
            "settings_page.from_to",
            before=value_words(one, before, words),
            after=value_words(one, after, words),
        )
        name = f"<b>{escape(title(one, words))}</b>"
        markup.add(f'<li class="gspe-row"><div class="gspe-who">{name}{line(said)}</div></li>')
    markup.show("gspe-rows")


def show_after_save(words: Words) -> None:
    """After another rule for days was saved: those that are final stay until somebody judges them again."""
    if st.session_state.get(JUDGING):
        st.warning(words("settings_page.judging"), icon=":material/rule:")
        with st.container(horizontal=True, vertical_alignment="center"):
            page_link("working-time", words("settings_page.judge_again"), ":material/schedule:")
            if st.button(words("settings_page.understood"), key="judging_understood"):
                st.session_state.pop(JUDGING)
                st.rerun()


def _close() -> None:
    st.session_state.pop(OPEN, None)


def _review(page: Page) -> None:
    words, drafts = page.words, open_drafts()
    wrong = [(draft, problem) for draft in drafts for problem in draft.problems()]
    for draft in drafts:
        if len(drafts) > 1 or draft.file is not SettingsFile.PARAMETERS:
            st.subheader(file_name(draft.file, words), anchor=False)
        show_differences(draft.difference(), draft.file, words)
    for draft, problem in wrong:
        st.error(problem_words(problem, words, draft.file), icon=":material/error:")
    if not wrong:
        for draft in drafts:
            if draft.file is SettingsFile.PARAMETERS:
                _warn(draft, words)
                _tell_removal(draft, words)
    if st.button(
        words("units.save"), key="settings_save", type="primary", icon=":material/save:", disabled=bool(wrong)
    ):
        _save(drafts, words)


def _warn(draft: Draft, words: Words) -> None:
    if any(key in MODEL_KEYS for key in draft.changes):
        st.warning(words("settings_page.restarts"), icon=":material/restart_alt:")
    if any(key in JUDGING_KEYS for key in draft.changes):
        st.warning(words("settings_page.judging"), icon=":material/rule:")


def _tell_removal(draft: Draft, words: Words) -> None:
    """How much retention would remove beyond what it removes now; counted when asked for."""
    if not any(key in SETTINGS.values() for key in draft.changes):
        return
    st.warning(words("settings_page.removes"), icon=":material/delete_sweep:")
    if st.button(words("settings_page.count_removal"), key="settings_count", icon=":material/preview:"):
        after = draft.after()
        assert isinstance(after, Parameters)
        with st.spinner(words("settings_page.counting")):
            st.session_state[GOES] = settings_commands.goes_with(after)
    goes = st.session_state.get(GOES)
    if goes is None:
        return
    if not goes:
        st.info(words("settings_page.removes_nothing"), icon=":material/info:")
    for one, (rows, files) in goes.items():
        said = {"rows": words.number(rows), "files": words.number(files)}
        st.markdown(words("settings_page.removes_of", of=words(f"records.class.{one}"), **said))


def _save(drafts: Sequence[Draft], words: Words) -> None:
    """One file after the other; what could not be saved stays a draft."""
    changed = {key for draft in drafts for key in draft.changes}
    try:
        for draft in drafts:
            settings_commands.save_settings(Save(draft.file, draft.after(), draft.fingerprint, draft.back_to))
            forget(draft.file)
    except SettingsConflict:
        st.error(words("settings_page.conflict_now"), icon=":material/sync_problem:")
        return
    except InvalidSettings as error:
        st.error(error_words(error, words), icon=":material/error:")
        return
    except GspeError as error:
        show_error(words, error)
        return
    _close()
    if any(key in JUDGING_KEYS for key in changed):
        st.session_state[JUDGING] = True
    st.session_state[DONE] = words("settings_page.saved")
    st.rerun()
