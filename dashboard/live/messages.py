"""The wire format of the live WebSocket.

From the viewer, as JSON text: {"type": "start" | "switch", "camera": 1}, {"type": "stop"} and {"type":
"ack"}, one for each frame; without it no further frame is sent, so that a slow viewer gets fewer frames
instead of older ones. To the viewer, as JSON text: {"type": "error", "camera": 1, "code": …} and {"type":
"stopped"}. To the viewer, as binary: four bytes with the length of a JSON header (big-endian), the
header, the JPEG. Header: {"type": "frame", "camera", "age_s" (by the server's clock, when sent),
"overlay" (core.live_frame, or null)}.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.live_frame import Overlay
from dashboard.live.feed import LiveFrame

VIEWER_MESSAGES = ("start", "switch", "stop", "ack")

MAX_NUMBER = 999_999
"""Of a camera; beyond 64 bits the database could not even be asked."""


@dataclass(frozen=True)
class ViewerMessage:
    """What a viewer asks for; `camera_id` is set for start and switch."""

    type: str
    camera_id: int | None = None


def parse_viewer_message(text: str) -> ViewerMessage:
    """Raises ValueError for anything that is no message of a viewer."""
    content = _loads(text)
    if not isinstance(content, dict) or content.get("type") not in VIEWER_MESSAGES:
        raise ValueError("not a message of a live viewer")
    if content["type"] in ("stop", "ack"):
        return ViewerMessage(content["type"])
    camera_id = content.get("camera")
    if not isinstance(camera_id, int) or isinstance(camera_id, bool) or abs(camera_id) > MAX_NUMBER:
        raise ValueError("start and switch name a camera by its number")
    return ViewerMessage(content["type"], camera_id)


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("too deeply nested for a message of a viewer") from error


def error_message(camera_id: int | None, code: str) -> str:
    return json.dumps({"type": "error", "camera": camera_id, "code": code})


def stopped_message() -> str:
    return json.dumps({"type": "stopped"})


def frame_message(camera_id: int, frame: LiveFrame, overlay: Overlay | None, now: datetime) -> bytes:
    header = {
        "type": "frame",
        "camera": camera_id,
        "age_s": round(frame.age_s(now), 3),
        "overlay": overlay,
    }
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    return len(text).to_bytes(4, "big") + text + frame.jpeg
