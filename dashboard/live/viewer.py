"""Mounts the wall of `viewer.js` into a page."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from core.domain.states import CameraCause, CameraStatus, FaceRefusal, Unnamed
from dashboard.live.sight import REDACTED
from dashboard.live.wall import ONE, Plan
from dashboard.widgets.words import Words

OLD_AFTER_S = 3
"""From this age on a picture is greyed and says so."""
ERRORS = ("no_frame", "unreadable_frame", "unknown_camera", "camera_disabled", "signed_out", "unknown")
REASONS = (*FaceRefusal, *Unnamed, REDACTED)
DOES = ("open", "earlier", "later", "snapshot", "full")
EVENTS = ("open", "earlier", "later")
"""What a tile's buttons ask of the page; the others it does itself."""
KEY = "live"

_FOLDER = Path(__file__).parent
_SCRIPTS = ("boxes.js", "tile.js", "viewer.js")

_mount = st.components.v2.component(
    "gspe.live",
    html=(_FOLDER / "viewer.html").read_text(),
    css=(_FOLDER / "viewer.css").read_text(),
    js="\n".join((_FOLDER / name).read_text() for name in _SCRIPTS),
)


def show_wall(
    plan: Plan, names: Mapping[int, str], words: Words, on_event: Callable[[str, int], None]
) -> None:
    """The live pictures. `on_event` gets one of EVENTS and the camera whose button was used."""
    data = {
        "size": plan.size,
        "alone": plan.size == ONE,
        "tiles": [None if tile is None else {"camera": tile, "name": names[tile]} for tile in plan.tiles],
        "language": words.language,
        "zone": words.zone.key,
        "old_after_s": OLD_AFTER_S,
        "strings": _strings(words),
    }
    callbacks: dict[str, Any] = {f"on_{event}_change": partial(_pass_on, event, on_event) for event in EVENTS}
    _mount(key=KEY, data=data, **callbacks)


def _pass_on(event: str, on_event: Callable[[str, int], None]) -> None:
    camera_id = st.session_state[KEY].get(event)
    if isinstance(camera_id, int):
        on_event(event, camera_id)


def _strings(words: Words) -> dict[str, Any]:
    """Sentences with the places that the viewer fills in itself."""
    camera, n = "{camera}", "{n}"
    return {
        "age": words("live.age", seconds=n),
        "age_minutes": words("wall.age_minutes", count=n),
        "age_hours": words("wall.age_hours", count=n),
        "age_days": words("wall.age_days", count=n),
        "age_unknown": words("wall.age_unknown"),
        "fps": words("wall.fps", number=n),
        "fps_help": words("wall.fps_help"),
        "live": words("wall.live"),
        "old": words("wall.old"),
        "paused": words("wall.paused"),
        "connecting": words("live.connecting"),
        "reconnecting": words("live.reconnecting"),
        "worker_silent": words("live.ai_off"),
        "empty": words("wall.empty"),
        "full_wall": words("wall.full_wall"),
        "snapshot_refused": words("wall.snapshot_refused"),
        "picture_of": words("live.picture_of", camera=camera),
        "candidate": words(
            "wall.candidate", reason="{reason}", name="{name}", score="{score}", margin="{margin}"
        ),
        "candidate_only": words("wall.candidate_only", reason="{reason}", name="{name}", score="{score}"),
        "does": {code: words(f"wall.does.{code}", camera=camera) for code in DOES},
        "errors": {code: words(f"live.error.{code}") for code in ERRORS},
        "reasons": {str(code): words(f"live.reason.{code}") for code in REASONS},
        "statuses": {str(code): words(f"camera.status.{code}") for code in CameraStatus},
        "causes": {str(code): words(f"camera.cause.{code}") for code in CameraCause},
    }
