"""Live frames for the dashboard: clean pixels and an overlay in one file, replaced atomically."""

import logging
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from core.domain.faces import Frame
from core.domain.identity import Match
from core.domain.recognition import Face
from core.errors import StorageError
from core.live_frame import Overlay, OverlayBox, embed_overlay
from core.paths import SitePaths
from core.settings import Parameters
from core.storage.files import write_atomically
from worker.pictures import jpeg, shrunk
from worker.pipeline import FrameAnalysis

log = logging.getLogger(__name__)

LEASE_S = 10.0
"""A viewer renews its lease well within this time."""

UNWATCHED_INTERVAL_S = 5.0
"""Without a viewer one frame in this many seconds is written."""

FPS_WINDOW = 20


@dataclass(slots=True)
class _Camera:
    written_at: float = float("-inf")
    frames: int = 0
    boxes: list[OverlayBox] = field(default_factory=list)
    captured: deque[datetime] = field(default_factory=lambda: deque(maxlen=FPS_WINDOW))


class LiveFrames:
    """Writes `data/frames/CAM{id}.jpg` for the cameras that somebody watches."""

    def __init__(self, paths: SitePaths) -> None:
        self._paths = paths
        self._cameras: dict[int, _Camera] = {}
        self._failing = False

    def show(self, analysis: FrameAnalysis, parameters: Parameters, names: dict[int, str]) -> None:
        """Publishes one analysed frame, if it is time to. On a full disk it is left out: it is no fact."""
        camera = self._cameras.setdefault(analysis.camera_id, _Camera())
        camera.captured.append(analysis.frame.captured_at)
        now = time.monotonic()
        if not self._watched(analysis.camera_id) and now - camera.written_at < UNWATCHED_INTERVAL_S:
            return
        if camera.frames % parameters.annotation_stride == 0:
            camera.boxes = overlay_boxes(analysis, names)
        camera.frames += 1
        camera.written_at = now
        pixels = shrunk_to_width(analysis, parameters.stream_max_width)
        overlay = self._overlay(analysis, camera)
        picture = embed_overlay(jpeg(pixels, parameters.jpeg_quality), overlay)
        self._write(analysis.camera_id, picture)

    def _write(self, camera_id: int, picture: bytes) -> None:
        try:
            write_atomically(self._paths.live_frame(camera_id), picture, durable=False)
        except StorageError as error:
            if not self._failing:
                log.error("no live pictures: %s", error)
            self._failing = True
        else:
            self._failing = False

    def analysed_fps(self, camera_id: int) -> float | None:
        """Frames a second over the latest analysed frames; None before there are two."""
        camera = self._cameras.get(camera_id)
        if camera is None or len(camera.captured) < 2:
            return None
        span_s = (camera.captured[-1] - camera.captured[0]).total_seconds()
        return round((len(camera.captured) - 1) / span_s, 2) if span_s > 0 else None

    def _watched(self, camera_id: int) -> bool:
        try:
            age_s = time.time() - self._paths.viewer_lease(camera_id).stat().st_mtime
        except FileNotFoundError:
            return False
        return age_s < LEASE_S

    def _overlay(self, analysis: FrameAnalysis, camera: _Camera) -> Overlay:
        height, width = analysis.frame.pixels.shape[:2]
        return {
            "camera_id": analysis.camera_id,
            "sequence": analysis.frame.sequence,
            "captured_at": analysis.frame.captured_at.isoformat(),
            "width": width,
            "height": height,
            "analysed_fps": self.analysed_fps(analysis.camera_id),
            "boxes": camera.boxes,
        }


def shrunk_to_width(analysis: FrameAnalysis, max_width_px: int) -> Frame:
    pixels = analysis.frame.pixels
    height, width = pixels.shape[:2]
    if width <= max_width_px:
        return pixels
    return shrunk(pixels, round(max(height, width) * max_width_px / width))


def overlay_boxes(analysis: FrameAnalysis, names: dict[int, str]) -> list[OverlayBox]:
    height, width = analysis.frame.pixels.shape[:2]
    return [_box(face, width, height, names) for face in analysis.faces]


def _box(face: Face, width: int, height: int, names: dict[int, str]) -> OverlayBox:
    left, top, right, bottom = (float(value) for value in face.box)
    reason = face.reason
    box: OverlayBox = {
        "xyxy": [round(value, 4) for value in (left / width, top / height, right / width, bottom / height)],
        "track_id": face.track.track_id,
        "employee_id": face.employee_id,
        "name": names.get(face.employee_id) if face.employee_id is not None else None,
        "reason": reason.value if reason is not None else None,
        "score": round(face.match.similarity, 3) if face.match is not None else None,
        "since": (face.since or face.track.first_seen_at).isoformat(),
    }
    if reason is not None and face.match is not None:
        _add_candidate(box, face.match, names)
    return box


def _add_candidate(box: OverlayBox, match: Match, names: dict[int, str]) -> None:
    """Who is most alike although it was not enough, for those who may know it."""
    if match.employee_id is None:
        return
    box["candidate_id"] = match.employee_id
    box["candidate"] = names.get(match.employee_id)
    runner_up = match.runner_up_similarity
    box["margin"] = None if runner_up is None else round(match.similarity - runner_up, 3)
