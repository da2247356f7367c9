"""The live wall, and one camera alone: its picture, how it and the AI are, and who is in front of it now."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.domain.states import Role
from core.errors import GspeError
from core.storage import queries
from core.storage.rows import CameraRow
from dashboard import data
from dashboard.account_changes import keep_live_wall, live_wall_of
from dashboard.auth import Account, require
from dashboard.live.beside import show_beside
from dashboard.live.viewer import show_wall
from dashboard.live.wall import (
    ONE,
    SIZES,
    Plan,
    Wall,
    chosen_of,
    from_address,
    from_stored,
    planned,
    to_address,
    to_stored,
)
from dashboard.live.webrtc import close_webrtc, show_webrtc
from dashboard.widgets.page import Page, error_sentence, open_page

TILES, CAMERAS, CAMERA, WAY = "live_tiles", "live_cameras", "live_camera", "live_way"
NOT_KEPT = "live_not_kept"
WAYS = ("socket", "webrtc")
MAX_TILES = SIZES[-1]


def show() -> None:
    page = open_page(Role.VIEWER, "live.title")
    cameras = {camera.id: camera for camera in data.ask(queries.cameras)}
    enabled = [camera.id for camera in cameras.values() if camera.enabled]
    if not enabled:
        st.info(page.words("live.no_camera"), icon=":material/videocam_off:")
        return
    if error := st.session_state.pop(NOT_KEPT, None):
        st.toast(error_sentence(page.words, error), icon=":material/error:")
    wall = _wall_of(page.account)
    plan = planned(wall, list(cameras), enabled)
    _show_choice(wall, plan, cameras, page)
    if plan.size == ONE:
        _show_alone(wall, plan, cameras, page)
    else:
        close_webrtc()
        names = {camera.id: camera.name for camera in cameras.values()}
        show_wall(plan, names, page.words, partial(_on_tile, wall, plan))


def _wall_of(account: Account) -> Wall:
    return from_address(st.query_params) or from_stored(live_wall_of(account))


def _keep(wall: Wall) -> None:
    """In the address at once; the account's choice may fail, and the page goes on without."""
    for name in ("tiles", "cameras", "camera"):
        st.query_params.pop(name, None)
    st.query_params.update(to_address(wall))
    try:
        keep_live_wall(require(Role.VIEWER), to_stored(wall))
    except GspeError as error:
        st.session_state[NOT_KEPT] = error


def _show_choice(wall: Wall, plan: Plan, cameras: dict[int, CameraRow], page: Page) -> None:
    words = page.words
    order = chosen_of(wall, list(cameras)) or [row.id for row in cameras.values() if row.enabled]
    # The address is the truth: the widgets follow it also when a tile's button has changed it.
    st.session_state[TILES] = plan.size
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.segmented_control(
            words("wall.size"),
            [ONE, *SIZES],
            key=TILES,
            required=True,
            label_visibility="collapsed",
            on_change=lambda: _keep(wall.sized(st.session_state[TILES], order[0])),
            width="content",
        )
        if plan.size != ONE:
            _choose_cameras(wall, order, cameras, page)
        elif len(cameras) > 1:
            st.button(
                words("wall.back"),
                icon=":material/grid_view:",
                on_click=lambda: _keep(wall.sized(wall.size or SIZES[0], order[0])),
            )


def _choose_cameras(wall: Wall, order: Sequence[int], cameras: dict[int, CameraRow], page: Page) -> None:
    words = page.words
    st.session_state[CAMERAS] = list(order)
    with st.popover(words("wall.choose"), icon=":material/tune:", width="content"):
        st.multiselect(
            words("wall.cameras"),
            list(cameras),
            format_func=lambda camera_id: cameras[camera_id].name,
            key=CAMERAS,
            max_selections=MAX_TILES,
            help=words("wall.cameras_help"),
            on_change=lambda: _keep(wall.ordered(st.session_state[CAMERAS])),
            width=320,
        )
        st.button(
            words("wall.sites_order"),
            icon=":material/restart_alt:",
            disabled=not wall.cameras,
            on_click=lambda: _keep(wall.ordered(())),
        )


def _on_tile(wall: Wall, plan: Plan, event: str, camera_id: int) -> None:
    if camera_id not in plan.shown:
        return
    if event == "open":
        _keep(wall.sized(ONE, camera_id))
    else:
        _keep(wall.moved(plan.shown, camera_id, -1 if event == "earlier" else 1))


def _show_alone(wall: Wall, plan: Plan, cameras: dict[int, CameraRow], page: Page) -> None:
    words = page.words
    (camera_id,) = plan.shown
    picture, beside = st.columns([2.6, 1], gap="medium")
    with picture:
        st.session_state[CAMERA] = camera_id
        st.selectbox(
            words("live.camera"),
            list(cameras),
            format_func=lambda number: cameras[number].name,
            key=CAMERA,
            label_visibility="collapsed",
            on_change=lambda: _keep(wall.sized(ONE, st.session_state[CAMERA])),
        )
        if st.session_state.setdefault(WAY, WAYS[0]) == "webrtc":
            show_webrtc(cameras[camera_id], page.words, instead=_by_socket)
        else:
            close_webrtc()
            names = {camera_id: cameras[camera_id].name}
            show_wall(plan, names, words, partial(_on_tile, wall, plan))
    with beside:
        show_beside(camera_id, page.account, words)
        st.segmented_control(
            words("wall.way"),
            WAYS,
            format_func=lambda way: words(f"wall.way.{way}"),
            required=True,
            key=WAY,
            help=words("wall.way_help"),
        )


def _by_socket() -> None:
    st.session_state[WAY] = WAYS[0]
