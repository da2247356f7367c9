"""The demo's people and script: what a visitor must be able to see within two minutes."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from core.errors import CameraMisconfigured
from worker.demo_faces import EMPLOYEES, STRANGER, PackagePhoto
from worker.demo_scene import HEIGHT_PX, LOOP_S, SCRIPT, STRANGER_NAME, WIDTH_PX, demo_portraits, demo_stage
from worker.sources.scene import OUT_OF_SIGHT_S, Side, draw

TRACKING_TIMEOUT_S = 15
CODES = [employee.code for employee in EMPLOYEES]


def stays(person):
    return [visit for visit in SCRIPT if visit.person == person]


def test_two_people_leave_long_enough_for_an_alert_and_are_back_within_the_minute():
    back = [
        (first, second)
        for first, second in (stays(code) for code in CODES)
        if second.start_s - first.end_s > TRACKING_TIMEOUT_S + 3 and second.start_s < 60
    ]
    assert len(back) >= 2


def test_the_stranger_walks_by_once_within_the_minute_and_stays_long_enough_to_be_seen():
    (walk,) = stays(STRANGER_NAME)
    assert walk.end_s - walk.start_s > 5 and walk.end_s < 60


def test_faces_never_cross():
    for at_s in np.arange(0, LOOP_S, 0.5):
        centres = sorted(v.x for v in SCRIPT if v.start_s <= at_s <= v.end_s)
        assert all(right - left > 0.2 for left, right in pairwise(centres))


def test_nobody_who_walks_passes_somebody_on_his_way():
    for walker in SCRIPT:
        for other in SCRIPT:
            nearer = other.x < walker.x if walker.comes_from is Side.LEFT else other.x > walker.x
            if other is not walker and nearer and other.comes_from is walker.comes_from:
                assert not other.start_s - 2 < walker.start_s < other.end_s + 2
                assert not other.start_s - 2 < walker.end_s < other.end_s + 2


def test_the_loop_has_no_seam():
    assert all(v.start_s > 1.0 and v.end_s + OUT_OF_SIGHT_S < LOOP_S for v in SCRIPT)
    portraits, stage = demo_portraits(), demo_stage()
    empty = draw(stage, [], {}, 0.0)
    assert np.array_equal(draw(stage, SCRIPT, portraits, 0.0), empty)
    assert np.array_equal(draw(stage, SCRIPT, portraits, LOOP_S), draw(stage, [], {}, LOOP_S))


def test_the_picture_has_the_promised_size_and_shows_people():
    portraits, stage = demo_portraits(), demo_stage()
    assert set(portraits) == {*CODES, STRANGER_NAME}
    frame = draw(stage, SCRIPT, portraits, 15.0)
    assert frame.shape == (HEIGHT_PX, WIDTH_PX, 3)
    empty = draw(stage, [], {}, 15.0)
    assert (frame != empty).any(axis=2).mean() > 0.2


@pytest.mark.parametrize("face", [employee.face for employee in EMPLOYEES], ids=CODES)
def test_an_enrolment_photo_holds_the_whole_face_and_no_other(face):
    left, top, right, bottom = face.enrol
    assert left < face.face[0] and top < face.face[1] and right > face.face[2] and bottom > face.face[3]
    pixels = cv2.imdecode(np.frombuffer(face.enrolment_photo(), np.uint8), cv2.IMREAD_COLOR)
    assert pixels.shape == (bottom - top, right - left, 3)
    for other in EMPLOYEES:
        if other.face is not face:
            x = (other.face.face[0] + other.face.face[2]) / 2
            assert not left < x < right


def test_demo_people_carry_demo_names_and_the_stranger_is_not_among_them():
    assert all(e.code.startswith("DEMO-") and "Demo" in e.name and "Demo" in e.department for e in EMPLOYEES)
    assert len(set(CODES)) == len(CODES) >= 2
    assert STRANGER not in [employee.face for employee in EMPLOYEES]


@pytest.mark.parametrize(
    "photo",
    [
        PackagePhoto("no_such_package_here", "face.jpg", "0" * 64),
        PackagePhoto("insightface", "data/images/none.jpg", "0" * 64),
        PackagePhoto("insightface", "data/images/t1.jpg", "0" * 64),
    ],
    ids=["no package", "no file", "another file"],
)
def test_a_missing_photo_names_the_package_and_the_remedy(photo):
    with pytest.raises(CameraMisconfigured, match=rf"{photo.package}.*pip install -r requirements.txt"):
        photo.read()
