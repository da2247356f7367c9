"""What the WebRTC view draws: the frame as this account may see it, greyed when it is not the present."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from core.domain.states import Role
from dashboard import data
from dashboard.auth import end_session, issue_session
from dashboard.live.drawing import DARK, NAMED, UNNAMED, Drawing, Pixels, blank, drawn
from dashboard.live.drawn_camera import DrawnCamera
from dashboard.widgets.words import Words
from tests.live_frames import (
    COLOURS,
    candidate_of,
    named_box,
    numbered_jpeg,
    overlay,
    unnamed_box,
    write_frame,
)
from tests.patience import PATIENCE_S
from tests.seed import Seed

WORDS = Words("en", ZoneInfo("UTC"))
LEFT_OF_NAMED, LEFT_OF_UNNAMED, EMPTY = (160, 240), (400, 150), (240, 240)
"""Pixels (x, y) of tests/live_frames: edges of the two boxes, and the picture itself."""


def near(pixels: Pixels, at: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(pixels[at[1], at[0]].astype(int) - colour).max() < 40)


def test_boxes_are_drawn_on_the_picture() -> None:
    boxes = [named_box(1, "Ayu"), unnamed_box("too_small")]
    said: list[str] = []
    pixels = drawn(
        Drawing(
            numbered_jpeg(1, 5),
            boxes,
            "Gate · 0 s ago",
            None,
            lambda box: said.append(str(box["name"])) or "Ayu",
        )
    )
    assert pixels.shape == (480, 640, 3)
    assert near(pixels, LEFT_OF_NAMED, NAMED)
    assert near(pixels, LEFT_OF_UNNAMED, UNNAMED)
    assert near(pixels, EMPTY, COLOURS[1])
    assert said == ["Ayu", "None"]
    assert near(pixels, (1, 1), DARK), "the corner that says what it shows and how old it is"


def test_what_is_not_the_present_is_grey() -> None:
    pixels = drawn(Drawing(numbered_jpeg(1, 5), [], "Gate · 9 s ago", "Old picture", lambda _box: ""))
    red, green, blue = pixels[EMPTY[1], EMPTY[0]]
    assert red == green == blue
    assert near(pixels, (5, 470), (127, 29, 29)), "the band that says why"


def test_a_box_beyond_the_picture_and_no_picture() -> None:
    outside = unnamed_box("cut_off") | {"xyxy": [0.9, -0.2, 1.4, 0.1]}
    assert drawn(Drawing(numbered_jpeg(1, 5), [outside], "Gate", None, lambda _box: "x" * 200)).shape == (
        480,
        640,
        3,
    )  # type: ignore[list-item]
    with pytest.raises(OSError, match="cannot identify"):
        drawn(Drawing(b"half a pict", [], "Gate", None, lambda _box: ""))
    assert blank((96, 54), "Nothing", "Gate").shape == (54, 96, 3)


@pytest.fixture
def seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seed:
    monkeypatch.setenv("GSPE_HOME", str(tmp_path))
    data.forget()
    seed = Seed(tmp_path)
    seed.camera(1, "Gerbang")
    seed.employee("E01", "Ayu", "Gudang")
    return seed


@pytest.fixture
def watched(seed: Seed) -> Iterator[Callable[[str], DrawnCamera]]:
    """Opens the camera with a session's cookie; at the end its reader must have ended."""
    opened: list[DrawnCamera] = []

    def open_it(cookie: str) -> DrawnCamera:
        opened.append(DrawnCamera(1, "Gerbang", cookie, WORDS))
        return opened[-1]

    yield open_it
    for camera in opened:
        wait_for(lambda camera=camera: not camera.works)  # type: ignore[misc]


def wait_for(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


def picture_of(camera: DrawnCamera) -> Pixels:
    return camera.frame(0, Fraction(1, 90_000)).to_ndarray(format="rgb24")


def test_the_stream_follows_the_camera_until_nobody_asks_and_ends_with_the_session(
    seed: Seed, watched: Callable[[str], DrawnCamera]
) -> None:
    cookie = issue_session(seed.user("somebody", Role.VIEWER), 0)
    camera = watched(cookie)
    assert picture_of(camera).shape == (540, 960, 3), "no picture yet"
    write_frame(seed.paths, overlay(1, 5, datetime.now(UTC), [named_box(1, "Ayu")]))
    wait_for(lambda: near(picture_of(camera), LEFT_OF_NAMED, NAMED))
    assert picture_of(watched(cookie)).shape == (480, 640, 3), "the next stream begins with the camera's size"
    assert seed.paths.viewer_lease(1).exists()
    write_frame(seed.paths, overlay(1, 6, datetime.now(UTC) - timedelta(seconds=60), []))
    wait_for(lambda: len(set(picture_of(camera)[EMPTY[1], EMPTY[0]].tolist())) == 1)
    seed.paths.live_frame(1).write_bytes(b"half a pict")
    wait_for(lambda: picture_of(camera).shape == (540, 960, 3))
    write_frame(seed.paths, overlay(1, 7, datetime.now(UTC) + timedelta(seconds=1), [named_box(1, "Ayu")]))
    wait_for(lambda: near(picture_of(camera), LEFT_OF_NAMED, NAMED))
    end_session(cookie)
    wait_for(lambda: picture_of(camera).shape == (540, 960, 3))


def test_names_and_candidates_are_those_that_the_account_may_see(
    seed: Seed, watched: Callable[[str], DrawnCamera]
) -> None:
    camera = watched(issue_session(seed.user("limited", Role.VIEWER, ("Kantor",)), 0))
    write_frame(seed.paths, overlay(1, 5, datetime.now(UTC) + timedelta(seconds=1), [named_box(1, "Ayu")]))
    wait_for(lambda: near(picture_of(camera), LEFT_OF_NAMED, UNNAMED))


def test_labels_say_the_same_as_the_viewer_does() -> None:
    camera = DrawnCamera(1, "Gerbang", None, WORDS)
    unsure = unnamed_box("below_threshold")
    assert camera.label(named_box(1, "Ayu")) == "Ayu 0.71"
    assert camera.label(unsure) == "unknown"
    resembling = unsure | candidate_of(2, "Budi", 0.41, 0.06)
    assert camera.label(resembling) == "unknown: Budi? 0.41 (+0.06)"
    assert camera.label({**resembling, "margin": None}) == "unknown: Budi? 0.41"
