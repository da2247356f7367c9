"""What a test of a camera showed: its picture and figures, or precisely why there are none."""

from typing import Any

import streamlit as st

from core.domain.states import CameraStatus
from core.errors import GspeError
from core.storage import queries
from core.storage.asking import CameraTestAnswer
from core.storage.requests import read_request_photo
from dashboard import data
from dashboard.database import site_paths
from dashboard.refreshing import refreshing
from dashboard.widgets.markup import joined
from dashboard.widgets.troubleshooting import show_help
from dashboard.widgets.words import Words

REFRESH_S = 0.5


def show_trial(request_id: int, *, worker_down: bool, words: Words) -> None:
    """Looks again every half second until the answer is there."""
    request = data.ask(queries.request, request_id)
    waits = request is not None and request.finished_at is None
    refreshing(REFRESH_S if waits else None)(_show)(request_id, worker_down, words, waits)


def _show(request_id: int, worker_down: bool, words: Words, waited: bool) -> None:
    request = data.ask(queries.request, request_id)
    waits = request is not None and request.finished_at is None
    if waited and not waits:
        st.rerun()
    if waits:
        key = "cameras.trial_worker_down" if worker_down else "cameras.trial_running"
        st.info(words(key), icon=":material/hourglass_empty:")
    elif request is not None:
        show_result(request.result or {}, words)


def show_result(result: dict[str, Any], words: Words) -> None:
    if "status" not in result:
        code = str(result.get("code", "error"))
        st.error(words.first(f"cameras.trial.{code}", f"errors.{code}", "errors.error", **result))
        return
    answer = CameraTestAnswer(**result)
    if answer.status != CameraStatus.ONLINE:
        cause = words.first(f"camera.cause.{answer.cause}", f"camera.status.{answer.status}")
        st.error(cause, icon=":material/videocam_off:")
        show_help(answer.cause, words, "trial_help")
        return
    st.success(words("cameras.trial_works", figures=figures(answer, words)), icon=":material/videocam:")
    _picture(answer, words)


def figures(answer: CameraTestAnswer, words: Words) -> str:
    """Codec, size, rate and how long the first picture took, as far as they are known."""
    known = answer.width_px and answer.height_px
    size = words("units.size", width=answer.width_px, height=answer.height_px) if known else None
    rate = words("cameras.fps", value=words.number(answer.fps, 1)) if answer.fps else None
    first_s = answer.first_frame_s
    first = words("cameras.first_frame", value=words.number(first_s, 1)) if first_s is not None else None
    return joined(answer.codec, size, rate, first)


def _picture(answer: CameraTestAnswer, words: Words) -> None:
    if answer.picture is None:
        return
    try:
        st.image(read_request_photo(site_paths(), answer.picture), width=640)
    except GspeError:
        st.caption(words("cameras.trial_picture_gone"))
