"""Words for what was measured on a photo."""

import pytest

from core.domain.likeness import is_near
from core.domain.photo_grades import Grade, grades_of


@pytest.mark.parametrize(
    ("name", "value", "grade"),
    [
        ("face_px", 59, Grade.LOW),
        ("face_px", 60, Grade.ENOUGH),
        ("face_px", 112, Grade.GOOD),
        ("sharpness", 49.9, Grade.LOW),
        ("sharpness", 50, Grade.ENOUGH),
        ("sharpness", 200, Grade.GOOD),
        ("brightness", 0.1, Grade.LOW),
        ("brightness", 0.2, Grade.ENOUGH),
        ("brightness", 0.5, Grade.GOOD),
        ("brightness", 0.8, Grade.ENOUGH),
        ("brightness", 0.95, Grade.HIGH),
    ],
)
def test_a_measure_has_its_grade(name, value, grade):
    assert grades_of({name: value, "pose": "front"}) == {name: grade}


@pytest.mark.parametrize(
    ("similarity", "near"), [(0.90, False), (0.9101, True), (0.93, True), (0.99, True), (-1.0, False)]
)
def test_near_begins_two_margins_below_the_threshold(similarity, near):
    assert is_near(similarity, 0.93, 0.01) is near
