"""Live frames as the worker writes them, for tests of the viewer's side."""

import io
from datetime import datetime
from typing import cast

from PIL import Image, ImageDraw

from core.live_frame import Overlay, OverlayBox, embed_overlay
from core.paths import SitePaths

CELL_PX = 40
BITS = 12
WIDTH_PX, HEIGHT_PX = 640, 480
COLOURS = ((90, 90, 90), (20, 40, 160), (160, 40, 20), (30, 110, 50))
"""By the camera's number, modulo four."""


def named_box(employee_id: int, name: str) -> OverlayBox:
    return {
        "xyxy": [0.25, 0.25, 0.5, 0.75],
        "track_id": 1,
        "employee_id": employee_id,
        "name": name,
        "reason": None,
        "score": 0.71,
        "since": None,
    }


def unnamed_box(reason: str) -> OverlayBox:
    return {
        "xyxy": [0.625, 0.25, 0.75, 0.5],
        "track_id": 2,
        "employee_id": None,
        "name": None,
        "reason": reason,
        "score": None,
        "since": None,
    }


def candidate_of(employee_id: int, name: str, score: float, margin: float) -> OverlayBox:
    """What the worker adds to the box of an unnamed face; merge it over one."""
    parts = {"candidate_id": employee_id, "candidate": name, "score": score, "margin": margin}
    return cast("OverlayBox", parts)


def overlay(camera_id: int, sequence: int, captured_at: datetime, boxes: list[OverlayBox]) -> Overlay:
    return {
        "camera_id": camera_id,
        "sequence": sequence,
        "captured_at": captured_at.isoformat(),
        "width": WIDTH_PX,
        "height": HEIGHT_PX,
        "analysed_fps": 5.0,
        "boxes": boxes,
    }


def write_frame(paths: SitePaths, content: Overlay) -> bytes:
    """Replaces the camera's live file as the worker does; the picture shows camera and sequence as cells."""
    jpeg = numbered_jpeg(content["camera_id"], content["sequence"])
    target = paths.live_frame(content["camera_id"])
    temporary = target.with_suffix(".tmp")
    temporary.write_bytes(embed_overlay(jpeg, content))
    temporary.rename(target)
    return jpeg


def numbered_jpeg(camera_id: int, sequence: int) -> bytes:
    """Four cameras differ in colour; a row of black and white cells below counts the sequence in bits."""
    picture = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), COLOURS[camera_id % 4])
    draw = ImageDraw.Draw(picture)
    for bit in range(BITS):
        shade = 255 if sequence >> bit & 1 else 0
        left = bit * CELL_PX
        draw.rectangle((left, HEIGHT_PX - CELL_PX, left + CELL_PX - 1, HEIGHT_PX), fill=(shade,) * 3)
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=80)
    return content.getvalue()
