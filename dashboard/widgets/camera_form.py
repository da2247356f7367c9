"""The form of one camera, with a test of what is typed before anything is saved."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import streamlit as st

from core.errors import GspeError, SettingsConflict, SettingsError
from core.settings import CameraSettings, Parameters
from dashboard import commands, data
from dashboard.camera_address import Credentials, compose, has_credentials
from dashboard.camera_list import ListedCamera, next_free_id, next_position
from dashboard.widgets.address_by_make import show_address_by_make
from dashboard.widgets.camera_overrides import show_overrides
from dashboard.widgets.camera_trial import show_trial
from dashboard.widgets.page import show_error
from dashboard.widgets.words import Words

TRIAL = "camera_trial"
READ = "camera_read"
"""Which form, and the fingerprint of what its reader saw at first; the browser's back changes both."""
SITE_DEFAULT = ""
PROTOCOLS = (SITE_DEFAULT, "tcp", "udp")


@dataclass(frozen=True)
class Typed:
    """What the form holds when one of its buttons is pressed."""

    id: int
    name: str
    location: str
    address: str
    credentials: Credentials
    rtsp_protocol: str
    enabled: bool
    overrides: dict[str, Any]
    """By parameter; None: as the site."""

    def settings(self, stored: CameraSettings | None) -> CameraSettings:
        """Whatever the form does not show stays as it was stored.

        Raises SettingsError, also for values that do not go with the site's.
        """
        url = compose(self.address, self.credentials, stored.rtsp_url.get_secret_value() if stored else None)
        values: dict[str, Any] = stored.as_json() if stored else {"position": next_position()}
        values |= {"id": self.id, "name": self.name, "location": self.location}
        values |= {"rtsp_url": url, "enabled": self.enabled, "rtsp_protocol": self.rtsp_protocol or None}
        values |= self.overrides
        settings = CameraSettings.parse(values)
        _site().for_camera(settings)
        return settings


def forget_form() -> None:
    """For the page, when another form opens."""
    for key in (TRIAL, READ):
        st.session_state.pop(key, None)


def show_form(camera: ListedCamera | None, words: Words) -> bool:
    """The form of a camera, or of a new one. Whether it was saved in this run."""
    stored = camera.settings if camera else None
    key = str(camera.id) if camera else "new"
    if st.session_state.get(READ, ("",))[0] != key:
        st.session_state[READ] = (key, camera.fingerprint if camera else None)
    show_address_by_make(f"cam_address_{key}", key, words, opened=camera is None)
    with st.form(f"camera_{key}"):
        typed = _fields(camera, stored, words, key)
        with st.container(horizontal=True):
            test = st.form_submit_button(words("cameras.test"), icon=":material/play_circle:")
            save = st.form_submit_button(words("units.save"), type="primary", icon=":material/save:")
    if test or save:
        st.session_state.pop(TRIAL, None)  # its verdict was about what stood here before
    try:
        if test:
            request_id = commands.test_camera(typed.settings(stored))
            st.session_state[TRIAL] = (key, typed.address, request_id, datetime.now(UTC))
        if save:
            return _save(typed.settings(stored), camera, words)
    except GspeError as error:
        show_error(words, error)
    _trial(key, words)
    return False


def _fields(camera: ListedCamera | None, stored: CameraSettings | None, words: Words, key: str) -> Typed:
    number, name, location = st.columns([1, 3, 3])
    camera_id = number.number_input(
        words("cameras.field.id"),
        1,
        commands.MAX_CAMERA_ID,
        camera.id if camera else next_free_id(os.environ),
        disabled=camera is not None,
        key=f"cam_id_{key}",
    )
    named = name.text_input(
        words("cameras.field.name"), camera.name if camera else "", key=f"cam_name_{key}", max_chars=80
    )
    place = location.text_input(
        words("cameras.field.location"),
        stored.location if stored else "",
        key=f"cam_location_{key}",
        max_chars=120,
    )
    st.session_state.setdefault(f"cam_address_{key}", stored.display_url if stored else "")
    address = st.text_input(
        words("cameras.field.address"),
        key=f"cam_address_{key}",
        placeholder="rtsp://192.168.1.64:554/stream1",
        help=words("cameras.field.address_help"),
    )
    credentials = _credentials(stored, words, key)
    protocol, enabled = _options(stored, words, key)
    overrides = show_overrides(stored, _site(), words, key)
    return Typed(
        int(camera_id), named or "", place or "", address or "", credentials, protocol, enabled, overrides
    )


def _site() -> Parameters:
    """The site's values, for the fields that show them; the defaults while the file cannot be used."""
    try:
        return data.settings_store().load_parameters().value
    except SettingsError:
        return Parameters()


def _credentials(stored: CameraSettings | None, words: Words, key: str) -> Credentials:
    """What is stored is never shown; empty fields keep it."""
    kept = stored is not None and has_credentials(stored.rtsp_url.get_secret_value())
    hint = words("cameras.field.kept") if kept else ""
    left, right = st.columns(2)
    user = left.text_input(
        words("cameras.field.user"), key=f"cam_user_{key}", placeholder=hint, autocomplete="off"
    )
    password = right.text_input(
        words("cameras.field.password"),
        type="password",
        key=f"cam_password_{key}",
        placeholder=hint,
        autocomplete="new-password",
    )
    none = st.checkbox(words("cameras.field.no_credentials"), key=f"cam_open_{key}") if kept else False
    return Credentials(user or "", password or "", none)


def _options(stored: CameraSettings | None, words: Words, key: str) -> tuple[str, bool]:
    left, right = st.columns(2, vertical_alignment="bottom")
    chosen = (stored.rtsp_protocol if stored else None) or SITE_DEFAULT
    protocol = left.selectbox(
        words("cameras.field.rtsp_protocol"),
        PROTOCOLS,
        index=PROTOCOLS.index(chosen),
        format_func=lambda code: words(f"cameras.protocol.{code or 'site'}"),
        key=f"cam_protocol_{key}",
    )
    enabled = right.toggle(
        words("cameras.field.enabled"), stored.enabled if stored else True, key=f"cam_enabled_{key}"
    )
    return protocol, enabled


def _save(settings: CameraSettings, camera: ListedCamera | None, words: Words) -> bool:
    try:
        ended_demo = commands.save_camera(settings, st.session_state[READ][1])
    except SettingsConflict:
        st.error(_conflict(camera, words), icon=":material/sync_problem:")
        st.session_state[READ] = (st.session_state[READ][0], camera.fingerprint if camera else None)
        return False
    said = "cameras.demo_ends" if ended_demo else "cameras.saved"
    st.session_state["camera_done"] = words(said, name=settings.name)
    return True


def _conflict(camera: ListedCamera | None, words: Words) -> str:
    """Says what the other person saved, so that saving again is a choice."""
    now = camera.settings if camera else None
    if now is None:
        return words("cameras.id_taken")
    return words("cameras.conflict", name=now.name, location=now.location, address=now.display_url)


def _trial(key: str, words: Words) -> None:
    if TRIAL not in st.session_state:
        return
    tried, address, request_id, asked_at = st.session_state[TRIAL]
    same = (tried, address) == (key, st.session_state[f"cam_address_{key}"])
    if same and datetime.now(UTC) - asked_at < timedelta(hours=1):
        worker_down = data.worker_is_silent(datetime.now(UTC))
        show_trial(request_id, worker_down=worker_down, words=words)
