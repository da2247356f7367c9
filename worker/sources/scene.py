"""Camera scenes composed from face photos: people who walk in, stay and leave on a script.

Everything here is a function of the script, the time and the seed of the stage, so that a scene can be drawn
frame by frame for a recording or at the pace of the clock for a live picture.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from core.domain.faces import Frame

Mask = npt.NDArray[np.uint8]
"""uint8 (height, width): 0 transparent to 255 opaque."""

WALK_FACE_WIDTHS_PER_S = 1.4
"""Slow enough that a face overlaps itself by half from one analysed frame to the next at 5 frames/s."""
SHAKES_PER_S = 25.0
OUT_OF_SIGHT_S = 4.0
"""Longer than the widest portrait needs from its face at the edge of the picture to nothing in it."""
GRAIN_LEVELS = 7


class Side(StrEnum):
    """Where somebody comes from or goes to."""

    LEFT = "left"
    RIGHT = "right"
    DOOR = "door"
    """A door behind his place: he is there from one frame to the next."""


@dataclass(frozen=True)
class Portrait:
    """One person cut out of a photo.

    pixels: BGR uint8 (h, w, 3). alpha: uint8 (h, w). face_x, face_y: the centre of the face, face_px: its
    width, all in pixels of the cut-out.
    """

    pixels: Frame
    alpha: Mask
    face_x: float
    face_y: float
    face_px: float
    premultiplied: npt.NDArray[np.uint8] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.alpha.shape != self.pixels.shape[:2]:
            raise ValueError(f"alpha {self.alpha.shape} does not fit pixels {self.pixels.shape}")
        colour = cv2.multiply(self.pixels, cv2.merge([self.alpha] * 3), scale=1 / 255)
        object.__setattr__(self, "premultiplied", cv2.merge([colour, self.alpha]))


@dataclass(frozen=True)
class ScriptedVisit:
    """One stay: from start_s to end_s the whole face is in the picture, at most `x`, `y` of the way in.

    x, y: place of the face's centre as fractions of the picture; face_px: drawn face width in pixels;
    phase: shifts this person's small movements, in radians.
    """

    person: str
    portrait: str
    start_s: float
    end_s: float
    x: float
    y: float
    face_px: float
    comes_from: Side = Side.DOOR
    leaves_to: Side = Side.DOOR
    phase: float = 0.0


@dataclass(frozen=True)
class Pose:
    """Where and how a portrait is drawn: face centre and width in pixels of the picture, turn in degrees
    counter-clockwise, brightness as a factor."""

    x: float
    y: float
    face_px: float
    turn_deg: float
    brightness: float


@dataclass(frozen=True)
class Stage:
    """What the people move in front of.

    backdrop: BGR uint8 (height, width, 3). grain: sensor noise of the same shape, cycled.
    shake: float64 (n, 2), pixels by which a drawn person jumps from frame to frame, cycled.
    counter_top_px: from this row down the backdrop hides the people; None: nothing does.
    """

    backdrop: Frame
    grain: tuple[Frame, ...]
    shake: npt.NDArray[np.float64]
    counter_top_px: int | None = None

    @property
    def width(self) -> int:
        return int(self.backdrop.shape[1])

    @property
    def height(self) -> int:
        return int(self.backdrop.shape[0])


def make_stage(backdrop: Frame, seed: int, counter_top_px: int | None = None, shake_px: float = 1.2) -> Stage:
    """A stage whose noise depends on the seed only."""
    noise = np.random.default_rng(seed)
    height, width = backdrop.shape[:2]
    planes = (noise.integers(0, GRAIN_LEVELS, (height, width), dtype=np.uint8) for _ in range(8))
    grain = tuple(np.repeat(plane[:, :, None], 3, axis=2) for plane in planes)
    return Stage(backdrop, grain, noise.normal(0.0, shake_px, (509, 2)), counter_top_px)


def check_script(script: Sequence[ScriptedVisit], width_px: int) -> None:
    """Raises ValueError where one person is in two places, or has no time to walk in and out again."""
    for visit in script:
        needed = _walk_s(visit, visit.comes_from, width_px) + _walk_s(visit, visit.leaves_to, width_px)
        crosses = {visit.comes_from, visit.leaves_to} == {Side.LEFT, Side.RIGHT}
        if visit.end_s <= visit.start_s or (crosses and visit.end_s - visit.start_s < needed):
            raise ValueError(f"{visit.person} at {visit.start_s:.1f} s: the visit is shorter than its way")
    for person in {visit.person for visit in script}:
        stays = sorted((v for v in script if v.person == person), key=lambda v: v.start_s)
        for earlier, later in pairwise(stays):
            if later.start_s <= earlier.end_s:
                raise ValueError(f"{person} is in the scene twice at {later.start_s:.1f} s")


def pose(visit: ScriptedVisit, t_s: float, width_px: int, height_px: int) -> Pose:
    """The pose at a moment of the scene; it moves without a jump while the person is drawn."""
    place = visit.x * width_px
    walked = WALK_FACE_WIDTHS_PER_S * visit.face_px
    x = place
    for side, since_s in ((visit.comes_from, t_s - visit.start_s), (visit.leaves_to, visit.end_s - t_s)):
        reach = visit.face_px / 2 + walked * since_s
        if side is Side.LEFT:
            x = min(x, reach)
        elif side is Side.RIGHT:
            x = max(x, width_px - reach)
    step = 0.03 * math.sin(11.0 * t_s + visit.phase) if x != place else 0.0
    sway_x, sway_y = 0.05 * math.sin(0.9 * t_s + visit.phase), 0.08 * math.sin(2.1 * t_s + visit.phase)
    return Pose(
        x=x + sway_x * visit.face_px,
        y=visit.y * height_px + (sway_y + step) * visit.face_px,
        face_px=visit.face_px,
        turn_deg=4.0 * math.sin(1.3 * t_s + visit.phase),
        brightness=1.0 + 0.1 * math.sin(0.7 * t_s + visit.phase),
    )


def draw(
    stage: Stage, script: Iterable[ScriptedVisit], portraits: Mapping[str, Portrait], t_s: float
) -> Frame:
    """The scene at `t_s` seconds: a new BGR uint8 (height, width, 3) frame.

    Raises KeyError when the script names a portrait that is not given.
    """
    tick = int(t_s * SHAKES_PER_S)
    frame = stage.backdrop.copy()
    for number, visit in enumerate(script):
        if _is_drawn(visit, t_s):
            dx, dy = stage.shake[(tick + 97 * number) % len(stage.shake)]
            at = pose(visit, t_s, stage.width, stage.height)
            _paste(frame, portraits[visit.portrait], at, (float(dx), float(dy)))
    if stage.counter_top_px is not None:
        frame[stage.counter_top_px :] = stage.backdrop[stage.counter_top_px :]
    cv2.add(frame, stage.grain[tick % len(stage.grain)], dst=frame)
    return frame


def _walk_s(visit: ScriptedVisit, side: Side, width_px: int) -> float:
    if side is Side.DOOR:
        return 0.0
    place = visit.x * width_px if side is Side.LEFT else (1 - visit.x) * width_px
    return max(0.0, place / visit.face_px - 0.5) / WALK_FACE_WIDTHS_PER_S


def _is_drawn(visit: ScriptedVisit, t_s: float) -> bool:
    """Somebody who walks is drawn until all of him is outside, not only his face."""
    early_s = 0.0 if visit.comes_from is Side.DOOR else OUT_OF_SIGHT_S
    late_s = 0.0 if visit.leaves_to is Side.DOOR else OUT_OF_SIGHT_S
    return visit.start_s - early_s <= t_s <= visit.end_s + late_s


def _paste(frame: Frame, portrait: Portrait, at: Pose, shake: tuple[float, float]) -> None:
    """Draws into the frame: turn, scale and shift in one warp of the part that is inside the frame."""
    scale = at.face_px / portrait.face_px
    warp = cv2.getRotationMatrix2D((portrait.face_x, portrait.face_y), at.turn_deg, scale)
    warp[:, 2] += np.array([at.x + shake[0] - portrait.face_x, at.y + shake[1] - portrait.face_y])
    height, width = portrait.alpha.shape
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]]) @ warp.T
    left, top = (max(0, int(v)) for v in corners.min(axis=0))
    right, bottom = (
        min(limit, int(v) + 1) for v, limit in zip(corners.max(axis=0), frame.shape[1::-1], strict=True)
    )
    if left >= right or top >= bottom:
        return
    warp[:, 2] -= np.array([left, top])
    warped = cv2.warpAffine(portrait.premultiplied, warp, (right - left, bottom - top))
    alpha = cv2.merge([255 - warped[:, :, 3]] * 3)
    behind = cv2.multiply(frame[top:bottom, left:right], alpha, scale=1 / 255)
    colour = cv2.convertScaleAbs(warped[:, :, :3], alpha=at.brightness)
    cv2.add(behind, colour, dst=frame[top:bottom, left:right])
