"""Mounts the editor of `editor.js` into a page."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core.domain.areas import MAX_POINTS, MIN_POINTS, Polygon
from core.settings import CameraSettings
from core.settings.areas import MAX_AREAS
from dashboard.widgets.words import Words

BUTTONS = ("draw", "rectangle", "finish", "point", "area", "undo", "save")
SENTENCES = (
    *BUTTONS,
    "toolbar",
    "preview",
    "kind",
    "privacy_masks",
    "zones",
    "no_picture",
    "hint_start",
    "hint_draw",
    "hint_edit",
    "unsaved",
    "remove",
    "left",
    "top",
)
FILLED = {
    "old": ("seconds",),
    "one_of_privacy_masks": ("number", "points"),
    "one_of_zones": ("number", "points"),
    "point_at": ("number", "area", "x", "y"),
    "point_number": ("number",),
    "remove_point": ("number",),
    "from_left": ("number",),
    "from_top": ("number",),
}
"""Sentences whose gaps the editor fills in."""

_FOLDER = Path(__file__).parent

_mount = st.components.v2.component(
    "gspe.areas",
    html=(_FOLDER / "editor.html").read_text(),
    css=(_FOLDER / "editor.css").read_text(),
    js=(_FOLDER / "editor.js").read_text(),
)


@dataclass(frozen=True)
class DrawnAreas:
    """What somebody drew and wants saved, over the file of this fingerprint."""

    privacy_masks: tuple[Polygon, ...]
    zones: tuple[Polygon, ...]
    fingerprint: str


def show_editor(settings: CameraSettings, fingerprint: str, words: Words) -> DrawnAreas | None:
    """The editor; what was drawn in the run in which its button for saving is pressed."""
    result = _mount(
        key=f"areas_{settings.id}",
        data={
            "picture_url": f"/api/camera-picture/{settings.id}",
            "fingerprint": fingerprint,
            "privacy_masks": settings.privacy_masks,
            "zones": settings.zones,
            "most_areas": MAX_AREAS,
            "fewest_points": MIN_POINTS,
            "most_points": MAX_POINTS,
            "strings": _strings(settings.name, words),
        },
        on_saved_change=lambda: None,
    )
    saved: dict[str, Any] | None = result.saved
    return DrawnAreas(saved["privacy_masks"], saved["zones"], saved["fingerprint"]) if saved else None


def _strings(camera: str, words: Words) -> dict[str, str]:
    plain = {name: words(f"camera_areas.{name}") for name in SENTENCES}
    filled = {
        name: words(f"camera_areas.{name}", **{gap: f"{{{gap}}}" for gap in gaps})
        for name, gaps in FILLED.items()
    }
    return {**plain, **filled, "picture": words("camera_areas.picture", camera=camera)}
