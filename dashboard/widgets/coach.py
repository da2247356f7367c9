"""The enrolment coach: which way to look next, and three ways to take the photo."""

from collections.abc import Collection
from urllib.parse import urlsplit

import streamlit as st

from core.domain.states import Pose
from core.errors import GspeError
from core.storage import queries
from core.storage.asking import CapturePayload
from core.storage.rows import EmployeeRow
from dashboard import data
from dashboard.enrolment_commands import Shot
from dashboard.live.viewer import show_wall
from dashboard.live.wall import ONE, Plan
from dashboard.uploads import MAX_UPLOAD_MB
from dashboard.widgets.coach_drawing import head_image
from dashboard.widgets.page import show_error
from dashboard.widgets.photo_answers import ROUND
from dashboard.widgets.sending import Refusal, send_capture, send_photo
from dashboard.widgets.words import Words

BROWSER, UPLOAD, SITE_CAMERA = "browser", "upload", "site_camera"
WAYS = {BROWSER: ":material/photo_camera:", UPLOAD: ":material/upload:", SITE_CAMERA: ":material/videocam:"}
POSE, WAY, MIRROR, SHOT, REFUSED = "coach_pose", "coach_way", "coach_mirror", "coach_shot", "coach_refused"
FILE_TYPES = ["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff"]
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
"""Browsers lend their camera to these also without encryption."""


def show_coach(employee: EmployeeRow, done: Collection[Pose], words: Words) -> None:
    """`done`: the poses of the templates in use."""
    guide, camera = st.columns([1, 1.7], gap="large")
    with camera:
        way = st.segmented_control(
            words("coach.way"),
            list(WAYS),
            default=BROWSER,
            required=True,
            wrap=True,
            format_func=lambda code: f"{WAYS[code]} {words(f'coach.way.{code}')}",
            key=WAY,
            width="stretch",
        )
    with guide:
        pose = _guide(employee, done, str(way), words)
    with camera:
        {BROWSER: _browser_camera, UPLOAD: _upload, SITE_CAMERA: _site_camera}[str(way)](
            employee, pose, words
        )


def next_pose(done: Collection[Pose], asked: Pose | None) -> Pose:
    """The first pose after the one asked last that is not done yet; the last one asked when all are."""
    poses = list(Pose)
    first = 0 if asked is None else poses.index(asked)
    open_ones = [pose for pose in (*poses[first:], *poses[:first]) if pose not in done]
    return open_ones[0] if open_ones else asked or Pose.FRONT


def is_secure(url: str | None) -> bool:
    """Whether a browser lends its camera to the page at this address."""
    address = urlsplit(url or "")
    host = address.hostname or ""
    return address.scheme == "https" or host in LOCAL_HOSTS or host.endswith(".localhost")


def _guide(employee: EmployeeRow, done: Collection[Pose], way: str, words: Words) -> Pose:
    """Shows what is done and what is next; returns what to ask for, which the reader may change."""
    key, before = f"{POSE}_{employee.id}", f"{POSE}_done_{employee.id}"
    if key not in st.session_state or set(done) != st.session_state.get(before):
        st.session_state[key] = next_pose(done, st.session_state.get(key))
        st.session_state[before] = set(done)
    st.markdown(words("coach.progress", done=words.number(len(set(done))), all=words.number(len(Pose))))
    pose = st.pills(
        words("coach.which_pose"),
        list(Pose),
        required=True,
        wrap=True,
        format_func=lambda one: f"{_mark(one in done)} {words(f'coach.pose.{one}')}",
        key=key,
    )
    assert pose is not None
    _show_turn(pose, way, words)
    if len(set(done)) == len(Pose):
        st.success(words("coach.all_done"), icon=":material/task_alt:")
    else:
        st.caption(words("coach.enough" if Pose.FRONT in done else "coach.front_first"))
    return pose


def _mark(done: bool) -> str:
    return ":material/check_circle:" if done else ":material/radio_button_unchecked:"


def _show_turn(pose: Pose, way: str, words: Words) -> None:
    mirrored = way == BROWSER and st.session_state.get(MIRROR, True)
    side = "mirror" if mirrored else "picture"
    hint = words.first(f"coach.where.{side}.{pose}", f"coach.hint.{pose}")
    label = words(f"coach.do.{pose}")
    st.html(
        f'<div class="gspe-turn">{head_image(pose, label, mirrored=mirrored)}'
        f"<div><b>{label}</b><span>{hint}</span></div></div>"
    )


def _browser_camera(employee: EmployeeRow, pose: Pose, words: Words) -> None:
    """Each answer gives the camera a new key, so that it shows the person again by itself."""
    if not is_secure(st.context.url):
        host = urlsplit(st.context.url or "").netloc
        st.warning(words("coach.not_secure", host=host), icon=":material/no_encryption:")
        return
    st.caption(words("coach.browser_buttons"))
    key = f"{SHOT}_{employee.id}_{st.session_state.get(ROUND, 0)}"
    with st.container(key="coach_mirrored" if st.session_state.get(MIRROR, True) else "coach_plain"):
        picture = st.camera_input(words("coach.take_browser"), resolution="720p", key=key)
    st.toggle(words("coach.mirror"), value=True, key=MIRROR, help=words("coach.mirror_help"))
    if picture is not None and st.session_state.get(SHOT) != key:
        st.session_state[SHOT] = key
        shot = Shot(words("coach.source.browser"), picture.getvalue(), BROWSER, pose)
        _show_refused([send_photo(employee.id, shot, words)])


def _upload(employee: EmployeeRow, pose: Pose, words: Words) -> None:
    """Nobody turns for a photo that exists already: each shows what it shows."""
    with st.form("photos", clear_on_submit=True):
        files = st.file_uploader(
            words("employees.upload"),
            type=FILE_TYPES,
            accept_multiple_files=True,
            max_upload_size=MAX_UPLOAD_MB,
            help=words("employees.upload_help"),
            key="photos_files",
        )
        if st.form_submit_button(words("employees.upload_send"), type="primary", icon=":material/upload:"):
            sent = [send_photo(employee.id, Shot(file.name, file.getvalue()), words) for file in files]
            st.session_state[REFUSED] = [refusal for refusal in sent if refusal]
            if not files:
                st.warning(words("employees.upload_nothing"))
    _show_refused(st.session_state.get(REFUSED, ()))


def _site_camera(employee: EmployeeRow, pose: Pose, words: Words) -> None:
    cameras = {row.id: row for row in data.ask(queries.cameras) if row.enabled}
    if not cameras:
        st.info(words("coach.no_camera"), icon=":material/videocam_off:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        camera_id = st.selectbox(
            words("coach.camera"),
            list(cameras),
            format_func=lambda one: cameras[one].name,
            key="coach_camera",
            width="stretch",
        )
        take = st.button(
            words("coach.take_it"),
            type="primary",
            icon=":material/camera:",
            key="coach_take",
            width="content",
        )
    _live_picture(camera_id, cameras[camera_id].name, words)
    st.caption(words("coach.site_camera_hint"))
    if take:
        try:
            send_capture(CapturePayload(employee.id, camera_id, pose))
        except GspeError as error:
            show_error(words, error)


def _live_picture(camera_id: int, name: str, words: Words) -> None:
    show_wall(Plan(ONE, (camera_id,)), {camera_id: name}, words, lambda _event, _camera_id: None)


def _show_refused(refused: Collection[Refusal | None]) -> None:
    for refusal in filter(None, refused):
        st.error(f"{refusal.file_name} · {refusal.sentence}", icon=":material/hide_image:")
