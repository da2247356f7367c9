"""What is measured of each camera beside its facts: how old frames get, and what its faces look like."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from core.domain.placement import FaceStats, MeasuredFace
from core.domain.recognition import Face
from core.settings import CameraSettings
from worker.pipeline import FrameAnalysis

FACES = 300
"""At 5 frames a second, a minute of one person: several people walking past."""
AGES = 200
AGE_PERCENTILE = 95
EVERY_S = 3.0
"""The columns are worked out no oftener."""


@dataclass(slots=True)
class _Camera:
    looks_at: tuple[object, ...]
    faces: deque[MeasuredFace] = field(default_factory=lambda: deque(maxlen=FACES))
    ages_s: deque[float] = field(default_factory=lambda: deque(maxlen=AGES))
    columns: dict[str, Any] = field(default_factory=dict)
    worked_out_s: float = float("-inf")


class CameraFigures:
    """Ring buffers for each camera; one thread."""

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._monotonic_s = monotonic_s
        self._cameras: dict[int, _Camera] = {}

    def apply(self, cameras: Mapping[int, CameraSettings]) -> None:
        """Begins anew with a camera that looks at something else, and forgets those that are gone."""
        kept = {}
        for camera_id, camera in cameras.items():
            looks_at = (camera.rtsp_url, camera.privacy_masks, camera.zones)
            known = self._cameras.get(camera_id)
            if known is not None and known.looks_at == looks_at:
                kept[camera_id] = known
            else:
                empty: dict[str, Any] = {"frame_age_ms": None, "face_stats": {}} if known else {}
                kept[camera_id] = _Camera(looks_at, columns=empty)
        self._cameras = kept

    def published(self, analysis: FrameAnalysis, now: datetime) -> None:
        """Takes in one analysed frame at the moment when others can see what it showed."""
        camera = self._cameras.get(analysis.camera_id)
        if camera is None:
            return
        camera.ages_s.append((now - analysis.frame.captured_at).total_seconds())
        camera.faces.extend(map(_measured, analysis.faces))

    def columns(self, camera_id: int) -> dict[str, Any]:
        """Of the table `cameras`; nothing before there is anything to say: the row keeps what it has."""
        camera = self._cameras.get(camera_id)
        if camera is None:
            return {}
        now_s = self._monotonic_s()
        if now_s - camera.worked_out_s >= EVERY_S:
            camera.worked_out_s = now_s
            camera.columns |= _columns(camera)
        return camera.columns


def _columns(camera: _Camera) -> dict[str, Any]:
    worked_out: dict[str, Any] = {}
    if camera.ages_s:
        age_s = float(np.percentile(np.array(camera.ages_s), AGE_PERCENTILE))
        worked_out["frame_age_ms"] = round(age_s * 1000, 1)
    if camera.faces:
        worked_out["face_stats"] = FaceStats.of(camera.faces).as_json()
    return worked_out


def _measured(face: Face) -> MeasuredFace:
    quality = face.quality
    return MeasuredFace(quality.face_px, quality.sharpness, quality.brightness, face.refusal)
