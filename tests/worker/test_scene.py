"""The composer of scenes: who is drawn when, how smoothly, and always the same."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.geometry import iou_matrix
from worker.sources.scene import Portrait, ScriptedVisit, Side, check_script, draw, make_stage, pose

WIDTH, HEIGHT = 320, 180
FACE_PX = 40.0


def portrait(colour=(40, 60, 220)) -> Portrait:
    pixels = np.full((60, 50, 3), colour, np.uint8)
    return Portrait(pixels, np.full((60, 50), 255, np.uint8), face_x=25, face_y=30, face_px=40)


def visit(start_s=1.0, end_s=5.0, **changes) -> ScriptedVisit:
    plain = ScriptedVisit("ana", "ana", start_s, end_s, x=0.5, y=0.5, face_px=FACE_PX)
    return replace(plain, **changes)


def stage(seed=1, **changes):
    return make_stage(np.full((HEIGHT, WIDTH, 3), 100, np.uint8), seed, **changes)


def drawn_pixels(frame) -> np.ndarray:
    """Where the red portrait shows against the grey backdrop."""
    return frame[:, :, 2].astype(int) - frame[:, :, 0] > 60


@pytest.mark.parametrize(
    ("t_s", "there"), [(0.0, False), (0.99, False), (1.0, True), (3.0, True), (5.0, True), (5.01, False)]
)
def test_somebody_at_a_door_is_drawn_from_start_to_end(t_s, there):
    frame = draw(stage(), [visit()], {"ana": portrait()}, t_s)
    assert frame.shape == (HEIGHT, WIDTH, 3) and frame.dtype == np.uint8
    assert drawn_pixels(frame).any() == there


@pytest.mark.parametrize("side", [Side.LEFT, Side.RIGHT])
def test_somebody_who_walks_in_is_seen_partly_before_his_start(side):
    walk = visit(comes_from=side, leaves_to=side, start_s=4.0, end_s=12.0)
    shown = {
        t_s: drawn_pixels(draw(stage(), [walk], {"ana": portrait()}, t_s)).sum()
        for t_s in (1.0, 3.6, 4.1, 15.0)
    }
    assert shown[1.0] == shown[15.0] == 0
    assert 0 < shown[3.6] < shown[4.1]


def test_the_same_script_time_and_seed_give_the_same_picture():
    scene = [visit(), visit(person="ben", x=0.2, portrait="ben")]
    people = {"ana": portrait(), "ben": portrait((200, 20, 90))}
    first = draw(stage(seed=3), scene, people, 2.2)
    assert np.array_equal(first, draw(stage(seed=3), scene, people, 2.2))
    assert not np.array_equal(first, draw(stage(seed=4), scene, people, 2.2))


def test_a_counter_hides_what_is_below_its_top():
    frame = draw(stage(counter_top_px=90), [visit()], {"ana": portrait()}, 2.0)
    shown = drawn_pixels(frame)
    assert shown[:90].any() and not shown[90:].any()


def test_a_portrait_nobody_gave_is_an_error():
    with pytest.raises(KeyError):
        draw(stage(), [visit()], {}, 2.0)


def test_a_transparent_portrait_leaves_the_backdrop():
    clear = Portrait(np.full((60, 50, 3), 255, np.uint8), np.zeros((60, 50), np.uint8), 25, 30, 40)
    assert np.array_equal(draw(stage(), [visit()], {"ana": clear}, 2.0), draw(stage(), [], {}, 2.0))


def test_the_alpha_must_fit_the_pixels():
    with pytest.raises(ValueError, match="alpha"):
        Portrait(np.zeros((60, 50, 3), np.uint8), np.zeros((50, 60), np.uint8), 25, 30, 40)


def box(at):
    half_w, half_h = at.face_px / 2, at.face_px * 0.65
    return np.array([[at.x - half_w, at.y - half_h, at.x + half_w, at.y + half_h]], np.float32)


@given(
    comes_from=st.sampled_from(Side),
    leaves_to=st.sampled_from(Side),
    x=st.floats(0.1, 0.9),
    face_px=st.floats(32, 200),
    phase=st.floats(0, 2 * math.pi),
    at_s=st.floats(0, 1),
)
def test_a_face_overlaps_itself_well_from_one_analysed_frame_to_the_next(
    comes_from, leaves_to, x, face_px, phase, at_s
):
    stay = visit(0.0, 60.0, x=x, face_px=face_px, phase=phase, comes_from=comes_from, leaves_to=leaves_to)
    t_s = at_s * (stay.end_s - 0.2)
    now, later = (pose(stay, t, 1280, 720) for t in (t_s, t_s + 0.2))
    assert iou_matrix(box(now), box(later))[0, 0] > 0.4


@given(
    side=st.sampled_from([Side.LEFT, Side.RIGHT]),
    x=st.floats(0.2, 0.8),
    phase=st.floats(0, 6.3),
    share=st.floats(0, 1),
)
def test_the_whole_face_is_in_the_picture_from_start_to_end(side, x, phase, share):
    stay = visit(2.0, 9.0, x=x, face_px=90, phase=phase, comes_from=side, leaves_to=side)
    at = pose(stay, 2.0 + 7.0 * share, 1280, 720)
    sway = 0.05 * at.face_px
    assert at.face_px / 2 - sway <= at.x <= 1280 - at.face_px / 2 + sway


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ([visit(1, 5), visit(4, 9)], "twice"),
        ([visit(1, 9), visit(2, 3)], "twice"),
        ([visit(1, 5), visit(5, 9)], "twice"),
        ([visit(5, 5)], "shorter"),
        ([visit(0, 2, comes_from=Side.LEFT, leaves_to=Side.RIGHT)], "shorter"),
    ],
)
def test_an_impossible_script_is_refused(script, complaint):
    with pytest.raises(ValueError, match=complaint):
        check_script(script, WIDTH)


@pytest.mark.parametrize(
    "script",
    [
        [],
        [visit(1, 5), visit(6, 9)],
        [visit(1, 5), visit(1, 5, person="ben")],
        [visit(0, 2, comes_from=Side.LEFT, leaves_to=Side.LEFT)],
        [visit(0, 12, comes_from=Side.LEFT, leaves_to=Side.RIGHT)],
    ],
)
def test_a_possible_script_passes(script):
    check_script(script, WIDTH)
