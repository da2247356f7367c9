"""From a replay's report to the figures and the page; and the clip that a replay reads."""

import json

import av
import cv2
import numpy as np
import pytest

from benchmarks.accuracy import ENROLMENT, START_AT, SeedResult, enrolment, score_report, summary
from benchmarks.accuracy_page import render
from benchmarks.make_scenes import main as make_scenes
from benchmarks.scene_clip import CLIP, TRUTH, TrueVisit, Truth
from benchmarks.scene_plan import SceneOptions
from benchmarks.scoring import SceneScore

CALIBRATION = {
    "pack": {"threshold": 0.93, "margin": 0.01},
    "enrolled_photos": 3,
    "sets": [{"photos": 9, "people": 3, "strangers": {"0.99": best}} for best in (0.89, 0.94, 0.91)],
    "thresholds": [{"similarity_threshold": 0.93, "employees_refused": 0.012, "strangers_named": 0.03}],
}
PERFECT = SceneScore(
    visits=2, found=2, strangers=1, strangers_noticed=1, start_errors_s=[0.1, -0.3], end_errors_s=[0, 0]
)
FLAWED = SceneScore(visits=2, found=1, missed=1, wrong_names=1, start_errors_s=[0.7], end_errors_s=[0.2])


def truth(visits):
    return Truth(1, 60.0, 25, 1280, 720, {"ana": ["ana/1.png"]}, visits)


def at(second: float) -> str:
    return START_AT.replace(second=int(second), microsecond=int(second % 1 * 1e6)).isoformat()


def test_a_report_is_scored_by_the_clip_s_own_clock():
    report = {
        "visits": [
            {"employee_code": "ana", "camera_id": 1, "arrived_at": at(10.5), "last_seen_at": at(15)},
            {"employee_code": "ben", "camera_id": 1, "arrived_at": at(30), "last_seen_at": at(31)},
        ],
        "unknown_tracks": [{"first_seen_at": at(40), "last_seen_at": at(41)}],
    }
    shown = truth([TrueVisit("ana", 10, 15, 100), TrueVisit(None, 30, 35, 90), TrueVisit(None, 40, 45, 90)])
    result = score_report(shown, report)
    assert (result.found, result.wrong_names, result.strangers_named, result.strangers_noticed) == (
        1,
        1,
        1,
        1,
    )
    assert result.start_errors_s == [0.5]


def results(*scores, equal=True):
    seeds = [SeedResult(n, s, equal, 300, 20.0) for n, s in enumerate(scores, 1)]
    return {**summary(seeds, SceneOptions()), "enrolment": {"accepted": 20, "looks_like": 1}}


def test_enrolment_outcomes_of_all_homes_are_counted(tmp_path):
    for name, outcomes in (("a", {"accepted": 3}), ("b", {"accepted": 2, "no_face": 1})):
        (tmp_path / name).mkdir()
        (tmp_path / name / ENROLMENT).write_text(json.dumps(outcomes))
    assert enrolment([tmp_path / "a", tmp_path / "b"]) == {"accepted": 5, "no_face": 1}


def test_the_summary_adds_up_and_holds_no_name():
    content = results(PERFECT, FLAWED)
    totals = content["totals"]
    assert (totals["visits"], totals["found"], totals["missed"], totals["wrong_names"]) == (4, 3, 1, 1)
    assert totals["start_error_s"] == {"p50": 0.3, "p95": 0.7, "max": 0.7}
    assert (totals["frames"], totals["frames_per_s"], totals["repeats_equal"]) == (600, 20.0, True)
    assert [seed["found"] for seed in content["seeds"]] == [2, 1]
    assert "ana" not in json.dumps(content)


def test_the_page_shows_the_figures():
    page = render(json.loads(json.dumps(results(PERFECT, FLAWED))), CALIBRATION)
    assert "| all seeds | 4 | 3 | 0 | 1 | 0 | 1 | 1 | 0 |" in page
    assert "| 2 | 2 | 1 | 0 | 1 | 0 | 1 | 0 | 0 |" in page
    assert "| start | 0.30 | 0.70 | 0.70 |" in page
    assert "was equal to the first" in page
    assert "Of 21 photos 20 were enrolled (1 looks_like)." in page
    assert "| 0.930 | 1.2% | 3.0% |" in page
    assert "similarity of\n0.940 in one set, and of 0.890 to 0.910 in the others" in page


def test_the_page_does_not_hide_a_difference_or_a_lack_of_errors():
    page = render(json.loads(json.dumps(results(SceneScore(visits=1, missed=1), equal=False))), CALIBRATION)
    assert "DIFFERED" in page and "| start | - | - | - |" in page


@pytest.fixture
def people(tmp_path):
    """Four coloured squares a person: the generator does not care what a photo shows."""
    for index, name in enumerate(("ana", "ben", "cem")):
        (tmp_path / "people" / name).mkdir(parents=True)
        for number in range(4):
            square = np.full((60, 60, 3), 40 + 60 * index + 10 * number, np.uint8)
            cv2.imwrite(str(tmp_path / "people" / name / f"{number}.png"), square)
    return tmp_path / "people"


def generate(people, out):
    arguments = ["--people", str(people), "--out", str(out), "--seeds", "1", "--seconds", "12"]
    return make_scenes([*arguments, "--size", "320x180", "--fps", "5", "--face", "30-40", "--visits", "1"])


def test_a_clip_has_the_promised_frames_and_its_truth_beside_it(people, tmp_path):
    assert generate(people, tmp_path / "out") == 0
    folder = tmp_path / "out" / "seed-01"
    shown = Truth.read(folder / TRUTH)
    assert shown.enrol == {
        "ana": [f"ana/{n}.png" for n in range(3)],
        "cem": [f"cem/{n}.png" for n in range(3)],
    }
    assert {visit.person for visit in shown.visits} == {"ana", "cem", None}
    with av.open(str(folder / CLIP)) as container:
        frames = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    assert len(frames) == 60 and frames[0].shape == (180, 320, 3)
    visit = shown.visits[0]
    before, during = (frames[int(t * 5)].astype(int) for t in (0, (visit.start_s + visit.end_s) / 2))
    assert (np.abs(during - before).max(axis=2) > 20).sum() > visit.face_px**2 / 2


def test_the_same_arguments_make_the_same_scene(people, tmp_path):
    for name in ("one", "two"):
        generate(people, tmp_path / name)
    first, second = (
        [(tmp_path / n / "seed-01" / f).read_bytes() for f in (CLIP, TRUTH)] for n in ("one", "two")
    )
    assert first == second


def test_a_useless_folder_of_people_is_refused_in_one_sentence(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert generate(tmp_path / "empty", tmp_path / "out") == 2
    assert "one folder a person" in capsys.readouterr().err
