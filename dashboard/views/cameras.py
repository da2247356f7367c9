"""The cameras: how each is, and its form."""

from datetime import UTC, datetime
from html import escape

import streamlit as st

from core.domain.states import CameraStatus, Role
from core.errors import GspeError
from core.storage.rows import CameraRow
from dashboard import camera_commands, commands, data
from dashboard.camera_list import ListedCamera, listed_cameras
from dashboard.record_commands import require_whole_site
from dashboard.refreshing import refreshing
from dashboard.widgets.camera_areas import show_areas
from dashboard.widgets.camera_form import forget_form, show_form
from dashboard.widgets.confirm import ask_first
from dashboard.widgets.in_address import kept_tabs, put
from dashboard.widgets.markup import Markup, joined, line
from dashboard.widgets.page import Page, error_sentence, open_page, show_error
from dashboard.widgets.placement import show_placement
from dashboard.widgets.troubleshooting import show_help
from dashboard.widgets.words import Words

REFRESH_S = 2.0
CHOSEN = "camera"
"""In the address: `?camera=3` opens that camera, `?camera=new` the empty form."""
DONE = "camera_done"
NEW = "new"
PARTS = ("form", "areas", "placement")


def show() -> None:
    page = open_page(Role.ADMIN, "cameras.title")
    if done := st.session_state.pop(DONE, None):
        st.success(done, icon=":material/check_circle:")
    try:
        require_whole_site()
    except GspeError as error:
        show_error(page.words, error)
        _list(page)
        return
    chosen = st.query_params.get(CHOSEN)
    camera = next((camera for camera in listed_cameras() if str(camera.id) == chosen), None)
    if chosen == NEW or camera is not None:
        _edit(camera, page.words)
    else:
        st.button(
            page.words("cameras.add"), on_click=_choose, args=(NEW,), type="primary", icon=":material/add:"
        )
        _list(page)


def _choose(camera_id: int | str | None) -> None:
    put(CHOSEN, None if camera_id is None else str(camera_id))
    forget_form()


def _edit(camera: ListedCamera | None, words: Words) -> None:
    label = words("cameras.back")
    st.button(label, on_click=_choose, args=(None,), icon=":material/arrow_back:", key="back")
    title = words("cameras.edit", name=camera.name) if camera else words("cameras.add")
    st.subheader(title, anchor=False)
    if camera is None and commands.is_demo():
        st.info(words("cameras.demo_will_end"), icon=":material/theaters:")
    if camera is not None and camera.problem is not None:
        st.error(error_sentence(words, camera.problem), icon=":material/error:")
        st.info(words("cameras.write_again"), icon=":material/edit:")
    if camera is None or camera.settings is None:
        _form(camera, words)
        return
    tabs = kept_tabs("part", {part: words(f"cameras.part.{part}") for part in PARTS})
    with tabs["form"]:
        _form(camera, words)
        _remove(camera, words)
    with tabs["areas"]:
        show_areas(camera, words)
    with tabs["placement"]:
        show_placement(camera, words)


def _form(camera: ListedCamera | None, words: Words) -> None:
    if show_form(camera, words):
        _choose(None)
        st.rerun()


def _remove(camera: ListedCamera, words: Words) -> None:
    question = words("cameras.remove_sure", name=camera.name)
    if not ask_first(f"remove_{camera.id}", words("cameras.remove"), question, icon=":material/delete:"):
        return
    try:
        camera_commands.remove_camera(camera.id, camera.fingerprint)
    except GspeError as error:
        show_error(words, error)
        return
    st.session_state[DONE] = words("cameras.removed", name=camera.name)
    _choose(None)
    st.rerun()


@refreshing(REFRESH_S)
def _list(page: Page) -> None:
    cameras = listed_cameras()
    if not cameras:
        st.info(page.words("cameras.none"), icon=":material/videocam:")
    silent = data.worker_is_silent(datetime.now(UTC))
    may_change = not page.account.departments
    for place, camera in enumerate(cameras):
        with st.container(border=True, key=f"camera_{camera.id}"):
            told, actions = st.columns([1.15, 1], vertical_alignment="center")
            with told:
                _show_camera(camera, page.words, silent=silent)
            with actions, st.container(horizontal=True, horizontal_alignment="right", gap="small"):
                cause = camera.row.cause if camera.row else None
                show_help("settings_invalid" if camera.problem else cause, page.words, f"help_{camera.id}")
                if may_change:
                    _move(camera, place, len(cameras), page.words)
                    _actions(camera, page.words)


