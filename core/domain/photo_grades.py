"""How good an enrolment photo is, measure by measure, in grades that a page has words for."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from core.domain.quality import ENROLMENT_LIMITS


class Grade(StrEnum):
    GOOD = "good"
    ENOUGH = "enough"
    LOW = "low"
    HIGH = "high"
    """Too much of it, as of light."""


GOOD_FACE_PX = 112.0
"""The crop that embedders see: below it, pixels are made up."""
GOOD_SHARPNESS = 200.0
GOOD_BRIGHTNESS = (0.25, 0.75)


def grades_of(quality: Mapping[str, Any]) -> dict[str, Grade]:
    """Grades of those of `face_px`, `sharpness` and `brightness` that were measured, by their names."""
    limits = ENROLMENT_LIMITS
    of = {
        "face_px": lambda value: _at_least(value, limits.min_face_px, GOOD_FACE_PX),
        "sharpness": lambda value: _at_least(value, limits.min_blur_var, GOOD_SHARPNESS),
        "brightness": _light,
    }
    return {name: grade(float(quality[name])) for name, grade in of.items() if name in quality}


def _at_least(value: float, enough: float, good: float) -> Grade:
    if value < enough:
        return Grade.LOW
    return Grade.GOOD if value >= good else Grade.ENOUGH


def _light(value: float) -> Grade:
    limits, (low, high) = ENROLMENT_LIMITS, GOOD_BRIGHTNESS
    if value < limits.min_brightness:
        return Grade.LOW
    if value > limits.max_brightness:
        return Grade.HIGH
    return Grade.GOOD if low <= value <= high else Grade.ENOUGH
