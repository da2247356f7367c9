"""A short clip for a looping camera: three people of the demo who come and go all the time."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.scene_clip import encode
from benchmarks.scene_plan import SceneOptions
from core.domain.faces import Frame
from worker.demo_faces import EMPLOYEES
from worker.sources.scene import ScriptedVisit, check_script, draw, make_stage

OPTIONS = SceneOptions(seconds=20.0, width_px=640, height_px=360, fps=10)
FACE_PX = 76.0
PLACES = ((0.5, 0.42), (0.18, 0.42), (0.83, 0.42))
STAYS_S = (
    ((0.5, 3.5), (6.0, 9.5), (16.0, 19.0)),
    ((2.0, 5.0), (8.0, 10.5), (13.0, 15.5)),
    ((1.0, 4.0), (10.5, 14.0), (17.0, 19.5)),
)
"""Of each person: short absences that end a visit, and one a loop that is long enough for an alert."""


def write_clip(path: Path) -> None:
    """An H.264 file. Raises CameraMisconfigured when a package lacks its photo."""
    script = _script()
    check_script(script, OPTIONS.width_px)
    portraits = {person.code: person.face.portrait() for person in EMPLOYEES}
    stage = make_stage(np.full((OPTIONS.height_px, OPTIONS.width_px, 3), 170, np.uint8), seed=1)

    def frames() -> Iterator[Frame]:
        for number in range(int(OPTIONS.seconds * OPTIONS.fps)):
            yield draw(stage, script, portraits, number / OPTIONS.fps)

    encode(path, frames(), OPTIONS)


def _script() -> list[ScriptedVisit]:
    return [
        ScriptedVisit(person.code, person.code, start_s, end_s, x, y, FACE_PX, phase=start_s)
        for person, (x, y), stays in zip(EMPLOYEES, PLACES, STAYS_S, strict=True)
        for start_s, end_s in stays
    ]
