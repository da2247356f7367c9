"""What a picture must show for its camera to observe anybody."""

import pytest

from core.domain.states import CoverageState
from core.domain.view import KNOWN_AFTER_FRAMES, View, ViewWatch

ROOM, WALL, NIGHT = View(20, 180), View(120, 130), View(0, 12)


@pytest.mark.parametrize(
    ("dark", "light", "cause"),
    [
        (0, 0, CoverageState.TOO_DARK),
        (2, 15.9, CoverageState.TOO_DARK),
        (0, 16, None),
        (30, 45, CoverageState.COVERED),
        (200, 215, CoverageState.COVERED),
        (30, 46, None),
        (0, 255, None),
    ],
)
def test_dark_and_flat_pictures_of_a_known_room_observe_nobody(dark, light, cause):
    assert ViewWatch(KNOWN_AFTER_FRAMES).blindness(View(dark, light)) is cause


def test_a_bare_wall_is_no_covered_lens():
    watch = ViewWatch()
    assert [watch.blindness(WALL) for _ in range(1000)] == [None] * 1000
    assert watch.blindness(NIGHT) is CoverageState.TOO_DARK
    for _ in range(KNOWN_AFTER_FRAMES):
        assert watch.blindness(ROOM) is None
    assert watch.blindness(WALL) is CoverageState.COVERED
