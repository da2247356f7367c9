"""The first steps on a new site: what is done, what is left, and the way to each."""

import streamlit as st

from core.domain.states import Role
from core.errors import GspeError, SettingsConflict
from core.settings.files import MODELS, SettingsFile
from core.storage import queries
from core.storage.settings_changes import Save
from core.storage.site_setup import SetupStep
from dashboard import commands, data, settings_commands, setup_commands
from dashboard.database import site_paths
from dashboard.gpu import GpuLack, gpu_lack, machine
from dashboard.settings_draft import Draft, draft_of, rebase
from dashboard.widgets.page import Page, open_site_page, show_error
from dashboard.widgets.page_links import page_link
from dashboard.widgets.settings_fields import choose_zone
from dashboard.widgets.setup_steps import show_progress
from dashboard.widgets.site_name import enter_site_name
from dashboard.widgets.week_editor import edit_week
from dashboard.widgets.words import Words

DONE = "setup_done"
ICONS = {True: ":material/check_circle:", False: ":material/radio_button_unchecked:"}
LINKS = {
    SetupStep.PASSWORD: ("password", ":material/key:"),
    SetupStep.CAMERA: ("cameras", ":material/settings_video_camera:"),
    SetupStep.EMPLOYEE: ("employees", ":material/badge:"),
}


def show() -> None:
    page = open_site_page(Role.ADMIN, "setup.title")
    words = page.words
    if said := st.session_state.pop(DONE, None):
        st.toast(said, icon=":material/check_circle:")
    if commands.is_demo():
        st.info(words("setup.demo"), icon=":material/theaters:")
        _way(SetupStep.CAMERA, words)
    done = show_progress(page)
    _tell_of_gpu(words)
    if len(done) == len(SetupStep):
        st.success(words("setup.finished"), icon=":material/celebration:")
        page_link("presence", words("setup.to_presence"), ":material/groups:")
    first_left = next((step for step in SetupStep if step not in done), None)
    for step in SetupStep:
        _step(step, page, done=step in done, opened=step is first_left)
    _put_away(page, finished=first_left is None)


def _tell_of_gpu(words: Words) -> None:
    worker = data.ask(queries.worker)
    if worker is not None and gpu_lack(worker, machine(site_paths())) is GpuLack.NO_GPU:
        st.caption(words("setup.no_gpu"))


def _step(step: SetupStep, page: Page, *, done: bool, opened: bool) -> None:
    words = page.words
    title = words(f"setup.step.{step}")
    said = words("setup.step_done", step=title) if done else words("setup.step_left", step=title)
    # Another key where it opens or closes by itself: a browser leaves an expander as the reader had it.
    key = f"step_{step}_next" if opened else f"step_{step}"
    with st.expander(said, icon=ICONS[done], expanded=opened, key=key):
        st.markdown(words(f"setup.about.{step}_done") if done else words(f"setup.about.{step}"))
        if step is SetupStep.SITE:
            _site(page)
        elif step is SetupStep.HOURS:
            _hours(page)
        else:
            _way(step, words)


def _way(step: SetupStep, words: Words) -> None:
    path, icon = LINKS[step]
    page_link(path, words(f"setup.go.{step}"), icon)


def _site(page: Page) -> None:
    words, draft = page.words, draft_of(SettingsFile.PARAMETERS)
    name = enter_site_name(page, "setup_site_name")
    st.markdown(words("settings.time_zone.title"))
    key = f"setup_zone_{draft.generations['time_zone']}"
    label = words("settings.time_zone.title")
    draft.set("time_zone", choose_zone(key, str(draft.value("time_zone")), label, words, page.now))
    if st.button(words("setup.confirm_site"), key="confirm_site", type="primary"):
        _confirm(SetupStep.SITE, draft, "time_zone", page, name)


def _hours(page: Page) -> None:
    draft, words = draft_of(SettingsFile.PARAMETERS), page.words
    key = f"setup_hours_{draft.generations['working_hours']}"

    def put(week: dict[str, list[list[str]]]) -> None:
        draft.put("working_hours", week)

    draft.set("working_hours", edit_week(key, draft.value("working_hours"), words, put))
    st.caption(words("setup.shifts_elsewhere"))
    if st.button(words("setup.confirm_hours"), key="confirm_hours", type="primary"):
        _confirm(SetupStep.HOURS, draft, "working_hours", page)


def _confirm(step: SetupStep, draft: Draft, key: str, page: Page, name: str | None = None) -> None:
    """Stores what was changed, then that somebody has looked at it."""
    try:
        if name is not None:
            setup_commands.rename_site(name)
        if key in draft.changes:
            after = MODELS[draft.file].parse({**draft.base, key: draft.changes[key]})
            settings_commands.save_settings(Save(draft.file, after, draft.fingerprint))
            rebase(draft)
        setup_commands.confirm_step(step)
    except SettingsConflict:
        rebase(draft)
        st.error(page.words("setup.conflict"), icon=":material/sync_problem:")
        return
    except GspeError as error:
        show_error(page.words, error)
        return
    st.session_state[DONE] = page.words("setup.confirmed")
    st.rerun()


def _put_away(page: Page, *, finished: bool) -> None:
    if finished:
        return
    st.caption(page.words("setup.later"))
    if st.button(page.words("setup.put_away"), key="put_away", icon=":material/visibility_off:"):
        try:
            setup_commands.put_away()
        except GspeError as error:
            show_error(page.words, error)
            return
        st.session_state[DONE] = page.words("setup.is_away")
        st.rerun()
