"""Whether a camera can be seen with given settings, before or after they are saved."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import cv2

from core.domain.states import CameraCause, CameraStatus
from core.settings import CameraSettings, Parameters
from worker.capture import CameraReader, ReaderStatus, reader_options
from worker.reader_set import STOP_S
from worker.sources import CapturedFrame, FrameSource, open_source

_CHECK_S = 0.2
_TRIAL_RATE = {"fps_target": 10.0, "frame_skip": 0}
"""A camera that is watched once a minute is not tested for minutes."""


@dataclass(frozen=True)
class CameraTrial:
    """What a trial showed. `result` is for worker_requests: JSON, codes and figures, no picture, no secret.

    result: ok, status, cause (null when ok), codec, width and height in pixels, fps (null where unknown),
    time_to_first_frame_s (null without a frame), frames. picture_jpeg: the newest frame.
    """

    result: dict[str, Any]
    picture_jpeg: bytes | None


def try_camera(
    camera: CameraSettings,
    parameters: Parameters,
    *,
    frames: int = 3,
    open_source: Callable[[CameraSettings, Parameters], FrameSource] = open_source,
) -> CameraTrial:
    """Reads up to `frames` pictures as the worker would; a fault ends the trial and is its result.

    Takes up to rtsp_open_timeout_s and the reader's grace for a call that hangs; a running reader of the same
    camera is left alone.
    """
    parameters = parameters.model_copy(update=_TRIAL_RATE)
    wake = threading.Event()
    options = replace(
        reader_options(camera, parameters), name=f"test of camera {camera.id}", frozen_after_s=None
    )
    reader = CameraReader(
        lambda: open_source(camera, parameters), options, wake, random_source=random.Random()
    )
    began_s = time.monotonic()
    reader.start()
    try:
        seen, status = _watch(reader, wake, frames)
    finally:
        reader.stop()
    if status.cause != CameraCause.STUCK:
        reader.join(STOP_S)
    first_s = seen[0][0] - began_s if seen else None
    return CameraTrial(_result(status, seen, first_s), _jpeg(seen[-1][1], parameters) if seen else None)


def _watch(
    reader: CameraReader, wake: threading.Event, frames: int
) -> tuple[list[tuple[float, CapturedFrame]], ReaderStatus]:
    """The frames seen, with the monotonic time of each, and the status in the end."""
    seen: list[tuple[float, CapturedFrame]] = []
    while True:
        wake.wait(_CHECK_S)
        wake.clear()
        reader.raise_failure()
        frame = reader.take()
        status = reader.status()
        over = status.status not in (CameraStatus.CONNECTING, CameraStatus.ONLINE)
        frame = frame or (reader.take() if over else None)  # one may have come just before the end
        if frame is not None:
            seen.append((time.monotonic(), frame))
        if len(seen) >= frames or over:
            return seen, status
        if reader.check_stuck(time.monotonic()):
            return seen, replace(status, status=CameraStatus.NO_FRAMES, cause=CameraCause.STUCK)


def _result(
    status: ReaderStatus, seen: list[tuple[float, CapturedFrame]], first_s: float | None
) -> dict[str, Any]:
    ended = status.cause == CameraCause.ENDED
    ok = bool(seen) and (status.status is CameraStatus.ONLINE or ended)
    info = status.info
    fps = (info.fps if info else None) or _measured_fps(seen)
    return {
        "ok": ok,
        "status": (CameraStatus.ONLINE if ok else status.status).value,
        "cause": None if ok else status.cause,
        "codec": info.codec if info else None,
        "width": info.width if info else None,
        "height": info.height if info else None,
        "fps": None if fps is None else round(fps, 2),
        "time_to_first_frame_s": None if first_s is None else round(first_s, 3),
        "frames": len(seen),
    }


def _measured_fps(seen: list[tuple[float, CapturedFrame]]) -> float | None:
    """Of a camera that does not tell its rate: the pictures it counted over the time they took."""
    if len(seen) < 2:
        return None
    first, last = seen[0][1], seen[-1][1]
    took_s = (last.captured_at - first.captured_at).total_seconds()
    return (last.sequence - first.sequence) / took_s if took_s > 0 else None


def _jpeg(frame: CapturedFrame, parameters: Parameters) -> bytes:
    height, width = frame.pixels.shape[:2]
    scale = min(1.0, parameters.stream_max_width / width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    pixels = cv2.resize(frame.pixels, size, interpolation=cv2.INTER_AREA) if scale < 1 else frame.pixels
    _, jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, parameters.jpeg_quality])
    return jpeg.tobytes()
