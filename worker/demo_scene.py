"""The demo's scene: a reception where three people come, go and come back, and a stranger walks by."""

import cv2
import numpy as np

from core.domain.faces import Frame
from worker.demo_faces import EMPLOYEES, STRANGER
from worker.sources.scene import Portrait, ScriptedVisit, Side, Stage, check_script, make_stage

WIDTH_PX, HEIGHT_PX = 960, 540
COUNTER_TOP_PX = 384
LOOP_S = 100.0
STRANGER_NAME = "stranger"

_GREY, _RED, _BLACK = (employee.code for employee in EMPLOYEES)
SCRIPT = (
    ScriptedVisit(_GREY, _GREY, 1.5, 29.0, 0.50, 0.38, 112, Side.LEFT, Side.LEFT, phase=0.3),
    ScriptedVisit(_RED, _RED, 6.5, 22.0, 0.20, 0.39, 104, Side.LEFT, Side.LEFT, phase=1.7),
    ScriptedVisit(_BLACK, _BLACK, 11.0, 40.0, 0.82, 0.37, 104, Side.RIGHT, Side.RIGHT, phase=4.1),
    ScriptedVisit(STRANGER_NAME, STRANGER_NAME, 32.5, 43.0, 0.44, 0.38, 104, Side.LEFT, Side.LEFT, phase=2.6),
    ScriptedVisit(_GREY, _GREY, 48.5, 88.0, 0.50, 0.38, 112, Side.LEFT, Side.LEFT, phase=5.0),
    ScriptedVisit(_RED, _RED, 54.0, 76.0, 0.20, 0.39, 104, Side.LEFT, Side.LEFT, phase=3.3),
    ScriptedVisit(_BLACK, _BLACK, 60.0, 94.0, 0.82, 0.37, 104, Side.RIGHT, Side.RIGHT, phase=0.9),
)
"""Grey and red are away for 19 s and more and back within the minute; the stranger comes in between."""


def demo_portraits() -> dict[str, Portrait]:
    """The people by the name that the script uses. Raises CameraMisconfigured when a photo is missing."""
    portraits = {employee.code: employee.face.portrait() for employee in EMPLOYEES}
    return portraits | {STRANGER_NAME: STRANGER.portrait()}


def demo_stage() -> Stage:
    check_script(SCRIPT, WIDTH_PX)
    return make_stage(_reception(), seed=1, counter_top_px=COUNTER_TOP_PX, shake_px=0.3)


def _reception() -> Frame:
    """A wall with a window and a notice board behind a counter, a little out of focus."""
    y, x = np.mgrid[0:HEIGHT_PX, 0:WIDTH_PX].astype(np.float32)
    light = 1.0 - 0.25 * ((x / WIDTH_PX - 0.35) ** 2 + (y / HEIGHT_PX - 0.2) ** 2)
    picture = np.clip(light[..., None] * np.array([184, 196, 200], np.float32), 0, 255).astype(np.uint8)
    _panel(picture, (70, 40, 300, 230), (226, 214, 196), (120, 128, 132))
    cv2.line(picture, (185, 40), (185, 230), (120, 128, 132), 6)
    _panel(picture, (620, 60, 900, 200), (104, 140, 168), (70, 90, 104))
    for left in range(640, 880, 64):
        cv2.rectangle(picture, (left, 84), (left + 42, 84 + 50 + left % 30), (228, 232, 232), -1)
    soft = np.asarray(cv2.GaussianBlur(picture, (9, 9), 0), np.uint8)
    soft[COUNTER_TOP_PX:] = (58, 84, 110)
    soft[COUNTER_TOP_PX : COUNTER_TOP_PX + 14] = (92, 126, 156)
    for left in range(0, WIDTH_PX, 160):
        cv2.line(soft, (left, COUNTER_TOP_PX + 14), (left, HEIGHT_PX), (48, 70, 94), 3)
    return soft


def _panel(
    picture: Frame, box: tuple[int, int, int, int], fill: tuple[int, int, int], edge: tuple[int, int, int]
) -> None:
    left, top, right, bottom = box
    cv2.rectangle(picture, (left, top), (right, bottom), fill, -1)
    cv2.rectangle(picture, (left, top), (right, bottom), edge, 8)
