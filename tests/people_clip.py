"""A recording of two real people for a test's camera; a package brings their photos, none is committed."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from benchmarks.scene_clip import encode, photo_portrait
from benchmarks.scene_plan import SceneOptions
from core.domain.faces import Frame
from tests.faces import photo
from worker.sources.scene import Portrait, ScriptedVisit, Side, draw, make_stage

OPTIONS = SceneOptions(seconds=12.0, width_px=960, height_px=540, fps=15, face_share=0.5)
EMPLOYEE_PHOTO = "obama.jpg"
"""Shows the employee of the recording, at another time."""
FACE_PX = 120.0
FACES = {"obama2.jpg": (200, 238, 482, 640), "biden.jpg": (428, 158, 716, 572)}
"""Where in the photo the face is: left, top, right, bottom, px."""

SCRIPT = (
    ScriptedVisit("employee", "obama2.jpg", 0.2, 11.8, 0.34, 0.42, FACE_PX),
    ScriptedVisit("stranger", "biden.jpg", 2.5, 9.5, 0.75, 0.42, FACE_PX, Side.RIGHT, Side.RIGHT, 1.3),
)


def write_people_clip(path: Path) -> Path:
    """The employee all the time and the stranger most of it, made to be looped. `.h264` is Annex B."""
    portraits = {name: _portrait(name) for name in FACES}
    stage = make_stage(np.full((OPTIONS.height_px, OPTIONS.width_px, 3), (176, 182, 180), np.uint8), seed=1)

    def frames() -> Iterator[Frame]:
        for number in range(int(OPTIONS.seconds * OPTIONS.fps)):
            yield draw(stage, SCRIPT, portraits, number / OPTIONS.fps)

    encode(path, frames(), OPTIONS)
    return path


def _portrait(name: str) -> Portrait:
    """Head and shoulders: the face in the middle, half as wide as the picture."""
    pixels = cv2.imdecode(np.frombuffer(photo(name), np.uint8), cv2.IMREAD_COLOR)
    left, top, right, bottom = FACES[name]
    x, y, reach = (left + right) // 2, (top + bottom) // 2, round((right - left) / 2 / OPTIONS.face_share)
    cut = pixels[max(0, y - reach) : y + reach, max(0, x - reach) : x + reach]
    return photo_portrait(np.asarray(cut, np.uint8), OPTIONS.face_share, name)
