"""Which way a face looks, by five points."""

import numpy as np
import pytest

from core.domain.pose import LEVEL_PITCH, HeadTurn, head_turn, pose_of, shows
from core.domain.states import Pose

FRONTAL = np.array([[40, 50], [80, 50], [60, 73.4], [45, 90], [75, 90]], np.float32)
"""Eyes 40 px apart, mouth 40 px below them, the nose where most people have it."""
TO_VIEWERS_RIGHT, UP = np.array([10, 0], np.float32), np.array([0, -4], np.float32)


def with_nose(shift):
    landmarks = FRONTAL.copy()
    landmarks[2] += shift
    return landmarks


@pytest.mark.parametrize(
    ("shift", "yaw", "pitch", "pose"),
    [
        (0 * UP, 0.0, 0.585, Pose.FRONT),
        (TO_VIEWERS_RIGHT, 0.5, 0.585, Pose.LEFT),
        (-TO_VIEWERS_RIGHT, -0.5, 0.585, Pose.RIGHT),
        (UP, 0.0, 0.485, Pose.UP),
        (-UP, 0.0, 0.685, Pose.DOWN),
        (UP + TO_VIEWERS_RIGHT, 0.5, 0.485, Pose.LEFT),
        (0.5 * TO_VIEWERS_RIGHT, 0.25, 0.585, Pose.FRONT),
    ],
)
def test_the_noses_place_tells_the_turn_to_the_persons_own_side(shift, yaw, pitch, pose):
    turn = head_turn(with_nose(shift))
    assert (turn.yaw, turn.pitch) == (pytest.approx(yaw), pytest.approx(pitch))
    assert pose_of(turn, LEVEL_PITCH) is pose


def test_a_head_that_leans_is_measured_along_its_own_lines():
    angle = np.deg2rad(25)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    leaning = (with_nose(TO_VIEWERS_RIGHT) @ rotation.T).astype(np.float32)
    turn = head_turn(leaning)
    assert (turn.yaw, turn.pitch) == (pytest.approx(0.5, abs=1e-4), pytest.approx(0.585, abs=1e-4))


def test_points_that_coincide_are_fully_turned():
    landmarks = np.zeros((5, 2), np.float32)
    assert head_turn(landmarks) == HeadTurn(float("inf"), float("inf"))


@pytest.mark.parametrize(
    ("pitch", "level", "pose"),
    [(0.49, None, Pose.FRONT), (0.49, 0.48, Pose.FRONT), (0.49, 0.585, Pose.UP), (0.56, 0.48, Pose.DOWN)],
)
def test_up_and_down_are_off_the_persons_own_level(pitch, level, pose):
    assert pose_of(HeadTurn(0.0, pitch), level) is pose


@pytest.mark.parametrize(
    ("turn", "does"),
    [
        (HeadTurn(0.0, LEVEL_PITCH), {Pose.FRONT}),
        (HeadTurn(0.25, LEVEL_PITCH), {Pose.FRONT, Pose.LEFT}),
        (HeadTurn(-0.4, LEVEL_PITCH), {Pose.RIGHT}),
        (HeadTurn(0.1, LEVEL_PITCH - 0.03), {Pose.FRONT, Pose.UP}),
        (HeadTurn(0.1, LEVEL_PITCH + 0.03), {Pose.FRONT, Pose.DOWN}),
    ],
)
@pytest.mark.parametrize("level", [None, LEVEL_PITCH])
def test_what_was_asked_is_judged_generously(turn, does, level):
    assert {pose for pose in Pose if shows(turn, pose, level)} == does
