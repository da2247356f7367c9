"""Parts of a picture: polygons whose points are fractions of its width and height, origin at the top left."""

from collections.abc import Iterable, Sequence

Point = tuple[float, float]
"""x and y, each 0 to 1."""
Polygon = tuple[Point, ...]

MIN_POINTS, MAX_POINTS = 3, 32
MIN_AREA = 1e-5
"""Of the picture: about twenty pixels of a large one. What is smaller is a line, drawn by mistake."""


def contains(polygon: Sequence[Point], point: Point) -> bool:
    """Whether a point lies inside, by counting the edges to its right: even-odd where edges cross.

    Of two polygons that share an edge, a point on it belongs to exactly one.
    """
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside


def in_any(polygons: Iterable[Sequence[Point]], point: Point) -> bool:
    return any(contains(polygon, point) for polygon in polygons)


def area(polygon: Sequence[Point]) -> float:
    """Share of the picture, 0 to 1, of a polygon whose edges do not cross."""
    pairs = zip(polygon, [*polygon[1:], polygon[0]], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def is_polygon(points: Sequence[Point]) -> bool:
    """Whether these points can be kept: enough and not too many, within the picture, no mere line."""
    within = all(0.0 <= x <= 1.0 and 0.0 <= y <= 1.0 for x, y in points)
    return MIN_POINTS <= len(points) <= MAX_POINTS and within and area(points) >= MIN_AREA
