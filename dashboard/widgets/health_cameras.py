"""Each camera's figures: what is wanted and what is done, how old its frames get, and why faces fail."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from core.errors import SettingsError
from core.storage.rows import CameraRow
from dashboard import data
from dashboard.bars import camera_status
from dashboard.widgets.refused_faces import show_refused
from dashboard.widgets.words import Words

COLUMNS = ("camera", "status", "wanted_fps", "analysed_fps", "latency", "drops", "reconnects")


def show_cameras(cameras: Sequence[CameraRow], words: Words, *, silent: bool) -> None:
    if not cameras:
        st.info(words("health.no_camera"), icon=":material/videocam:")
        return
    if silent:
        st.warning(words("health.figures_old"), icon=":material/history:")
    wanted = _wanted_fps()
    heads = "".join(f'<th scope="col">{escape(words(f"health.column.{name}"))}</th>' for name in COLUMNS)
    rows = "".join(_row(camera, wanted.get(camera.id), words, silent=silent) for camera in cameras)
    st.html(
        f'<div class="gspe-scroll" tabindex="0"><table class="gspe-rates"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
    for camera in cameras:
        if camera.refused_faces:
            total = sum(camera.refused_faces.values())
            title = words("health.refused", camera=camera.name, count=words.number(total))
            with st.expander(title, key=f"refused_{camera.id}"):
                show_refused(camera.refused_faces, total, words)


def _row(camera: CameraRow, wanted_fps: float | None, words: Words, *, silent: bool) -> str:
    status = words("health.status_unknown") if silent and camera.enabled else camera_state(camera, words)
    style = "unknown" if silent else camera.status
    cells = (
        words.number(wanted_fps, 1) if wanted_fps is not None and camera.enabled else None,
        words.number(camera.analysed_fps, 1) if camera.analysed_fps is not None else None,
        words("health.ms", value=words.number(camera.frame_age_ms)) if camera.frame_age_ms else None,
        words.number(camera.drops),
        words.number(camera.reconnects),
    )
    numbers = "".join(f"<td>{escape(cell or words('health.no_figure'))}</td>" for cell in cells)
    return (
        f'<tr><th scope="row">{escape(camera.name)}</th>'
        f'<td><span class="gspe-state gspe-{style}">{escape(status)}</span></td>{numbers}</tr>'
    )


def camera_state(camera: CameraRow, words: Words) -> str:
    return camera_status(camera, words) if camera.status != "online" else words("camera.status.online")


def _wanted_fps() -> dict[int, float]:
    """By camera; nothing of those whose settings cannot be read."""
    store = data.settings_store()
    try:
        site = store.load_parameters().value
    except SettingsError:
        return {}
    wanted = {}
    for camera_id, loaded in store.load_cameras().items():
        if not isinstance(loaded, SettingsError):
            wanted[camera_id] = loaded.value.fps_target or site.fps_target
    return wanted
