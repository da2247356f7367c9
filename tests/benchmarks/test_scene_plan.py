"""Scripts of benchmark scenes: who may be seen in what, and never twice at a time."""

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.scene_plan import ENROL_PHOTOS, MIN_ABSENCE_S, SceneOptions, cast, people_photos, plan
from worker.sources.scene import check_script

NAMES = "abcdefgh"
PEOPLE = {name: tuple(Path(f"{name}/{n}.png") for n in range(5)) for name in NAMES}


@given(seed=st.integers(0, 10_000), strangers=st.integers(0, 3))
def test_nobody_is_shown_in_a_photo_that_he_is_enrolled_from(seed, strangers):
    actors = cast(PEOPLE, seed, strangers)
    for name, photos in actors.enrol.items():
        assert len(photos) == ENROL_PHOTOS
        assert actors.shown[name] and not set(photos) & set(actors.shown[name])
    assert len(actors.strangers) == strangers and not set(actors.strangers) & actors.enrol.keys()
    assert actors.shown.keys() == PEOPLE.keys()


def test_everybody_plays_the_stranger_in_turn():
    assert [cast(PEOPLE, seed, 1).strangers[0] for seed in range(8)] == list(NAMES)
    assert cast(PEOPLE, 8, 1).strangers == ("a",)


@pytest.mark.parametrize(
    ("people", "strangers", "complaint"),
    [(PEOPLE, 8, "leave nobody"), (PEOPLE | {"z": PEOPLE["a"][:3]}, 1, "z has 3 photos")],
)
def test_too_few_people_or_photos_are_refused(people, strangers, complaint):
    with pytest.raises(ValueError, match=complaint):
        cast(people, 1, strangers)


def test_a_person_is_a_folder_of_pictures(tmp_path):
    for name in ("ana/2.jpg", "ana/1.PNG", "ana/notes.txt", "readme.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert {k: [p.name for p in v] for k, v in people_photos(tmp_path).items()} == {"ana": ["1.PNG", "2.jpg"]}


def test_a_folder_without_people_is_refused(tmp_path):
    with pytest.raises(ValueError, match="one folder a person"):
        people_photos(tmp_path)


@given(seed=st.integers(0, 10_000), walk_share=st.floats(0, 1), visits=st.integers(1, 3))
@settings(max_examples=60)
def test_scripts_are_possible_whatever_the_seed(seed, walk_share, visits):
    options = SceneOptions(walk_share=walk_share, visits=visits)
    actors = cast(PEOPLE, seed, 1)
    script = plan(actors, options, seed)
    check_script(script, options.width_px)
    assert script == plan(actors, options, seed)
    assert script == sorted(script, key=lambda visit: visit.start_s)
    for visit in script:
        assert 0 < visit.start_s < visit.end_s <= options.seconds - 1
        assert visit.end_s - visit.start_s >= 3.98
        assert Path(visit.portrait) in actors.shown[visit.person]
    for first, second in combinations(script, 2):
        if first.person == second.person:
            assert second.start_s - first.end_s > MIN_ABSENCE_S
        if abs(first.x - second.x) < 0.2:
            assert second.start_s > first.end_s


def test_a_minute_shows_everybody_and_a_stranger():
    script = plan(cast(PEOPLE, 3, 1), SceneOptions(), 3)
    assert {visit.person for visit in script} == set(NAMES)
    assert len(script) >= 12
