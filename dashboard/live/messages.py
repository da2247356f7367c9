"""The wire format of the live WebSocket: one connection a page, whatever number of cameras it shows.

From the viewer, as JSON text: {"type": "watch", "cameras": [1, 2]} (all that it wants from now on; those
that it watched before go on), {"type": "stop"}, {"type": "snapshot", "camera": 1} (it is about to keep the
picture it shows) and {"type": "ack", "camera": 1}, one for each frame; without it no further frame of that
camera is sent, so that a slow viewer gets fewer frames instead of older ones.

To the viewer, as JSON text: {"type": "error", "camera": 1, "code": …}, {"type": "stopped"},
{"type": "snapshot", "camera": 1, "code": null or why not} and, every two seconds,
{"type": "states", "worker_silent": false, "cameras": {"1": {"refusal", "status", "cause"}}}.
To the viewer, as binary: four bytes with the length of a JSON header (big-endian), the header, the JPEG.
Header: {"type": "frame", "camera", "age_s" (by the server's clock, when sent; null when unknown), "waited_s"
(since the acknowledgement of the frame before came in: what the viewer waited beyond it, the network took),
"overlay" (core.live_frame, or null)}.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from core.live_frame import Overlay
from dashboard.live.camera_states import CameraState
from dashboard.live.feed import LiveFrame

OF_A_CAMERA = ("ack", "snapshot")
VIEWER_MESSAGES = ("watch", "stop", *OF_A_CAMERA)

MAX_NUMBER = 999_999
"""Of a camera; beyond 64 bits the database could not even be asked."""
MAX_TILES = 16


@dataclass(frozen=True)
class ViewerMessage:
    """What a viewer asks for; `cameras` holds one number for what concerns one camera."""

    type: str
    cameras: tuple[int, ...] = ()


def parse_viewer_message(text: str) -> ViewerMessage:
    """Raises ValueError for anything that is no message of a viewer."""
    content = _loads(text)
    if not isinstance(content, dict) or content.get("type") not in VIEWER_MESSAGES:
        raise ValueError("not a message of a live viewer")
    kind = content["type"]
    if kind == "stop":
        return ViewerMessage(kind)
    return ViewerMessage(
        kind, _cameras([content.get("camera")] if kind in OF_A_CAMERA else content.get("cameras"))
    )


def _cameras(numbers: object) -> tuple[int, ...]:
    if (
        not isinstance(numbers, list)
        or not 1 <= len(numbers) <= MAX_TILES
        or not all(map(_is_number, numbers))
    ):
        raise ValueError("a camera is named by its number")
    return tuple(dict.fromkeys(numbers))


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_NUMBER


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("too deeply nested for a message of a viewer") from error


def error_message(camera_id: int | None, code: str) -> str:
    return json.dumps({"type": "error", "camera": camera_id, "code": code})


def stopped_message() -> str:
    return json.dumps({"type": "stopped"})


def snapshot_message(camera_id: int, code: str | None) -> str:
    """`code` None: its view is noted, the picture may be kept."""
    return json.dumps({"type": "snapshot", "camera": camera_id, "code": code})


def states_message(states: Mapping[int, CameraState], *, worker_silent: bool) -> str:
    cameras = {str(camera_id): asdict(state) for camera_id, state in states.items()}
    return json.dumps({"type": "states", "worker_silent": worker_silent, "cameras": cameras})


@dataclass(frozen=True)
class SentFrame:
    """A frame as one viewer gets it: `overlay` as he may see it."""

    camera_id: int
    frame: LiveFrame
    overlay: Overlay | None
    waited_s: float


def frame_message(sent: SentFrame, now: datetime) -> bytes:
    age_s = sent.frame.age_s(now)
    header = {
        "type": "frame",
        "camera": sent.camera_id,
        "age_s": None if age_s is None else round(age_s, 3),
        "waited_s": round(sent.waited_s, 3),
        "overlay": sent.overlay,
    }
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    return len(text).to_bytes(4, "big") + text + sent.frame.jpeg