def _move(camera: ListedCamera, place: int, count: int, words: Words) -> None:
    if camera.settings is None or count < 2:
        return
    for verb, steps, possible in (("up", -1, place > 0), ("down", 1, place < count - 1)):
        if st.button(
            words(f"cameras.{verb}"),
            help=words(f"cameras.{verb}_help", name=camera.name),
            key=f"{verb}_{camera.id}",
            icon=f":material/arrow_{verb}ward:",
            disabled=not possible,
        ):
            _moved(camera.id, steps, words)


def _moved(camera_id: int, steps: int, words: Words) -> None:
    try:
        camera_commands.move_camera(camera_id, steps)
    except GspeError as error:
        show_error(words, error)
        return
    st.rerun()


def _show_camera(camera: ListedCamera, words: Words, *, silent: bool) -> None:
    now = datetime.now(UTC)
    status = status_of(camera, silent=silent)
    address = camera.settings.display_url if camera.settings else None
    location = camera.settings.location if camera.settings else None
    number = camera.number if camera.number != camera.name else None
    markup = Markup()
    markup.add(
        f'<li class="gspe-who gspe-{status}"><b>{escape(camera.name)}</b>'
        f"{line(joined(number, location, address))}"
        f"{line(status_sentence(camera, status, words), 'gspe-state')}"
        f"{line(_figures(camera.row, words, now) if camera.row else '')}</li>"
    )
    markup.show("gspe-rows")


def status_of(camera: ListedCamera, *, silent: bool) -> str:
    """What may be said of a camera now; of a silent worker's cameras nothing but that."""
    if camera.problem is not None:
        return CameraStatus.MISCONFIGURED
    if camera.settings is not None and not camera.settings.enabled:
        return CameraStatus.DISABLED
    if silent or camera.row is None:
        return "unknown"
    return camera.row.status


def status_sentence(camera: ListedCamera, status: str, words: Words) -> str:
    if camera.problem is not None:
        return error_sentence(words, camera.problem)
    if status == "unknown":
        return words("cameras.status_unknown")
    said = words(f"camera.status.{status}")
    cause = camera.row.cause if camera.row and status == camera.row.status else None
    known = cause is not None and words.has(f"camera.cause.{cause}")
    return f"{said}. {words(f'camera.cause.{cause}')}" if known else said


def _figures(row: CameraRow, words: Words, now: datetime) -> str:
    """Size, codec, rates and the age of the newest frame, as far as they are known."""
    known = row.frame_width and row.frame_height
    size = words("units.size", width=row.frame_width, height=row.frame_height) if known else None
    rate = words("cameras.fps", value=words.number(row.source_fps, 1)) if row.source_fps else None
    analysed = row.analysed_fps
    looked_at = words("cameras.analysed", value=words.number(analysed, 1)) if analysed is not None else None
    newest = row.last_frame_at
    age = words("cameras.last_frame", ago=words.ago(newest, now)) if newest else words("cameras.no_frame")
    return joined(size, row.codec, rate, looked_at, age)


def _actions(camera: ListedCamera, words: Words) -> None:
    if st.button(words("cameras.open"), key=f"edit_{camera.id}", icon=":material/edit:"):
        _choose(camera.id)
        st.rerun()
    if camera.settings is None:
        return
    verb = "disable" if camera.settings.enabled else "enable"
    question = words(f"cameras.{verb}_sure", name=camera.name)
    if ask_first(f"switch_{camera.id}", words(f"cameras.{verb}"), question):
        _switch(camera, words)


def _switch(camera: ListedCamera, words: Words) -> None:
    assert camera.settings is not None
    try:
        changed = camera.settings.changed(enabled=not camera.settings.enabled)
        commands.save_camera(changed, camera.fingerprint)
    except GspeError as error:
        show_error(words, error)
        return
    st.rerun()
