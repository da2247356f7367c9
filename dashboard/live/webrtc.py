"""One camera as a WebRTC video stream, for who chose it: the same frames, with their boxes drawn here.

Libraries for video are loaded only when somebody chooses it.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import streamlit as st

from core.storage.rows import CameraRow
from dashboard.auth import SESSION_COOKIE
from dashboard.live.drawn_camera import DrawnCamera
from dashboard.refreshing import refreshing
from dashboard.widgets.words import Words

if TYPE_CHECKING:
    from streamlit_webrtc import VideoSourceTrack

logger = logging.getLogger(__name__)

for _library in ("streamlit_webrtc", "aioice", "aiortc"):
    logging.getLogger(_library).setLevel(logging.WARNING)  # else every address of every viewer is in the log

FPS = 10
PATIENCE_S = 9.0
"""A stream that does not play by then is given up; a second later the component says something of its own."""
LOOK_S = 2.0
OPENING = "webrtc_opening"

_numbers = count(1)


@dataclass
class Opening:
    """One attempt to show one camera.

    Each has a component of its own: the component answers an offer that it made for an earlier attempt too.
    """

    camera_id: int
    track: "VideoSourceTrack"
    key: str = field(default_factory=lambda: f"webrtc_{next(_numbers)}")
    asked_at_s: float | None = None
    played: bool = False
    failed: bool = False

    def is_late(self) -> bool:
        if self.asked_at_s is None or self.played:
            return False
        return time.monotonic() - self.asked_at_s > PATIENCE_S


def show_webrtc(camera: CameraRow, words: Words, instead: Callable[[], None]) -> None:
    """The camera's picture as video. It ends with the page, the session or another choice.

    Where it cannot be had a sentence says so, with another attempt and `instead`.
    """
    opening = st.session_state.get(OPENING)
    if opening is None or opening.camera_id != camera.id:
        close_webrtc()
        opening = st.session_state[OPENING] = _opened(camera, words)
    if not opening.failed:
        _stream(opening, words)
    if opening.failed:
        _say_failure(words, instead)
    else:
        _wait_for(opening)


def close_webrtc() -> None:
    """Ends the stream, if there is one."""
    if opening := st.session_state.pop(OPENING, None):
        opening.track.stop()  # the component's own state stays: its last message may be on the way


def _opened(camera: CameraRow, words: Words) -> Opening:
    from streamlit_webrtc import VideoSourceTrack  # noqa: PLC0415

    source = DrawnCamera(camera.id, camera.name, st.context.cookies.get(SESSION_COOKIE), words)
    return Opening(camera.id, VideoSourceTrack(source.frame, FPS))


def _stream(opening: Opening, words: Words) -> None:
    from aiortc.exceptions import InvalidAccessError, InvalidStateError, OperationError  # noqa: PLC0415
    from streamlit_webrtc import WebRtcMode, webrtc_streamer  # noqa: PLC0415
    from streamlit_webrtc.component import generate_frontend_component_key  # noqa: PLC0415
    from streamlit_webrtc.webrtc import SignallingTimeoutError  # noqa: PLC0415

    # Asked to play before it stands, the component may begin twice and refuse the answer to its first offer.
    stands = generate_frontend_component_key(opening.key) in st.session_state
    if stands and opening.asked_at_s is None:
        opening.asked_at_s = time.monotonic()
    try:
        webrtc_streamer(
            key=opening.key,
            mode=WebRtcMode.RECVONLY,
            source_video_track=opening.track,
            # No server of somebody else's is asked: browser and dashboard see each other directly.
            rtc_configuration={"iceServers": []},
            media_stream_constraints={"video": True, "audio": False},
            desired_playing_state=stands,
            video_html_attrs={"autoPlay": True, "controls": False, "muted": True, "style": {"width": "100%"}},
            translations={"start": words("wall.webrtc_start"), "stop": words("wall.webrtc_stop")},
            on_change=partial(_follow, opening),
        )
    except (SignallingTimeoutError, InvalidAccessError, InvalidStateError, OperationError, OSError) as error:
        logger.warning("WebRTC stream of camera %s is not answered: %s", opening.camera_id, error)
        opening.failed = True


def _follow(opening: Opening) -> None:
    """What the component says of itself: it plays, or it has stopped, which nobody asked it to."""
    if st.session_state.get(OPENING) is not opening:
        return
    state = st.session_state[opening.key].state
    if state.playing:
        opening.played = True
    elif not state.signalling and opening.played:
        close_webrtc()  # the connection broke: the next run opens another
    elif not state.signalling:
        opening.failed = True


@refreshing(LOOK_S)
def _wait_for(opening: Opening) -> None:
    if opening.is_late():
        logger.warning("WebRTC stream of camera %s does not begin to play", opening.camera_id)
        opening.failed = True
        st.rerun()


def _say_failure(words: Words, instead: Callable[[], None]) -> None:
    st.error(words("wall.webrtc_failed"), icon=":material/videocam_off:")
    with st.container(horizontal=True):
        st.button(words("wall.webrtc_instead"), icon=":material/videocam:", type="primary", on_click=instead)
        st.button(words("wall.webrtc_again"), icon=":material/refresh:", on_click=close_webrtc)
