"""Points, polygons and what can be kept of them."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.areas import Point, Polygon, area, contains, in_any, is_polygon

SQUARE: Polygon = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
HORSESHOE: Polygon = (
    (0.1, 0.1),
    (0.9, 0.1),
    (0.9, 0.9),
    (0.6, 0.9),
    (0.6, 0.4),
    (0.4, 0.4),
    (0.4, 0.9),
    (0.1, 0.9),
)
FRACTIONS = st.floats(0, 1, width=32)
POINTS = st.tuples(FRACTIONS, FRACTIONS)


@pytest.mark.parametrize(
    ("polygon", "point", "inside"),
    [
        (SQUARE, (0.5, 0.5), True),
        (SQUARE, (0.1, 0.5), False),
        (SQUARE, (0.9, 0.5), False),
        (SQUARE, (0.5, 0.1), False),
        (SQUARE, (0.5, 0.9), False),
        (HORSESHOE, (0.5, 0.7), False),
        (HORSESHOE, (0.2, 0.7), True),
        (HORSESHOE, (0.8, 0.7), True),
        (HORSESHOE, (0.5, 0.2), True),
        (SQUARE[::-1], (0.5, 0.5), True),
        (((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)), (0.9, 0.9), False),
    ],
)
def test_inside(polygon: Polygon, point: Point, inside: bool) -> None:
    assert contains(polygon, point) is inside


def test_any_of_several() -> None:
    left: Polygon = ((0.0, 0.0), (0.3, 0.0), (0.3, 1.0), (0.0, 1.0))
    right: Polygon = ((0.7, 0.0), (1.0, 0.0), (1.0, 1.0), (0.7, 1.0))
    assert in_any([left, right], (0.9, 0.5))
    assert not in_any([left, right], (0.5, 0.5))
    assert not in_any([], (0.5, 0.5))


@given(POINTS, FRACTIONS)
def test_of_two_halves_a_point_is_in_exactly_one(point: Point, cut: float) -> None:
    left: Polygon = ((-0.5, -0.5), (cut, -0.5), (cut, 1.5), (-0.5, 1.5))
    right: Polygon = ((cut, -0.5), (1.5, -0.5), (1.5, 1.5), (cut, 1.5))
    assert contains(left, point) != contains(right, point)


@given(st.lists(st.floats(0, 6.28), min_size=3, max_size=12, unique=True), POINTS)
def test_agrees_with_the_sides_of_a_convex_polygon(angles: list[float], point: Point) -> None:
    corners = [(0.5 + 0.4 * float(np.cos(a)), 0.5 + 0.4 * float(np.sin(a))) for a in sorted(angles)]
    sides = [
        (x2 - x1) * (point[1] - y1) - (y2 - y1) * (point[0] - x1)
        for (x1, y1), (x2, y2) in pairwise([*corners, corners[0]])
    ]
    if min(abs(side) for side in sides) > 1e-9:
        assert contains(corners, point) == all(side > 0 for side in sides)


def test_area() -> None:
    assert area(SQUARE) == pytest.approx(0.36)
    assert area(SQUARE[::-1]) == pytest.approx(0.36)


@pytest.mark.parametrize(
    ("points", "kept"),
    [
        (SQUARE, True),
        (SQUARE[:3], True),
        (SQUARE[:2], False),
        (((0.1, 0.1), (0.5, 0.5), (0.9, 0.9)), False),
        (((0.1, 0.1), (1.1, 0.1), (0.5, 0.9)), False),
        (((0.1, 0.1), (0.5, -0.1), (0.5, 0.9)), False),
        (((float("nan"), 0.1), (0.5, 0.1), (0.5, 0.9)), False),
        (tuple((0.5 + 0.4 * np.cos(n / 6), 0.5 + 0.4 * np.sin(n / 6)) for n in range(32)), True),
        (tuple((0.5 + 0.4 * np.cos(n / 6), 0.5 + 0.4 * np.sin(n / 6)) for n in range(33)), False),
    ],
)
def test_what_can_be_kept(points: Polygon, kept: bool) -> None:
    assert bool(is_polygon(points)) is kept
