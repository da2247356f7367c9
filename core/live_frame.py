"""The live frame: a JPEG of clean pixels whose overlay travels in the same file.

The worker writes `data/frames/CAM{id}.jpg` by atomic replace, so pixels and boxes always belong together; the
dashboard splits them again and the viewer draws. The overlay is compact UTF-8 JSON in one APP11 segment that
starts with `GSPE\\0`, behind the JFIF header:

    {"camera_id": 1, "sequence": 4711, "captured_at": "2026-11-22T03:04:05.678+00:00",
     "width": 1280, "height": 720,               pixels of the analysed frame (the JPEG may be smaller)
     "analysed_fps": 4.9,                        null before it is known
     "boxes": [{"xyxy": [0.1, 0.2, 0.3, 0.4],    left, top, right, bottom as fractions of the frame
                "track_id": 12,                  null for a face that no track took
                "employee_id": 3, "name": "Ana", null while unnamed
                "reason": "too_small",           a FaceRefusal or Unnamed code; null when named
                "score": 0.61,                   similarity when a template was compared, else null
                "candidate_id": 3, "candidate": "Ana", "margin": 0.04,
                                                 only while unnamed: who is most alike, and by how much more
                                                 than the next (null without one)
                "since": "2026-…"}],             first face of the track, null without one
     "boxes_dropped": 0}                         boxes left out because the segment was full
"""

import json
from typing import Any, NotRequired, TypedDict

SOI = b"\xff\xd8"
APP0 = 0xE0
APP11 = 0xEB
START_OF_SCAN = 0xDA
IDENTIFIER = b"GSPE\0"
SEGMENT_MAX_BYTES = 0xFFFF - 2 - len(IDENTIFIER)
"""Room for JSON: a segment's length field is 16 bits and counts itself."""


class OverlayBox(TypedDict):
    xyxy: list[float]
    track_id: int | None
    employee_id: int | None
    name: str | None
    reason: str | None
    score: float | None
    since: str | None
    candidate_id: NotRequired[int]
    candidate: NotRequired[str | None]
    margin: NotRequired[float | None]


class Overlay(TypedDict):
    camera_id: int
    sequence: int
    captured_at: str
    width: int
    height: int
    analysed_fps: float | None
    boxes: list[OverlayBox]
    boxes_dropped: NotRequired[int]


def embed_overlay(jpeg: bytes, overlay: Overlay) -> bytes:
    """The JPEG with the overlay in it; boxes that do not fit are dropped, the least important first.

    Raises ValueError when `jpeg` is not a JPEG.
    """
    position = _after_jfif_header(jpeg)
    payload = IDENTIFIER + _fitting_json(overlay)
    segment = bytes((0xFF, APP11)) + (len(payload) + 2).to_bytes(2, "big") + payload
    return jpeg[:position] + segment + jpeg[position:]


def split_overlay(jpeg: bytes) -> tuple[Overlay | None, bytes]:
    """The overlay, None where the file carries none, and the JPEG without it.

    Raises ValueError when `jpeg` is not a JPEG or its overlay cannot be read.
    """
    _require_jpeg(jpeg)
    position = len(SOI)
    while (segment := _segment_at(jpeg, position)) is not None:
        marker, end = segment
        if marker == APP11 and jpeg[position + 4 : end].startswith(IDENTIFIER):
            text = jpeg[position + 4 + len(IDENTIFIER) : end]
            return _parsed(text), jpeg[:position] + jpeg[end:]
        position = end
    return None, jpeg


def _require_jpeg(jpeg: bytes) -> None:
    if not jpeg.startswith(SOI):
        raise ValueError("the live frame is not a JPEG")


def _segment_at(jpeg: bytes, position: int) -> tuple[int, int] | None:
    """Marker and end of the header segment at `position`; None where picture data begin or the file ends."""
    head = jpeg[position : position + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] == START_OF_SCAN:
        return None
    end = position + 2 + int.from_bytes(head[2:4], "big")
    return (head[1], end) if end <= len(jpeg) else None


def _after_jfif_header(jpeg: bytes) -> int:
    _require_jpeg(jpeg)
    segment = _segment_at(jpeg, len(SOI))
    return segment[1] if segment is not None and segment[0] == APP0 else len(SOI)


def _parsed(text: bytes) -> Overlay:
    overlay: Any = json.loads(text)
    if (
        not isinstance(overlay, dict)
        or "captured_at" not in overlay
        or not isinstance(overlay.get("boxes"), list)
    ):
        raise ValueError("the live frame's overlay lacks captured_at or boxes")
    return overlay  # type: ignore[return-value]


def _fitting_json(overlay: Overlay) -> bytes:
    text = _compact(overlay)
    if len(text) <= SEGMENT_MAX_BYTES:
        return text
    kept = sorted(overlay["boxes"], key=_importance, reverse=True)
    total = len(kept)
    while kept and len(text) > SEGMENT_MAX_BYTES:
        kept = kept[: len(kept) * SEGMENT_MAX_BYTES // (len(text) + 1)]
        text = _compact({**overlay, "boxes": kept, "boxes_dropped": total - len(kept)})
    if len(text) > SEGMENT_MAX_BYTES:
        raise ValueError("the live frame's overlay does not fit into its segment even without boxes")
    return text


def _importance(box: OverlayBox) -> tuple[bool, bool, float]:
    """Named before unnamed, tracked before untracked, then the larger face."""
    left, top, right, bottom = box["xyxy"]
    return box["name"] is not None, box["track_id"] is not None, (right - left) * (bottom - top)


def _compact(overlay: Overlay) -> bytes:
    return json.dumps(overlay, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
