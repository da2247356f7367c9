"""Which way a face looks, from its five landmarks."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.domain.faces import FloatArray
from core.domain.states import Pose

LEVEL_PITCH = 0.585
"""The pitch of most people who look straight ahead, with the open pack's detector; one's own may differ."""
FRONT_YAW = 0.3
"""To either side, this much still counts as looking ahead."""
TURNED_YAW = 0.2
NAMED_PITCH = 0.06
"""Off the level, from here on a face that was not asked to look up or down is said to."""
TILTED_PITCH = 0.025
"""Off the level, this is enough for one that was asked to."""


@dataclass(frozen=True)
class HeadTurn:
    """yaw: how far the nose is from midway between the eyes, over half their distance; positive to the
    person's own left. pitch: where the nose lies between eyes (0) and mouth (1); less is up, more is down.
    """

    yaw: float
    pitch: float


def head_turn(landmarks: FloatArray) -> HeadTurn:
    """landmarks: float32 (5, 2) in the order of `core.domain.faces.LANDMARKS`, of a picture that is no
    mirror's. Eyes, or eyes and mouth, in one point count as fully turned: infinite.
    """
    left_eye, right_eye, nose, left_mouth, right_mouth = landmarks.astype(np.float64)
    eyes, mouth = (left_eye + right_eye) / 2, (left_mouth + right_mouth) / 2
    across, down = right_eye - left_eye, mouth - eyes
    return HeadTurn(2 * _share(nose - eyes, across), _share(nose - eyes, down))


def pose_of(turn: HeadTurn, level: float | None) -> Pose:
    """The pose a face shows most, nobody having asked for one.

    level: the person's own pitch when he looks ahead; while it is unknown nothing is called up or down, as
    faces differ by as much as they tilt.
    """
    if abs(turn.yaw) > FRONT_YAW:
        return Pose.LEFT if turn.yaw > 0 else Pose.RIGHT
    if level is not None and abs(turn.pitch - level) > NAMED_PITCH:
        return Pose.UP if turn.pitch < level else Pose.DOWN
    return Pose.FRONT


def shows(turn: HeadTurn, pose: Pose, level: float | None) -> bool:
    """Whether the face does what was asked; generous, as a pose is guidance only. `level` as for pose_of."""
    level = LEVEL_PITCH if level is None else level
    return {
        Pose.FRONT: abs(turn.yaw) <= FRONT_YAW,
        Pose.LEFT: turn.yaw >= TURNED_YAW,
        Pose.RIGHT: turn.yaw <= -TURNED_YAW,
        Pose.UP: turn.pitch <= level - TILTED_PITCH,
        Pose.DOWN: turn.pitch >= level + TILTED_PITCH,
    }[pose]


def _share(point: npt.NDArray[np.float64], line: npt.NDArray[np.float64]) -> float:
    """How far along the line from its beginning the point lies, 1 at its end."""
    length = float(np.dot(line, line))
    return float(np.dot(point, line)) / length if length > 0.0 else float("inf")
