"""Mounts the viewer of `viewer.js` into a page."""

from pathlib import Path

import streamlit as st

from core.domain.states import FaceRefusal, Unnamed
from dashboard.live.socket import REDACTED
from dashboard.widgets.words import Words

OLD_AFTER_S = 3
"""From this age on a picture is greyed and says so."""
ERRORS = ("no_frame", "unreadable_frame", "unknown_camera", "camera_disabled", "signed_out", "unknown")
REASONS = (*FaceRefusal, *Unnamed, REDACTED)

_FOLDER = Path(__file__).parent

_mount = st.components.v2.component(
    "gspe.live",
    html=(_FOLDER / "viewer.html").read_text(),
    css=(_FOLDER / "viewer.css").read_text(),
    js=(_FOLDER / "viewer.js").read_text(),
)


def show_live(camera_id: int, camera_name: str, words: Words) -> None:
    """The camera's live picture; another camera at a later rerun switches without a new connection."""
    seconds = "{seconds}"  # the viewer fills it in
    _mount(
        key="live",
        data={
            "camera": camera_id,
            "label": words("live.picture_of", camera=camera_name),
            "language": words.language,
            "old_after_s": OLD_AFTER_S,
            "strings": {
                "age": words("live.age", seconds=seconds),
                "old": words("live.old", seconds=seconds),
                "connecting": words("live.connecting"),
                "reconnecting": words("live.reconnecting"),
                "errors": {code: words(f"live.error.{code}") for code in ERRORS},
                "reasons": {str(code): words(f"live.reason.{code}") for code in REASONS},
            },
        },
    )
