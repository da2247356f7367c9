"""Recordings of real people, composed of the photos in `tests.faces`; made when a test runs, never kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks.scene_clip import photo_portrait
from core.domain.faces import Frame
from tests import faces
from worker import demo_faces
from worker.sources.scene import Portrait, ScriptedVisit, Stage, draw, make_stage

WIDTH_PX, HEIGHT_PX = 640, 360
FACE_PX = 100.0

FACES = {
    "obama.jpg": (368, 86, 619, 433),
    "obama2.jpg": (200, 238, 482, 640),
    "biden.jpg": (428, 158, 716, 572),
}
"""Left, top, right, bottom of the face in pixels of the photo."""
MARGIN = 0.25
"""Of the face's width and height, on each side."""


GREY_SHIRT = "grey shirt"
"""Instead of a photo: a third man, whom the demo shows too."""


@dataclass(frozen=True)
class Stay:
    """`photo` is in the picture from start_s to end_s, `x` of the way across it."""

    photo: str
    start_s: float
    end_s: float
    x: float


def face_clip(path: Path, seconds: float, stays: Sequence[Stay], *, fps: int = 5) -> Path:
    """Writes H.264; the suffix chooses the container, `.h264` being what the tests' RTSP server takes."""
    script = [ScriptedVisit(s.photo, s.photo, s.start_s, s.end_s, s.x, 0.42, FACE_PX) for s in stays]
    portraits = {stay.photo: portrait(stay.photo) for stay in stays}
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        stream.options = {"preset": "veryfast", "tune": "zerolatency", "g": str(fps), "crf": "20"}
        for number in range(round(seconds * fps)):
            pixels = draw(room(), script, portraits, number / fps)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="bgr24")))
        container.mux(stream.encode())
    return path


def browser_clip(path: Path, photo: str) -> Path:
    """What Chromium's fake camera plays: `.mjpeg`, 1280 by 720, the man before a wall, a little unsteady."""
    wall = np.full((720, 1280, 3), 150, np.uint8)
    stage = make_stage(wall, seed=7)
    script = [ScriptedVisit(photo, photo, 0.0, 60.0, 0.5, 0.42, 2.2 * FACE_PX)]
    frames = [draw(stage, script, {photo: portrait(photo)}, number / 5) for number in range(10)]
    path.write_bytes(b"".join(cv2.imencode(".jpg", frame)[1].tobytes() for frame in frames))
    return path


@cache
def portrait(photo: str) -> Portrait:
    """Head and shoulders of whom the photo shows."""
    if photo == GREY_SHIRT:
        return demo_faces.GREY_SHIRT.portrait()
    pixels = cv2.imdecode(np.frombuffer(faces.photo(photo), np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    left, top, right, bottom = FACES[photo]
    across, down = round(MARGIN * (right - left)), round(MARGIN * (bottom - top))
    crop: Frame = np.asarray(pixels[max(0, top - down) : bottom + down, left - across : right + across])
    return photo_portrait(crop, (right - left) / crop.shape[1], photo)


def enrolment_photo(photo: str) -> bytes:
    """What to enrol that man from."""
    return demo_faces.GREY_SHIRT.enrolment_photo() if photo == GREY_SHIRT else faces.photo(photo)


@cache
def room() -> Stage:
    """A grey wall, a little lighter to the right, with the noise of a camera."""
    shade = np.linspace(120, 170, WIDTH_PX, dtype=np.uint8)
    return make_stage(np.repeat(np.tile(shade, (HEIGHT_PX, 1))[:, :, None], 3, axis=2), seed=7)
