"""Order, privacy masks and zones of a camera's file."""

from typing import Any

import pytest

from core.settings import CameraSettings, InvalidSettings

TRIANGLE = [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5]]


def camera(**values: Any) -> CameraSettings:
    return CameraSettings.parse({"id": 1, "name": "Gate", "rtsp_url": "demo:", **values})


def sentence(**values: Any) -> str:
    with pytest.raises(InvalidSettings) as refused:
        camera(**values)
    assert len(refused.value.problems) == 1
    return str(refused.value)


def test_they_survive_the_file() -> None:
    before = camera(position=3, privacy_masks=[TRIANGLE], zones=[TRIANGLE, [[0, 0], [1, 0], [1, 1]]])
    assert CameraSettings.parse(before.as_json()) == before
    assert before.zones[1] == ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
    assert before.overrides() == {}


def test_a_camera_without_them() -> None:
    plain = camera()
    assert (plain.position, plain.privacy_masks, plain.zones) == (0, (), ())


@pytest.mark.parametrize(
    "value",
    [
        None,
        "all of it",
        7,
        {"x": 1},
        [TRIANGLE[:2]],
        [[[0.1, 0.1], [0.5, 0.1], [0.5, 1.01]]],
        [[[0.1, 0.1], [0.5, 0.1], [0.5]]],
        [[[0.1, 0.1], [0.5, 0.1], ["0.5", 0.5]]],
        [[[0.1, 0.1], [0.5, 0.1], [True, 0.5]]],
        [[[0.1, 0.1], [0.3, 0.3], [0.5, 0.5]]],
        [[[float("nan"), 0.1], [0.5, 0.1], [0.5, 0.5]]],
        [TRIANGLE, None],
        [TRIANGLE] * 17,
        [[*TRIANGLE * 11]],
    ],
)
@pytest.mark.parametrize("key", ["privacy_masks", "zones"])
def test_whatever_is_no_polygon_is_one_clear_sentence(key: str, value: Any) -> None:
    assert sentence(**{key: value}) == (
        f"{key} must be a list of at most 16 polygons, each of 3 to 32 points [x, y] between 0 and 1 "
        "that enclose an area."
    )


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (-1, "position is -1; it must be at least 0."),
        (10_000, "position is 10000; it must be at most 9999."),
        (1.5, "position must be a whole number without quotes."),
    ],
)
def test_a_place_in_the_order_is_bounded(value: Any, said: str) -> None:
    assert sentence(position=value) == said
