"""Privacy masks and zones as a camera's file holds them: lists of polygons of points [x, y]."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from core.domain.areas import MAX_POINTS, MIN_POINTS, Polygon, is_polygon
from core.settings.problems import DOMAIN_PREFIX

MAX_AREAS = 16
DECIMALS = 5
"""A hundredth of a pixel of a large picture."""


def _polygons(value: Any) -> tuple[Polygon, ...]:
    polygons = tuple(map(_polygon, value)) if _is_list(value) else (None,)
    known = tuple(polygon for polygon in polygons if polygon is not None)
    if len(known) < len(polygons) or len(known) > MAX_AREAS:
        limits = {"most": MAX_AREAS, "fewest_points": MIN_POINTS, "most_points": MAX_POINTS}
        raise PydanticCustomError(f"{DOMAIN_PREFIX}bad_areas", "not a list of polygons", limits)
    return known


def _polygon(value: Any) -> Polygon | None:
    if not _is_list(value) or not all(_is_point(point) for point in value):
        return None
    points = tuple((round(float(x), DECIMALS), round(float(y), DECIMALS)) for x, y in value)
    return points if is_polygon(points) else None


def _is_point(value: Any) -> bool:
    return _is_list(value) and len(value) == 2 and all(_is_number(part) for part in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


Areas = Annotated[tuple[Polygon, ...], BeforeValidator(_polygons)]
"""At most MAX_AREAS polygons; whatever is none is refused in one sentence."""
