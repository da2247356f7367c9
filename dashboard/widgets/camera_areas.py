"""Privacy masks and zones of a camera, drawn on its picture."""

import streamlit as st

from core.errors import GspeError, SettingsConflict
from dashboard import camera_commands
from dashboard.areas.editor import DrawnAreas, show_editor
from dashboard.camera_list import ListedCamera
from dashboard.widgets.page import show_error
from dashboard.widgets.words import Words

SAVED = "camera_areas_saved"


def show_areas(camera: ListedCamera, words: Words) -> None:
    assert camera.settings is not None
    assert camera.fingerprint is not None
    st.markdown(words("camera_areas.about"))
    if st.session_state.pop(SAVED, None) == camera.id:
        st.success(words("camera_areas.saved"), icon=":material/check_circle:")
    drawn = show_editor(camera.settings, camera.fingerprint, words)
    if drawn is not None and _save(camera.id, drawn, words):
        st.session_state[SAVED] = camera.id
        st.rerun()


def _save(camera_id: int, drawn: DrawnAreas, words: Words) -> bool:
    try:
        camera_commands.save_areas(camera_id, drawn.privacy_masks, drawn.zones, drawn.fingerprint)
    except SettingsConflict:
        st.error(words("camera_areas.conflict"), icon=":material/sync_problem:")
        return False
    except GspeError as error:
        show_error(words, error)
        return False
    return True
